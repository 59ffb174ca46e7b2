//===- Lints.cpp - Pages that are valid and probably not what was meant -------===//
//
// Every lint asks what the checked page computes, never what something is called:
// a renamed loss, solver or head gets the same answer. Each has a find and a say.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/lints/Lints.h"
#include "compiler/sema/Visit.h"

#include <cmath>
#include <deque>
#include <sstream>

namespace advx::sema {

namespace {

/// What the locals of a solver and of the functions it calls stand for.
/// Each value comes with the bindings that its own locals have.
struct Bindings {
  std::map<const Local *, std::pair<ExprPtr, Bindings *>> values;
};
using BindingsPtr = Bindings *;

} // namespace

class LintChecker : Room {
public:
  explicit LintChecker(const Tools &tools) : Room(tools), e(*sheet.experiment) {}

  void run() {
    for (const Adversary *adversary : e.inner)
      visitAdversary(*adversary, true);
    for (const Evaluation &evaluation : e.evaluations)
      for (const EvaluationItem &item : evaluation.items)
        if (item.adversary)
          visitAdversary(*item.adversary, false);
    for (const Set *set : e.sets)
      pixelRadius(*set);
    for (const Model *model : e.models)
      otherUnits(*model);
    oneScale();
    selectionOnTest();
    unusedAdversary();
  }

private:
  void visitAdversary(const Adversary &adversary, bool training) {
    marginInAttack(adversary);
    if (training)
      startsAtStationaryPoint(adversary);
    shortAttack(adversary);
  }

  //--- Values ------------------------------------------------------------------

  BindingsPtr bindingsOf(const std::vector<Stmt> &stmts) {
    BindingsPtr bindings = &allBindings.emplace_back();
    for (const Stmt &stmt : stmts)
      if (stmt.kind == Stmt::Kind::Let || stmt.kind == Stmt::Kind::Var)
        bindings->values[stmt.local] = {stmt.value, bindings};
    return bindings;
  }

  BindingsPtr enter(const Expr &call, BindingsPtr outside) {
    BindingsPtr &inside = entered[{&call, outside}];
    if (inside)
      return inside;
    inside = bindingsOf(call.function->body.stmts);
    for (size_t i = 0; i < call.args.size() && i < call.function->params.size(); ++i)
      inside->values[call.function->params[i]] = {call.args[i], outside};
    return inside;
  }

  std::optional<double> number(const ExprPtr &expr, BindingsPtr bindings) {
    auto [known, isNew] = numbers.try_emplace({expr.get(), bindings});
    if (isNew) {
      std::optional<double> value = computeNumber(expr, bindings);
      numbers[{expr.get(), bindings}] = value;
      return value;
    }
    return known->second;
  }

  std::optional<double> computeNumber(const ExprPtr &expr, BindingsPtr bindings) {
    if (expr->kind == Expr::Kind::Local) {
      auto it = bindings->values.find(expr->local);
      return it == bindings->values.end() ? std::nullopt
                                          : number(it->second.first, it->second.second);
    }
    if (expr->kind == Expr::Kind::Op && expr->type.isNumber() && !expr->args.empty()) {
      auto copy = std::make_shared<Expr>(*expr);
      for (ExprPtr &arg : copy->args)
        if (arg->kind == Expr::Kind::Local && number(arg, bindings))
          arg = exact(arg, bindings);
      for (const ExprPtr &arg : copy->args)
        if (!arg)
          return std::nullopt;
      return build.evaluateReal(copy);
    }
    return build.evaluateReal(expr);
  }

  ExprPtr exact(const ExprPtr &expr, BindingsPtr bindings) {
    auto it = bindings->values.find(expr->local);
    return it == bindings->values.end() ? nullptr
           : it->second.first->kind == Expr::Kind::Local
               ? exact(it->second.first, it->second.second)
               : it->second.first;
  }

  /// Whether `expr` is the clean example whatever is drawn.
  bool isClean(const ExprPtr &expr, BindingsPtr bindings) {
    auto [known, isNew] = clean.try_emplace({expr.get(), bindings}, false);
    if (!isNew)
      return known->second;
    return clean[{expr.get(), bindings}] = computeClean(expr, bindings);
  }

  bool computeClean(const ExprPtr &expr, BindingsPtr bindings) {
    if (expr->kind == Expr::Kind::Local) {
      if (expr->local == e.x)
        return true;
      auto it = bindings->values.find(expr->local);
      return it != bindings->values.end() && isClean(it->second.first, it->second.second);
    }
    if (expr->kind == Expr::Kind::Call)
      return isClean(expr->function->body.value, enter(*expr, bindings));
    if (expr->kind != Expr::Kind::Op)
      return false;
    if (expr->name == "add")
      return (isClean(expr->args[0], bindings) && isZero(expr->args[1], bindings)) ||
             (isZero(expr->args[0], bindings) && isClean(expr->args[1], bindings));
    // The clean example lies in its set, so clipping to it changes nothing.
    return expr->name == "clip" && isClean(expr->args[0], bindings);
  }

