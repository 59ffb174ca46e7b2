#ifndef ADVX_SOURCE_SOURCE_H
#define ADVX_SOURCE_SOURCE_H

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace advx {

/// A half-open range of bytes in one source file. A default span names no place.
struct Span {
  uint32_t file = UINT32_MAX;
  uint32_t begin = 0;
  uint32_t end = 0;

  bool isValid() const { return file != UINT32_MAX; }
};

/// Smallest span that covers both; they must lie in the same file.
inline Span join(Span a, Span b) {
  if (!a.isValid())
    return b;
  if (!b.isValid() || a.file != b.file)
    return a;
  return {a.file, a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

/// A place as a person reads it: line and column count from 1, columns count code points.
struct LineColumn {
  uint32_t line = 0;
  uint32_t column = 0;
};

/// One file of source text, owned by the SourceManager, unchanged after it was added.
struct SourceFile {
  std::string path; ///< As the user wrote it; stdlib files are "<stdlib>/losses/ce.advx".
  std::string text;
  std::vector<uint32_t> lineStarts;
};

/// Owns every source file of one compilation; spans refer to files by index.
class SourceManager {
public:
  /// Takes ownership of `text` and returns the index of the file.
  uint32_t add(std::string path, std::string text);

  const SourceFile &file(uint32_t index) const { return *files[index]; }
  uint32_t size() const { return static_cast<uint32_t>(files.size()); }

  LineColumn lineColumn(uint32_t file, uint32_t offset) const;
  /// The text of a line (from 1) without its end-of-line bytes.
  std::string_view line(uint32_t file, uint32_t line) const;
  std::string_view text(Span span) const;

private:
  std::vector<std::unique_ptr<SourceFile>> files;
};

} // namespace advx

#endif // ADVX_SOURCE_SOURCE_H
