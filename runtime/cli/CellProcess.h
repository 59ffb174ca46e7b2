#ifndef ADVX_RUNTIME_CLI_CELLPROCESS_H
#define ADVX_RUNTIME_CLI_CELLPROCESS_H

#include "runtime/core/Error.h"
#include "runtime/train/TrainOptions.h"

#include <optional>
#include <sys/types.h>

namespace advx::runtime {

/// A `train` of this executable as a process of its own. It has a process group of its own, too, so
/// that a signal of the terminal reaches it once, through `interrupt`.
class CellProcess {
public:
  /// Starts it; what it prints is added to `log`.
  CellProcess(const TrainOptions &options, const std::string &log);
  CellProcess(CellProcess &&other) noexcept : process(other.process) { other.process = -1; }
  CellProcess &operator=(CellProcess &&other) noexcept {
    std::swap(process, other.process);
    return *this;
  }
  /// Interrupts a process that still runs, and waits for it.
  ~CellProcess();

  /// Its exit code once it has ended; that of a killed one is 128 and the signal.
  std::optional<int> ended();
  void interrupt() const;

private:
  pid_t process = -1;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CLI_CELLPROCESS_H
