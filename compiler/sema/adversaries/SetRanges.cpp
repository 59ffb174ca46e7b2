//===- SetRanges.cpp - What values a set may hold ------------------------===//
//
// The projections of a set's parts, computed on intervals: the entries of a clean
// image lie in the range of the data, those of the point to project anywhere. What
// comes out holds the values of every point of the part. Nothing is known by name: a
// box is whatever bounds values.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/SetRanges.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <sstream>

namespace advx::sema {

namespace {

struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

Interval ordered(std::initializer_list<double> values) {
  Interval result{*values.begin(), *values.begin()};
  for (double value : values) {
    if (std::isnan(value))
      return {};
    result.low = std::min(result.low, value);
    result.high = std::max(result.high, value);
  }
  return result;
}

/// The interval of an expression, from those of the locals.
class Intervals {
public:
  explicit Intervals(std::function<std::optional<double>(const ExprPtr &)> number)
      : number(std::move(number)) {}

  Interval call(const Function &function, const std::vector<Interval> &arguments) {
    for (size_t i = 0; i < function.params.size() && i < arguments.size(); ++i)
      locals[function.params[i]] = arguments[i];
    for (const Stmt &stmt : function.body.stmts)
      if (stmt.kind == Stmt::Kind::Let || stmt.kind == Stmt::Kind::Var)
        locals[stmt.local] = stmt.kind == Stmt::Kind::Let ? of(stmt.value) : Interval();
    return of(function.body.value);
  }

  /// Bounds of a clip of which the lower lies above the upper.
  std::optional<std::pair<double, double>> crossed;

private:
  Interval of(const ExprPtr &expr) {
    if (expr->type.isNumber())
      if (std::optional<double> value = number(expr))
        return {*value, *value};
    if (expr->kind == Expr::Kind::Local) {
      auto known = locals.find(expr->local);
      return known == locals.end() ? Interval() : known->second;
    }
    std::vector<Interval> args;
    for (const ExprPtr &arg : expr->args)
      args.push_back(of(arg));
    if (expr->kind == Expr::Kind::Call)
      return call(*expr->function, args);
    return expr->kind == Expr::Kind::Op ? op(*expr, args) : Interval();
  }

  Interval op(const Expr &expr, const std::vector<Interval> &args) {
    const std::string &name = expr.name;
    auto is = [&](std::initializer_list<const char *> names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    auto a = [&](size_t i) { return i < args.size() ? args[i] : Interval(); };
    if (name == "add")
      return {a(0).low + a(1).low, a(0).high + a(1).high};
    if (name == "sub")
      return {a(0).low - a(1).high, a(0).high - a(1).low};
    if (name == "neg")
      return {-a(0).high, -a(0).low};
    if (name == "mul")
      return ordered(
          {a(0).low * a(1).low, a(0).low * a(1).high, a(0).high * a(1).low, a(0).high * a(1).high});
    if (name == "div" && (a(1).low > 0 || a(1).high < 0))
      return ordered(
          {a(0).low / a(1).low, a(0).low / a(1).high, a(0).high / a(1).low, a(0).high / a(1).high});
    if (name == "maximum")
      return {std::max(a(0).low, a(1).low), std::max(a(0).high, a(1).high)};
    if (name == "minimum")
      return {std::min(a(0).low, a(1).low), std::min(a(0).high, a(1).high)};
    if (name == "clip") {
      if (a(1).low > a(2).high)
        crossed = {a(1).low, a(2).high};
      Interval above{std::max(a(0).low, a(1).low), std::max(a(0).high, a(1).high)};
      return {std::min(above.low, a(2).low), std::min(above.high, a(2).high)};
    }
    if (name == "select")
      return {std::min(a(1).low, a(2).low), std::max(a(1).high, a(2).high)};
    if (name == "relu")
      return {std::max(0.0, a(0).low), std::max(0.0, a(0).high)};
    if (name == "tanh")
      return {std::tanh(a(0).low), std::tanh(a(0).high)};
    if (name == "erf")
      return {std::erf(a(0).low), std::erf(a(0).high)};
    if (is({"sign", "normalize", "sin", "cos"}))
      return {-1, 1};
    if (is({"abs", "exp", "norm", "sqrt"}))
      return {0, std::numeric_limits<double>::infinity()};
    if (name == "softmax")
      return {0, 1};
    if (is({"broadcast", "reshape", "transpose", "slice", "reduce_max", "stop_gradient"}))
      return a(0);
    return {};
  }

  std::function<std::optional<double>(const ExprPtr &)> number;
  std::map<const Local *, Interval> locals;
};

/// What the label picks from a list, as in `eps[y]`: the numbers of the list, where the page
/// decides them and nothing else is done with the one that is picked.
class PickedEntries {
public:
  explicit PickedEntries(std::function<std::optional<double>(const ExprPtr &)> number)
      : number(std::move(number)) {}

  /// The expression that picks what the function returns, and the list.
  std::pair<ExprPtr, std::vector<double>> returnedBy(const Function &function) {
    define(function);
    ExprPtr value = resolve(function.body.value);
    bool isPick = isOp(value, "reduce_sum") && isOp(value->args[0], "select") &&
                  isOp(value->args[0]->args[0], "one_hot");
    return {value, isPick ? list(value->args[0]->args[1]) : std::vector<double>()};
  }

private:
  static bool isOp(const ExprPtr &expr, const char *name) {
    return expr->kind == Expr::Kind::Op && expr->name == name;
  }

  void define(const Function &function) {
    for (const Stmt &stmt : function.body.stmts)
      if (stmt.kind == Stmt::Kind::Let)
        values[stmt.local] = stmt.value;
  }

