//===- Dump.cpp - The AST as indented text --------------------------------===//
//
// One node a line, children two blanks further in. Goldens and --emit=ast show
// this text, so its form changes only with the AST.
//
//===----------------------------------------------------------------------===//

#include "compiler/syntax/DeclWords.h"
#include "compiler/syntax/Parser.h"

namespace advx::syntax {
namespace {

class Dumper {
public:
  Dumper(const SourceManager &sources, bool spans) : sources(sources), spans(spans) {}

  std::string take() { return std::move(out); }
  void dump(const File &file);

private:
  /// Writes a line and indents what is dumped while the result lives.
  class Scope {
  public:
    explicit Scope(Dumper &dumper) : dumper(dumper) { ++dumper.depth; }
    ~Scope() { --dumper.depth; }
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

  private:
    Dumper &dumper;
  };

  void line(const std::string &text, Span span);
  std::string place(Span span) const;

  void dump(const Decl &decl);
  void dump(const Experiment &experiment);
  void dump(const Item &item);
  void dump(const Stmt &stmt);
  void dump(const Expr &expr);
  void dump(const Arg &arg);
  void dump(const Param &param);
  void dump(const EvalItem &item);
  void dump(const std::string &role, const TypeExpr &type);
  void dump(const std::string &role, const Name &name);
  void dump(const std::string &role, const ExprPtr &expr);
  void dump(const std::string &role, const std::vector<Name> &names);
  void dumpDoc(const std::string &doc);
  template <typename T> void dumpAll(const std::vector<T> &nodes) {
    for (const T &node : nodes)
      dump(node);
  }

