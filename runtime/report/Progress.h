//===- Progress.h - What a waiting user sees ------------------------------===//

#ifndef ADVX_RUNTIME_REPORT_PROGRESS_H
#define ADVX_RUNTIME_REPORT_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <string>

namespace advx::runtime {

enum class ProgressStyle {
  Auto,  ///< Line on a terminal, else Plain
  Line,  ///< one line, rewritten
  Plain, ///< a new line every few seconds
  Off
};

/// Seconds since a fixed point, from a clock that never jumps.
double monotonicSeconds();

/// "42 s", "3:07 min" or "1:02 h".
std::string formatDuration(double seconds);

/// Shows how far a loop is, its rate and the time left, on stderr. The rate is
/// that of this process: what a resumed run did before does not count.
class Progress {
public:
  explicit Progress(ProgressStyle style);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// Starts a loop over `total` images, of which `done` are done already.
  void begin(int64_t total, int64_t done);
  /// `label` says where the loop is ("epoch 2/3, step 17/469, loss 0.512").
  void update(int64_t done, const std::string &label);
  /// So many images of the loop need not be done.
  void leaveOut(int64_t images) { total -= images; }
  /// Prints a line that stays.
  void print(const std::string &line);
  /// Takes the rewritten line away.
  void clear();

private:
  ProgressStyle style;
  int64_t total = 0, first = 0;
  double started = 0, shown = 0;
  bool lineIsOpen = false;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_REPORT_PROGRESS_H
