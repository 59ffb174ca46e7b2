//===- ScheduleRanges.cpp - Schedules that leave their range ----------------===//
//
// A number that has a range is looked at in every epoch and step before a run begins. How many
// epochs there are stands on the page, so what depends on the epoch alone is looked at here too.
// How many steps an epoch has only the data say: what depends on the step is refused here if it
// leaves its range for every likely number of them.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/experiment/ScheduleRanges.h"
#include "compiler/sema/Visit.h"

#include <algorithm>
#include <functional>
#include <set>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

namespace advx::sema {

namespace {

/// Values of schedules that are computed for one page, at most.
constexpr int64_t most = 10000;
/// Steps of an epoch that are tried: data sets have more than the first, few more than the last.
constexpr int64_t stepCounts[] = {10, 100, 1000, 10000};

class ScheduleRanges : Room {
public:
  explicit ScheduleRanges(const Tools &tools) : Room(tools), e(*sheet.experiment) {}

  void check() {
    if (!e.outer)
      return;
    readByTraining();
    std::vector<size_t> schedules;
    for (size_t index : read) {
      const Setting &setting = e.settings[index];
      if ((setting.range.minimum || setting.range.maximum) && dependsOn(setting.value).any())
        schedules.push_back(index);
    }
    std::optional<int64_t> epochs = epochCount();
    if (schedules.empty() || !epochs)
      return;
    int64_t share = std::max<int64_t>(most / int64_t(schedules.size()), 1);
    int64_t stride = *epochs / share + 1;
    for (size_t index : schedules)
      if (!followsFromBad(e.settings[index].value) &&
          !(dependsOn(e.settings[index].value).step
                ? staysInRange(e.settings[index], *epochs, share)
                : staysInEpochs(e.settings[index], *epochs, stride)))
        bad.insert(index);
  }

private:
  using Known = std::unordered_map<const Expr *, ExprPtr>;

  std::optional<int64_t> epochCount() {
    for (const Setting &setting : e.settings)
      if (setting.path == e.outer->epochs)
        if (std::optional<Rational> exact = build.evaluate(setting.value);
            exact && exact->isInteger())
          return exact->numerator();
    return std::nullopt;
  }

  bool followsFromBad(const ExprPtr &value) const {
    bool found = false;
    visitExprs(value, [&](const Expr &part) {
      found |= part.kind == Expr::Kind::Setting && bad.count(part.index) != 0;
    });
    return found;
  }

  bool staysInEpochs(const Setting &setting, int64_t epochs, int64_t stride) {
    // The last epoch is always looked at: schedules end at an extreme.
    for (int64_t next = 0; next < epochs + stride - 1; next += stride) {
      const int64_t epoch = std::min(next, epochs - 1);
      if (std::optional<std::string> value = outside(setting, {epoch, epochs, 0, 0})) {
        refuse(setting, *value, "epoch", "`epoch` is " + std::to_string(epoch),
               "`epoch` counts from 0 to " + std::to_string(epochs - 1));
        return false;
      }
    }
    return true;
  }

  bool staysInRange(const Setting &setting, int64_t epochs, int64_t share) {
    std::string found, where;
    const int64_t samples = std::max<int64_t>(share / int64_t(std::size(stepCounts)), 2);
    for (int64_t steps : stepCounts) {
      const int64_t total = epochs * steps, stride = total / samples + 1;
      bool leaves = false;
      for (int64_t next = 0; next < total + stride - 1 && !leaves; next += stride) {
        const int64_t step = std::min(next, total - 1);
        std::optional<std::string> value = outside(setting, {step / steps, epochs, step, total});
        leaves = value.has_value();
        if (leaves && steps <= 100) {
          found = *value;
          where = "`iteration` is " + std::to_string(step) + " of " + std::to_string(total);
        }
      }
      if (!leaves)
        return true;
    }
    refuse(setting, found, "step", where,
           "with 100 steps an epoch, and with any number from 10 on that was tried");
    return false;
  }

  struct Clocks {
    int64_t epoch, epochs, iteration, iterations;
  };

  /// The value in words where it lies outside its range.
  std::optional<std::string> outside(const Setting &setting, const Clocks &clocks) {
    Known known;
    ExprPtr fixed = at(setting.value, clocks, known);
    std::optional<double> value = build.evaluateReal(fixed);
    if (!value || setting.range.holds(*value))
      return std::nullopt;
    std::optional<Rational> exact = build.evaluate(fixed);
    std::ostringstream rounded;
    rounded << *value;
    return exact ? exact->str() : rounded.str();
  }

