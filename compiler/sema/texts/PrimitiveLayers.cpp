//===- PrimitiveLayers.cpp - Primitive layers: shapes, parameters, operations -===//

#include "compiler/sema/texts/PrimitiveLayers.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/LayerChecker.h"
#include "compiler/sema/texts/LayerUse.h"

#include <algorithm>

namespace advx::sema {

namespace {

/// Numbers above 0.
Range positive() {
  Range range;
  range.minimum = 0;
  range.openMinimum = true;
  return range;
}

Initialiser filled(double value) {
  Initialiser init;
  init.a = value;
  return init;
}

} // namespace

Value PrimitiveLayers::make(const LayerInfo &info, const syntax::Expr &call, Env &env) {
  ExprPtr input;
  size_t skip = 0;
  if (!call.args.empty() && call.args[0].name.empty() && !call.args[0].key) {
    Value first = exprChecker.check(*call.args[0].value, env);
    if (first.isError())
      return first;
    if (first.isTensor() && first.expr->type.perExample) {
      input = first.expr;
      skip = 1;
    }
  }
  if (input && info.holds != LayerInfo::Holds::Nothing) {
    findings
        .report(diag::Code::WrongType, call.span,
                "`" + info.name + "` holds parameters and needs a name")
        .label("applied without a name")
        .found("`" + findings.source(call.span) + "`")
        .expected("a layer")
        .help("declare `layer NAME = " + info.name + "(…)` and apply NAME");
    return Value::error();
  }
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, skip, call.span, info.name,
                            Span(), bound))
    return Value::error();
  if (!layerChecker.checkCount(call.span))
    return Value::error();
  LayerPtr layer = layerChecker.newLayer();
  layer->kind = Layer::Kind::Primitive;
  layer->primitive = info.primitive;
  layer->span = call.span;
  layer->byPlace =
      std::count_if(call.args.begin() + skip, call.args.end(),
                    [](const syntax::Arg &arg) { return arg.name.empty() && !arg.key; });
  for (size_t i = 0; i < bound.size(); ++i) {
    if (!bound[i])
      continue;
    if (info.params[i] == "init" || info.params[i] == "bias_init") {
      // Kept as written: its bounds depend on the shape, known at the first use.
      Value kept;
      kept.kind = Value::Kind::Text;
      kept.written = bound[i]->value.get();
      kept.span = bound[i]->value->span;
      layer->arguments[info.params[i]] = kept;
      layer->scope = env.scope;
      continue;
    }
    Value value = exprChecker.check(*bound[i]->value, env);
    if (value.isError())
      return value;
    value.span = bound[i]->value->span;
    layer->arguments[info.params[i]] = value;
  }
  Value result;
  result.kind = Value::Kind::Layer;
  result.layer = layer;
  result.span = call.span;
  return input ? Value::of(layerChecker.applyLayer(layer, input, call.span, env)) : result;
}

ExprPtr PrimitiveLayers::apply(Layer &layer, ExprPtr input, Span place, Env &env) {
  LayerUse use(*this, layerChecker, initialisers, layer, std::move(input), place, env);
  switch (layer.primitive) {
  case LayerPrimitive::Conv2d:
    return conv2d(use);
  case LayerPrimitive::Linear:
    return linear(use);
  case LayerPrimitive::BatchNorm:
    return batchNorm(use);
  case LayerPrimitive::Dropout:
    return dropout(use);
  case LayerPrimitive::MaxPool:
    return pool(use, Op::MaxPool2d);
  case LayerPrimitive::AvgPool:
    return pool(use, Op::AvgPool2d);
  case LayerPrimitive::GlobalAvgPool:
    return globalAvgPool(use);
  case LayerPrimitive::Standardize:
    return standardize(use);
  }
  return nullptr;
}

ExprPtr PrimitiveLayers::conv2d(LayerUse &use) {
  if (!use.hasRank(3, "convolve before flattening"))
    return nullptr;
  lintPlaces(use);
  Type type = use.input->type;
  int64_t out = use.width();
  std::vector<int64_t> kernel = use.pair("kernel", 1, 1), stride = use.pair("stride", 1, 1),
                       padding = use.pair("padding", 0, 0);
  bool bias = use.flag("bias");
  if (!use.ok)
    return nullptr;
  std::vector<int64_t> weightShape = {out, type.shape[0], kernel[0], kernel[1]};
  if (!sizes.checkSize(weightShape, use.layer.span, "the weight of `conv2d`"))
    return nullptr;
  type.shape = {out, use.windowCount(type.shape[1], kernel[0], stride[0], padding[0]),
                use.windowCount(type.shape[2], kernel[1], stride[1], padding[1])};
  if (!use.ok || !sizes.checkSize(type.shape, use.place, "the result of `conv2d`"))
    return nullptr;
  int64_t fanIn = weightShape[1] * kernel[0] * kernel[1];
  Initialiser init = use.initialiser("init", weightShape, std::nullopt);
  Initialiser biasInit = use.initialiser("bias_init", {out}, fanIn);
  if (!use.ok)
    return nullptr;
  ExprPtr weight = use.parameter("weight", weightShape, init);
  ExprPtr result = build.node(Op::Conv2d, {use.input, weight}, type, use.place,
                              {{"stride", stride}, {"padding", padding}});
  return bias ? use.plus(result, use.parameter("bias", {out}, biasInit)) : result;
}

