//===- TokenPlaces.cpp - From code points to bytes ------------------------===//

#include "compiler/syntax/TokenPlaces.h"

namespace advx::syntax {

TokenPlaces::TokenPlaces(uint32_t file, const std::string &text, antlr4::CommonTokenStream &tokens)
    : file(file), tokens(tokens) {
  byteOffsets.reserve(text.size() + 1);
  uint32_t start = 0;
  // ANTLR drops a leading byte order mark before it counts.
  if (text.compare(0, 3, "\xEF\xBB\xBF") == 0)
    start = 3;
  for (uint32_t i = start; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
      byteOffsets.push_back(i);
  byteOffsets.push_back(static_cast<uint32_t>(text.size()));
}

uint32_t TokenPlaces::byteOf(size_t codePoint) const {
  return codePoint < byteOffsets.size() ? byteOffsets[codePoint] : byteOffsets.back();
}

Span TokenPlaces::span(const antlr4::Token *token) const { return span(token, token); }

Span TokenPlaces::span(const antlr4::ParserRuleContext *context) const {
  return span(context->start, context->stop ? context->stop : context->start);
}

Span TokenPlaces::span(const antlr4::Token *first, const antlr4::Token *last) const {
  if (first->getType() == antlr4::Token::EOF)
    return {file, byteOffsets.back(), byteOffsets.back()};
  Span result{file, byteOf(first->getStartIndex()), byteOf(last->getStopIndex() + 1)};
  if (last->getType() == antlr4::Token::EOF || result.end < result.begin)
    result.end = byteOf(first->getStopIndex() + 1);
  return result;
}

} // namespace advx::syntax
