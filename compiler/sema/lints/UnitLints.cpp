//===- UnitLints.cpp - Numbers in other units than the data's -----------------===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/lints/Lints.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace advx::sema {

class UnitLints : Room {
public:
  explicit UnitLints(const Tools &tools) : Room(tools), e(*sheet.experiment) {}

  void run() {
    for (const Set *set : e.sets)
      pixelRadius(*set);
    for (const Model *model : e.models)
      otherUnits(*model);
  }

private:
  /// A ball of the maximum norm (its steepest direction is the sign) wider than the data's range.
  void pixelRadius(const Set &set) {
    if (!set.radius || !set.steepest)
      return;
    std::optional<double> radius = build.evaluateReal(set.radius->body.value);
    const Expr *direction = set.steepest->body.value.get();
    while (direction->kind == Expr::Kind::Call)
      direction = direction->function->body.value.get();
    bool signs = direction->is(Op::Sign);
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

  /// The largest magnitude among constants, one or one for each channel.
  std::optional<double> largest(const ExprPtr &numbers) {
    if (!numbers->is(Op::Broadcast) && !numbers->is(Op::ConstantList))
      return build.evaluateReal(numbers);
    std::optional<double> result;
    if (numbers->numbers)
      for (double value : *numbers->numbers)
        result = std::max(result.value_or(0), std::abs(value));
    for (const ExprPtr &part : numbers->args)
      if (std::optional<double> value = largest(part))
        result = std::max(result.value_or(0), std::abs(*value));
    return result;
  }

  /// A network that begins with (x - mean) / std, where x is between low and high: a mean of such
  /// numbers is one of them, and their standard deviation at most half of what lies between.
  void otherUnits(const Model &model) {
    visitExprs(model.forward, [&](const Expr &expr) {
      if (!expr.is(Op::Div) || !expr.args[0]->is(Op::Sub) ||
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

  const Experiment &e;
};

void lintUnits(const Tools &tools) { UnitLints(tools).run(); }

} // namespace advx::sema