ExprPtr PrimitiveLayers::linear(LayerUse &use) {
  if (!use.hasRank(1, "flatten it first, as in `fc(flatten(v))`"))
    return nullptr;
  Type type = use.input->type;
  int64_t out = use.width(), in = type.shape[0];
  bool bias = use.flag("bias");
  if (!use.ok || !sizes.checkSize({out, in}, use.layer.span, "the weight of `linear`"))
    return nullptr;
  Initialiser init = use.initialiser("init", {out, in}, std::nullopt);
  Initialiser biasInit = use.initialiser("bias_init", {out}, in);
  if (!use.ok)
    return nullptr;
  type.shape = {out};
  ExprPtr weight = use.parameter("weight", {out, in}, init);
  ExprPtr result =
      build.node(Op::Matvec, {weight, use.input}, type, use.place, {{"transpose", {0}}});
  return bias ? use.plus(result, use.parameter("bias", {out}, biasInit)) : result;
}

ExprPtr PrimitiveLayers::batchNorm(LayerUse &use) {
  const Type &type = use.input->type;
  if (type.shape.empty() || type.element != Type::Element::Real) {
    use.hasRank(3, "normalise features, not numbers");
    return nullptr;
  }
  lintPlaces(use);
  Range fraction;
  fraction.minimum = 0;
  fraction.maximum = 1;
  ExprPtr eps =
      use.numberWithin("eps", build.number(*Rational::make(1, 100000), use.place), positive());
  ExprPtr momentum =
      use.numberWithin("momentum", build.number(*Rational::make(1, 10), use.place), fraction);
  if (!use.ok)
    return nullptr;
  const std::vector<int64_t> channels = {type.shape[0]};
  std::vector<ExprPtr> args = {use.input};
  args.push_back(use.parameter("weight", channels, filled(1)));
  args.push_back(use.parameter("bias", channels, filled(0)));
  args.push_back(use.buffer("running_mean", channels, filled(0)));
  args.push_back(use.buffer("running_var", channels, filled(1)));
  args.push_back(eps);
  args.push_back(momentum);
  return build.node(Op::BatchNorm, std::move(args), type, use.place);
}

ExprPtr PrimitiveLayers::dropout(LayerUse &use) {
  Range share;
  share.minimum = 0;
  share.maximum = 1;
  share.openMaximum = true;
  ExprPtr p = use.numberWithin("p", build.number(*Rational::make(1, 2), use.place), share);
  if (!use.ok)
    return nullptr;
  // The stream of a dropout is its layer's path: two dropouts never share draws.
  auto result =
      std::make_shared<Expr>(*build.node(Op::Dropout, {use.input, p}, use.input->type, use.place));
  result->stream = use.layer.path;
  return result;
}

ExprPtr PrimitiveLayers::pool(LayerUse &use, Op op) {
  if (!use.hasRank(3, "pool before flattening"))
    return nullptr;
  Type type = use.input->type;
  std::vector<int64_t> kernel = use.pair("kernel", 2, 1);
  std::vector<int64_t> stride = use.given("stride") ? use.pair("stride", 1, 1) : kernel;
  std::vector<int64_t> padding = use.pair("padding", 0, 0);
  if (!use.ok)
    return nullptr;
  for (size_t i = 0; i < 2; ++i)
    if (2 * padding[i] > kernel[i]) {
      findings
          .report(diag::Code::WrongArgument, use.layer.span,
                  "the padding of `" + use.name + "` exceeds half its window")
          .label("here")
          .found("padding " + std::to_string(padding[i]) + ", kernel " + std::to_string(kernel[i]))
          .expected("at most half the kernel")
          .help("use less padding");
      return nullptr;
    }
  type.shape = {type.shape[0], use.windowCount(type.shape[1], kernel[0], stride[0], padding[0]),
                use.windowCount(type.shape[2], kernel[1], stride[1], padding[1])};
  return use.ok && sizes.checkSize(type.shape, use.place, "the result of `" + use.name + "`")
             ? build.node(op, {use.input}, type, use.place,
                          {{"kernel", kernel}, {"stride", stride}, {"padding", padding}})
             : nullptr;
}

