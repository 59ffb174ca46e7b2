#include "runtime/core/Interrupt.h"

#include <csignal>

namespace advx::runtime {

namespace {

volatile std::sig_atomic_t noted = 0;

void note(int) { noted = 1; }

} // namespace

void watchSignals() {
  struct sigaction action{};
  action.sa_handler = note;
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

void throwIfInterrupted() {
  if (noted != 0)
    throw Interrupted();
}

} // namespace advx::runtime