  bool isZero(const ExprPtr &expr, BindingsPtr bindings) {
    auto [known, isNew] = zero.try_emplace({expr.get(), bindings}, false);
    if (!isNew)
      return known->second;
    return zero[{expr.get(), bindings}] = computeZero(expr, bindings);
  }

  bool computeZero(const ExprPtr &expr, BindingsPtr bindings) {
    if (expr->type.isNumber()) {
      std::optional<double> value = number(expr, bindings);
      return value && *value == 0;
    }
    if (expr->kind == Expr::Kind::Local) {
      auto it = bindings->values.find(expr->local);
      return it != bindings->values.end() && isZero(it->second.first, it->second.second);
    }
    if (expr->kind != Expr::Kind::Op)
      return false;
    if (expr->name == "mul")
      return isZero(expr->args[0], bindings) || isZero(expr->args[1], bindings);
    return expr->name == "sub" && isClean(expr->args[0], bindings) &&
           isClean(expr->args[1], bindings);
  }

  //--- The lints -------------------------------------------------------------------

  /// The logits "given y" of a head whose given logits differ, inside an attack.
  void marginInAttack(const Adversary &adversary) {
    visitExprs(adversary.objective, [&](const Expr &expr) {
      if (expr.kind != Expr::Kind::Logits || !expr.given ||
          expr.head->logits == expr.head->logitsGiven)
        return;
      findings
          .report(diag::Code::MarginInAttack, expr.span, "the attack sees the margin of the head")
          .label("logits given the label")
          .found("`" + findings.source(expr.span) + "` in an objective that is maximised")
          .expected("the logits that the model is judged by")
          .help("write `" + expr.head->name + "(" + adversary.variable->name + ")` without `| " +
                e.y->name + "`")
          .note(expr.head->span, "the head, whose `logits given` differ from its `logits`");
    });
  }

  /// An objective that only compares the model at x' with the model at x has its
  /// minimum, and gradient zero, at x' = x: a search must not start there.
  void startsAtStationaryPoint(const Adversary &adversary) {
    bool atClean = false, atAdversary = false;
    visitExprs(adversary.objective, [&](const Expr &expr) {
      if (expr.kind != Expr::Kind::Apply || expr.args[0]->kind != Expr::Kind::Local)
        return;
      atClean |= expr.args[0]->local == e.x;
      atAdversary |= expr.args[0]->local == adversary.variable;
    });
    if (!atClean || !atAdversary || mentions(adversary.objective, e.y))
      return;
    BindingsPtr bindings = bindingsOf(adversary.solver);
    const Local *from = nullptr;
    visitExprs(adversary.solver, [&](const Expr &expr) {
      if (expr.kind == Expr::Kind::Gradient && !from)
        from = expr.local;
    });
    auto it = bindings->values.find(from);
    if (!from ||
        (from != e.x && (it == bindings->values.end() || !isClean(it->second.first, bindings))))
      return;
    findings
        .report(diag::Code::StartsAtStationaryPoint, adversary.span,
                "the attack starts where its gradient is exactly zero")
        .label("begins at the clean example")
        .found("`" + adversary.solverText + "` of `" + adversary.objectiveText + "`")
        .expected("a start away from `" + e.x->name + "`, where the two forwards differ")
        .help("add `start = gaussian(0.001)` or another random start");
  }

  void findSteps(const std::vector<Stmt> &stmts, double count, const Adversary &adversary,
                 BindingsPtr bindings, double &reach, bool &unknown) {
    for (const Stmt &stmt : stmts) {
      if (stmt.kind == Stmt::Kind::Repeat) {
        std::optional<double> times = number(stmt.value, bindings);
        if (!times)
          unknown = true;
        else
          findSteps(stmt.body, (count ? count : 1) * *times, adversary, bindings, reach, unknown);
        continue;
      }
      if (count)
        visitExprs(stmt.value, [&](const Expr &expr) {
          if (expr.kind != Expr::Kind::Op || expr.name != "mul")
            return;
          for (int side = 0; side < 2; ++side) {
            const ExprPtr &direction = expr.args[side];
            if (direction->kind != Expr::Kind::Call ||
                direction->function != adversary.set->steepest)
              continue;
            std::optional<double> step = expr.args[1 - side]->type.isNumber()
                                             ? number(expr.args[1 - side], bindings)
                                             : std::nullopt;
            if (step)
              reach += count * *step;
            else
              unknown = true;
          }
        });
      findSteps(stmt.body, count, adversary, bindings, reach, unknown);
      findSteps(stmt.orElse, count, adversary, bindings, reach, unknown);
    }
  }

