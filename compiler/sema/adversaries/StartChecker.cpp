//===- StartChecker.cpp - Where solvers start ---------------------------------===//

#include "compiler/sema/adversaries/StartChecker.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

namespace advx::sema {

using Kind = syntax::Expr::Kind;

Value StartChecker::makeStart(const syntax::Expr &expr, Env &env) {
  const syntax::Expr *callee = expr.kind == Kind::Call ? expr.children[0].get() : &expr;
  if (callee->kind == Kind::Name)
    if (const Value *value = uses.find(*env.scope, *callee)) {
      if (value->kind == Value::Kind::Start)
        return *value;
      if (value->kind == Value::Kind::Candidate && expr.kind == Kind::Name) {
        Env where = env.with(value->scope);
        return makeStart(*value->written, where);
      }
    }
  std::vector<const Decl *> decls;
  if (callee->kind == Kind::Name)
    decls = program.find(Decl::Kind::Start, callee->text, env.scope->file);
  // `True` has been called a foreign spelling.
  if (expr.kind == Kind::Bool && findings.source(expr.span) != expr.text)
    return Value::error();
  if (decls.empty()) {
    findings
        .report(diag::Code::UnknownName, callee->span,
                "unknown start `" + findings.source(callee->span) + "`")
        .label("not a start")
        .found("`" + findings.source(expr.span) + "`")
        .expected("a start")
        .help(suggestions.nameHelp({diag::NamePlace::Start}, findings.source(callee->span),
                                   program.names(Decl::Kind::Start, env.scope->file)));
    return Value::error();
  }
  Value result;
  result.kind = Value::Kind::Start;
  result.span = expr.span;
  result.start = std::make_shared<StartForm>();
  result.start->decl = decls.front();
  result.start->span = expr.span;
  result.start->text = findings.source(expr.span);
  BodyState *body = env.body;
  // Without a solver around it there is nothing to evaluate its arguments for yet.
  if (!body || !body->set)
    return result;
  const Decl &decl = *decls.front();
  auto scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  Value set;
  set.kind = Value::Kind::Set;
  set.set = body->set;
  set.args = body->setArgs;
  scope->names[decl.set.text] = set;
  syntax::Expr bare(Kind::Call, expr.span);
  const bool isCall = expr.kind == Kind::Call;
  const std::string role = body->role + ".start";
  std::string text;
  result.start->role = role;
  CallBinder::Site site{decl, isCall ? expr : bare, env, role, 0, scope};
  if (!callBinder.bind(site, [&](BoundArgument &argument) {
        const std::string &name = argument.param.name.text;
        std::string shown = argument.given ? findings.source(argument.expr->span) : "";
        if (argument.value.isNumber())
          shown = settingTable.adopt(argument, role + "." + name,
                                     argument.value.expr->type.element == Type::Element::Bool
                                         ? Type::Element::Bool
                                         : Type::Element::Real,
                                     site.call);
        if (argument.value.isError())
          return false;
        result.start->arguments.push_back(argument.value);
        if (shown.empty())
          return true;
        append(result.start->report,
               {{(text.empty() ? decl.name.text + "(" : ", ") + name + " = ", std::nullopt}});
        append(result.start->report,
               reports.reportValue(argument.value, argument.given ? argument.expr->span : Span()));
        text += (text.empty() ? "" : ", ") + name + " = " + shown;
        return true;
      }))
    return Value::error();
  if (expr.kind == Kind::Name && !text.empty() && settingTable.isOnPage(expr.span))
    // Before what else is written at its end: the next argument of the call that it ends.
    sheet.edits.insert(sheet.edits.begin(), {expr.span.end, 0, "(" + text + ")"});
  result.start->text = decl.name.text + (text.empty() ? "" : "(" + text + ")");
  append(result.start->report, {{text.empty() ? decl.name.text : ")", std::nullopt}});
  return result;
}

/// `start(B, x)` in the text of a solver: the start's text at this set.
Value StartChecker::callStart(const StartForm &start, const syntax::Expr &call, Env &env) {
  const Decl &decl = *start.decl;
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments({"B", "x"}, 2, call.args, 0, call.span, "start", decl.name.span, bound))
    return Value::error();
  Value set = setChecker.checkSet(*bound[0]->value, env);
  if (set.isError())
    return set;
  if (!set.set->set->group) {
    ExprPtr x = exprChecker.checkExpr(*bound[1]->value, env);
    return x ? Value::of(startAt(start, set, x, call.span, 0)) : Value::error();
  }
  Value x = exprChecker.check(*bound[1]->value, env);
  const WeightGroup &group = *set.set->set->group;
  if (x.isError())
    return x;
  if (!x.isWeights() || x.group != &group) {
    findings.report(diag::Code::WrongType, bound[1]->value->span, "a start begins at a point")
        .label(x.str())
        .found(x.str())
        .expected(group.name)
        .help("pass the point after `from`");
    return Value::error();
  }
  std::vector<Value> elements;
  for (size_t i = 0; i < group.leaves.size(); ++i) {
    Value here = set;
    here.set = set.set->ofLeaves[i];
    elements.push_back(Value::of(startAt(start, here, x.elements[i].expr, call.span, i)));
    if (elements.back().isError())
      return elements.back();
  }
  return weightRules.bundle(group, std::move(elements), call.span);
}

