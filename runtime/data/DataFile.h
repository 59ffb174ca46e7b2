#ifndef ADVX_RUNTIME_DATA_DATAFILE_H
#define ADVX_RUNTIME_DATA_DATAFILE_H

#include "runtime/core/InputFile.h"

#include <memory>

namespace advx::runtime {

/// The content of a data file, from its beginning to its end, inflated where the file is gzip'ed
/// (of several members too, as `cat a.gz b.gz` makes them). No more is inflated than is asked for.
class DataFile {
public:
  /// Throws as InputFile does.
  explicit DataFile(const std::string &path);
  ~DataFile();

  const std::string &path() const { return file.path(); }
  bool isCompressed() const { return inflater != nullptr; }
  /// No file of this size has more content.
  uint64_t mostBytes() const;
  /// Fewer than `count` bytes only at the end. A compressed stream that ends early, a wrong
  /// checksum and bytes behind the end are data errors.
  size_t read(char *target, size_t count);

private:
  struct Inflater;

  InputFile file;
  std::unique_ptr<Inflater> inflater; ///< null where the file is not compressed
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_DATAFILE_H
