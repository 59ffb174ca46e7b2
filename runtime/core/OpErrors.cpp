#include "runtime/core/OpErrors.h"

#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>

using namespace advx::runtime;

void OpErrors::record(std::string message, Fault fault) {
  std::lock_guard<std::mutex> lock(mutex);
  if (first)
    return;
  first = std::move(message);
  firstFault = fault;
}

std::optional<std::string> OpErrors::take() {
  std::lock_guard<std::mutex> lock(mutex);
  taken = firstFault;
  return std::exchange(first, std::nullopt);
}

namespace {

OpErrors *errorsOf(AdvxContext *context) {
  return context ? static_cast<OpErrors *>(context->runtime) : nullptr;
}

} // namespace

void advx::runtime::recordError(AdvxContext *context, std::string message, Fault fault) {
  if (OpErrors *errors = errorsOf(context))
    return errors->record(std::move(message), fault);
  const char *blame = fault == Fault::Defect ? "a defect of advx: " : "";
  std::fprintf(stderr, "error: %s%s\n", blame, message.c_str());
  std::abort();
}

void advx::runtime::recordException(AdvxContext *context, const std::string &place) {
  try {
    throw;
  } catch (const std::bad_alloc &) {
    recordError(context, place + ": there is not enough memory", Fault::Memory);
  } catch (const std::exception &error) {
    recordError(context, place + ": " + error.what());
  } catch (...) {
    recordError(context, place + ": unknown error");
  }
}