ExprPtr StartChecker::startAt(const StartForm &start, const Value &set, const ExprPtr &x, Span call,
                              size_t leaf) {
  const Decl &decl = *start.decl;
  std::vector<Value> arguments = WeightRules::at(start.arguments, leaf);
  Findings::Frame frame(findings, start.span, "in this use of `" + decl.name.text + "`");
  // The same start on the same set is one function.
  InstanceKey key(&decl);
  key.add(set.set->set);
  std::vector<ExprPtr> passed = set.args;
  passed.push_back(x);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Value &value = arguments[i];
    if (!value.isExpr()) {
      key.add(value, decl.params[i]);
      continue;
    }
    key.add(value.expr->type);
    passed.push_back(value.expr);
  }
  auto known = functions.instances.find(key);
  if (known != functions.instances.end())
    return functions.callFunction(known->second, std::move(passed), call);
  OpenTexts::Inside inside(openTexts, OpenTexts::Part::Body, decl, call);
  if (!inside)
    return nullptr;
  functions.instances[key] = nullptr;
  passed.clear();
  Function *function = functions.newFunction(decl.name.text, decl.span);
  auto scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  auto formal = [&](const std::string &name, const ExprPtr &value) {
    Local *param = sheet.local(name, value->type, decl.span);
    function->params.push_back(param);
    passed.push_back(value);
    return build.localRef(param, decl.span);
  };
  Value inner;
  inner.kind = Value::Kind::Set;
  inner.set = set.set;
  for (size_t i = 0; i < set.args.size(); ++i)
    inner.args.push_back(formal(set.set->set->params[i]->name, set.args[i]));
  ExprPtr point = formal(decl.point.text, x);
  for (size_t i = 0; i < decl.params.size() && i < arguments.size(); ++i) {
    const Value &value = arguments[i];
    scope->names[decl.params[i].name.text] =
        value.isExpr() ? Value::of(formal(decl.params[i].name.text, value.expr)) : value;
  }
  scope->names[decl.set.text] = inner;
  scope->names[decl.point.text] = Value::of(point);
  Env body;
  body.scope = std::make_shared<Scope>(scope);
  body.stmts = &function->body.stmts;
  body.weight = set.set->weight;
  Value value = callChecker.checkBody(decl.body, body, false);
  function->body.value = exprChecker.expectExpr(value, call);
  if (!function->body.value)
    return nullptr;
  if (function->body.value->type.shape != x->type.shape) {
    findings
        .report(diag::Code::ShapeMismatch, decl.span,
                "the start `" + decl.name.text + "` does not return a point")
        .label(function->body.value->type.str())
        .found(function->body.value->type.str())
        .expected(x->type.str())
        .help("it must have the shape of `" + decl.point.text + "`");
    return nullptr;
  }
  sheet.experiment->functions.push_back(function);
  functions.instances[key] = function;
  return functions.callFunction(function, std::move(passed), call);
}

} // namespace advx::sema
