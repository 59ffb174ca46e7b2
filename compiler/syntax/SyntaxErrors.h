#ifndef ADVX_COMPILER_SYNTAX_SYNTAXERRORS_H
#define ADVX_COMPILER_SYNTAX_SYNTAXERRORS_H

// Private to the parser: includes ANTLR.

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/syntax/TokenPlaces.h"

#include "AdvxParser.h"

#include <memory>

namespace advx::syntax {

/// Words syntax errors and decides where parsing goes on after one.
///
/// One error per statement or item: after it, tokens are skipped up to the next
/// line of the same block that begins one, or the brace that ends the block.
class SyntaxErrors {
public:
  SyntaxErrors(const TokenPlaces &places, diag::Engine &engine);

  /// Reports the first bracket without a partner, if there is one. What the
  /// parser would say behind it follows from it and is not reported.
  void checkBrackets();

  /// To be given to the parser; refers to this object.
  std::shared_ptr<antlr4::ANTLRErrorStrategy> strategy();

  /// Skips at least one token, and on to the next word that begins a declaration.
  void skipToDeclaration(grammar::AdvxParser &parser);

  /// Reports that `offending` does not fit where `parser` stands.
  void report(antlr4::Parser &parser, antlr4::Token *offending);

  /// Index of the token at or after `from` where parsing can go on.
  size_t resumeAt(size_t from) const;

private:
  /// Where a token lies among the brackets around it.
  struct Nesting {
    int blocks = 0;   ///< Open `{` of blocks.
    int brackets = 0; ///< Open `(`, `[` and `{` of maps since the last of those.
  };
  void measureNesting();
  bool beginsLine(size_t index) const;
  bool beginsStatement(size_t index) const;
  const antlr4::Token *visible(size_t index, int step) const;
  void unclosed(const antlr4::Token *opener, const antlr4::Token *clue, const std::string &label);

  const TokenPlaces &places;
  diag::Engine &engine;
  std::vector<antlr4::Token *> tokens; ///< Of the default channel, with the end of file.
  std::vector<size_t> position;        ///< In `tokens`, by index in the stream.
  std::vector<Nesting> nesting;        ///< Before each of `tokens`.
  size_t silentFrom = SIZE_MAX;        ///< Stream index where reports follow from a bracket.
};

/// Words for one syntax error; SyntaxWords.cpp.
struct SyntaxWords {
  diag::Code code;
  std::string message, label, found, expected, help;
};

/// `offending` at which `parser` gave up; `before` and `after` are its visible
/// neighbours, null at the ends of the file.
SyntaxWords wordsFor(antlr4::Parser &parser, const antlr4::Token *before,
                     const antlr4::Token *offending, const antlr4::Token *after);

/// Names a token as a person would: "`outer`", "the number `3`", "the end of the file".
std::string describeToken(const antlr4::Token *token);

/// Whether rule `id` takes this kind of token.
bool isNameLike(size_t tokenType);

} // namespace advx::syntax

#endif // ADVX_COMPILER_SYNTAX_SYNTAXERRORS_H
