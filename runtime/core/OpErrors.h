#ifndef ADVX_RUNTIME_CORE_OPERRORS_H
#define ADVX_RUNTIME_CORE_OPERRORS_H

#include "runtime/abi/advx_abi.h"

#include <mutex>
#include <optional>
#include <string>

namespace advx::runtime {

/// Holds the first error of a step. Compiled code has no way to report one, so an op records it
/// here and returns, and whoever called the step looks afterwards. `AdvxContext::runtime` points
/// to an OpErrors, which must outlive the call.
class OpErrors {
public:
  /// Keeps `message` if it is the first since the last `take`. Safe from any thread.
  /// `lacksMemory`: the machine is at fault, not the program.
  void record(std::string message, bool lacksMemory = false);
  /// The same for what only a defect of advx can cause.
  void recordDefect(std::string message);

  /// Returns the recorded error, if any, and forgets it.
  std::optional<std::string> take();
  /// Whether what `take` returned last was for want of memory.
  bool lackedMemory() const { return takenLacksMemory; }
  /// Whether what `take` returned last is a defect of advx.
  bool wasDefect() const { return takenIsDefect; }

private:
  std::mutex mutex;
  std::optional<std::string> first;
  bool firstLacksMemory = false, takenLacksMemory = false;
  bool firstIsDefect = false, takenIsDefect = false;
};

/// Records into the OpErrors behind `context`. Without one there is nobody to tell, so the message
/// goes to stderr and the process ends.
void recordError(AdvxContext *context, std::string message, bool lacksMemory = false);

/// The same for what only a defect of advx can cause.
void recordDefect(AdvxContext *context, std::string message);

/// Records the exception that is being handled, as one of `place`.
void recordException(AdvxContext *context, const std::string &place);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_OPERRORS_H
