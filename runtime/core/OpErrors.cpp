#include "runtime/core/OpErrors.h"

#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>

using namespace advx::runtime;

void OpErrors::record(std::string message, bool lacksMemory) {
  std::lock_guard<std::mutex> lock(mutex);
  if (first)
    return;
  first = std::move(message);
  firstLacksMemory = lacksMemory;
  firstIsDefect = false;
}

void OpErrors::recordDefect(std::string message) {
  std::lock_guard<std::mutex> lock(mutex);
  if (first)
    return;
  first = std::move(message);
  firstLacksMemory = false;
  firstIsDefect = true;
}

std::optional<std::string> OpErrors::take() {
  std::lock_guard<std::mutex> lock(mutex);
  takenLacksMemory = firstLacksMemory;
  takenIsDefect = firstIsDefect;
  return std::exchange(first, std::nullopt);
}

namespace {

OpErrors *errorsOf(AdvxContext *context) {
  return context ? static_cast<OpErrors *>(context->runtime) : nullptr;
}

/// Nobody looks for an error.
[[noreturn]] void endWith(const std::string &message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  std::abort();
}

} // namespace

void advx::runtime::recordError(AdvxContext *context, std::string message, bool lacksMemory) {
  if (OpErrors *errors = errorsOf(context))
    return errors->record(std::move(message), lacksMemory);
  endWith(message);
}

void advx::runtime::recordDefect(AdvxContext *context, std::string message) {
  if (OpErrors *errors = errorsOf(context))
    return errors->recordDefect(std::move(message));
  endWith("a defect of advx: " + message);
}

void advx::runtime::recordException(AdvxContext *context, const std::string &place) {
  try {
    throw;
  } catch (const std::bad_alloc &) {
    recordError(context, place + ": there is not enough memory", /*lacksMemory=*/true);
  } catch (const std::exception &error) {
    recordError(context, place + ": " + error.what());
  } catch (...) {
    recordError(context, place + ": unknown error");
  }
}
