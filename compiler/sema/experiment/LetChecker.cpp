//===- LetChecker.cpp - The `let` lines of a page ------------------------===//

#include "compiler/sema/experiment/LetChecker.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/DrawChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

void LetChecker::checkLet(const syntax::Item &item) {
  Value bad;
  auto fail = [&] {
    for (const syntax::Name &name : item.pattern)
      binder.declareName(*sheet.pageScope, name, bad);
  };
  if (item.pattern.size() != 1) {
    // The names inside are checked all the same.
    PageEnv env(sheet.pageScope);
    exprChecker.check(*item.value, env);
    findings.unsupported(item.span, "a `let` of several names", "write one `let` for each name");
    return fail();
  }
  const syntax::Name &name = item.pattern[0];
  Kind kind = item.value->kind;
  if (kind == Kind::Argmax || kind == Kind::Best || kind == Kind::Worst) {
    findings.unsupported(item.value->span, "an adversary bound by `let`", "bind it with `inner`");
    return fail();
  }
  size_t index = pageLets.size();
  pageLets.push_back({&item, true});
  PageEnv env(sheet.pageScope);
  env.mode = Mode::Train;
  env.role = name.text;
  const size_t settings = sheet.experiment->settings.size();
  Value value = exprChecker.check(*item.value, env);
  pageLets[index].active = false;
  // The text of tensors is read anew at each use, where its calls are no settings.
  if (!value.isNumber())
    sheet.experiment->settings.resize(settings);
  if (value.isNumber()) {
    Type::Element element = value.expr->type.element;
    // `let beta = 6` may be set to 6.5: only a count is an integer.
    if (element == Type::Element::Int)
      element = Type::Element::Real;
    value = Value::of(settingTable.setting(name.text, element, value.expr,
                                           findings.source(item.value->span), false, name.span));
  } else if (value.isTensor()) {
    value = Value();
    value.kind = Value::Kind::PageLet;
    value.index = index;
  }
  binder.declareName(*sheet.pageScope, name, value);
}

void LetChecker::declare(const syntax::Item &item, size_t index) {
  Value value;
  value.kind = Value::Kind::PageLet;
  value.index = index;
  binder.declareName(*sheet.pageScope, item.name, value);
}

void LetChecker::checkDraw(const syntax::Item &item) {
  size_t index = pageLets.size();
  pageLets.push_back({&item, true});
  PageEnv env(sheet.pageScope);
  env.mode = Mode::Train;
  // Read once for its mistakes; each use makes its own.
  const size_t settings = sheet.experiment->settings.size();
  std::vector<Stmt> unread;
  bool isRight = sheet.dataReady && !make(item, env, unread).isError();
  pageLets[index].active = false;
  sheet.experiment->settings.resize(settings);
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

Value LetChecker::make(const syntax::Item &item, Env &env, std::vector<Stmt> &out) {
  switch (item.kind) {
  case syntax::Item::Kind::Draw:
    return Value::of(drawChecker.check(
        {item.name, *item.value, item.like.get(), item.per, item.span, /*ofPage=*/true}, env, out));
  case syntax::Item::Kind::State:
    return Value::of(stateChecker.read(item.name));
  default:
    return exprChecker.check(*item.value, env);
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
    instance.value = make(*let.item, inner, instance.stmts);
    const bool isNamed =
        instance.value.isExpr() && instance.value.expr->kind == Expr::Kind::Local && !isLet(index);
    if (instance.value.isTensor() && !isNamed) {
      const syntax::Name &name = isLet(index) ? let.item->pattern[0] : let.item->name;
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
  if (value.isExpr() && value.expr->kind == Expr::Kind::Local)
    return Value::of(build.localRef(value.expr->local, use));
  return value;
}

} // namespace advx::sema
