//===- DeclarationChecker.cpp - Texts that no experiment uses -------------------===//
//
// A declaration is checked at the types of its uses. This pass looks at those of
// the user's file without types, so that a misspelt name or a wrong number of
// arguments is found in texts that nothing uses yet.
//
//===----------------------------------------------------------------------===//

#include "compiler/diagnostics/FieldNames.h"
#include "compiler/diagnostics/Suggest.h"
#include "compiler/sema/scopes/Program.h"
#include "compiler/sema/texts/DrawChecker.h"
#include "compiler/sema/types/Initialisers.h"
#include "compiler/sema/types/LayerPrimitives.h"
#include "compiler/sema/types/Primitives.h"

#include <set>

namespace advx::sema {

namespace {

using syntax::Decl;
using syntax::Expr;

/// Words with a meaning of their own: primitives, layers, initialisers, clocks,
/// distributions, modes (docs/language/primitives.md).
const std::set<std::string> &words() {
  static const std::set<std::string> table = [] {
    std::set<std::string> words = {
        "identity", "epoch", "iteration", "epochs", "iterations", "infinity", "classes", "eval",
        "batch", "train", "clean", "skip", "union", "each",
        // What has no meaning there, or none yet, is reported where it is used.
        "bounds", "proved", "previous", "mix", "npz"};
    for (const PrimitiveInfo &primitive : primitives())
      words.insert(primitive.name);
    for (const LayerInfo &layer : layerPrimitives())
      words.insert(layer.name);
    const std::vector<std::string> &initialisers = initialiserNames();
    words.insert(initialisers.begin(), initialisers.end());
    return words;
  }();
  return table;
}

class Walker {
public:
  Walker(const Program &program, diag::Engine &engine) : program(program), engine(engine) {}

  void decl(const Decl &d) {
    file = d.span.file;
    names.clear();
    // An attack is read in the page that uses it, and may name what that declares.
    open = d.kind == Decl::Kind::Attack;
    checkType(d.result, engine);
    for (const syntax::Param &param : d.params) {
      checkType(param.type, engine);
      for (const syntax::ExprPtr &dim : param.type.dims)
        if (dim->kind == Expr::Kind::Name)
          names.insert(dim->text);
      names.insert(param.name.text);
    }
    for (const syntax::Name *name :
         {&d.objective, &d.set, &d.point, &d.until, &d.label, &d.givenName, &d.forwardParam})
      if (!name->empty())
        names.insert(name->text);
    if (d.kind == Decl::Kind::Network || d.kind == Decl::Kind::Head)
      names.insert("channels_in");
    for (const syntax::Name &set : d.sets)
      if (program.find(Decl::Kind::Set, set.text, file).empty())
        unknownSet(set);
    for (const syntax::Param &param : d.params) {
      expr(param.within.get());
      expr(param.defaultValue.get());
    }
    statements(d.body);
    expr(d.logits.get());
    expr(d.logitsGiven.get());
    expr(d.forward.get());
    expr(d.value.get());
    for (const syntax::SetMember &member : d.members) {
      std::set<std::string> outside = names;
      for (const syntax::Name &param : member.params)
        names.insert(param.text);
      for (const syntax::Name &param : member.besideParams)
        names.insert(param.text);
      if (!member.beside.empty())
        beside(member);
      statements(member.body);
      names = outside;
    }
  }

private:
  void unknownSet(const syntax::Name &set) {
    const std::vector<std::string> known = program.names(Decl::Kind::Set, file);
    engine.report(diag::Code::UnknownName, set.span, "unknown set `" + set.text + "`")
        .label("nothing declares this")
        .found("`" + set.text + "`")
        .expected("a set")
        .help(diag::didYouMean(set.text, known, "declare it, or import it"));
  }

  /// The other set of a member for an intersection exists and has those parameters.
  void beside(const syntax::SetMember &member) {
    const std::vector<const Decl *> sets = program.find(Decl::Kind::Set, member.beside.text, file);
    if (member.name.text != "project") {
      engine
          .report(diag::Code::WrongArgument, member.beside.span,
                  "only `project` is said of an intersection")
          .label("here")
          .found("`" + member.name.text + " & …`")
          .expected("`project(v) & " + member.beside.text + "(…) = …`")
          .help("what else a set answers is that of its part with a radius");
    } else if (sets.empty()) {
      unknownSet(member.beside);
    } else if (sets.front()->params.size() != member.besideParams.size()) {
      engine
          .report(diag::Code::WrongArgument, member.beside.span,
                  "a name is needed for each parameter of `" + member.beside.text + "`")
          .label("here")
          .found(std::to_string(member.besideParams.size()))
          .expected(std::to_string(sets.front()->params.size()))
          .help("name them in the order of its declaration")
          .note(sets.front()->name.span, "declared here");
    }
  }

  bool declared(const std::string &name) const {
    for (Decl::Kind kind : {Decl::Kind::Fn, Decl::Kind::Network, Decl::Kind::Set, Decl::Kind::Start,
                            Decl::Kind::Head, Decl::Kind::Solver, Decl::Kind::Attack})
      for (const std::string &known : program.names(kind, file))
        if (known == name)
          return true;
    return false;
  }

