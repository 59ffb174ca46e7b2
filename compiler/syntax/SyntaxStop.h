#ifndef ADVX_COMPILER_SYNTAX_SYNTAXSTOP_H
#define ADVX_COMPILER_SYNTAX_SYNTAXSTOP_H

// Private to the parser: includes ANTLR.

#include "compiler/syntax/SyntaxErrors.h"

#include <string>

namespace advx::syntax {

/// Where the parser gave up, and what stands around it.
struct Stop {
  antlr4::Parser &parser;
  const antlr4::misc::IntervalSet &expected;
  const antlr4::Token *before;
  const antlr4::Token *at;
  const antlr4::Token *after;
  size_t rule; ///< The innermost rule.

  bool is(size_t type) const { return at->getType() == type; }
  bool text(const char *word) const { return at->getText() == word; }
  bool follows(size_t type) const { return before && before->getType() == type; }
  bool precedes(size_t type) const { return after && after->getType() == type; }
  /// Whether `other` touches the token: `&&`, `+=`, `.5`.
  bool touches(const antlr4::Token *other) const {
    return other && (other->getStopIndex() + 1 == at->getStartIndex() ||
                     at->getStopIndex() + 1 == other->getStartIndex());
  }
  bool within(size_t wanted) const {
    for (antlr4::RuleContext *context = parser.getContext(); context;
         context = dynamic_cast<antlr4::RuleContext *>(context->parent))
      if (context->getRuleIndex() == wanted)
        return true;
    return false;
  }
  bool takes(size_t type) const { return expected.contains(static_cast<ssize_t>(type)); }
  std::string name() const { return before ? before->getText() : "name"; }
  bool startsLine() const { return !before || before->getLine() < at->getLine(); }
  /// The visible token this many places behind (or, negative, before) the one at hand; null
  /// beyond the file.
  const antlr4::Token *neighbour(int places) const;
  /// Type of the word that begins the line, or SIZE_MAX where the token itself does.
  size_t opener() const;
};

SyntaxWords foreign(std::string message, std::string found, std::string expected, std::string help);

/// What users of Python and PyTorch write on a page; SyntaxHabits.cpp.
bool pageHabit(const Stop &stop, SyntaxWords &words);

/// The form of the kind of line that this word begins, as a line to copy; the form of what the
/// parser is in where it begins none.
std::string formOfLine(antlr4::Parser &parser, size_t opener);

} // namespace advx::syntax

#endif // ADVX_COMPILER_SYNTAX_SYNTAXSTOP_H
