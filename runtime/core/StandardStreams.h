#ifndef ADVX_RUNTIME_CORE_STANDARDSTREAMS_H
#define ADVX_RUNTIME_CORE_STANDARDSTREAMS_H

namespace advx::runtime {

/// Gives each of standard input, output and error that is closed to /dev/null. Otherwise the next
/// file that is opened would take its number, and what is printed would land in it. The first call
/// of a program.
void openStandardStreams();

/// Flushes standard output, and keeps in mind what went wrong.
void flushOutput();

/// Flushes standard output; an environment error where the reader did not take all that was
/// printed so far (a full disk, a closed pipe).
void finishOutput();

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_STANDARDSTREAMS_H
