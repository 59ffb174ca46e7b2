//===- Metrics.h - metrics.jsonl ------------------------------------------===//

#ifndef ADVX_RUNTIME_REPORT_METRICS_H
#define ADVX_RUNTIME_REPORT_METRICS_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace advx::runtime {

/// Appends one JSON object a line and hands each to the system at once, so that
/// a killed run loses none that it reported.
class MetricsWriter {
public:
  /// Opens the file and keeps its first `events` lines: what a resumed run had
  /// written after its checkpoint is cut off, for it will be written again. A
  /// file with fewer lines is a data error. The file is locked: a second process
  /// that trains into the same directory gets a usage error. A symbolic link is not
  /// followed, and another thing than a regular file is an environment error.
  MetricsWriter(const std::string &path, int64_t events);
  ~MetricsWriter();
  MetricsWriter(const MetricsWriter &) = delete;
  MetricsWriter &operator=(const MetricsWriter &) = delete;

  /// `line` is a JSON object without a line break.
  void write(const std::string &line);
  /// Lines written since the start of the run.
  int64_t events() const { return count; }
  /// Flushes to the disk; a checkpoint that counts the lines comes after.
  void sync();

private:
  void truncate(int64_t events);

  std::string path;
  int descriptor = -1;
  size_t length = 0; ///< bytes of whole lines
  int64_t count = 0;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_REPORT_METRICS_H
