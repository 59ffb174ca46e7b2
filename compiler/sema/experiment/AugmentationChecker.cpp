//===- AugmentationChecker.cpp - What training makes of its examples -------===//
//
// An augmentation assigns the image, and the label where it names one. Labels that an
// augmentation may change are distributions over the classes in all of training, from
// the first augmentation on; evaluations see the data as they are.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/experiment/AugmentationChecker.h"
#include "compiler/sema/adversaries/SolverChecker.h"
#include "compiler/sema/texts/StatementChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

void AugmentationChecker::check(const syntax::Expr *list) {
  if (done || !sheet.dataReady)
    return;
  done = true;
  sheet.experiment->trainingLabel = sheet.experiment->y;
  if (!list)
    return;
  if (list->kind == Kind::List)
    for (const syntax::Arg &entry : list->args)
      checkOne(*entry.value);
  else
    checkOne(*list);
  const std::vector<Augmentation> &all = sheet.experiment->augmentations;
  if (std::any_of(all.begin(), all.end(), [](const Augmentation &one) { return one.y; })) {
    Type type;
    type.kind = Type::Kind::Tensor;
    type.shape = {sheet.experiment->data.classes};
    type.perExample = true;
    sheet.experiment->trainingLabel = sheet.local("y", type, sheet.experiment->y->span);
  }
}

void AugmentationChecker::checkOne(const syntax::Expr &call) {
  const syntax::Expr *callee = calleeOf(call);
  std::vector<const Decl *> decls;
  if (callee->kind == Kind::Name)
    decls = program.find(Decl::Kind::Augmentation, callee->text, sheet.pageScope->file);
  if (decls.empty()) {
    std::string name = findings.source(callee->span);
    findings.report(diag::Code::UnknownName, callee->span, "unknown augmentation `" + name + "`")
        .label("nothing declares this")
        .found("`" + name + "`")
        .expected("an augmentation, as in `augment = [pad_crop(4), hflip]`")
        .help(suggestions.suggest(name,
                                  program.names(Decl::Kind::Augmentation, sheet.pageScope->file)));
    return;
  }
  const Decl &decl = *decls.front();
  uses.note(callee->span, decl.name.span);
  Findings::Frame frame(findings, call.span, "in this use of `" + decl.name.text + "`");
  Augmentation result;
  result.name = decl.name.text;
  result.span = call.span;
  result.path = "data." + result.name;
  auto isTaken = [&](const std::string &path) {
    for (const Augmentation &other : sheet.experiment->augmentations)
      if (other.path == path)
        return true;
    return false;
  };
  for (unsigned number = 2; isTaken(result.path); ++number)
    result.path = "data." + result.name + std::to_string(number);

  BodyState body;
  body.role = result.path;
  auto scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  auto bind = [&](const syntax::Name &name, const Type &type) {
    Local *local = sheet.local(name.text, type, name.span);
    scope->names[name.text] = Value::of(build.localRef(local, name.span));
    return local;
  };
  result.x = bind(decl.point, sheet.experiment->x->type);
  if (!decl.label.empty()) {
    Type distribution = sheet.experiment->x->type;
    distribution.shape = {sheet.experiment->data.classes};
    result.y = bind(decl.label, distribution);
  }
  Env arguments;
  arguments.scope = sheet.pageScope;
  arguments.body = &body;
  std::vector<Stmt> lets;
  if (!solverChecker.bindCall(decl, call, result.path, arguments, *scope, lets, result.text))
    return;
  // A name alone gets the brackets that its defaults stand in.
  if (call.kind == Kind::Name && !decl.params.empty() && settingTable.isOnPage(call.span))
    sheet.edits.push_back({call.span.end, 0, result.text.substr(result.name.size())});
  unsigned errors = engine.errorCount();
  statementChecker.settle(body, [&] {
    body.variables[result.x] = nullptr;
    if (result.y)
      body.variables[result.y] = nullptr;
    Env inner;
    inner.scope = std::make_shared<Scope>(scope);
    inner.body = &body;
    inner.stmts = &result.body;
    result.body = lets;
    statementChecker.checkStatements(decl.body, inner, result.body);
  });
  if (engine.errorCount() == errors)
    sheet.experiment->augmentations.push_back(std::move(result));
}

} // namespace advx::sema
