#ifndef ADVX_RUNTIME_CORE_OPERRORS_H
#define ADVX_RUNTIME_CORE_OPERRORS_H

#include "runtime/abi/advx_abi.h"

#include <mutex>
#include <optional>
#include <string>

namespace advx::runtime {

/// What is to blame for an error of an op.
enum class Fault {
  Program, ///< what the program was given
  Memory,  ///< the machine has too little of it
  Defect,  ///< advx itself: no program can cause it
};

/// Holds the first error of a step. Compiled code has no way to report one, so an op records it
/// here and returns, and whoever called the step looks afterwards. `AdvxContext::runtime` points
/// to an OpErrors, which must outlive the call.
class OpErrors {
public:
  /// Keeps the error if it is the first since the last `take`. Safe from any thread.
  void record(std::string message, Fault fault);

  /// Returns the recorded error, if any, and forgets it.
  std::optional<std::string> take();
  /// Of what `take` returned last.
  Fault fault() const { return taken; }

private:
  std::mutex mutex;
  std::optional<std::string> first;
  Fault firstFault = Fault::Program, taken = Fault::Program;
};

/// Records into the OpErrors behind `context`. Without one there is nobody to tell, so the message
/// goes to stderr and the process ends.
void recordError(AdvxContext *context, std::string message, Fault fault = Fault::Program);

/// Records the exception that is being handled, as one of `place`.
void recordException(AdvxContext *context, const std::string &place);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_OPERRORS_H