  /// Repeated steps of constant length whose sum stays below the radius.
  void shortAttack(const Adversary &adversary) {
    if (!adversary.set->steepest || !adversary.set->radius)
      return;
    std::optional<double> radius = build.evaluateReal(adversary.set->radius->body.value);
    double reach = 0;
    bool unknown = false;
    findSteps(adversary.solver, 0, adversary, bindingsOf(adversary.solver), reach, unknown);
    // Sums of rounded products may fall short by rounding alone.
    if (!radius || unknown || reach == 0 || reach >= *radius * (1 - 1e-9))
      return;
    std::ostringstream found;
    found << "steps that add up to " << reach << " in a set of radius " << *radius;
    findings.report(diag::Code::ShortAttack, adversary.span, "the attack cannot cross its set")
        .label("too short")
        .found(found.str())
        .expected("steps × step of at least the radius")
        .help("use more steps or longer ones; 2.5 × radius / steps is usual");
  }

  /// A ball of the maximum norm (its steepest direction is the sign) wider than the data's range.
  void pixelRadius(const Set &set) {
    if (!set.radius || !set.steepest)
      return;
    std::optional<double> radius = build.evaluateReal(set.radius->body.value);
    const Expr *direction = set.steepest->body.value.get();
    while (direction->kind == Expr::Kind::Call)
      direction = direction->function->body.value.get();
    bool signs = direction->kind == Expr::Kind::Op && direction->name == "sign";
    if (!radius || !signs || *radius <= e.data.high - e.data.low)
      return;
    std::ostringstream found, help;
    found << "a radius of " << *radius << " on data between " << e.data.low << " and "
          << e.data.high;
    help << "write `" << *radius << "/255` if pixels are meant";
    findings.report(diag::Code::PixelRadius, set.span, "the radius covers every image")
        .label("larger than the range of the data")
        .found(found.str())
        .expected("a radius below the range of the data")
        .help(help.str());
  }

  /// Whether a value changes other than in proportion when the logits are scaled.
  bool isExponential(const Expr &expr) {
    static const std::set<std::string> names = {"exp", "softmax", "log_softmax", "log_sum_exp"};
    if (expr.kind == Expr::Kind::Op)
      return names.count(expr.name);
    if (expr.kind != Expr::Kind::Call)
      return false;
    auto [known, isNew] = exponential.try_emplace(expr.function, false);
    if (!isNew)
      return known->second;
    bool found = false;
    visitExprs(expr.function->body, [&](const Expr &inner) { found |= isExponential(inner); });
    return exponential[expr.function] = found;
  }

  /// A head whose logits are one of its numbers times something. Multiplying the
  /// logits changes what a softmax attack sees and no decision; an evaluation must
  /// try two values of it or an objective that scales with the logits.
  void oneScale() {
    for (const Head *head : e.heads) {
      size_t scale = SIZE_MAX;
      if (head->logits->kind == Expr::Kind::Op && head->logits->name == "mul")
        for (const ExprPtr &factor : head->logits->args)
          for (size_t i = 0; i < head->numbers.size(); ++i)
            if (factor->kind == Expr::Kind::Local && factor->local == head->numbers[i])
              scale = i;
      if (scale == SIZE_MAX)
        continue;
      std::set<double> values;
      bool safe = false;
      const Adversary *last = nullptr;
      for (const Evaluation &evaluation : e.evaluations)
        for (const EvaluationItem &item : evaluation.items) {
          if (!item.adversary)
            continue;
          bool isProportional = true, uses = false;
          visitExprs(item.adversary->objective, [&](const Expr &expr) {
            isProportional &= !isExponential(expr);
            if (expr.kind != Expr::Kind::Logits || expr.head != head)
              return;
            uses = true;
            std::optional<double> value = build.evaluateReal(expr.args[1 + scale]);
            safe |= !value;
            if (value)
              values.insert(*value);
          });
          safe |= uses && isProportional;
          if (uses)
            last = item.adversary;
        }
      if (!last || safe || values.size() != 1)
        continue;
      std::ostringstream found;
      found << "every attack at `" << head->numbers[scale]->name << " = " << *values.begin() << "`";
      findings
          .report(diag::Code::OneScale, last->span, "a scaled head is attacked at one scale only")
          .label("no attack at another scale")
          .found(found.str())
          .expected("a second scale, or a loss that scales with the logits")
          .help("add `argmax … " + head->name + "(" + last->variable->name + ", " +
                head->numbers[scale]->name + " = 1) …` or a margin loss")
          .note(head->span, "its logits are `" + head->numbers[scale]->name + "` times a vector");
    }
  }

