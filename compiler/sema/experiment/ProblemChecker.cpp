//===- ProblemChecker.cpp - The inner problems and the outer one ---------===//

#include "compiler/sema/experiment/ProblemChecker.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/adversaries/OptimizerChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

void ProblemChecker::checkInner(const syntax::Item &item, size_t inners) {
  Value bad;
  auto fail = [&] {
    for (const syntax::Name &name : item.pattern)
      binder.declareName(*sheet.pageScope, name, bad);
  };
  if (item.pattern.size() != 1) {
    findings.unsupported(item.span, "an inner problem over several variables");
    return fail();
  }
  const syntax::Name &name = item.pattern[0];
  const syntax::Expr &value = *item.value;
  if (value.kind != Kind::Argmax) {
    const char *what = value.kind == Kind::Best    ? "`best … of`"
                       : value.kind == Kind::Worst ? "`worst` in training"
                       : value.kind == Kind::If    ? "a choice between adversaries"
                                                   : nullptr;
    if (what)
      findings.unsupported(value.span, what);
    else
      findings.report(diag::Code::WrongKind, value.span, "`inner` binds an adversary")
          .label("not an adversary")
          .found("`" + findings.source(value.span) + "`")
          .expected("`argmax E over S by SOLVER`")
          .help("as in `inner x' = argmax ce(f(x'), y) over B(x) by pgd()`");
    return fail();
  }
  if (!sheet.dataReady)
    return fail();
  // `inner.x` of x', `inner.x2` of x''.
  const std::string plain = withoutPrimes(name.text);
  const size_t primes = name.text.size() - plain.size();
  std::string path = inners > 1 ? "inner." + plain : "inner";
  if (inners > 1 && primes > 1)
    path += std::to_string(primes);
  const Adversary *adversary =
      adversaryChecker.checkAdversary(value, path, name, sheet.pageScope, true, nullptr);
  if (!adversary)
    return fail();
  sheet.experiment->inner.push_back(adversary);
  ExprPtr read = build.localRef(adversary->variable, name.span);
  binder.declareName(*sheet.pageScope, name,
                     read->type.isWeights() ? weightRules.ofWhole(read) : Value::of(read));
}

void ProblemChecker::checkOuter(const syntax::Item &item) {
  if (outerSeen) {
    findings.report(diag::Code::RepeatedItem, item.span, "an experiment has one `outer`")
        .label("the second")
        .expected("one `outer` line")
        .help("add the losses up in one line");
    return;
  }
  outerSeen = true;
  if (!sheet.dataReady)
    return;
  if (item.replays)
    findings.unsupported(item.replays->span, "`each batch N times`");
  Outer outer;
  outer.span = item.span;
  PageEnv env(sheet.pageScope);
  env.mode = Mode::Train;
  ExprPtr loss = exprChecker.checkExpr(*item.value, env);
  for (const syntax::Item::Update &update : item.updates) {
    exprChecker.check(*update.value, env);
    findings.unsupported(update.span, update.afterStep ? "`then` updates of a state"
                                                       : "`also` updates of a state");
  }
  if (loss && (!loss->type.isScalar() || loss->type.element != Type::Element::Real)) {
    findings
        .report(diag::Code::WrongType, item.value->span,
                "`outer` minimises one number for each example")
        .label(loss->type.str())
        .found(loss->type.str())
        .expected("`real`")
        .help("reduce it, as in `sum(v)` or `norm(v)`");
    loss = nullptr;
  }
  if (loss && !loss->type.isTensor()) {
    findings
        .report(diag::Code::WrongType, item.value->span, "the loss does not depend on the model")
        .label("a constant")
        .found(loss->type.str())
        .expected("an expression of a head or of features")
        .help("as in `ce(f(x' | y), y)`");
    loss = nullptr;
  }
  bool trainable = false;
  for (const Leaf *leaf : sheet.experiment->leaves)
    trainable |= leaf->trainable;
  if (loss && !trainable && !sheet.experiment->leaves.empty())
    findings.report(diag::Code::NothingToTrain, item.span, "there is nothing to train")
        .label("this minimisation")
        .found("frozen models only")
        .expected("at least one model without `frozen`")
        .help("remove `frozen`, or remove `outer`");
  Env numbers;
  numbers.scope = sheet.pageScope;
  std::optional<Optimizer> optimizer =
      optimizerChecker.checkOptimizer(*item.by, numbers, outer.groups);
  numbers.role = "outer.epochs";
  Value epochs = exprChecker.check(*item.count, numbers);
  if (!epochs.isError()) {
    std::optional<Rational> exact = epochs.isNumber() ? build.evaluate(epochs.expr) : std::nullopt;
    if (!exact || !exact->isInteger() || *exact < Rational(0)) {
      findings
          .report(diag::Code::NotAnInteger, item.count->span,
                  "the number of epochs must be a whole number")
          .label("here")
          .found(exact ? "`" + exact->str() + "`" : epochs.str())
          .expected("0, 1, 2, …")
          .help("write a constant");
    } else if (sizes.checkRange(exact->numerator(), 0, limits::count, item.count->span,
                                "the number of epochs")) {
      settingTable.setting("outer.epochs", Type::Element::Int, epochs.expr,
                           findings.source(item.count->span), false, item.count->span);
      sheet.experiment->settings.back().range.minimum = 0;
      sheet.experiment->settings.back().range.maximum = limits::count;
      outer.epochs = "outer.epochs";
    }
  }
  if (!loss || !optimizer || outer.epochs.empty())
    return;
  finishBlock(outer.loss, env, loss);
  for (const auto &[index, instance] : env.lets.lets)
    if (const Value &value = instance.value; value.isTensor() && value.expr->type.isScalar() &&
                                             value.expr->type.element != Type::Element::Int)
      outer.terms.push_back(value.expr->local);
  outer.optimizer = std::move(*optimizer);
  sheet.experiment->outer = std::move(outer);
}

} // namespace advx::sema