  const SourceManager &sources;
  bool spans;
  unsigned depth = 0;
  std::string out;
};

std::string Dumper::place(Span span) const {
  if (!spans || !span.isValid())
    return "";
  const LineColumn first = sources.lineColumn(span.file, span.begin);
  const LineColumn last = sources.lineColumn(span.file, span.end);
  return " @" + std::to_string(first.line) + ":" + std::to_string(first.column) + "-" +
         std::to_string(last.line) + ":" + std::to_string(last.column);
}

void Dumper::line(const std::string &text, Span span) {
  out.append(2 * depth, ' ').append(text).append(place(span)).append("\n");
}

void Dumper::dumpDoc(const std::string &doc) {
  for (size_t begin = 0; begin < doc.size();) {
    const size_t end = std::min(doc.find('\n', begin), doc.size());
    line("/// " + doc.substr(begin, end - begin), Span());
    begin = end + 1;
  }
}

void Dumper::dump(const std::string &role, const Name &name) {
  if (!name.empty())
    line(role + " " + name.text, name.span);
}

void Dumper::dump(const std::string &role, const std::vector<Name> &names) {
  for (const Name &name : names)
    dump(role, name);
}

void Dumper::dump(const std::string &role, const ExprPtr &expr) {
  if (!expr)
    return;
  line(role, Span());
  Scope scope(*this);
  dump(*expr);
}

void Dumper::dump(const std::string &role, const TypeExpr &type) {
  if (type.empty())
    return;
  line(role + " " + type.name.text, type.span);
  Scope scope(*this);
  for (const ExprPtr &dim : type.dims)
    dump("dim", dim);
  for (const ExprPtr &arg : type.args)
    dump("arg", arg);
}

void Dumper::dump(const Arg &arg) {
  line(arg.name.empty() ? "arg" : "arg " + arg.name.text, arg.span);
  Scope scope(*this);
  dump("key", arg.key);
  if (arg.value)
    dump(*arg.value);
  dump("given", arg.given);
}

void Dumper::dump(const Param &param) {
  line("param " + param.name.text, param.span);
  Scope scope(*this);
  dump("type", param.type);
  dump("in", param.within);
  dump("default", param.defaultValue);
}

void Dumper::dump(const EvalItem &item) {
  line(item.name.empty() ? "line" : "line " + item.name.text, item.span);
  Scope scope(*this);
  dump(*item.value);
}

void Dumper::dump(const Expr &expr) {
  using K = Expr::Kind;
  switch (expr.kind) {
  case K::Name:
    line("name " + expr.text, expr.span);
    return;
  case K::Number:
    line("number " + expr.text, expr.span);
    return;
  case K::String:
    line("string \"" + expr.text + "\"", expr.span);
    return;
  case K::Bool:
    line(expr.text, expr.span);
    return;
  case K::Unary:
    line("unary " + expr.text, expr.span);
    break;
  case K::Binary:
    line("binary " + expr.text, expr.span);
    break;
  case K::If:
    line("if", expr.span);
    break;
  case K::Call:
    line("call", expr.span);
    break;
  case K::Index:
    line("index", expr.span);
    break;
  case K::Member:
    line("member " + expr.text, expr.span);
    break;
  case K::List:
    line("list", expr.span);
    break;
  case K::Map:
    line("map", expr.span);
    break;
  case K::Argmax:
    line("argmax", expr.span);
    break;
  case K::Best:
    line("best", expr.span);
    break;
  case K::Worst:
    line("worst", expr.span);
    break;
  }
  Scope scope(*this);
  dump("binds", expr.pattern);
  for (const ExprPtr &child : expr.children)
    dump(*child);
  dumpAll(expr.args);
  dump("over", expr.over);
  dump("by", expr.by);
  dump("until", expr.until);
  dump("mode", expr.mode);
  dumpAll(expr.items);
}

void Dumper::dump(const Stmt &stmt) {
  static const char *const words[] = {"let",    "var",   "assign", "if",    "repeat", "stop when",
                                      "return", "state", "draw",   "layer", "param"};
  line(words[static_cast<size_t>(stmt.kind)], stmt.span);
  Scope scope(*this);
  dump("binds", stmt.pattern);
  dump("type", stmt.type);
  dump("per", stmt.per);
  dump("index", stmt.layerIndex);
  dump("range", stmt.layerRange);
  dump("target", stmt.target);
  dump("value", stmt.value);
  dump("like", stmt.like);
  dump("in", stmt.within);
  if (!stmt.body.empty()) {
    line("body", Span());
    Scope body(*this);
    dumpAll(stmt.body);
  }
  if (!stmt.orElse.empty()) {
    line("else", Span());
    Scope orElse(*this);
    dumpAll(stmt.orElse);
  }
}

void Dumper::dump(const Decl &decl) {
  dumpDoc(decl.doc);
  std::string text = kindName(decl.kind);
  if (!decl.name.empty())
    text += " " + decl.name.text;
  if (!decl.importFile.empty())
    text += " \"" + decl.importFile + "\"";
  line(text, decl.span);
  Scope scope(*this);
  dump("path", decl.path);
  dump("name", decl.importNames);
  dumpAll(decl.params);
  dump("result", decl.result);
  dump("objective", decl.objective);
  dump("set", decl.set);
  dump("for", decl.sets);
  dump("point", decl.point);
  dump("until", decl.until);
  dump("label", decl.label);
  dumpAll(decl.body);
  dump("logits", decl.logits);
  dump("given", decl.givenName);
  dump("logits given", decl.logitsGiven);
  dump("forward of", decl.forwardParam);
  dump("forward", decl.forward);
  for (const SetMember &member : decl.members) {
    line("member " + member.name.text, member.span);
    Scope body(*this);
    dump("of", member.params);
    dump("beside", member.beside);
    dump("beside of", member.besideParams);
    dumpAll(member.body);
  }
  dumpAll(decl.fields);
  dump("value", decl.value);
}

void Dumper::dump(const Item &item) {
  static const char *const words[] = {"let",   "data", "features", "head",  "threat",
                                      "state", "draw", "inner",    "outer", "evaluate",
                                      "keep",  "stop", "sweep"};
  dumpDoc(item.doc);
  std::string text = words[static_cast<size_t>(item.kind)];
  if (!item.name.empty())
    text += " " + item.name.text;
  line(text + (item.atEnd ? " at end" : ""), item.span);
  Scope scope(*this);
  dump("binds", item.pattern);
  dump("of", item.names);
  dump("type", item.type);
  dump("per", item.per);
  dump("every", item.every);
  dump("value", item.value);
  dump("like", item.like);
  dump("by", item.by);
  dump("epochs", item.count);
  dump("times", item.replays);
  for (const Item::Update &update : item.updates) {
    line(update.afterStep ? "then" : "also", update.span);
    Scope body(*this);
    dump("target", update.target);
    dump("value", update.value);
  }
  if (item.source) {
    line("from \"" + item.source->file + "\"" + (item.source->frozen ? " frozen" : ""),
         item.source->span);
    Scope body(*this);
    dumpAll(item.source->rename);
  }
  dump("over", item.over);
  dump("with", item.with);
  dumpAll(item.args);
  dumpAll(item.items);
}

void Dumper::dump(const Experiment &experiment) {
  dumpDoc(experiment.doc);
  line("experiment " + experiment.name.text, experiment.span);
  Scope scope(*this);
  dumpAll(experiment.items);
}

/// Declarations and experiments in the order of the text.
void Dumper::dump(const File &file) {
  size_t next = 0;
  for (const Experiment &experiment : file.experiments) {
    for (; next < file.decls.size() && file.decls[next].span.begin < experiment.span.begin; ++next)
      dump(file.decls[next]);
    dump(experiment);
  }
  for (; next < file.decls.size(); ++next)
    dump(file.decls[next]);
  for (const Allow &allow : file.allows)
    line("allow " + allow.code + ": " + allow.reason, allow.span);
}

} // namespace

std::string dump(const File &file, const SourceManager &sources, bool spans) {
  Dumper dumper(sources, spans);
  dumper.dump(file);
  return dumper.take();
}

} // namespace advx::syntax
