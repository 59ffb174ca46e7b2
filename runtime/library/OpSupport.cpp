#include "runtime/library/OpSupport.h"

#include "runtime/core/OpErrors.h"
#include "runtime/core/Profile.h"

#include <dnnl.hpp>

using namespace advx::runtime;

namespace {

/// A call site as a reader knows it again: the op and the shape of its result.
std::string placeOf(const char *mnemonic, const OpCall &call) {
  return std::string(mnemonic) + " " + describe(call.tensors[0]);
}

void runProfiled(const char *mnemonic, void (*body)(const OpCall &), const OpCall &call) {
  Stopwatch watch;
  body(call);
  Profile::instance().add(placeOf(mnemonic, call), watch, 0);
}

} // namespace

void advx::runtime::runOp(const abi::OpForm &form, void (*body)(const OpCall &),
                          const OpCall &call) {
  auto refuse = [&](const std::string &wrong) {
    recordError(call.context, "the call of advx_op_" + std::string(form.name) + " " + wrong,
                Fault::Defect);
  };
  if (std::string wrong = abi::wrongCount(form, call.counts); !wrong.empty())
    return refuse(wrong);
  try {
    if (Profile::isOn())
      runProfiled(form.name, body, call);
    else
      body(call);
  } catch (const WrongCall &wrong) {
    refuse(wrong.what());
  } catch (const dnnl::error &error) {
    recordError(call.context, std::string(form.name) + ": " + error.what(),
                error.status == dnnl_out_of_memory ? Fault::Memory : Fault::Program);
  } catch (...) {
    recordException(call.context, form.name);
  }
}

void advx::runtime::requireLength(int32_t given, const char *what, int64_t wanted) {
  if (given != wanted)
    throw WrongCall("has " + std::to_string(given) + " " + what + ", not " +
                    std::to_string(wanted));
}

void advx::runtime::unsupported(const AdvxTensor &tensor) {
  throw std::invalid_argument("no kernel for an operand of type " + describe(tensor));
}