  /// The largest magnitude among constants, one or one for each channel.
  std::optional<double> largest(const ExprPtr &numbers) {
    if (numbers->kind != Expr::Kind::Op ||
        (numbers->name != "broadcast" && numbers->name != "constant_list"))
      return build.evaluateReal(numbers);
    std::optional<double> result;
    for (const ExprPtr &part : numbers->args)
      if (std::optional<double> value = largest(part))
        result = std::max(result.value_or(0), std::abs(*value));
    return result;
  }

  /// A network that begins with (x - mean) / std, where x is between low and high: a mean of such
  /// numbers is one of them, and their standard deviation at most half of what lies between.
  void otherUnits(const Model &model) {
    visitExprs(model.forward, [&](const Expr &expr) {
      if (expr.kind != Expr::Kind::Op || expr.name != "div" ||
          expr.args[0]->kind != Expr::Kind::Op || expr.args[0]->name != "sub" ||
          expr.args[0]->args[0]->kind != Expr::Kind::Local ||
          expr.args[0]->args[0]->local != model.input)
        return;
      std::optional<double> mean = largest(expr.args[0]->args[1]), std = largest(expr.args[1]);
      double width = e.data.high - e.data.low;
      double limit = std::max(std::abs(e.data.low), std::abs(e.data.high));
      bool isMean = mean && std::abs(*mean) > limit, isStd = std && *std > width;
      if (!isMean && !isStd)
        return;
      std::ostringstream found, help;
      found << "a " << (isMean ? "mean of " : "standard deviation of ") << (isMean ? *mean : *std)
            << " on data between " << e.data.low << " and " << e.data.high;
      help << "divide by 255 if bytes are meant: the data's `range` says what a network gets";
      findings
          .report(diag::Code::OtherUnits, expr.span, "the images are standardised in other units")
          .label(isMean ? "a mean that no image has" : "a deviation that no images have")
          .found(found.str())
          .expected("numbers in the units of the data's range")
          .help(help.str());
    });
  }

  void selectionOnTest() {
    if (!e.keep)
      return;
    for (const Evaluation &evaluation : e.evaluations)
      if (evaluation.name == e.keep->evaluation && evaluation.split == "test")
        for (const syntax::Item &item : sheet.page->items)
          if (item.kind == syntax::Item::Kind::Keep)
            findings
                .report(diag::Code::SelectionOnTest, item.span,
                        "the model is selected on the test split")
                .label("chooses by test accuracy")
                .found("`" + e.keep->evaluation + "." + e.keep->item + "`, measured on `test`")
                .expected("a validation split")
                .help("set `valid = 1000` in `data` and evaluate `on valid`")
                .note(evaluation.span, "the evaluation");
  }

  /// An inner problem whose point enters neither the loss nor, through another inner
  /// problem, what does.
  void unusedAdversary() {
    // A line that cannot be read may use it.
    if (engine.hasErrors())
      return;
    std::set<const Local *> used;
    auto use = [&](const Expr &expr) {
      if (expr.kind == Expr::Kind::Local)
        used.insert(expr.local);
    };
    if (e.outer)
      visitExprs(e.outer->loss, use);
    for (auto it = e.inner.rbegin(); it != e.inner.rend(); ++it) {
      const Adversary &adversary = **it;
      const std::string &name = adversary.variable->name;
      if (used.count(adversary.variable)) {
        visitExprs(adversary.objective, use);
        if (adversary.until)
          visitExprs(*adversary.until, use);
        for (const ExprPtr &argument : adversary.setArgs)
          visitExprs(argument, use);
        visitExprs(adversary.solver, use);
        continue;
      }
      findings
          .report(diag::Code::UnusedAdversary, adversary.variable->span,
                  "`" + name + "` is not used")
          .label("found for nothing")
          .found(e.outer ? "`outer` without `" + name + "`" : "no `outer`")
          .expected("`" + name + "` in what `outer` minimises")
          .help("write `" + name + "` where the training sees the adversary, or remove `inner`");
    }
  }

  const Experiment &e;
  /// Owns the bindings, which point to one another and to themselves.
  std::deque<Bindings> allBindings;
  /// What is known already: values have several readers, and are looked at once.
  using Place = std::pair<const Expr *, const Bindings *>;
  std::map<Place, BindingsPtr> entered;
  std::map<Place, std::optional<double>> numbers;
  std::map<Place, bool> clean, zero;
  std::map<const Function *, bool> exponential;
};

void lint(const Tools &tools) { LintChecker(tools).run(); }

} // namespace advx::sema
