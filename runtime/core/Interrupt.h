#ifndef ADVX_RUNTIME_CORE_INTERRUPT_H
#define ADVX_RUNTIME_CORE_INTERRUPT_H

namespace advx::runtime {

/// From now on the first SIGINT, SIGTERM or SIGHUP is noted, for loops to end in good
/// order, and a second one ends the process at once. A SIGHUP that was ignored, as
/// nohup has it, stays so. Writing to a closed pipe or over a file size limit becomes
/// an error of the call instead of a signal.
void watchSignals();

/// While it lives, what ends in good order takes its time: further signals are
/// noted too, so that a checkpoint is written whatever comes. SIGQUIT and SIGKILL
/// still end the process.
class HoldSignals {
public:
  HoldSignals();
  ~HoldSignals();
  HoldSignals(const HoldSignals &) = delete;
  HoldSignals &operator=(const HoldSignals &) = delete;
};

/// Thrown where work ends because of a noted signal.
struct Interrupted {};

/// For every command between two steps, and before it writes its results.
void throwIfInterrupted();

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_INTERRUPT_H
