//===- WeightStatements.cpp - Variables that hold weights ----------------------===//

#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/StatementChecker.h"

namespace advx::sema {

using Kind = syntax::Stmt::Kind;

void StatementChecker::assignWeights(const syntax::Stmt &stmt, const Local &variable,
                                     const Value &value, const Env &env, std::vector<Stmt> &out) {
  if (value.isError())
    return;
  const BodyState &body = *env.body;
  const std::string &name = stmt.target->text;
  if (!value.isWeights() || value.group != variable.type.group) {
    findings
        .report(diag::Code::WrongType, stmt.value->span,
                "the value does not fit the variable `" + name + "`")
        .label(value.str())
        .found(value.str())
        .expected(variable.type.str())
        .help("a variable keeps its tensors")
        .note(variable.span, "declared here as " + variable.type.str());
    return;
  }
  bool ofExample = body.stopsExamples && (body.loops || body.stopped);
  for (const Type &condition : body.conditions)
    ofExample |= condition.perExample;
  if (ofExample) {
    findings.report(diag::Code::WrongType, stmt.span, "weights are the same for all examples")
        .label("changed for some examples only")
        .found("a condition on the example")
        .expected("a condition that all examples share")
        .help("ask for the batch, as in `batch_mean(…) > 0`")
        .note(variable.span, "declared here");
    return;
  }
  Stmt result;
  result.kind = Stmt::Kind::Assign;
  result.span = stmt.span;
  result.local = &variable;
  result.value = weightRules.whole(value, stmt.value->span);
  if (result.value)
    out.push_back(std::move(result));
}

/// A `let` or `var` of weights, or a `let` of one number for each tensor.
Value StatementChecker::declareWeights(const syntax::Stmt &stmt, const Value &value, Env &env,
                                       std::vector<Stmt> &out) {
  const syntax::Name &name = stmt.pattern[0];
  const bool isVar = stmt.kind == Kind::Var;
  auto let = [&](ExprPtr of) {
    Stmt result;
    result.kind = isVar ? Stmt::Kind::Var : Stmt::Kind::Let;
    result.span = stmt.span;
    result.local = sheet.local(name.text, of->type, name.span);
    result.value = std::move(of);
    ExprPtr read = build.localRef(result.local, name.span);
    out.push_back(std::move(result));
    return read;
  };
  if (!isVar && WeightRules::isNumbers(value))
    return weightRules.each({value}, name.span,
                            [&](std::vector<Value> at) { return Value::of(let(at[0].expr)); });
  ExprPtr whole = weightRules.whole(value, stmt.value->span);
  if (!whole)
    return Value::error();
  ExprPtr read = let(whole);
  if (isVar)
    env.body->variables[read->local] = &stmt;
  return weightRules.ofWhole(read);
}

} // namespace advx::sema
