//===- Layers.cpp - Primitive layers: shapes, parameters, operations ---------===//
//
// Parameter names, layouts and default initialisers are PyTorch's, so that
// checkpoints interchange (torch.nn.Conv2d, Linear, BatchNorm2d).
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/LayerChecker.h"

#include <algorithm>
#include <cmath>

namespace advx::sema {

namespace {

struct LayerSignature {
  const char *name;
  std::vector<std::string> params;
  size_t required;
};

const std::vector<LayerSignature> &layerTable() {
  static const std::vector<LayerSignature> table = {
      {"conv2d", {"out", "kernel", "stride", "padding", "bias", "init", "bias_init"}, 2},
      {"linear", {"out", "bias", "init", "bias_init"}, 1},
      {"batch_norm", {"eps", "momentum"}, 0},
      {"dropout", {"p"}, 0},
      {"max_pool", {"kernel", "stride", "padding"}, 1},
      {"avg_pool", {"kernel", "stride", "padding"}, 1},
      {"global_avg_pool", {}, 0},
      {"standardize", {"mean", "std"}, 2},
  };
  return table;
}

const LayerSignature *layerSignature(const std::string &name) {
  for (const LayerSignature &s : layerTable())
    if (name == s.name)
      return &s;
  return nullptr;
}

bool holdsParameters(const std::string &name) {
  return name == "conv2d" || name == "linear" || name == "batch_norm" || name == "dropout";
}

} // namespace

bool LayerChecker::isLayerPrimitive(const std::string &name) const {
  return layerSignature(name) != nullptr;
}

std::vector<std::string> LayerChecker::layerNames() const {
  std::vector<std::string> names = {"identity"};
  for (const LayerSignature &s : layerTable())
    names.push_back(s.name);
  return names;
}

/// The initial value of a parameter. The sizes that bounds depend on: fanIn is
/// the product of all axes except the output axis; `outputAxis` is where the
/// outputs are (axis 0 in PyTorch's layout).
std::optional<Initialiser> LayerChecker::initialiser(const syntax::Expr *expr,
                                                     const std::vector<int64_t> &shape,
                                                     int64_t outputAxis,
                                                     std::optional<int64_t> fanIn, Env &env) {
  int64_t in = 1, receptive = 1;
  for (size_t i = 0; i < shape.size(); ++i)
    if (static_cast<int64_t>(i) != outputAxis)
      in *= shape[i];
  for (size_t i = 2; i < shape.size(); ++i)
    receptive *= shape[i];
  if (fanIn)
    in = *fanIn;
  int64_t out = (shape.empty() ? 1 : shape[outputAxis]) * receptive;
  Initialiser result;
  std::string name = "kaiming_uniform";
  static const std::map<std::string, std::vector<std::string>> known = {
      {"zeros", {}},
      {"ones", {}},
      {"constant", {"c"}},
      {"uniform", {"low", "high"}},
      {"normal", {"mean", "std"}},
      {"kaiming_uniform", {"a"}},
      {"kaiming_normal", {}},
      {"fan_in_uniform", {}},
      {"xavier_uniform", {}},
      {"xavier_normal", {}}};
  std::vector<double> numbers;
  if (expr) {
    if (expr->kind == syntax::Expr::Kind::Number) {
      std::optional<Rational> value = Rational::parse(expr->text);
      result.a = value ? value->toDouble() : 0;
      return result;
    }
    const syntax::Expr *callee =
        expr->kind == syntax::Expr::Kind::Call ? expr->children[0].get() : expr;
    auto it = callee->kind == syntax::Expr::Kind::Name ? known.find(callee->text) : known.end();
    if (it == known.end()) {
      std::vector<std::string> names;
      names.reserve(known.size());
      for (const auto &entry : known)
        names.push_back(entry.first);
      findings
          .report(diag::Code::UnknownName, callee->span,
                  "unknown initialiser `" + findings.source(callee->span) + "`")
          .label("not an initialiser")
          .found("`" + findings.source(callee->span) + "`")
          .expected("one of the initialisers of docs/language/primitives.md")
          .help(suggestions.suggest(callee->text, names));
      return std::nullopt;
    }
    name = it->first;
    std::vector<const syntax::Arg *> bound;
    bool optional = name == "kaiming_uniform";
    if (!binder.bindArguments(it->second, optional ? 0 : it->second.size(), expr->args, 0,
                              expr->span, name, Span(), bound))
      return std::nullopt;
    for (const syntax::Arg *arg : bound) {
      if (!arg)
        continue;
      ExprPtr value = exprChecker.checkExpr(*arg->value, env);
      std::optional<double> number = value ? build.evaluateReal(value) : std::nullopt;
      if (!number) {
        if (value)
          findings.report(diag::Code::NotConstant, arg->span, "an initialiser takes constants")
              .label("not known when compiling")
              .found(value->type.str())
              .expected("a constant")
              .help("write a number");
        return std::nullopt;
      }
      settingTable.fix(value);
      numbers.push_back(*number);
    }
  }
  auto uniform = [&](double bound) {
    result.kind = Initialiser::Kind::Uniform;
    result.a = -bound;
    result.b = bound;
  };
  auto normal = [&](double std) {
    result.kind = Initialiser::Kind::Normal;
    result.b = std;
  };
  if (name == "ones")
    result.a = 1;
  else if (name == "constant")
    result.a = numbers[0];
  else if (name == "uniform" || name == "normal") {
    result.kind = name == "uniform" ? Initialiser::Kind::Uniform : Initialiser::Kind::Normal;
    result.a = numbers[0];
    result.b = numbers[1];
  } else if (name == "kaiming_uniform") {
    // He et al. 2015 with leaky slope a; PyTorch's layers use a = sqrt(5): 1/sqrt(fan_in).
    uniform(numbers.empty() ? 1 / std::sqrt(static_cast<double>(in))
                            : std::sqrt(6.0 / ((1 + numbers[0] * numbers[0]) * in)));
  } else if (name == "kaiming_normal")
    normal(std::sqrt(2.0 / in));
  else if (name == "fan_in_uniform")
    uniform(1 / std::sqrt(static_cast<double>(in)));
  else if (name == "xavier_uniform")
    uniform(std::sqrt(6.0 / (in + out)));
  else if (name == "xavier_normal")
    normal(std::sqrt(2.0 / (in + out)));
  return result;
}

Value LayerChecker::makePrimitiveLayer(const std::string &name, const syntax::Expr &call,
                                       Env &env) {
  const LayerSignature *s = layerSignature(name);
  // `max_pool(v, 2)`: applied on the spot where the first argument is a tensor.
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
  if (input && holdsParameters(name)) {
    findings
        .report(diag::Code::WrongType, call.span,
                "`" + name + "` holds parameters and needs a name")
        .label("applied without a name")
        .found("`" + findings.source(call.span) + "`")
        .expected("a layer")
        .help("declare `layer NAME = " + name + "(…)` and apply NAME");
    return Value::error();
  }
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(s->params, s->required, call.args, skip, call.span, name, Span(),
                            bound))
    return Value::error();
  if (!checkLayers(call.span))
    return Value::error();
  auto layer = newLayer();
  placed[layer.get()] =
      std::count_if(call.args.begin() + skip, call.args.end(),
                    [](const syntax::Arg &arg) { return arg.name.empty() && !arg.key; });
  layer->kind = Layer::Kind::Primitive;
  layer->name = name;
  layer->span = call.span;
  for (size_t i = 0; i < bound.size(); ++i) {
    if (!bound[i])
      continue;
    if (s->params[i] == "init" || s->params[i] == "bias_init") {
      // Kept as written: its bounds depend on the shape, known at the first use.
      Value kept;
      kept.kind = Value::Kind::Text;
      kept.written = bound[i]->value.get();
      kept.span = bound[i]->value->span;
      layer->arguments[s->params[i]] = kept;
      layer->scope = env.scope;
      continue;
    }
    Value value = exprChecker.check(*bound[i]->value, env);
    if (value.isError())
      return value;
    value.span = bound[i]->value->span;
    layer->arguments[s->params[i]] = value;
  }
  Value result;
  result.kind = Value::Kind::Layer;
  result.layer = layer;
  result.span = call.span;
  return input ? Value::of(applyLayer(layer, input, call.span, env)) : result;
}

