//===- Print.cpp - The AST as .advx text ----------------------------------===//
//
// Declarations, statements and items; expressions are ExprPrinter's. Parsing the
// text gives the same tree.
//
//===----------------------------------------------------------------------===//

#include "compiler/syntax/DeclWords.h"
#include "compiler/syntax/ExprPrinter.h"
#include "compiler/syntax/Parser.h"

namespace advx::syntax {
namespace {

class Printer : public ExprPrinter {
public:
  using ExprPrinter::print;
  void print(const File &file);

private:
  void print(const Decl &decl);
  void print(const Experiment &experiment);
  void print(const Item &item);
  void printOuter(const Item &item);
  void printEvaluate(const Item &item);
  void print(const Stmt &stmt);
  void print(const TypeExpr &type);
  void printParams(const std::vector<Param> &params);
  void printBlock(const std::vector<Stmt> &stmts);
  void printValueBody(const std::vector<Stmt> &body);
  void printDoc(const std::string &doc);
};

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
    if (params[i].within) {
      out += " in ";
      print(*params[i].within, Range);
    }
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
  out += std::string(kindName(decl.kind)) + " " + decl.name.text;
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
  if (decl.kind == K::Augmentation)
    out += " of " + decl.point.text + (decl.label.empty() ? "" : ", " + decl.label.text);
  out += " ";
  open();
  if (decl.kind == K::Solver && !decl.objective.empty()) {
    line();
    out += "maximize " + decl.objective.text + " over " + decl.set.text;
    for (const Name &set : decl.sets)
      out += (&set == &decl.sets.front() ? " : " : ", ") + set.text;
    out += " from " + decl.point.text + (decl.until.empty() ? "" : " until " + decl.until.text);
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
    if (!member.beside.empty()) {
      out += " & " + member.beside.text + "(";
      printNames(member.besideParams);
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
