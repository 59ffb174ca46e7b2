#ifndef ADVX_COMPILER_SYNTAX_SYNTAXERRORS_H
#define ADVX_COMPILER_SYNTAX_SYNTAXERRORS_H

// Private to the parser: includes ANTLR.

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/syntax/TokenPlaces.h"

#include "AdvxParser.h"

#include <map>
#include <memory>
#include <set>

namespace advx::syntax {

/// What errors spoil beyond the parts that the parser gave up in: the line on which a token did
/// not fit says something else than what stands before that token.
struct Damage {
  std::set<size_t> endings;             ///< Stream indices of the tokens before, on its line.
  std::vector<antlr4::Token *> skipped; ///< First tokens of lines that are no part of the tree.
};

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

  /// Skips to the next line that begins a declaration, over at least one token
  /// where the parser does not stand at one.
  void skipToDeclaration(grammar::AdvxParser &parser);

  /// Reports that `offending` does not fit where `parser` stands; `expected` is
  /// everything that would have.
  void report(antlr4::Parser &parser, antlr4::Token *offending,
              const antlr4::misc::IntervalSet &expected);

  /// Index of the token at or after `from` where parsing can go on: `}` of the
  /// block, or a line that begins a statement or stands no further right than
  /// `column`, where the damaged statement began.
  size_t resumeAt(size_t from, size_t column) const;

  /// Whether only blanks and comments stand before the token on its line.
  bool startsLine(const antlr4::Token *token) const;

  const Damage &damage() const { return spoilt; }

private:
  /// Where a token lies among the brackets around it.
  struct Nesting {
    int blocks = 0;   ///< Open `{` of blocks.
    int brackets = 0; ///< Open `(`, `[` and `{` of maps since the last of those.
  };
  void measureNesting();
  bool beginsLine(size_t index) const;
  bool beginsStatement(size_t index) const;
  void unclosed(const antlr4::Token *opener, const antlr4::Token *clue, const std::string &label);

  const TokenPlaces &places;
  diag::Engine &engine;
  std::vector<antlr4::Token *> tokens; ///< Of the default channel, with the end of file.
  std::vector<size_t> position;        ///< In `tokens`, by index in the stream.
  std::vector<Nesting> nesting;        ///< Before each of `tokens`.
  Damage spoilt;
  std::map<std::string, diag::Diagnostic *> habits; ///< By message: said once in a file.
  size_t silentFrom = SIZE_MAX; ///< Stream index where reports follow from a bracket.
};

/// Words for one syntax error; SyntaxWords.cpp.
struct SyntaxWords {
  diag::Code code;
  std::string message, label, found, expected, help;
  bool afterBefore = false; ///< Something is missing behind the token before: point there.
};

/// `offending` at which `parser` gave up; `before` and `after` are its visible
/// neighbours, null at the ends of the file.
SyntaxWords wordsFor(antlr4::Parser &parser, const antlr4::misc::IntervalSet &expected,
                     const antlr4::Token *before, const antlr4::Token *offending,
                     const antlr4::Token *after);

/// What the grammar would take where `parser` stands: "`by` or an operator".
/// `sameLine`: the token that does not fit stands on the line of the one before.
std::string expectation(antlr4::Parser &parser, const antlr4::misc::IntervalSet &expected,
                        bool sameLine);

/// Whether the lines of this rule are a list that is described as a whole.
bool formsList(size_t rule);

/// The form of the construct that `parser` is in, as a line to copy.
std::string formToFollow(antlr4::Parser &parser);

/// Names a token as a person would: "`outer`", "the number `3`", "the end of the file".
std::string describeToken(const antlr4::Token *token);

/// Whether rule `id` takes this kind of token.
bool isNameLike(size_t tokenType);

} // namespace advx::syntax

#endif // ADVX_COMPILER_SYNTAX_SYNTAXERRORS_H