/// Whether every `std` of a list, one for each channel, is above 0; reports the first that is not.
bool LayerChecker::arePositive(const ExprPtr &list, const Value &written) {
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

/// Points out numbers by place that would be the channels of the input in PyTorch.
void LayerChecker::lintPlaces(const Layer &layer, int64_t channels) {
  auto number = [&](const char *param) -> std::optional<double> {
    auto argument = layer.arguments.find(param);
    return argument != layer.arguments.end() && argument->second.isNumber()
               ? build.evaluateReal(argument->second.expr)
               : std::nullopt;
  };
  const auto count = placed.find(&layer);
  const size_t places = count == placed.end() ? 0 : count->second;
  std::string meaning, instead;
  if (layer.name == "batch_norm" && places >= 1 && number("eps").value_or(0) >= 1) {
    meaning = "`eps = " + findings.source(layer.arguments.at("eps").span) + "`";
    instead = "write `batch_norm()`: it knows the channels of its input";
  } else if (layer.name == "conv2d" && places >= 3 && number("out") == double(channels)) {
    const std::string second = findings.source(layer.arguments.at("kernel").span);
    const std::string third = findings.source(layer.arguments.at("stride").span);
    meaning = "`out = " + findings.source(layer.arguments.at("out").span) +
              "`, `kernel = " + second + "`, `stride = " + third + "`";
    instead = "write `conv2d(" + second + ", kernel = " + third +
              ")` if PyTorch's order is meant, else name what stands behind the first number";
  }
  if (!meaning.empty())
    findings
        .report(diag::Code::PlaceOfPyTorch, layer.span,
                "`" + layer.name + "` does not begin with the channels of its input")
        .label("in PyTorch the first number is that of the input's channels")
        .found(meaning + ", by place")
        .expected("no number for the channels of the input, which are " + std::to_string(channels))
        .help(instead);
}

ExprPtr LayerChecker::applyPrimitiveLayer(Layer &layer, ExprPtr input, Span use, Env &env) {
  const std::string &name = layer.name;
  auto find = [&](const char *param) -> const Value * {
    auto it = layer.arguments.find(param);
    return it == layer.arguments.end() ? nullptr : &it->second;
  };
  bool ok = true;
  auto size = [&](const char *param, const Value &value, int64_t low, int64_t high) -> int64_t {
    const std::string what = "`" + std::string(param) + "`";
    std::optional<int64_t> known = build.integer(value, value.span, what);
    if (known && !sizes.checkRange(*known, low, high, value.span, what + " of `" + name + "`"))
      known.reset();
    ok &= known.has_value();
    return known.value_or(1);
  };
  auto width = [&] {
    const Value *out = find("out");
    return size("out", *out, 1, limits::elements);
  };
  auto pair = [&](const char *param, int64_t fallback, int64_t low) -> std::vector<int64_t> {
    const Value *value = find(param);
    if (!value)
      return {fallback, fallback};
    if (value->kind == Value::Kind::List && value->elements.size() == 2) {
      std::vector<int64_t> result;
      for (Value element : value->elements) {
        if (!element.span.isValid())
          element.span = value->span;
        result.push_back(size(param, element, low, limits::window));
      }
      return result;
    }
    int64_t both = size(param, *value, low, limits::window);
    return {both, both};
  };
  auto flag = [&](const char *param) {
    const Value *value = find(param);
    if (!value)
      return true;
    std::optional<Rational> known = value->isNumber() ? build.evaluate(value->expr) : std::nullopt;
    if (!known || value->expr->type.element != Type::Element::Bool) {
      findings
          .report(diag::Code::NotConstant, value->span,
                  "`" + std::string(param) + "` must be `true` or `false`")
          .label(value->str())
          .found(value->str())
          .expected("`true` or `false`")
          .help("write one of them");
      ok = false;
      return true;
    }
    settingTable.fix(value->expr);
    return *known != Rational(0);
  };
  auto numberOf = [&](const char *param, ExprPtr fallback) {
    const Value *value = find(param);
    if (!value)
      return fallback;
    if (!value->isNumber() || value->expr->type.element == Type::Element::Bool) {
      findings
          .report(diag::Code::WrongType, value->span, "`" + std::string(param) + "` is a number")
          .label(value->str())
          .found(value->str())
          .expected("`real`")
          .help("use a constant or a schedule");
      ok = false;
    }
    return value->isExpr() ? value->expr : fallback;
  };
  auto within = [&](const char *param, ExprPtr fallback, const Range &range) -> ExprPtr {
    const Value *value = find(param);
    if (!value)
      return fallback;
    ExprPtr result = numberOf(param, fallback);
    if (!ok)
      return result;
    ExprPtr &known = layer.bounded[param];
    if (!known)
      known = settingTable.bounded(result, range, diag::Code::WrongArgument,
                                   "`" + std::string(param) + "` of `" + name + "`",
                                   settingTable.freePath(layer.path, name, param), value->span);
    ok &= known != nullptr;
    return known;
  };
  auto initOf = [&](const char *param, const std::vector<int64_t> &shape,
                    std::optional<int64_t> fanIn) {
    const Value *value = find(param);
    Env inner = env;
    if (layer.scope)
      inner.scope = layer.scope;
    std::optional<Initialiser> result =
        initialiser(value ? value->written : nullptr, shape, 0, fanIn, inner);
    ok &= result.has_value();
    return result.value_or(Initialiser());
  };
  Type type = input->type;
  auto needRank = [&](size_t rank, const std::string &help) {
    if (type.shape.size() == rank && type.element == Type::Element::Real)
      return true;
    findings.report(diag::Code::ShapeMismatch, use, "`" + name + "` cannot take this input")
        .label("applied here")
        .found(type.str())
        .expected(rank == 3 ? "`tensor[channels, height, width]`" : "`vector[n]`")
        .help(help)
        .note(layer.span, "the layer is declared here");
    return false;
  };
  auto window = [&](int64_t extent, int64_t kernel, int64_t stride, int64_t padding) {
    int64_t out =
        extent + 2 * padding - kernel < 0 ? 0 : (extent + 2 * padding - kernel) / stride + 1;
    if (out < 1 && ok) {
      findings
          .report(diag::Code::ShapeMismatch, use,
                  "the window of `" + name + "` is larger than its input")
          .label("applied here")
          .found("kernel " + std::to_string(kernel) + " on " + type.str() + " with padding " +
                 std::to_string(padding))
          .expected("an input at least as large as the kernel")
          .help("use a smaller kernel, more padding or fewer layers")
          .note(layer.span, "the layer is declared here");
      ok = false;
    }
    return out;
  };
  auto addBias = [&](ExprPtr value, const Leaf *bias) {
    ExprPtr b = leafRef(bias, use);
    if (value->type.shape.size() == 3) {
      Type full = value->type;
      full.perExample = false;
      b = build.node("broadcast", {b}, full, use, {{"shape", full.shape}, {"axes", {0}}});
    }
    return build.elementwise("add", {value, b}, use);
  };
  if (name == "conv2d") {
    if (!needRank(3, "convolve before flattening"))
      return nullptr;
    lintPlaces(layer, type.shape[0]);
    int64_t out = width();
    std::vector<int64_t> kernel = pair("kernel", 1, 1), stride = pair("stride", 1, 1),
                         padding = pair("padding", 0, 0);
    bool bias = flag("bias");
    if (!ok)
      return nullptr;
    std::vector<int64_t> weightShape = {out, type.shape[0], kernel[0], kernel[1]};
    if (!sizes.checkSize(weightShape, layer.span, "the weight of `conv2d`"))
      return nullptr;
    type.shape = {out, window(type.shape[1], kernel[0], stride[0], padding[0]),
                  window(type.shape[2], kernel[1], stride[1], padding[1])};
    if (!ok || !sizes.checkSize(type.shape, use, "the result of `conv2d`"))
      return nullptr;
    int64_t fanIn = weightShape[1] * kernel[0] * kernel[1];
    Initialiser init = initOf("init", weightShape, std::nullopt);
    Initialiser biasInit = initOf("bias_init", {out}, fanIn);
    if (!ok)
      return nullptr;
    const Leaf *weight = leafOf(layer, "weight", weightShape, init, false, layer.span);
    ExprPtr result = build.node("conv2d", {input, leafRef(weight, use)}, type, use,
                                {{"stride", stride}, {"padding", padding}});
    return bias ? addBias(result, leafOf(layer, "bias", {out}, biasInit, false, layer.span))
                : result;
  }
  if (name == "linear") {
    if (!needRank(1, "flatten it first, as in `fc(flatten(v))`"))
      return nullptr;
    int64_t out = width(), in = type.shape[0];
    bool bias = flag("bias");
    if (!ok || !sizes.checkSize({out, in}, layer.span, "the weight of `linear`"))
      return nullptr;
    Initialiser init = initOf("init", {out, in}, std::nullopt);
    Initialiser biasInit = initOf("bias_init", {out}, in);
    if (!ok)
      return nullptr;
    type.shape = {out};
    const Leaf *weight = leafOf(layer, "weight", {out, in}, init, false, layer.span);
    ExprPtr result =
        build.node("matvec", {leafRef(weight, use), input}, type, use, {{"transpose", {0}}});
    return bias ? addBias(result, leafOf(layer, "bias", {out}, biasInit, false, layer.span))
                : result;
  }
  if (name == "batch_norm") {
    ++effects;
    if (type.shape.empty() || type.element != Type::Element::Real) {
      needRank(3, "normalise features, not numbers");
      return nullptr;
    }
    int64_t channels = type.shape[0];
    lintPlaces(layer, channels);
    Range positive, fraction;
    positive.minimum = 0;
    positive.openMinimum = true;
    fraction.minimum = 0;
    fraction.maximum = 1;
    ExprPtr eps = within("eps", build.number(*Rational::make(1, 100000), use), positive);
    ExprPtr momentum = within("momentum", build.number(*Rational::make(1, 10), use), fraction);
    if (!ok)
      return nullptr;
    Initialiser one, zero;
    one.a = 1;
    std::vector<ExprPtr> args = {input};
    args.push_back(leafRef(leafOf(layer, "weight", {channels}, one, false, layer.span), use));
    args.push_back(leafRef(leafOf(layer, "bias", {channels}, zero, false, layer.span), use));
    args.push_back(leafRef(leafOf(layer, "running_mean", {channels}, zero, true, layer.span), use));
    args.push_back(leafRef(leafOf(layer, "running_var", {channels}, one, true, layer.span), use));
    args.push_back(eps);
    args.push_back(momentum);
    return build.node("batch_norm", std::move(args), type, use);
  }
  if (name == "dropout") {
    ++effects;
    Range share;
    share.minimum = 0;
    share.maximum = 1;
    share.openMaximum = true;
    ExprPtr p = within("p", build.number(*Rational::make(1, 2), use), share);
    if (!ok)
      return nullptr;
    // The stream of a dropout is its layer's path: two dropouts never share draws.
    auto result = std::make_shared<Expr>(*build.node("dropout", {input, p}, type, use));
    result->stream = layer.path;
    return result;
  }
  if (name == "max_pool" || name == "avg_pool") {
    if (!needRank(3, "pool before flattening"))
      return nullptr;
    std::vector<int64_t> kernel = pair("kernel", 2, 1);
    std::vector<int64_t> stride = find("stride") ? pair("stride", 1, 1) : kernel;
    std::vector<int64_t> padding = pair("padding", 0, 0);
    if (!ok)
      return nullptr;
    for (size_t i = 0; i < 2; ++i)
      if (2 * padding[i] > kernel[i]) {
        findings
            .report(diag::Code::WrongArgument, layer.span,
                    "the padding of `" + name + "` exceeds half its window")
            .label("here")
            .found("padding " + std::to_string(padding[i]) + ", kernel " +
                   std::to_string(kernel[i]))
            .expected("at most half the kernel")
            .help("use less padding");
        return nullptr;
      }
    type.shape = {type.shape[0], window(type.shape[1], kernel[0], stride[0], padding[0]),
                  window(type.shape[2], kernel[1], stride[1], padding[1])};
    return ok && sizes.checkSize(type.shape, use, "the result of `" + name + "`")
               ? build.node(name + "2d", {input}, type, use,
                            {{"kernel", kernel}, {"stride", stride}, {"padding", padding}})
               : nullptr;
  }
  if (name == "global_avg_pool") {
    if (!needRank(3, "pool before flattening"))
      return nullptr;
    std::optional<Rational> factor = Rational::make(1, type.shape[1] * type.shape[2]);
    type.shape = {type.shape[0]};
    ExprPtr sum = build.node("reduce_sum", {input}, type, use, {{"axes", {1, 2}}});
    return build.elementwise("mul", {sum, build.number(*factor, use)}, use);
  }
  if (name == "standardize") {
    if (!needRank(3, "standardise images"))
      return nullptr;
    ExprPtr parts[2];
    const char *params[] = {"mean", "std"};
    Range positive;
    positive.minimum = 0;
    positive.openMinimum = true;
    for (size_t i = 0; i < 2; ++i) {
      const Value &value = *find(params[i]);
      bool isList = value.kind == Value::Kind::List;
      ExprPtr numbers = isList   ? exprChecker.listTensor(value, value.span)
                        : i == 0 ? numberOf(params[i], nullptr)
                                 : within(params[i], nullptr, positive);
      if (!numbers || !ok || (isList && i == 1 && !arePositive(numbers, value)))
        return nullptr;
      if (numbers->type.isTensor()) {
        if (numbers->type.shape.size() != 1 || numbers->type.shape[0] != type.shape[0]) {
          findings
              .report(diag::Code::ShapeMismatch, value.span,
                      "`" + std::string(params[i]) + "` needs one number a channel")
              .label(numbers->type.str())
              .found(std::to_string(numbers->type.shape[0]) + " numbers")
              .expected(std::to_string(type.shape[0]) + ", the channels of the input")
              .help("write one number for each channel");
          return nullptr;
        }
        Type full = type;
        full.perExample = false;
        numbers =
            build.node("broadcast", {numbers}, full, use, {{"shape", full.shape}, {"axes", {0}}});
      }
      parts[i] = numbers;
    }
    return build.elementwise("div", {build.elementwise("sub", {input, parts[0]}, use), parts[1]},
                             use);
  }
  return nullptr;
}

bool LayerChecker::checkLayers(Span span) {
  if (layers.size() < limits::layers)
    return true;
  if (std::exchange(layersCounted, true))
    return false;
  findings.report(diag::Code::TooLarge, span, "the page has too many layers")
      .label("one more")
      .found("more than " + std::to_string(limits::layers) + " layers and networks")
      .expected("no more than " + std::to_string(limits::layers))
      .help("use a smaller network");
  return false;
}

} // namespace advx::sema
