//===- Print.cpp - The AST as .advx text ----------------------------------===//
//
// Brackets are written where precedence needs them, so parsing the text gives
// the same tree. Levels follow the expression rules of AdvxParser.g4.
//
//===----------------------------------------------------------------------===//

#include "compiler/syntax/Parser.h"

namespace advx::syntax {
namespace {

/// How tightly an expression binds, loosest first.
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
  if (op == "*" || op == "/" || op == "@" || op == ">>")
    return Product;
  if (op == "**")
    return Power;
  return Compare;
}

bool isAdversary(const Expr &expr) {
  return expr.kind == Expr::Kind::Argmax || expr.kind == Expr::Kind::Best ||
         expr.kind == Expr::Kind::Worst;
}

class Printer {
public:
  std::string take() { return std::move(out); }
  void print(const File &file);
  /// `guard` is set where a bare `in` would be read as the mode of the attack.
  void print(const Expr &expr, Level level = Choice, bool guard = false);

private:
  void print(const Decl &decl);
  void print(const Experiment &experiment);
  void print(const Item &item);
  void printOuter(const Item &item);
  void printEvaluate(const Item &item);
  void print(const Stmt &stmt);
  void print(const Arg &arg);
  void print(const TypeExpr &type);
  void printBinary(const Expr &expr, Level level, bool guard);
  void printAdversary(const Expr &expr);
  void printParams(const std::vector<Param> &params);
  void printPattern(const std::vector<Name> &pattern);
  void printArgs(const std::vector<Arg> &args);
  void printMap(const std::vector<Arg> &args);
  void printItems(const std::vector<EvalItem> &items);
  void printBlock(const std::vector<Stmt> &stmts);
  void printValueBody(const std::vector<Stmt> &body);
  void printDoc(const std::string &doc);
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
};

void Printer::printNames(const std::vector<Name> &names, const char *separator) {
  for (size_t i = 0; i < names.size(); ++i)
    out += (i > 0 ? separator : "") + names[i].text;
}

void Printer::printPattern(const std::vector<Name> &pattern) {
  out += pattern.size() > 1 ? "(" : "";
  printNames(pattern);
  out += pattern.size() > 1 ? ")" : "";
}

void Printer::print(const Arg &arg) {
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

void Printer::printArgs(const std::vector<Arg> &args) {
  for (size_t i = 0; i < args.size(); ++i) {
    out += i > 0 ? ", " : "";
    print(args[i]);
  }
}

void Printer::printMap(const std::vector<Arg> &args) {
  out += "{ ";
  printArgs(args);
  out += " }";
}

void Printer::printItems(const std::vector<EvalItem> &items) {
  open();
  for (const EvalItem &item : items) {
    line();
    if (!item.name.empty())
      out += item.name.text + " = ";
    print(*item.value);
  }
  close();
}

void Printer::printBinary(const Expr &expr, Level level, bool guard) {
  const std::string &op = expr.text;
  const bool isIn = op == "in";
  // Comparisons and ranges do not chain; a power's base is an application.
  const bool chains = level != Compare && level != Range && level != Power;
  print(*expr.children[0],
        level == Power ? Fresh
        : chains       ? level
                       : Level(level + 1),
        guard && !isIn);
  out += level == Range || level == Power ? op : " " + op + " ";
  print(*expr.children[1], level == Power ? Minus : Level(level + 1), guard && !isIn);
}

void Printer::printAdversary(const Expr &expr) {
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
      print(*expr.by);
    }
    return;
  }
  out += "argmax ";
  operand(*expr.children[0]);
  if (expr.over) {
    out += " over ";
    operand(*expr.over);
  }
  out += " by ";
  print(*expr.by);
  if (expr.until) {
    out += " until ";
    print(*expr.until, Or, true);
  }
  if (!expr.mode.empty())
    out += " in " + expr.mode.text;
}

