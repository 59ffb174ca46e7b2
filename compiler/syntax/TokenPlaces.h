#ifndef ADVX_COMPILER_SYNTAX_TOKENPLACES_H
#define ADVX_COMPILER_SYNTAX_TOKENPLACES_H

// Private to the parser: includes ANTLR.

#include "compiler/source/Source.h"

#include "antlr4-runtime.h"

namespace advx::syntax {

/// ANTLR counts code points, spans count bytes: the one place that converts.
class TokenPlaces {
public:
  TokenPlaces(uint32_t file, const std::string &text, antlr4::CommonTokenStream &tokens);

  Span span(const antlr4::Token *token) const;
  /// From the first to the last token of a rule; empty where it has none.
  Span span(const antlr4::ParserRuleContext *context) const;
  Span span(const antlr4::Token *first, const antlr4::Token *last) const;

  antlr4::CommonTokenStream &stream() const { return tokens; }
  uint32_t fileIndex() const { return file; }

private:
  uint32_t byteOf(size_t codePoint) const;

  uint32_t file;
  std::vector<uint32_t> byteOffsets; ///< Of each code point, and of the end.
  antlr4::CommonTokenStream &tokens;
};

} // namespace advx::syntax

#endif // ADVX_COMPILER_SYNTAX_TOKENPLACES_H
