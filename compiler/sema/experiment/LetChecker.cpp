//===- LetChecker.cpp - The `let` lines of a page ------------------------===//

#include "compiler/sema/experiment/LetChecker.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/DrawChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

void LetChecker::fail(const syntax::Item &item) {
  for (const syntax::Name &name : item.pattern)
    binder.declareName(*sheet.pageScope, name, Value());
}

Value LetChecker::valueOf(const syntax::Item &item, size_t place, Env &env) {
  if (item.pattern.size() == 1)
    return exprChecker.check(*item.value, env);
  // Of a list, only the part that the name stands for.
  if (item.value->kind == Kind::List && item.value->args.size() == item.pattern.size() &&
      !item.value->args[place].key)
    return exprChecker.check(*item.value->args[place].value, env);
  std::vector<Value> parts = exprChecker.checkParts(*item.value, item.pattern.size(), env);
  return place < parts.size() ? parts[place] : Value::error();
}

void LetChecker::checkLet(const syntax::Item &item) {
  Kind kind = item.value->kind;
  if (kind == Kind::Argmax || kind == Kind::Best || kind == Kind::Worst) {
    findings.unsupported(item.value->span, "an adversary bound by `let`", "bind it with `inner`");
    return fail(item);
  }
  for (size_t place = 0; place < item.pattern.size(); ++place) {
    const syntax::Name &name = item.pattern[place];
    const bool isPart = item.pattern.size() > 1 && kind == Kind::List &&
                        item.value->args.size() == item.pattern.size();
    const Span text = isPart ? item.value->args[place].span : item.value->span;
    size_t index = pageLets.size();
    pageLets.push_back({&item, place, true});
    PageEnv env(sheet.pageScope);
    env.mode = Mode::Train;
    env.role = name.text;
    const size_t settings = sheet.experiment->settings.size();
    const unsigned errors = engine.errorCount();
    Value value = valueOf(item, place, env);
    pageLets[index].active = false;
    if (value.isError() && engine.errorCount() != errors && place == 0)
      return fail(item);
    // The text of tensors is read anew at each use, where its calls are no settings.
    if (!value.isNumber())
      settingTable.takeBack(settings);
    if (value.isNumber()) {
      Type::Element element = value.expr->type.element;
      // `let beta = 6` may be set to 6.5: only a count is an integer.
      if (element == Type::Element::Int)
        element = Type::Element::Real;
      value = Value::of(settingTable.setting(name.text, element, value.expr, findings.source(text),
                                             false, name.span));
    } else if (value.isTensor() || value.isWeights()) {
      value = Value();
      value.kind = Value::Kind::PageLet;
      value.index = index;
    }
    binder.declareName(*sheet.pageScope, name, value);
  }
}

void LetChecker::declare(const syntax::Item &item, size_t index) {
  Value value;
  value.kind = Value::Kind::PageLet;
  value.index = index;
  binder.declareName(*sheet.pageScope, item.name, value);
}

void LetChecker::checkDraw(const syntax::Item &item) {
  size_t index = pageLets.size();
  pageLets.push_back({&item, 0, true});
  PageEnv env(sheet.pageScope);
  env.mode = Mode::Train;
  // Read once for its mistakes; each use makes its own. Its derived settings stay: what is made
  // once for all uses, as the set of `uniform(SET)`, reads them.
  std::vector<Stmt> unread;
  bool isRight = sheet.dataReady && !make(item, 0, env, unread).isError();
  pageLets[index].active = false;
  if (isRight)
    declare(item, index);
  else
    binder.declareName(*sheet.pageScope, item.name, Value());
}

void LetChecker::checkState(const syntax::Item &item) {
  pageLets.push_back({&item});
  if (sheet.dataReady && stateChecker.declare(item))
    declare(item, pageLets.size() - 1);
  else
    binder.declareName(*sheet.pageScope, item.name, Value());
}

bool LetChecker::isLet(size_t index) const {
  return pageLets[index].item->kind == syntax::Item::Kind::Let;
}

Value LetChecker::make(const syntax::Item &item, size_t place, Env &env, std::vector<Stmt> &out) {
  switch (item.kind) {
  case syntax::Item::Kind::Draw:
    return Value::of(drawChecker.check(
        {item.name, *item.value, item.like.get(), item.per, item.span, /*ofPage=*/true}, env, out));
  case syntax::Item::Kind::State:
    return stateChecker.read(item.name);
  default:
    return valueOf(item, place, env);
  }
}

Value LetChecker::pageLet(size_t index, Span use, Env &env) {
  if (!env.page) {
    findings
        .report(diag::Code::WrongType, use,
                isLet(index) ? "this `let` is computed by the step and cannot shape a number"
                             : "what is drawn or kept is of the step and cannot shape a number")
        .label("used here")
        .found(isLet(index) ? "a `let` of tensors" : "a `draw` or `state`")
        .expected("a constant or a schedule")
        .help("use a `let` of constants, `epoch` or `iteration`");
    return Value::error();
  }
  Let &let = pageLets[index];
  auto it = env.page->lets.find(index);
  if (it == env.page->lets.end()) {
    if (let.active)
      return Value::error();
    let.active = true;
    PageBlock::Instance instance;
    Env inner = env;
    inner.scope = sheet.pageScope;
    inner.stmts = &instance.stmts;
    inner.body = nullptr;
    instance.value = make(*let.item, let.place, inner, instance.stmts);
    const syntax::Name &name = isLet(index) ? let.item->pattern[let.place] : let.item->name;
    const bool isNamed =
        instance.value.isExpr() && instance.value.expr->kind == Expr::Kind::Local && !isLet(index);
    if (instance.value.isWeights()) {
      instance.value = callChecker.bindWeights(instance.value, name, use, instance.stmts);
    } else if (instance.value.isTensor() && !isNamed) {
      Stmt stmt;
      stmt.kind = Stmt::Kind::Let;
      stmt.span = let.item->span;
      stmt.local = sheet.local(name.text, instance.value.expr->type, name.span);
      stmt.value = instance.value.expr;
      instance.value = Value::of(build.localRef(stmt.local, use));
      instance.stmts.push_back(std::move(stmt));
    }
    let.active = false;
    it = env.page->lets.emplace(index, std::move(instance)).first;
  }
  Value value = it->second.value;
  if (value.isWeights())
    return weightRules.ofWhole(build.localRef(value.expr->local, use));
  if (value.isExpr() && value.expr->kind == Expr::Kind::Local)
    return Value::of(build.localRef(value.expr->local, use));
  return value;
}

} // namespace advx::sema
