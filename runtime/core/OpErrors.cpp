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
}

std::optional<std::string> OpErrors::take() {
  std::lock_guard<std::mutex> lock(mutex);
  takenLacksMemory = firstLacksMemory;
  return std::exchange(first, std::nullopt);
}

void advx::runtime::recordError(AdvxContext *context, std::string message, bool lacksMemory) {
  if (context && context->runtime) {
    static_cast<OpErrors *>(context->runtime)->record(std::move(message), lacksMemory);
    return;
  }
  std::fprintf(stderr, "error: %s\n", message.c_str());
  std::abort();
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

std::optional<std::string> advx::runtime::takeError(AdvxContext *context) {
  if (!context || !context->runtime)
    return std::nullopt;
  return static_cast<OpErrors *>(context->runtime)->take();
}
