//===- Source.cpp - Source texts, lines and columns -----------------------===//

#include "compiler/source/Source.h"

#include <algorithm>

namespace advx {

uint32_t SourceManager::add(std::string path, std::string text) {
  auto file = std::make_unique<SourceFile>();
  file->path = std::move(path);
  file->text = std::move(text);
  file->lineStarts.push_back(0);
  for (uint32_t i = 0; i < file->text.size(); ++i)
    if (file->text[i] == '\n')
      file->lineStarts.push_back(i + 1);
  files.push_back(std::move(file));
  return size() - 1;
}

LineColumn SourceManager::lineColumn(uint32_t fileIndex, uint32_t offset) const {
  const SourceFile &source = file(fileIndex);
  offset = std::min<uint32_t>(offset, static_cast<uint32_t>(source.text.size()));
  const auto next = std::upper_bound(source.lineStarts.begin(), source.lineStarts.end(), offset);
  const uint32_t line = static_cast<uint32_t>(next - source.lineStarts.begin());
  uint32_t column = 1;
  for (uint32_t i = source.lineStarts[line - 1]; i < offset; ++i)
    if ((static_cast<unsigned char>(source.text[i]) & 0xC0) != 0x80) // not a continuation byte
      ++column;
  return {line, column};
}

std::string_view SourceManager::line(uint32_t fileIndex, uint32_t line) const {
  const SourceFile &source = file(fileIndex);
  if (line == 0 || line > source.lineStarts.size())
    return {};
  const uint32_t begin = source.lineStarts[line - 1];
  uint32_t end = line < source.lineStarts.size() ? source.lineStarts[line]
                                                 : static_cast<uint32_t>(source.text.size());
  while (end > begin && (source.text[end - 1] == '\n' || source.text[end - 1] == '\r'))
    --end;
  return std::string_view(source.text).substr(begin, end - begin);
}

std::string_view SourceManager::text(Span span) const {
  if (!span.isValid())
    return {};
  const std::string_view text = file(span.file).text;
  const uint32_t begin = std::min<uint32_t>(span.begin, static_cast<uint32_t>(text.size()));
  return text.substr(begin, span.end > begin ? span.end - begin : 0);
}

} // namespace advx
