#ifndef ADVX_COMPILER_SYNTAX_EXPRPRINTER_H
#define ADVX_COMPILER_SYNTAX_EXPRPRINTER_H

#include "compiler/syntax/AST.h"

#include <string>
#include <vector>

namespace advx::syntax {

/// How tightly an expression binds, loosest first; the levels of AdvxParser.g4.
enum Level {
  Choice, ///< `if`, `argmax`, `best`, `worst`
  Where,
  Or,
  And,
  Not,
  Compare,
  Except,
  Range,
  Intersect,
  Sum,
  Product,
  Minus,
  Power,
  Fresh,
  Postfix
};

bool isAdversary(const Expr &expr);

/// Writes expressions, with brackets where precedence needs them.
class ExprPrinter {
public:
  std::string take() { return std::move(out); }
  /// `level` is the loosest that may stand here without brackets; `guard` is set
  /// where a bare `in` would be read as the mode of the attack.
  void print(const Expr &expr, Level level = Choice, bool guard = false);

protected:
  void print(const Arg &arg);
  void printPattern(const std::vector<Name> &pattern);
  void printArgs(const std::vector<Arg> &args);
  void printMap(const std::vector<Arg> &args);
  void printItems(const std::vector<EvalItem> &items);
  void printNames(const std::vector<Name> &names, const char *separator = ", ");

  void line() { out.append("\n").append(2 * depth, ' '); }
  void open() {
    out += "{";
    ++depth;
  }
  void close() {
    --depth;
    line();
    out += "}";
  }

  unsigned depth = 0;
  std::string out;

private:
  void printBinary(const Expr &expr, Level level, bool guard);
  void printAdversary(const Expr &expr);
  void printArgmax(const Expr &expr);
  /// Writes what `write` writes after a blank, or on a line of its own where the
  /// line would grow beyond the usual width.
  template <typename Write> void wrapped(Write write);
};

} // namespace advx::syntax

#endif // ADVX_COMPILER_SYNTAX_EXPRPRINTER_H