  /// Through names and calls.
  ExprPtr resolve(ExprPtr expr) {
    while (true) {
      auto known = values.find(expr->local);
      if (expr->kind == Expr::Kind::Local && known != values.end()) {
        expr = known->second;
      } else if (expr->kind == Expr::Kind::Call) {
        const Function &function = *expr->function;
        for (size_t i = 0; i < expr->args.size(); ++i)
          values[function.params[i]] = expr->args[i];
        define(function);
        expr = function.body.value;
      } else {
        return expr;
      }
    }
  }

  std::vector<double> list(const ExprPtr &written) {
    ExprPtr expr = resolve(written);
    std::vector<double> result;
    if (isOp(expr, "constant_list")) {
      for (const ExprPtr &arg : expr->args)
        if (std::optional<double> value = number(arg))
          result.push_back(*value);
      return result.size() == expr->args.size() ? result : std::vector<double>();
    }
    if (!isOp(expr, "mul") && !isOp(expr, "div"))
      return {};
    std::optional<double> left = number(expr->args[0]), right = number(expr->args[1]);
    if (right)
      for (double value : list(expr->args[0]))
        result.push_back(isOp(expr, "mul") ? value * *right : value / *right);
    else if (left && isOp(expr, "mul"))
      for (double value : list(expr->args[1]))
        result.push_back(*left * value);
    return result;
  }

  std::function<std::optional<double>(const ExprPtr &)> number;
  std::map<const Local *, ExprPtr> values;
};

std::string shown(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

std::string shown(const Interval &interval) {
  if (std::isinf(interval.low) && std::isinf(interval.high))
    return "values without a bound";
  if (std::isinf(interval.high))
    return "values from " + shown(interval.low) + " without an upper bound";
  if (std::isinf(interval.low))
    return "values to " + shown(interval.high) + " without a lower bound";
  return "values from " + shown(interval.low) + " to " + shown(interval.high);
}

} // namespace

/// Refuses sets that cannot hold the images, and points out those that hold what no
/// image can be.
void SetRanges::checkSetRanges() {
  std::vector<const Set *> sets;
  auto add = [&](const Set *set) {
    if (set && std::find(sets.begin(), sets.end(), set) == sets.end())
      sets.push_back(set);
  };
  std::set<const Set *> searched;
  auto addAdversary = [&](const Adversary *adversary) {
    if (!adversary)
      return;
    add(adversary->set);
    searched.insert(adversary->set);
  };
  for (const Adversary *inner : sheet.experiment->inner)
    addAdversary(inner);
  for (const Evaluation &evaluation : sheet.experiment->evaluations)
    for (const EvaluationItem &item : evaluation.items)
      addAdversary(item.adversary);

  for (const Set *set : sets) {
    if (!set->radius)
      continue;
    PickedEntries entries([&](const ExprPtr &expr) {
      return expr->type.isNumber() ? build.evaluateReal(expr) : std::nullopt;
    });
    auto [pick, list] = entries.returnedBy(*set->radius);
    auto bad = std::find_if(list.begin(), list.end(), [](double radius) { return !(radius >= 0); });
    if (bad == list.end())
      continue;
    findings
        .report(diag::Code::NegativeRadius, pick->span,
                "the radius of class " + std::to_string(bad - list.begin()) + " is negative")
        .label("here")
        .found("`" + shown(*bad) + "`")
        .expected("0 or more for every class")
        .help("choose numbers in that range")
        .note(set->span, "the set");
  }

  const Interval data{sheet.experiment->data.low, sheet.experiment->data.high};
  const double slack = 1e-6 * std::max({1.0, std::abs(data.low), std::abs(data.high)});
  std::string box = "box(" + shown(data.low) + ", " + shown(data.high) + ")";
  std::string range = "[" + shown(data.low) + ", " + shown(data.high) + "]";
  for (const Set *set : sets) {
    Interval values;
    bool refused = false;
    for (const Function *part : set->parts) {
      Intervals intervals([&](const ExprPtr &expr) { return build.evaluateReal(expr); });
      std::vector<Interval> arguments;
      for (const Local *param : set->params)
        arguments.push_back(param->type.shape == sheet.experiment->data.image ? data : Interval());
      arguments.emplace_back();
      Interval own = intervals.call(*part, arguments);
      if (intervals.crossed) {
        findings.report(diag::Code::SetWithoutData, part->span, "the set has no points")
            .label("nothing lies in it")
            .found("a lower bound of " + shown(intervals.crossed->first) +
                   " above an upper one of " + shown(intervals.crossed->second))
            .expected("a lower bound that is at most the upper one")
            .help("put the smaller number first");
        refused = true;
      } else if (own.low > data.low + slack || own.high < data.high - slack) {
        findings.report(diag::Code::SetWithoutData, part->span, "the set does not hold the images")
            .label("too small for the data")
            .found(shown(own))
            .expected("room for the range of the data, " + range)
            .help("write `" + box + "`, or give the data set another `range`")
            .note(sheet.experiment->data.span, "the data");
        refused = true;
      }
      values.low = std::max(values.low, own.low);
      values.high = std::min(values.high, own.high);
    }
    if (refused || !searched.count(set) ||
        (values.low >= data.low - slack && values.high <= data.high + slack))
      continue;
    findings
        .report(diag::Code::UnboundedValues, set->span, "the threat leaves the range of the data")
        .label("holds points that are no images")
        .found(shown(values))
        .expected("values in " + range + ", the range of the data")
        .help("add `& " + box + "`")
        .note(sheet.experiment->data.span, "the data");
  }
}

} // namespace advx::sema
