#include "runtime/core/OpErrors.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

using namespace advx::runtime;

void OpErrors::record(std::string message) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!first)
    first = std::move(message);
}

std::optional<std::string> OpErrors::take() {
  std::lock_guard<std::mutex> lock(mutex);
  return std::exchange(first, std::nullopt);
}

void advx::runtime::recordError(AdvxContext *context, std::string message) {
  if (context && context->runtime) {
    static_cast<OpErrors *>(context->runtime)->record(std::move(message));
    return;
  }
  std::fprintf(stderr, "error: %s\n", message.c_str());
  std::abort();
}

std::optional<std::string> advx::runtime::takeError(AdvxContext *context) {
  if (!context || !context->runtime)
    return std::nullopt;
  return static_cast<OpErrors *>(context->runtime)->take();
}
