//===- LargeStack.cpp - Room for deep pages -----------------------------------===//

#include "compiler/tools/advx/LargeStack.h"

#include <csignal>
#include <cstddef>
#include <pthread.h>

namespace advx {

/// Of addresses; memory is taken as far as it is used.
static constexpr size_t stackBytes = size_t(1) << 30;

static void *call(void *work) {
  (*static_cast<const std::function<void()> *>(work))();
  return nullptr;
}

void onLargeStack(const std::function<void()> &work) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0)
    return work();
  pthread_t thread;
  bool started =
      pthread_attr_setstacksize(&attributes, stackBytes) == 0 &&
      pthread_create(&thread, &attributes, call, const_cast<std::function<void()> *>(&work)) == 0;
  pthread_attr_destroy(&attributes);
  if (!started)
    return work();
  // Signals go to the thread that works: it blocks them where none may come.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_join(thread, nullptr);
}

} // namespace advx