ExprPtr PrimitiveLayers::globalAvgPool(LayerUse &use) {
  if (!use.hasRank(3, "pool before flattening"))
    return nullptr;
  Type type = use.input->type;
  std::optional<Rational> factor = Rational::make(1, type.shape[1] * type.shape[2]);
  type.shape = {type.shape[0]};
  ExprPtr sum = build.node(Op::ReduceSum, {use.input}, type, use.place, {{"axes", {1, 2}}});
  return build.elementwise(Op::Mul, {sum, build.number(*factor, use.place)}, use.place);
}

ExprPtr PrimitiveLayers::standardize(LayerUse &use) {
  if (!use.hasRank(3, "standardise images"))
    return nullptr;
  ExprPtr mean = unitsOf(use, "mean", false);
  ExprPtr std = mean ? unitsOf(use, "std", true) : nullptr;
  if (!std)
    return nullptr;
  return build.elementwise(Op::Div, {build.elementwise(Op::Sub, {use.input, mean}, use.place), std},
                           use.place);
}

/// Points out numbers by place that would be the channels of the input in PyTorch.
void PrimitiveLayers::lintPlaces(const LayerUse &use) {
  const int64_t channels = use.input->type.shape[0];
  auto number = [&](const char *param) -> std::optional<double> {
    const Value *value = use.given(param);
    return value && value->isNumber() ? build.evaluateReal(value->expr) : std::nullopt;
  };
  auto written = [&](const char *param) { return findings.source(use.given(param)->span); };
  std::string meaning, instead;
  if (use.layer.primitive == LayerPrimitive::BatchNorm && use.layer.byPlace >= 1 &&
      number("eps").value_or(0) >= 1) {
    meaning = "`eps = " + written("eps") + "`";
    instead = "write `batch_norm()`: it knows the channels of its input";
  } else if (use.layer.primitive == LayerPrimitive::Conv2d && use.layer.byPlace >= 3 &&
             number("out") == double(channels)) {
    meaning = "`out = " + written("out") + "`, `kernel = " + written("kernel") +
              "`, `stride = " + written("stride") + "`";
    instead = "write `conv2d(" + written("kernel") + ", kernel = " + written("stride") +
              ")` if PyTorch's order is meant, else name what stands behind the first number";
  }
  if (!meaning.empty())
    findings
        .report(diag::Code::PlaceOfPyTorch, use.layer.span,
                "`" + use.name + "` does not begin with the channels of its input")
        .label("in PyTorch the first number is that of the input's channels")
        .found(meaning + ", by place")
        .expected("no number for the channels of the input, which are " + std::to_string(channels))
        .help(instead);
}

/// The `mean` or the `std` of `standardize`: one number, or one a channel.
ExprPtr PrimitiveLayers::unitsOf(LayerUse &use, const char *param, bool isDivisor) {
  const Type &type = use.input->type;
  const Value &value = *use.given(param);
  const bool isList = value.kind == Value::Kind::List;
  ExprPtr numbers = isList      ? exprChecker.expectExpr(value, value.span)
                    : isDivisor ? use.numberWithin(param, nullptr, positive())
                                : use.number(param, nullptr);
  if (!numbers || !use.ok || (isList && isDivisor && !arePositive(numbers, value)))
    return nullptr;
  if (!numbers->type.isTensor())
    return numbers;
  if (numbers->type.shape.size() != 1 || numbers->type.shape[0] != type.shape[0]) {
    findings
        .report(diag::Code::ShapeMismatch, value.span,
                "`" + std::string(param) + "` needs one number a channel")
        .label(numbers->type.str())
        .found(std::to_string(numbers->type.shape[0]) + " numbers")
        .expected(std::to_string(type.shape[0]) + ", the channels of the input")
        .help("write one number for each channel");
    return nullptr;
  }
  return use.overImage(numbers, type);
}

/// Whether every `std` of a list, one for each channel, is above 0; reports the first that is not.
bool PrimitiveLayers::arePositive(const ExprPtr &list, const Value &written) {
  for (size_t i = 0; i < list->args.size(); ++i) {
    std::optional<Rational> value = build.evaluate(list->args[i]);
    if (!value || Rational(0) < *value)
      continue;
    bool hasSpan = i < written.elements.size() && written.elements[i].span.isValid();
    findings
        .report(diag::Code::WrongArgument, hasSpan ? written.elements[i].span : written.span,
                "a `std` of `standardize` is not above 0")
        .label("divided by")
        .found("`" + value->str() + "`")
        .expected("a number above 0, in the units of the data's range")
        .help("write `1` where nothing shall be scaled");
    return false;
  }
  return true;
}

} // namespace advx::sema