void Printer::print(const Expr &expr, Level level, bool guard) {
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

void Printer::print(const TypeExpr &type) {
  out += type.name.text;
  auto list = [&](const std::vector<ExprPtr> &entries, const char *open, const char *close) {
    if (entries.empty())
      return;
    out += open;
    for (size_t i = 0; i < entries.size(); ++i) {
      out += i > 0 ? ", " : "";
      print(*entries[i]);
    }
    out += close;
  };
  list(type.dims, "[", "]");
  list(type.args, "(", ")");
}

void Printer::printParams(const std::vector<Param> &params) {
  out += "(";
  for (size_t i = 0; i < params.size(); ++i) {
    out += (i > 0 ? ", " : "") + params[i].name.text + " : ";
    print(params[i].type);
    if (params[i].defaultValue) {
      out += " = ";
      print(*params[i].defaultValue);
    }
  }
  out += ")";
}

void Printer::printBlock(const std::vector<Stmt> &stmts) {
  open();
  for (const Stmt &stmt : stmts) {
    line();
    print(stmt);
  }
  close();
}

/// `= e` for a single return, else a block.
void Printer::printValueBody(const std::vector<Stmt> &body) {
  if (body.size() == 1 && body[0].kind == Stmt::Kind::Return) {
    out += " = ";
    print(*body[0].value);
    return;
  }
  out += " ";
  printBlock(body);
}

void Printer::print(const Stmt &stmt) {
  using K = Stmt::Kind;
  auto value = [&](const char *before) {
    out += before;
    print(*stmt.value);
  };
  switch (stmt.kind) {
  case K::Let:
  case K::Var:
    out += stmt.kind == K::Let ? "let " : "var ";
    printPattern(stmt.pattern);
    return value(" = ");
  case K::Assign:
    print(*stmt.target);
    return value(" := ");
  case K::If:
    value("if ");
    out += " ";
    printBlock(stmt.body);
    if (!stmt.orElse.empty()) {
      out += " else ";
      if (stmt.orElse.size() == 1 && stmt.orElse[0].kind == K::If)
        print(stmt.orElse[0]);
      else
        printBlock(stmt.orElse);
    }
    return;
  case K::Repeat:
    value("repeat ");
    if (!stmt.pattern.empty())
      out += " as " + stmt.pattern[0].text;
    out += " ";
    printBlock(stmt.body);
    return;
  case K::StopWhen:
    return value("stop when ");
  case K::Return:
    return value("return ");
  case K::State:
    out += "state " + stmt.pattern[0].text + " : ";
    print(stmt.type);
    if (!stmt.per.empty())
      out += " per " + stmt.per.text;
    return value(" = ");
  case K::Draw:
    out += "draw " + stmt.pattern[0].text;
    value(" ~ ");
    if (stmt.like) {
      out += " like ";
      print(*stmt.like);
    }
    if (!stmt.per.empty())
      out += " per " + stmt.per.text;
    return;
  case K::Layer:
    out += "layer " + stmt.pattern[0].text;
    if (!stmt.layerIndex.empty()) {
      out += "[" + stmt.layerIndex.text + " in ";
      print(*stmt.layerRange);
      out += "]";
    }
    return value(" = ");
  case K::Param:
    out += "param " + stmt.pattern[0].text + " : ";
    print(stmt.type);
    if (stmt.value) {
      out += " = ";
      print(*stmt.value, Range);
    }
    if (stmt.within) {
      out += " in ";
      print(*stmt.within, Range);
    }
    return;
  }
}

void Printer::printDoc(const std::string &doc) {
  for (size_t begin = 0; begin < doc.size();) {
    const size_t end = std::min(doc.find('\n', begin), doc.size());
    out += end > begin ? "/// " + doc.substr(begin, end - begin) : "///";
    line();
    begin = end + 1;
  }
}

void Printer::print(const Decl &decl) {
  using K = Decl::Kind;
  printDoc(decl.doc);
  if (decl.kind == K::Import) {
    out += "import ";
    if (!decl.importFile.empty())
      out += "\"" + decl.importFile + "\"";
    printNames(decl.path, ".");
    if (!decl.importNames.empty()) {
      out += ".{";
      printNames(decl.importNames);
      out += "}";
    }
    return;
  }
  static const char *const words[] = {"import",    "fn",  "head",  "network", "solver",
                                      "optimizer", "set", "start", "attack",  "dataset"};
  out += std::string(words[static_cast<size_t>(decl.kind)]) + " " + decl.name.text;
  printParams(decl.params);
  if (decl.kind == K::Fn) {
    out += " : ";
    print(decl.result);
    return printValueBody(decl.body);
  }
  if (decl.kind == K::Attack) {
    out += " = ";
    return print(*decl.value);
  }
  if (decl.kind == K::Start) {
    out += " over " + decl.set.text + " from " + decl.point.text;
    return printValueBody(decl.body);
  }
  out += " ";
  open();
  if (decl.kind == K::Solver && !decl.objective.empty()) {
    line();
    out += "maximize " + decl.objective.text + " over " + decl.set.text + " from " +
           decl.point.text + (decl.until.empty() ? "" : " until " + decl.until.text);
  }
  if (decl.kind == K::Optimizer && !decl.objective.empty()) {
    line();
    out += "minimize " + decl.objective.text + " at " + decl.point.text;
  }
  for (const Stmt &stmt : decl.body) {
    line();
    print(stmt);
  }
  auto named = [&](const std::string &what, const ExprPtr &value) {
    if (!value)
      return;
    line();
    out += what + " = ";
    print(*value);
  };
  named("logits", decl.logits);
  named("logits given " + decl.givenName.text, decl.logitsGiven);
  named("forward(" + decl.forwardParam.text + ")", decl.forward);
  for (const SetMember &member : decl.members) {
    line();
    out += member.name.text;
    if (!member.params.empty()) {
      out += "(";
      printNames(member.params);
      out += ")";
    }
    printValueBody(member.body);
  }
  for (const Arg &field : decl.fields) {
    line();
    print(field);
  }
  close();
}

void Printer::printOuter(const Item &item) {
  out += "outer minimize ";
  print(*item.value, isAdversary(*item.value) ? Where : Choice);
  ++depth;
  line();
  out += "by ";
  print(*item.by);
  line();
  out += "for ";
  print(*item.count);
  out += " epochs";
  if (item.replays) {
    out += ", each batch ";
    print(*item.replays);
    out += " times";
  }
  for (const Item::Update &update : item.updates) {
    line();
    out += update.afterStep ? "then " : "also ";
    print(*update.target);
    out += " := ";
    print(*update.value);
  }
  --depth;
}

void Printer::printEvaluate(const Item &item) {
  out += "evaluate ";
  if (item.every) {
    out += "every ";
    print(*item.every);
    out += " epochs ";
  }
  out += item.atEnd ? "at end on " : "on ";
  print(*item.value);
  if (item.over) {
    out += " over ";
    print(*item.over);
  }
  if (item.with) {
    out += " with ";
    print(*item.with);
  }
  if (!item.name.empty())
    out += " as " + item.name.text;
  out += " ";
  printItems(item.items);
}

void Printer::print(const Item &item) {
  using K = Item::Kind;
  printDoc(item.doc);
  auto value = [&](const std::string &before) {
    out += before;
    print(*item.value);
  };
  switch (item.kind) {
  case K::Let:
    out += "let ";
    printPattern(item.pattern);
    return value(" = ");
  case K::Data:
    value("data ");
    if (!item.args.empty()) {
      out += " ";
      printMap(item.args);
    }
    return;
  case K::Features:
  case K::Head:
    value((item.kind == K::Head ? "head " : "features ") + item.name.text + " = ");
    if (!item.source)
      return;
    out += " from \"" + item.source->file + "\"";
    if (!item.source->rename.empty()) {
      out += " rename ";
      printMap(item.source->rename);
    }
    out += item.source->frozen ? " frozen" : "";
    return;
  case K::Threat:
    out += "threat " + item.name.text;
    if (!item.names.empty()) {
      out += "(";
      printNames(item.names);
      out += ")";
    }
    return value(" = ");
  case K::State:
    out += "state " + item.name.text + " : ";
    print(item.type);
    if (!item.per.empty())
      out += " per " + item.per.text;
    return value(" = ");
  case K::Draw:
    value("draw " + item.name.text + " ~ ");
    if (item.like) {
      out += " like ";
      print(*item.like);
    }
    if (!item.per.empty())
      out += " per " + item.per.text;
    return;
  case K::Inner:
    out += "inner ";
    printNames(item.pattern);
    return value(" = ");
  case K::Outer:
    return printOuter(item);
  case K::Evaluate:
    return printEvaluate(item);
  case K::Keep:
    value("keep best(");
    out += ")";
    return;
  case K::Stop:
    value("stop when ");
    out += item.name.empty() ? "" : " keep " + item.name.text;
    return;
  case K::Sweep:
    out += "sweep ";
    for (size_t i = 0; i < item.args.size(); ++i) {
      out += (i > 0 ? ", " : "") + item.args[i].name.text + " in ";
      print(*item.args[i].value, Range);
    }
    return;
  }
}

void Printer::print(const Experiment &experiment) {
  printDoc(experiment.doc);
  out += "experiment " + experiment.name.text + " ";
  open();
  for (const Item &item : experiment.items) {
    line();
    print(item);
  }
  close();
}

void Printer::print(const File &file) {
  auto separate = [&] { out += out.empty() ? "" : "\n\n"; };
  size_t next = 0;
  for (const Experiment &experiment : file.experiments) {
    for (; next < file.decls.size() && file.decls[next].span.begin < experiment.span.begin;
         ++next) {
      separate();
      print(file.decls[next]);
    }
    separate();
    print(experiment);
  }
  for (; next < file.decls.size(); ++next) {
    separate();
    print(file.decls[next]);
  }
  out += out.empty() ? "" : "\n";
}

} // namespace

std::string print(const File &file) {
  Printer printer;
  printer.print(file);
  return printer.take();
}

std::string print(const Expr &expr) {
  Printer printer;
  printer.print(expr);
  return printer.take();
}

} // namespace advx::syntax
