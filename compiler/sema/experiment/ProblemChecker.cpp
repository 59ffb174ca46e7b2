//===- ProblemChecker.cpp - The inner problems and the outer one ---------===//

#include "compiler/sema/experiment/ProblemChecker.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/adversaries/OptimizerChecker.h"
#include "compiler/sema/experiment/LetChecker.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

/// While it lives, `y` of the page is the label that training sees.
class TrainingLabel {
public:
  TrainingLabel(Sheet &sheet, Expressions &build) : sheet(sheet), build(build) {
    bind(sheet.experiment->trainingLabel);
  }
  ~TrainingLabel() { bind(sheet.experiment->y); }
  TrainingLabel(const TrainingLabel &) = delete;
  TrainingLabel &operator=(const TrainingLabel &) = delete;

private:
  void bind(const Local *label) {
    if (sheet.experiment->trainingLabel != sheet.experiment->y)
      sheet.pageScope->names[label->name] = Value::of(build.localRef(label, label->span));
  }

  Sheet &sheet;
  Expressions &build;
};

} // namespace

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
  if (!sheet.dataReady)
    return fail();
  TrainingLabel label(sheet, build);
  // `inner.x` of x', `inner.x2` of x''.
  const std::string plain = withoutPrimes(name.text);
  const size_t primes = name.text.size() - plain.size();
  std::string path = inners > 1 ? "inner." + plain : "inner";
  if (inners > 1 && primes > 1)
    path += std::to_string(primes);
  const Adversary *adversary = checkProblem(value, path, name, sheet.pageScope);
  if (!adversary)
    return fail();
  // The set of the page as it stands takes a label.
  for (size_t i = 0; i < adversary->setArgs.size(); ++i)
    if (adversary->set->params[i]->type.isLabel() && !adversary->setArgs[i]->type.isLabel()) {
      findings
          .report(diag::Code::WrongType, value.span,
                  "this set depends on the one class of an image")
          .label("searched here")
          .found("labels that an augmentation makes distributions over the classes")
          .expected("a set of the image alone")
          .help("leave out the augmentation that names the label, or give all classes one set")
          .note(adversary->set->span, "the set");
      return fail();
    }
  sheet.experiment->inner.push_back(adversary);
  ++innerLines;
  ExprPtr read = build.localRef(adversary->variable, name.span);
  binder.declareName(*sheet.pageScope, name,
                     read->type.isWeights() ? weightRules.ofWhole(read) : Value::of(read));
}

Adversary *ProblemChecker::checkProblem(const syntax::Expr &value, const std::string &path,
                                        const syntax::Name &name, const ScopePtr &scope) {
  const Value *known = value.kind == Kind::Name ? uses.find(*scope, value) : nullptr;
  if (known && known->kind == Value::Kind::Candidate)
    return checkProblem(*known->written, path, name, known->scope);
  switch (value.kind) {
  case Kind::Argmax:
    return adversaryChecker.checkAdversary(value, path, name, scope, true, nullptr);
  case Kind::Best:
    return checkBest(value, path, name, scope);
  case Kind::If:
    return checkChoice(value, path, name, scope);
  case Kind::Worst:
    findings.report(diag::Code::WrongKind, value.span, "`worst` has no point to train on")
        .label("says whether every attack fails")
        .found("`worst { … }`")
        .expected("one point for each example")
        .help("write `best A in [argmax …, argmax …] of A by E`: of each example the point with "
              "the largest E");
    return nullptr;
  default:
    findings.report(diag::Code::WrongKind, value.span, "`inner` binds an adversary")
        .label("not an adversary")
        .found("`" + findings.source(value.span) + "`")
        .expected("`argmax E over S by SOLVER`")
        .help("as in `inner x' = argmax ce(f(x'), y) over B(x) by pgd()`");
    return nullptr;
  }
}

std::optional<std::string> ProblemChecker::count(const syntax::Expr &expr, const std::string &path,
                                                 const std::string &what, int64_t least) {
  Env numbers;
  numbers.scope = sheet.pageScope;
  numbers.role = path;
  Value value = exprChecker.check(expr, numbers);
  if (value.isError())
    return std::nullopt;
  std::optional<Rational> exact = value.isNumber() ? build.evaluate(value.expr) : std::nullopt;
  if (!exact || !exact->isInteger() || *exact < Rational(least)) {
    findings.report(diag::Code::NotAnInteger, expr.span, what + " must be a whole number")
        .label("here")
        .found(exact ? "`" + exact->str() + "`" : value.str())
        .expected(least ? "1, 2, …" : "0, 1, 2, …")
        .help("write a constant");
    return std::nullopt;
  }
  if (!sizes.checkRange(exact->numerator(), least, limits::count, expr.span, what) ||
      !settingTable.setting(path, Type::Element::Int, value.expr, findings.source(expr.span), false,
                            expr.span))
    return std::nullopt;
  sheet.experiment->settings.back().range.minimum = static_cast<double>(least);
  sheet.experiment->settings.back().range.maximum = limits::count;
  return path;
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
  TrainingLabel label(sheet, build);
  Outer outer;
  outer.span = item.span;
  PageEnv env(sheet.pageScope);
  env.mode = Mode::Train;
  ExprPtr loss = exprChecker.checkExpr(*item.value, env);
  PageEnv after(sheet.pageScope);
  for (const syntax::Item::Update &update : item.updates)
    if (update.afterStep)
      stateChecker.update(update, after, outer.then);
    else
      stateChecker.update(update, env, outer.also);
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
  std::optional<std::string> epochs = count(*item.count, "outer.epochs", "the number of epochs", 0);
  if (item.replays && !(outer.replays = count(*item.replays, "outer.replays",
                                              "the number of steps on each batch", 1)))
    return;
  outer.epochs = epochs.value_or("");
  if (!loss || !optimizer || outer.epochs.empty())
    return;
  finishBlock(outer.loss, env, loss);
  Block rest;
  after.begin(rest);
  outer.after = std::move(rest.stmts);
  for (const auto &[index, instance] : env.lets.lets)
    if (const Value &value = instance.value; letChecker.isLet(index) && value.isTensor() &&
                                             value.expr->type.isScalar() &&
                                             value.expr->type.element != Type::Element::Int)
      outer.terms.push_back(value.expr->local);
  outer.optimizer = std::move(*optimizer);
  sheet.experiment->outer = std::move(outer);
}

} // namespace advx::sema
