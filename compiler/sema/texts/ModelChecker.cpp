//===- ModelChecker.cpp - The lines of features and heads ----------------===//

#include "compiler/sema/texts/ModelChecker.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/InitialiserChecker.h"
#include "compiler/sema/texts/LayerChecker.h"
#include "compiler/sema/texts/SourceChecker.h"

#include <algorithm>

namespace advx::sema {

void ModelChecker::addParam(const syntax::Stmt &stmt, const std::string &path, Env &env,
                            std::vector<const Leaf *> &leaves) {
  const syntax::Name &name = stmt.pattern[0];
  std::optional<std::vector<int64_t>> shape = typeRules.shapeOf(stmt.type, env);
  if (!shape || !sizes.checkSize(*shape, stmt.type.span, "the parameter `" + name.text + "`"))
    return;
  // The output axis is `classes` where the type has one, else the first.
  int64_t outputAxis = 0;
  for (size_t i = 0; i < stmt.type.dims.size(); ++i)
    if (stmt.type.dims[i]->kind == syntax::Expr::Kind::Name && stmt.type.dims[i]->text == "classes")
      outputAxis = static_cast<int64_t>(i);
  std::optional<int64_t> fanIn;
  if (shape->size() == 1)
    if (const Value *d = env.scope->find("features_in"))
      fanIn = build.integer(*d, stmt.span, "the features");
  std::optional<Initialiser> init =
      initialisers.check(stmt.value.get(), *shape, outputAxis, fanIn, env);
  if (!init)
    return;
  Leaf *leaf = sheet.make<Leaf>();
  leaf->name = path + "." + name.text;
  leaf->shape = *shape;
  leaf->init = *init;
  leaf->span = stmt.span;
  if (stmt.within) {
    std::vector<SetPart> parts;
    if (!setChecker.collectParts(*stmt.within, env, parts))
      return;
    Function *project = sheet.make<Function>();
    project->name = leaf->name + ".project";
    project->symbol = project->name; // leaves have names of their own, and so has this
    project->span = stmt.span;
    Type type;
    type.kind = Type::Kind::Tensor;
    type.shape = *shape;
    Local *formal = sheet.local(name.text, type, name.span);
    project->params = {formal};
    ExprPtr value = build.localRef(formal, stmt.span);
    for (const SetPart &part : parts) {
      const syntax::SetMember *text = setChecker.member(part, "project");
      std::vector<ExprPtr> passed;
      const Function *function =
          text ? setChecker.memberFunction(part, *text, {type}, passed) : nullptr;
      if (!function)
        return;
      passed.push_back(value);
      value = functions.callFunction(function, passed, stmt.span);
    }
    project->body.value = value;
    sheet.experiment->functions.push_back(project);
    leaf->project = project;
  }
  sheet.experiment->leaves.push_back(leaf);
  leaves.push_back(leaf);
  binder.declareName(*env.scope, name, Value::of(layerChecker.leafRef(leaf, name.span)));
}

void ModelChecker::checkFeatures(const syntax::Item &item) {
  Env env;
  env.scope = sheet.pageScope;
  env.role = item.name.text;
  Value value = exprChecker.check(*item.value, env);
  Value bad;
  if (!sheet.dataReady) {
    binder.declareName(*sheet.pageScope, item.name, bad);
    return;
  }
  LayerPtr layer = layerChecker.asLayer(value, item.value->span);
  if (!layer) {
    binder.declareName(*sheet.pageScope, item.name, bad);
    return;
  }
  Model *model = sheet.make<Model>();
  model->name = item.name.text;
  model->span = item.span;
  model->frozen = item.source && item.source->frozen;
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = sheet.experiment->data.image;
  type.perExample = true;
  model->input = sheet.local("x", type, item.span);
  layerChecker.setPath(*layer, item.name.text);
  size_t before = sheet.experiment->leaves.size();
  env.role.clear();
  env.stmts = &model->forward.stmts;
  model->forward.value = layerChecker.applyLayer(
      layer, build.localRef(model->input, item.value->span), item.value->span, env);
  model->leaves.assign(sheet.experiment->leaves.begin() + before, sheet.experiment->leaves.end());
  sourceChecker.applySource(item, model->leaves, item.name.text);
  if (!model->forward.value) {
    binder.declareName(*sheet.pageScope, item.name, bad);
    return;
  }
  Value result;
  result.kind = Value::Kind::Model;
  result.model = model;
  if (binder.declareName(*sheet.pageScope, item.name, result))
    sheet.experiment->models.push_back(model);
}

void ModelChecker::checkHead(const syntax::Item &item) {
  Value bad;
  auto fail = [&] { binder.declareName(*sheet.pageScope, item.name, bad); };
  Env env;
  env.scope = sheet.pageScope;
  const syntax::Expr &call = *item.value;
  if (call.kind != syntax::Expr::Kind::Call || call.children[0]->kind != syntax::Expr::Kind::Name) {
    findings.report(diag::Code::WrongKind, call.span, "a head is a call")
        .label("not a call")
        .found("`" + findings.source(call.span) + "`")
        .expected("`HEAD(features, …)`")
        .help(suggestions.foreignHeadHelp(call));
    return fail();
  }
  const std::string &name = call.children[0]->text;
  std::vector<const Decl *> decls = program.find(Decl::Kind::Head, name, sheet.pageScope->file);
  if (decls.empty()) {
    findings.report(diag::Code::UnknownName, call.children[0]->span, "unknown head `" + name + "`")
        .label("nothing declares this")
        .found("`" + name + "`")
        .expected("a head")
        .help(suggestions.nameHelp({diag::NamePlace::Head}, name,
                                   program.names(Decl::Kind::Head, sheet.pageScope->file)));
    return fail();
  }
  const Decl &decl = *decls.front();
  if (decl.params.empty()) {
    findings
        .report(diag::Code::MissingPart, decl.name.span,
                "a head needs the features as its first parameter")
        .label("no parameters")
        .expected("`head " + decl.name.text + "(z : vector[d], …)`")
        .help("add it");
    return fail();
  }
  if (call.args.empty() || !call.args[0].name.empty() || !call.args[0].value ||
      call.args[0].value->kind != syntax::Expr::Kind::Name) {
    findings
        .report(diag::Code::MissingArgument, call.span, "the head `" + name + "` needs features")
        .label("missing argument")
        .found("`" + findings.source(call.span) + "`")
        .expected("the name of a `features` line first")
        .help("write `" + name + "(" + suggestions.boundOnPage(syntax::Item::Kind::Features, "z") +
              ")`; a head has one logit for each class of the data")
        .note(decl.name.span, "declared here");
    return fail();
  }
  if (decl.params.size() == 1 && call.args.size() > 1 && call.args[1].name.empty()) {
    findings
        .report(diag::Code::TooManyArguments, call.args[1].span,
                "too many arguments for the head `" + name + "`")
        .label("one too many")
        .found("`" + findings.source(call.span) + "`")
        .expected("features alone")
        .help("write `" + name + "(" + findings.source(call.args[0].span) +
              ")`; a head has one logit for each class of the data")
        .note(decl.name.span, "`" + name + "` is declared here");
    return fail();
  }
  Value features = exprChecker.check(*call.args[0].value, env);
  if (features.isError())
    return fail();
  if (features.kind != Value::Kind::Model) {
    findings.report(diag::Code::WrongKind, call.args[0].span, "a head stands on features")
        .label(features.str())
        .found(features.str())
        .expected("the name of a `features` line")
        .help("declare `features z = …` and write `" + name + "(z)`");
    return fail();
  }
  Findings::Frame frame(findings, call.span, "in this use of `" + name + "`");
  Head *head = sheet.make<Head>();
  head->name = item.name.text;
  head->span = item.span;
  head->model = features.model;
  head->frozen = item.source && item.source->frozen;
  auto scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  Env inner;
  inner.scope = scope;
  inner.stmts = &head->lets;
  // The features.
  const Type &have = head->model->forward.value->type;
  Type type = have;
  type.perExample = true;
  head->z = sheet.local(decl.params[0].name.text, type, decl.params[0].name.span);
  Value z = Value::of(build.localRef(head->z, call.args[0].span));
  std::string expected;
  if (!typeRules.isKnownType(decl.params[0].type))
    return fail();
  if (!typeRules.fits(decl.params[0].type, z, *scope, expected)) {
    findings
        .report(diag::Code::ShapeMismatch, call.args[0].span,
                "the features do not fit the head `" + name + "`")
        .label(type.str())
        .found(type.str())
        .expected(expected)
        .help(type.shape.size() > 1 ? "end the network with `flatten` or `global_avg_pool`"
                                    : "use features of that size")
        .note(decl.params[0].span, "declared here")
        .note(features.span, "the features");
    return fail();
  }
  scope->names[decl.params[0].name.text] = z;
  if (type.shape.size() == 1)
    scope->names["features_in"] =
        Value::of(build.number(Rational(type.shape[0]), call.span, Type::Element::Int));
  // Its numbers.
  CallBinder::Site site{decl, call, env, item.name.text, 1, scope};
  if (!callBinder.bind(site, [&](BoundArgument &argument) {
        const syntax::Param &param = argument.param;
        if (!typeRules.isKnownType(param.type))
          return false;
        if (argument.given && !typeRules.isOfPage(argument.value, *argument.expr, param, name))
          return false;
        if (!typeRules.fits(param.type, argument.value, *scope, expected)) {
          typeRules.misfit(argument.place, param, name, argument.value, expected);
          return false;
        }
        std::string path = item.name.text + "." + param.name.text;
        if (param.type.name.text != "real" || !argument.value.isNumber()) {
          settingTable.shape(argument, path, call);
          scope->names[param.name.text] = argument.value;
          return true;
        }
        settingTable.adopt(argument, path, Type::Element::Real, call);
        if (argument.value.isError())
          return false;
        Local *formal = sheet.local(param.name.text, Type(), param.name.span);
        head->numbers.push_back(formal);
        head->numberValues.push_back(argument.value.expr);
        scope->names[param.name.text] = Value::of(build.localRef(formal, param.name.span));
        return true;
      }))
    return fail();
  // Its text.
  bool ok = true;
  for (const syntax::Stmt &stmt : decl.body) {
    if (stmt.kind == syntax::Stmt::Kind::Param) {
      size_t before = head->leaves.size();
      addParam(stmt, item.name.text, inner, head->leaves);
      ok &= head->leaves.size() > before;
    } else if (stmt.kind == syntax::Stmt::Kind::Let && stmt.pattern.size() == 1) {
      Value value = exprChecker.check(*stmt.value, inner);
      if (value.isTensor())
        value = Value::of(layerChecker.bindLet(value.expr, stmt.pattern[0].text, inner));
      ok &= !value.isError();
      binder.declareName(*scope, stmt.pattern[0], value);
    } else {
      findings
          .report(diag::Code::MisplacedStatement, stmt.span,
                  "this statement cannot stand in a head")
          .label("here")
          .expected("`param`, `let` and `logits`")
          .help("move it out of the head");
      ok = false;
    }
  }
  int64_t classes = sheet.experiment->data.classes;
  auto checkLogits = [this, classes](const syntax::Expr &text, Env &where) -> ExprPtr {
    ExprPtr value = exprChecker.checkExpr(text, where);
    if (!value)
      return nullptr;
    if (value->type.shape != std::vector<int64_t>{classes} ||
        value->type.element != Type::Element::Real) {
      findings
          .report(diag::Code::ClassCount, text.span,
                  "the logits do not have one entry for each class")
          .label(value->type.str())
          .found(value->type.str())
          .expected("vector[" + std::to_string(classes) + "], the classes of the data")
          .help("give the last parameter `classes` outputs")
          .note(sheet.experiment->data.span, std::to_string(classes) + " classes");
      return nullptr;
    }
    return value;
  };
  if (!decl.logits)
    return fail();
  head->logits = checkLogits(*decl.logits, inner);
  head->logitsGiven = head->logits;
  head->sharedLets = head->lets.size();
  if (decl.logitsGiven) {
    sheet.givenDistribution[head] = [this, head, &decl, inner, scope, checkLogits,
                                     span = call.span] {
      Findings::Frame frame(findings, span, "in this use of `" + decl.name.text + "`");
      Type type = head->z->type;
      type.shape = {sheet.experiment->data.classes};
      head->distribution = sheet.local(decl.givenName.text, type, decl.givenName.span);
      Env given = inner.with(std::make_shared<Scope>(scope));
      given.stmts = &head->distributionLets;
      given.scope->names[decl.givenName.text] =
          Value::of(build.localRef(head->distribution, decl.givenName.span));
      head->logitsGivenDistribution = checkLogits(*decl.logitsGiven, given);
      return head->logitsGivenDistribution != nullptr;
    };
    Type label;
    label.kind = Type::Kind::Tensor;
    label.element = Type::Element::Int;
    label.perExample = true;
    head->y = sheet.local(decl.givenName.text, label, decl.givenName.span);
    Env given = inner.with(std::make_shared<Scope>(scope));
    given.scope->names[decl.givenName.text] =
        Value::of(build.localRef(head->y, decl.givenName.span));
    head->logitsGiven = checkLogits(*decl.logitsGiven, given);
  }
  if (!ok || !head->logits || !head->logitsGiven)
    return fail();
  sourceChecker.applySource(item, head->leaves, item.name.text);
  Value result;
  result.kind = Value::Kind::Head;
  result.head = head;
  if (binder.declareName(*sheet.pageScope, item.name, result))
    sheet.experiment->heads.push_back(head);
}

} // namespace advx::sema
