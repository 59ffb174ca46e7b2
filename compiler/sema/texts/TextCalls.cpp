//===- TextCalls.cpp - Calls of functions that are texts -------------------------===//
//
// A text with tensors among its arguments becomes a function, one for the types of each use; one of
// numbers alone is written out in place. Equal calls are read once.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

namespace advx::sema {

/// What the text returns as the type that it declares, or an error.
void CallChecker::checkResult(const Decl &decl, Value &result, Span use, Scope &scope) {
  if (result.kind == Value::Kind::List)
    result = Value::of(exprChecker.expectExpr(result, use));
  result = labels.asLabel(decl.result, result, decl.result.span);
  std::string expected;
  if (result.isError() || !typeRules.isKnownType(decl.result) ||
      typeRules.fits(decl.result, result, scope, expected))
    return;
  findings
      .report(diag::Code::WrongType, decl.result.span,
              "`" + decl.name.text + "` does not return what it declares")
      .label("declared type")
      .found(result.str())
      .expected(expected)
      .help("correct the type or the text");
  result = Value::error();
}

/// Numbers only: a formula of uniforms, written out in place.
Value CallChecker::callNumberText(const Decl &decl, std::vector<Value> values, Span use, Env &env) {
  NumberCallKey key(decl);
  bool isShared = env.role.empty();
  for (const Value &value : values) {
    isShared &= value.isNumber();
    if (isShared)
      key.add(*value.expr);
  }
  if (auto known = numberCalls.find(key); isShared && known != numberCalls.end())
    return known->second.second;
  Env inner = env;
  inner.scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  inner.page = nullptr;
  inner.body = nullptr;
  inner.role.clear();
  Value result;
  if (bindParams(decl, values, *inner.scope, use, nullptr, nullptr, false)) {
    result = checkBody(decl.body, inner, true);
    checkResult(decl, result, use, *inner.scope);
  }
  // With the values, whose addresses are in the key. A mistake is kept too: it has been said, and
  // a chain of calls would meet it again at each.
  if (isShared && (result.isNumber() || result.isError()))
    numberCalls.insert_or_assign(std::move(key), std::make_pair(std::move(values), result));
  return result;
}

Value CallChecker::callText(const Decl &decl, std::vector<Value> values, Span use, Env &env) {
  Findings::Frame frame(findings, use, "in this call of `" + decl.name.text + "`");
  OpenTexts::Inside inside(openTexts, OpenTexts::Part::Body, decl, use);
  if (!inside)
    return Value::error();
  bool tensors = false;
  for (const Value &value : values)
    tensors |= value.isTensor() || value.isWeights();
  if (!tensors)
    return callNumberText(decl, std::move(values), use, env);
  Value result;
  InstanceKey key(&decl);
  for (size_t i = 0; i < values.size(); ++i)
    key.add(values[i], decl.params[i]);
  auto scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  std::vector<const Local *> locals;
  std::vector<ExprPtr> passed;
  if (!bindParams(decl, values, *scope, use, &locals, &passed, true))
    return Value::error();
  auto known = functions.instances.find(key);
  const Function *function = known == functions.instances.end() ? nullptr : known->second;
  if (known == functions.instances.end()) {
    auto body = functions.newFunction(decl.name.text, decl.span);
    body->params = locals;
    Env inner;
    inner.scope = scope;
    inner.stmts = &body->body.stmts;
    inner.mode = env.mode;
    result = checkBody(decl.body, inner, false);
    checkResult(decl, result, use, *scope);
    ExprPtr value =
        result.isWeights() ? weightRules.whole(result, use) : exprChecker.expectExpr(result, use);
    body->body.value = value;
    if (value) {
      sheet.experiment->functions.push_back(body);
      function = body;
    }
    functions.instances[key] = function;
  }
  if (!function)
    return Value::error();
  ExprPtr call = functions.callFunction(function, passed, use);
  if (call && call->type.isWeights())
    return weightRules.ofWhole(call);
  // What a text makes of tensors is computed in the step, even where it is the same for all of
  // them: a setting cannot follow from it.
  if (call->type.isNumber()) {
    auto scalar = std::make_shared<Expr>(*call);
    scalar->type.kind = Type::Kind::Tensor;
    if (scalar->type.element == Type::Element::Int)
      scalar->type.element = Type::Element::Real;
    call = scalar;
  }
  return Value::of(call);
}

} // namespace advx::sema
