#ifndef ADVX_RUNTIME_CORE_INTERRUPT_H
#define ADVX_RUNTIME_CORE_INTERRUPT_H

namespace advx::runtime {

/// From now on the first SIGINT or SIGTERM is noted, for loops to end in good
/// order, and a second one ends the process at once. Writing to a closed pipe or
/// over a file size limit becomes an error of the call instead of a signal.
void watchSignals();

/// Thrown where work ends because of a noted signal.
struct Interrupted {};

/// For every command between two steps, and before it writes its results.
void throwIfInterrupted();

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_INTERRUPT_H
