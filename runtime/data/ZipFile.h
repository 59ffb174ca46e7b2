#ifndef ADVX_RUNTIME_DATA_ZIPFILE_H
#define ADVX_RUNTIME_DATA_ZIPFILE_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace advx::runtime {

/// The files of a zip archive, one after the other, as its directory at the end lists them. Nothing
/// is written anywhere, and no name in it is used as a path. What is damaged or cut short is a data
/// error that names the archive; libarchive holds each file to its checksum.
class ZipFile {
public:
  /// Throws as InputFile does.
  explicit ZipFile(const std::string &path);
  ~ZipFile();

  /// Goes to the next file; false behind the last one.
  bool next();
  /// Of the file, with the folders in it.
  std::string name() const;
  /// Reads on in the file; fewer than `count` bytes only at its end.
  size_t read(char *target, size_t count);
  /// No archive of this size holds more.
  uint64_t mostBytes() const;

private:
  struct Reader;
  std::unique_ptr<Reader> reader;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_ZIPFILE_H
