//===- ExprPrinter.cpp - Expressions and adversaries as text --------------===//

#include "compiler/syntax/ExprPrinter.h"

namespace advx::syntax {

bool isAdversary(const Expr &expr) {
  return expr.kind == Expr::Kind::Argmax || expr.kind == Expr::Kind::Best ||
         expr.kind == Expr::Kind::Worst;
}

namespace {

Level levelOf(const std::string &op) {
  if (op == "where")
    return Where;
  if (op == "or")
    return Or;
  if (op == "and")
    return And;
  if (op == "except")
    return Except;
  if (op == "..")
    return Range;
  if (op == "&")
    return Intersect;
  if (op == "+" || op == "-")
    return Sum;
  if (op == "*" || op == "/" || op == "@" || op == ">>" || op == "mod")
    return Product;
  if (op == "**")
    return Power;
  return Compare;
}

} // namespace

void ExprPrinter::printNames(const std::vector<Name> &names, const char *separator) {
  for (size_t i = 0; i < names.size(); ++i)
    out += (i > 0 ? separator : "") + names[i].text;
}

void ExprPrinter::printPattern(const std::vector<Name> &pattern) {
  out += pattern.size() > 1 ? "(" : "";
  printNames(pattern);
  out += pattern.size() > 1 ? ")" : "";
}

void ExprPrinter::print(const Arg &arg) {
  if (!arg.name.empty())
    out += arg.name.text + " = ";
  if (arg.key) {
    print(*arg.key);
    out += ": ";
  }
  print(*arg.value);
  if (arg.given) {
    out += " | ";
    print(*arg.given);
  }
}

void ExprPrinter::printArgs(const std::vector<Arg> &args) {
  for (size_t i = 0; i < args.size(); ++i) {
    out += i > 0 ? ", " : "";
    print(args[i]);
  }
}

void ExprPrinter::printMap(const std::vector<Arg> &args) {
  out += "{ ";
  printArgs(args);
  out += " }";
}

void ExprPrinter::printItems(const std::vector<EvalItem> &items) {
  open();
  for (const EvalItem &item : items) {
    line();
    if (!item.name.empty())
      out += item.name.text + " = ";
    print(*item.value);
  }
  close();
}

void ExprPrinter::printBinary(const Expr &expr, Level level, bool guard) {
  const std::string &op = expr.text;
  const bool isIn = op == "in";
  // Comparisons and ranges do not chain; a power's base is an application.
  const bool chains = level != Compare && level != Range && level != Power;
  print(*expr.children[0],
        level == Power ? Fresh
        : chains       ? level
                       : Level(level + 1),
        guard && !isIn);
  // `8/255` is one number to the reader.
  const bool fraction = op == "/" && expr.children[0]->kind == Expr::Kind::Number &&
                        expr.children[1]->kind == Expr::Kind::Number;
  out += level == Range || level == Power || fraction ? op : " " + op + " ";
  print(*expr.children[1], level == Power ? Minus : Level(level + 1), guard && !isIn);
}

void ExprPrinter::printAdversary(const Expr &expr) {
  auto operand = [&](const Expr &child) { print(child, isAdversary(child) ? Where : Choice); };
  if (expr.kind == Expr::Kind::Worst) {
    out += "worst ";
    printItems(expr.items);
    return;
  }
  if (expr.kind == Expr::Kind::Best) {
    out += "best ";
    printPattern(expr.pattern);
    out += " in ";
    operand(*expr.children[0]);
    out += " of ";
    // An inner `best` would take the `by` of this one.
    const Expr &tried = *expr.children[1];
    print(tried, expr.by && tried.kind == Expr::Kind::Best ? Where : Choice);
    if (expr.by) {
      out += " by ";
      operand(*expr.by);
    }
    return;
  }
  printArgmax(expr);
}

template <typename Write> void ExprPrinter::wrapped(Write write) {
  const size_t before = out.size();
  out += " ";
  write();
  constexpr size_t width = 100;
  const size_t newline = out.rfind('\n', before);
  const size_t begin = newline == std::string::npos ? 0 : newline + 1;
  if (out.size() - begin > width && out.find('\n', before) == std::string::npos)
    out.replace(before, 1, "\n" + std::string(2 * (depth + 1), ' '));
}

void ExprPrinter::printArgmax(const Expr &expr) {
  auto operand = [&](const Expr &child) { print(child, isAdversary(child) ? Where : Choice); };
  out += "argmax ";
  operand(*expr.children[0]);
  if (expr.over)
    wrapped([&] {
      out += "over ";
      operand(*expr.over);
    });
  wrapped([&] {
    out += "by ";
    print(*expr.by);
  });
  if (expr.until)
    wrapped([&] {
      out += "until ";
      print(*expr.until, Or, true);
    });
  if (!expr.mode.empty())
    out += " in " + expr.mode.text;
}

void ExprPrinter::print(const Expr &expr, Level level, bool guard) {
  using K = Expr::Kind;
  Level own = Postfix;
  if (expr.kind == K::If || isAdversary(expr))
    own = Choice;
  else if (expr.kind == K::Binary)
    own = levelOf(expr.text);
  else if (expr.kind == K::Unary)
    own = expr.text == "not" ? Not : expr.text == "-" ? Minus : Fresh;
  const bool hidden = guard && expr.kind == K::Binary && expr.text == "in";
  if (own < level || hidden) {
    out += "(";
    print(expr);
    out += ")";
    return;
  }

  switch (expr.kind) {
  case K::Name:
  case K::Number:
  case K::Bool:
    out += expr.text;
    return;
  case K::String:
    out += "\"" + expr.text + "\"";
    return;
  case K::Unary:
    out += expr.text == "-" ? "-" : expr.text + " ";
    print(*expr.children[0], expr.text == "fresh" ? Postfix : own, guard);
    return;
  case K::Binary:
    printBinary(expr, own, guard);
    return;
  case K::If:
    out += "if ";
    print(*expr.children[0]);
    out += " then ";
    print(*expr.children[1]);
    out += " else ";
    print(*expr.children[2]);
    return;
  case K::Call:
    print(*expr.children[0], Postfix);
    out += "(";
    printArgs(expr.args);
    out += ")";
    return;
  case K::Index:
    print(*expr.children[0], Postfix);
    out += "[";
    for (size_t i = 1; i < expr.children.size(); ++i) {
      out += i > 1 ? ", " : "";
      print(*expr.children[i]);
    }
    out += "]";
    return;
  case K::Member:
    print(*expr.children[0], Postfix);
    out += "." + expr.text;
    return;
  case K::List:
    out += "[";
    printArgs(expr.args);
    out += "]";
    return;
  case K::Map:
    printMap(expr.args);
    return;
  case K::Argmax:
  case K::Best:
  case K::Worst:
    printAdversary(expr);
    return;
  }
}

} // namespace advx::syntax
