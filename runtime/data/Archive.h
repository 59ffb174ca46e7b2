//===- Archive.h - The files of a tar archive, one after the other ----------===//

#ifndef ADVX_RUNTIME_DATA_ARCHIVE_H
#define ADVX_RUNTIME_DATA_ARCHIVE_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace advx::runtime {

/// A tar archive, plain or gzip'ed, read once from its beginning to its end. Nothing is written
/// anywhere, and no name in it is used as a path. What is damaged is a data error that names the
/// archive.
class Archive {
public:
  /// Throws as InputFile does.
  explicit Archive(const std::string &path);
  ~Archive();

  /// Goes to the next entry; false behind the last one. Then the whole archive has been read, so
  /// that what follows the last entry and the checksum of a compressed one were looked at, too.
  bool next();

  /// Of the entry: the part of its name behind the last slash.
  std::string name() const;
  /// "`ARCHIVE`, `NAME`", for messages.
  std::string describe() const;
  /// In bytes. An entry that is no regular file, or larger than what an archive of this size can
  /// hold, is a data error.
  uint64_t size() const;
  /// Reads on in the entry; fewer than `count` bytes only at its end.
  size_t read(char *target, size_t count);

private:
  struct Reader;
  std::unique_ptr<Reader> reader;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_ARCHIVE_H
