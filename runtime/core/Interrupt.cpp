#include "runtime/core/Interrupt.h"

#include <csignal>
#include <unistd.h>

namespace advx::runtime {

namespace {

volatile std::sig_atomic_t noted = 0, held = 0;

void note(int signal) {
  if (noted != 0 && held == 0) {
    ::signal(signal, SIG_DFL);
    ::raise(signal); // takes effect when this handler returns
    return;
  }
  if (noted != 0) {
    constexpr char text[] = "\ninterrupted already: a checkpoint is written after this step "
                            "(Ctrl-\\ ends without one)\n";
    [[maybe_unused]] ssize_t count = ::write(STDERR_FILENO, text, sizeof(text) - 1);
  }
  noted = 1;
}

} // namespace

void watchSignals() {
  struct sigaction action{}, before{};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  if (::sigaction(SIGHUP, nullptr, &before) != 0 || before.sa_handler != SIG_IGN)
    ::sigaction(SIGHUP, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

HoldSignals::HoldSignals() { held = 1; }

HoldSignals::~HoldSignals() { held = 0; }

void throwIfInterrupted() {
  if (noted != 0)
    throw Interrupted();
}

} // namespace advx::runtime
