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
    const double infinity = std::numeric_limits<double>::infinity();
    auto arg = [&](size_t i) { return i < args.size() ? args[i] : Interval(); };
    const Interval a = arg(0), b = arg(1), c = arg(2);
    switch (expr.op) {
    case Op::Add:
      return {a.low + b.low, a.high + b.high};
    case Op::Sub:
      return {a.low - b.high, a.high - b.low};
    case Op::Neg:
      return {-a.high, -a.low};
    case Op::Mul:
      return ordered({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
    case Op::Div:
      if (b.low > 0 || b.high < 0)
        return ordered({a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high});
      return {};
    case Op::Maximum:
      return {std::max(a.low, b.low), std::max(a.high, b.high)};
    case Op::Minimum:
      return {std::min(a.low, b.low), std::min(a.high, b.high)};
    case Op::Clip: {
      if (b.low > c.high)
        crossed = {b.low, c.high};
      Interval above{std::max(a.low, b.low), std::max(a.high, b.high)};
      return {std::min(above.low, c.low), std::min(above.high, c.high)};
    }
    case Op::Select:
      return {std::min(b.low, c.low), std::max(b.high, c.high)};
    case Op::Relu:
      return {std::max(0.0, a.low), std::max(0.0, a.high)};
    case Op::Tanh:
      return {std::tanh(a.low), std::tanh(a.high)};
    case Op::Erf:
      return {std::erf(a.low), std::erf(a.high)};
    case Op::Sign:
    case Op::Normalize:
    case Op::Sin:
    case Op::Cos:
      return {-1, 1};
    case Op::Abs:
    case Op::Exp:
    case Op::Norm:
    case Op::Sqrt:
      return {0, infinity};
    case Op::Softmax:
      return {0, 1};
    case Op::Broadcast:
    case Op::Reshape:
    case Op::Transpose:
    case Op::Slice:
    case Op::Reverse:
    case Op::Sorted:
    case Op::ReduceMax:
    case Op::StopGradient:
    case Op::TakeExamples:
      return a;
    case Op::PadSlice:
    case Op::Shift:
      return {std::min(0.0, a.low), std::max(0.0, a.high)};
    case Op::Pow:
    case Op::Log:
    case Op::Floor:
    case Op::Ceil:
    case Op::LogicalAnd:
    case Op::LogicalOr:
    case Op::LogicalNot:
    case Op::Compare:
    case Op::Cast:
    case Op::LogSoftmax:
    case Op::LogSumExp:
    case Op::Argmax:
    case Op::BatchSum:
    case Op::OrderExamples:
    case Op::BatchMean:
    case Op::ReduceSum:
    case Op::OneHot:
    case Op::Constant:
    case Op::ConstantList:
    case Op::Concat:
    case Op::Iota:
    case Op::Cumsum:
    case Op::Matvec:
    case Op::Matmul:
    case Op::Conv2d:
    case Op::MaxPool2d:
    case Op::AvgPool2d:
    case Op::BatchNorm:
    case Op::Dropout:
      return {}; // Any value: no set of the library has needed more.
    }
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
    bool isPick = isOp(value, Op::ReduceSum) && isOp(value->args[0], Op::Select) &&
                  isOp(value->args[0]->args[0], Op::OneHot);
    return {value, isPick ? list(value->args[0]->args[1]) : std::vector<double>()};
  }

private:
  static bool isOp(const ExprPtr &expr, Op op) {
    return expr->kind == Expr::Kind::Op && expr->op == op;
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
    if (isOp(expr, Op::ConstantList) && expr->numbers)
      return *expr->numbers;
    if (isOp(expr, Op::ConstantList)) {
      for (const ExprPtr &arg : expr->args)
        if (std::optional<double> value = number(arg))
          result.push_back(*value);
      return result.size() == expr->args.size() ? result : std::vector<double>();
    }
    if (!isOp(expr, Op::Mul) && !isOp(expr, Op::Div))
      return {};
    std::optional<double> left = number(expr->args[0]), right = number(expr->args[1]);
    if (right)
      for (double value : list(expr->args[0]))
        result.push_back(isOp(expr, Op::Mul) ? value * *right : value / *right);
    else if (left && isOp(expr, Op::Mul))
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
    if (!adversary || !adversary->set)
      return;
    if (adversary->set->group)
      return; // weights have no range
    std::vector<const Set *> members = adversary->set->members;
    if (members.empty())
      members = {adversary->set};
    for (const Set *set : members) {
      add(set);
      searched.insert(set);
    }
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
    // What each part lets through, and what all of them do.
    std::vector<Interval> owns;
    std::vector<decltype(Intervals::crossed)> crossings;
    Interval values;
    size_t last = 0;
    for (const Function *part : set->parts) {
      Intervals intervals([&](const ExprPtr &expr) { return build.evaluateReal(expr); });
      std::vector<Interval> arguments;
      for (const Local *param : set->params)
        arguments.push_back(param->type.shape == sheet.experiment->data.image ? data : Interval());
      arguments.emplace_back();
      owns.push_back(intervals.call(*part, arguments));
      crossings.push_back(intervals.crossed);
      if (values.low <= values.high)
        last = owns.size() - 1;
      values.low = std::max(values.low, owns.back().low);
      values.high = std::min(values.high, owns.back().high);
    }
    bool refused = false;
    if (values.low > values.high + slack &&
        std::none_of(crossings.begin(), crossings.end(), [](const auto &c) { return !!c; })) {
      findings
          .report(diag::Code::SetWithoutData, set->parts[last]->span,
                  "the intersection has no points")
          .label("shares no point with what stands before it")
          .found(shown(owns[last]))
          .expected("parts that have a point in common")
          .help("write `" + box + "`, and one ball")
          .note(set->span, "the set");
      continue;
    }
    for (size_t i = 0; i < owns.size(); ++i) {
      const Function *part = set->parts[i];
      const Interval &own = owns[i];
      if (crossings[i]) {
        findings.report(diag::Code::SetWithoutData, part->span, "the set has no points")
            .label("nothing lies in it")
            .found("a lower bound of " + shown(crossings[i]->first) + " above an upper one of " +
                   shown(crossings[i]->second))
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