  static std::string helpFor(const std::string &name, const std::vector<std::string> &known) {
    const bool near = diag::suggest(name, known).has_value();
    for (diag::NamePlace place :
         {diag::NamePlace::Function, diag::NamePlace::Network, diag::NamePlace::Schedule})
      for (const diag::FieldName *entry : diag::findFieldNames(place, name))
        if (!near)
          return diag::fieldHelp(*entry);
    return diag::didYouMean(name, known, "declare it before this line");
  }

  void use(const Expr &name) {
    if (open || names.count(name.text) || words().count(name.text) || declared(name.text))
      return;
    std::vector<std::string> known(names.begin(), names.end());
    known.insert(known.end(), words().begin(), words().end());
    for (const std::string &fn : program.names(Decl::Kind::Fn, file))
      known.push_back(fn);
    engine.report(diag::Code::UnknownName, name.span, "unknown name `" + name.text + "`")
        .label("nothing declares this")
        .found("`" + name.text + "`")
        .expected("a parameter, a name declared above, or a declaration")
        .help(helpFor(name.text, known));
  }

  void call(const Expr &e) {
    const Expr &callee = *e.children[0];
    if (callee.kind != Expr::Kind::Name || names.count(callee.text))
      return;
    std::vector<const Decl *> decls = program.find(Decl::Kind::Fn, callee.text, file);
    if (decls.size() != 1)
      return;
    const Decl &d = *decls.front();
    size_t required = 0;
    for (const syntax::Param &param : d.params)
      required += !param.defaultValue;
    if (e.args.size() > d.params.size())
      engine
          .report(diag::Code::TooManyArguments, e.span,
                  "too many arguments for `" + callee.text + "`")
          .label("here")
          .found(std::to_string(e.args.size()) + " arguments")
          .expected(std::to_string(d.params.size()))
          .help("remove one")
          .note(d.name.span, "`" + callee.text + "` is declared here");
    else if (e.args.size() < required)
      engine
          .report(diag::Code::MissingArgument, e.span, "`" + callee.text + "` needs more arguments")
          .label("here")
          .found(std::to_string(e.args.size()) + " arguments")
          .expected(std::to_string(required))
          .help("add what is missing")
          .note(d.name.span, "`" + callee.text + "` is declared here");
  }

  void expr(const Expr *e) {
    if (!e)
      return;
    std::set<std::string> outside = names;
    if (e->kind == Expr::Kind::Name)
      use(*e);
    if (e->kind == Expr::Kind::Call)
      call(*e);
    // `sum(k in classes, e)` names k for e.
    const Expr *bound =
        e->kind == Expr::Kind::Call && e->args.size() == 2 ? e->args[0].value.get() : nullptr;
    if (bound && bound->kind == Expr::Kind::Binary && bound->text == "in" &&
        bound->children[0]->kind == Expr::Kind::Name)
      names.insert(bound->children[0]->text);
    for (const syntax::Name &name : e->pattern)
      names.insert(name.text);
    for (const syntax::ExprPtr &child : e->children)
      expr(child.get());
    for (const syntax::Arg &arg : e->args) {
      if (e->kind != Expr::Kind::Map)
        expr(arg.key.get());
      expr(arg.value.get());
      expr(arg.given.get());
    }
    expr(e->over.get());
    expr(e->until.get());
    for (const syntax::EvalItem &item : e->items)
      expr(item.value.get());
    names = outside;
  }

  /// What is behind `draw … ~`, where the names of distributions are no names of values.
  void distribution(const Expr *e) {
    const bool isCall = e && e->kind == Expr::Kind::Call;
    if (!isCall || e->children[0]->kind != Expr::Kind::Name ||
        !isDistribution(e->children[0]->text))
      return expr(e);
    for (const syntax::Arg &arg : e->args)
      expr(arg.value.get());
  }

  void statements(const std::vector<syntax::Stmt> &body) {
    for (const syntax::Stmt &stmt : body) {
      std::set<std::string> outside = names;
      if (!stmt.layerIndex.empty())
        names.insert(stmt.layerIndex.text);
      expr(stmt.target.get());
      if (stmt.kind == syntax::Stmt::Kind::Draw)
        distribution(stmt.value.get());
      else
        expr(stmt.value.get());
      expr(stmt.like.get());
      expr(stmt.within.get());
      expr(stmt.layerRange.get());
      if (stmt.kind == syntax::Stmt::Kind::Repeat && !stmt.pattern.empty())
        names.insert(stmt.pattern[0].text);
      statements(stmt.body);
      statements(stmt.orElse);
      names = outside;
      if (stmt.kind != syntax::Stmt::Kind::Repeat)
        for (const syntax::Name &name : stmt.pattern)
          names.insert(name.text);
    }
  }

  const Program &program;
  diag::Engine &engine;
  uint32_t file = 0;
  bool open = false;
  std::set<std::string> names;
};

} // namespace

void checkDeclarations(const Program &program, diag::Engine &engine) {
  Walker walker(program, engine);
  for (const Decl &d : program.userFile().decls)
    if (d.kind != Decl::Kind::Import && d.kind != Decl::Kind::Dataset)
      walker.decl(d);
}

} // namespace advx::sema
