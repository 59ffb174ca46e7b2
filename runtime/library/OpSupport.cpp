#include "runtime/library/OpSupport.h"

#include "runtime/core/OpErrors.h"

#include <exception>

using namespace advx::runtime;

void advx::runtime::runOp(const char *mnemonic, void (*body)(const OpCall &), const OpCall &call) {
  try {
    body(call);
  } catch (const std::exception &error) {
    recordError(call.context, std::string(mnemonic) + ": " + error.what());
  } catch (...) {
    recordError(call.context, std::string(mnemonic) + ": unknown error");
  }
}

void advx::runtime::unsupported(const AdvxTensor &tensor) {
  throw std::invalid_argument("no kernel for an operand of type " + describe(tensor));
}