  /// `time` is what the clock counts: an epoch, or a step.
  void refuse(const Setting &setting, const std::string &value, const std::string &time,
              const std::string &where, const std::string &note) {
    findings
        .report(diag::Code::WrongArgument, setting.span,
                "`" + setting.path + "` leaves its range in training")
        .label("in one of the " + time + "s")
        .found("`" + value + "` where " + where)
        .expected(setting.range.str() + " in every " + time)
        .help("choose a schedule that stays in the range, as with `max(…, 0)`")
        .note(e.outer->span, note);
  }

  /// The number at one time: numbers in place of the hands of the clock.
  ExprPtr at(const ExprPtr &expr, const Clocks &clocks, Known &known) {
    if (auto found = known.find(expr.get()); found != known.end())
      return found->second;
    ExprPtr result = expr;
    if (expr->kind == Expr::Kind::Clock) {
      const int64_t hand = expr->name == "epoch"       ? clocks.epoch
                           : expr->name == "epochs"    ? clocks.epochs
                           : expr->name == "iteration" ? clocks.iteration
                                                       : clocks.iterations;
      result = build.number(Rational(hand), expr->span, Type::Element::Int);
    } else if (expr->kind == Expr::Kind::Setting) {
      result = at(e.settings[expr->index].value, clocks, known);
    } else if (!expr->args.empty()) {
      auto copy = std::make_shared<Expr>(*expr);
      for (ExprPtr &arg : copy->args)
        arg = at(arg, clocks, known);
      result = copy;
    }
    known[expr.get()] = result;
    return result;
  }

  /// Which hands of the clock a number changes with.
  struct Hands {
    bool epoch = false, step = false;
    bool any() const { return epoch || step; }
  };
  Hands dependsOn(const ExprPtr &value) {
    Hands hands;
    std::unordered_set<size_t> seen;
    std::function<void(const ExprPtr &)> look = [&](const ExprPtr &expr) {
      visitExprs(expr, [&](const Expr &part) {
        if (part.kind == Expr::Kind::Clock) {
          hands.epoch |= part.name == "epoch";
          hands.step |= part.name == "iteration" || part.name == "iterations";
        }
        if (part.kind == Expr::Kind::Setting && seen.insert(part.index).second)
          look(e.settings[part.index].value);
      });
    };
    look(value);
    return hands;
  }

  /// The settings that a step of training reads: evaluations have other epochs.
  void readByTraining() {
    auto take = [&](const Expr &expr) { visit(expr); };
    for (const Adversary *adversary : e.inner) {
      visitExprs(adversary->objective, take);
      if (adversary->until)
        visitExprs(*adversary->until, take);
      visitExprs(adversary->solver, take);
      for (const ExprPtr &argument : adversary->setArgs)
        visitExprs(argument, take);
    }
    for (const Augmentation &augmentation : e.augmentations)
      visitExprs(augmentation.body, take);
    visitExprs(e.outer->loss, take);
    visitExprs(e.outer->optimizer.body, take);
    for (const Optimizer &group : e.outer->groups)
      visitExprs(group.body, take);
    visitExprs(e.outer->after, take);
    for (const auto *updates : {&e.outer->also, &e.outer->then})
      for (const Outer::Update &update : *updates)
        visitExprs(update.value, take);
  }

  void visit(const Expr &expr) {
    auto take = [&](const Expr &part) { visit(part); };
    if (expr.kind == Expr::Kind::Setting && read.insert(expr.index).second)
      visitExprs(e.settings[expr.index].value, take);
    if (expr.kind == Expr::Kind::Call && texts.insert(expr.function).second)
      visitExprs(expr.function->body, take);
    if (expr.kind == Expr::Kind::Apply && texts.insert(expr.model).second)
      visitExprs(expr.model->forward, take);
    if (expr.kind == Expr::Kind::Logits && texts.insert(expr.head).second) {
      visitExprs(expr.head->lets, take);
      visitExprs(expr.head->logits, take);
      visitExprs(expr.head->logitsGiven, take);
      visitExprs(expr.head->distributionLets, take);
      visitExprs(expr.head->logitsGivenDistribution, take);
    }
  }

  const Experiment &e;
  std::set<size_t> read; ///< settings
  std::set<size_t> bad;  ///< those that leave their range
  std::unordered_set<const void *> texts;
};

} // namespace

void checkScheduleRanges(const Tools &tools) { ScheduleRanges(tools).check(); }

} // namespace advx::sema
