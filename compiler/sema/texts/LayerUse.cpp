//===- LayerUse.cpp - The arguments of a layer at the shape of its input ------===//

#include "compiler/sema/texts/LayerUse.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/InitialiserChecker.h"
#include "compiler/sema/texts/LayerChecker.h"

namespace advx::sema {

LayerUse::LayerUse(const Tools &tools, LayerChecker &layerChecker, InitialiserChecker &initialisers,
                   Layer &layer, ExprPtr input, Span place, Env &env)
    : Room(tools), name(info(layer.primitive).name), layer(layer), input(std::move(input)),
      place(place), layerChecker(layerChecker), initialisers(initialisers), env(env) {}

const Value *LayerUse::given(const char *param) const {
  auto it = layer.arguments.find(param);
  return it == layer.arguments.end() ? nullptr : &it->second;
}

int64_t LayerUse::size(const char *param, const Value &value, int64_t low, int64_t high) {
  const std::string what = "`" + std::string(param) + "`";
  std::optional<int64_t> known = build.integer(value, value.span, what);
  if (known && !sizes.checkRange(*known, low, high, value.span, what + " of `" + name + "`"))
    known.reset();
  ok &= known.has_value();
  return known.value_or(1);
}

int64_t LayerUse::width() { return size("out", *given("out"), 1, limits::elements); }

std::vector<int64_t> LayerUse::pair(const char *param, int64_t fallback, int64_t low) {
  const Value *value = given(param);
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
}

bool LayerUse::flag(const char *param) {
  const Value *value = given(param);
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
}

ExprPtr LayerUse::number(const char *param, ExprPtr fallback) {
  const Value *value = given(param);
  if (!value)
    return fallback;
  if (!value->isNumber() || value->expr->type.element == Type::Element::Bool) {
    findings.report(diag::Code::WrongType, value->span, "`" + std::string(param) + "` is a number")
        .label(value->str())
        .found(value->str())
        .expected("`real`")
        .help("use a constant or a schedule");
    ok = false;
  }
  return value->isExpr() ? value->expr : fallback;
}

ExprPtr LayerUse::numberWithin(const char *param, ExprPtr fallback, const Range &range) {
  const Value *value = given(param);
  if (!value)
    return fallback;
  ExprPtr result = number(param, fallback);
  if (!ok)
    return result;
  ExprPtr &known = layer.bounded[param];
  if (!known)
    known = settingTable.bounded(result, range, diag::Code::WrongArgument,
                                 "`" + std::string(param) + "` of `" + name + "`",
                                 settingTable.freePath(layer.path, name, param), value->span);
  ok &= known != nullptr;
  return known;
}

Initialiser LayerUse::initialiser(const char *param, const std::vector<int64_t> &shape,
                                  std::optional<int64_t> fanIn) {
  const Value *value = given(param);
  Env inner = env;
  if (layer.scope)
    inner.scope = layer.scope;
  std::optional<Initialiser> result =
      initialisers.check(value ? value->written : nullptr, shape, 0, fanIn, inner);
  ok &= result.has_value();
  return result.value_or(Initialiser());
}

bool LayerUse::hasRank(size_t rank, const std::string &help) {
  const Type &type = input->type;
  if (type.shape.size() == rank && type.element == Type::Element::Real)
    return true;
  findings.report(diag::Code::ShapeMismatch, place, "`" + name + "` cannot take this input")
      .label("applied here")
      .found(type.str())
      .expected(rank == 3 ? "`tensor[channels, height, width]`" : "`vector[n]`")
      .help(help)
      .note(layer.span, "the layer is declared here");
  return false;
}

int64_t LayerUse::windowCount(int64_t extent, int64_t kernel, int64_t stride, int64_t padding) {
  const int64_t room = extent + 2 * padding - kernel;
  const int64_t count = room < 0 ? 0 : room / stride + 1;
  if (count < 1 && ok) {
    findings
        .report(diag::Code::ShapeMismatch, place,
                "the window of `" + name + "` is larger than its input")
        .label("applied here")
        .found("kernel " + std::to_string(kernel) + " on " + input->type.str() + " with padding " +
               std::to_string(padding))
        .expected("an input at least as large as the kernel")
        .help("use a smaller kernel, more padding or fewer layers")
        .note(layer.span, "the layer is declared here");
    ok = false;
  }
  return count;
}

ExprPtr LayerUse::parameter(const char *param, std::vector<int64_t> shape,
                            const Initialiser &init) {
  return layerChecker.leafRef(
      layerChecker.leafOf(layer, param, std::move(shape), init, false, layer.span), place);
}

ExprPtr LayerUse::buffer(const char *param, std::vector<int64_t> shape, const Initialiser &init) {
  return layerChecker.leafRef(
      layerChecker.leafOf(layer, param, std::move(shape), init, true, layer.span), place);
}

ExprPtr LayerUse::plus(ExprPtr value, ExprPtr bias) {
  if (value->type.shape.size() == 3)
    bias = overImage(std::move(bias), value->type);
  return build.elementwise(Op::Add, {std::move(value), std::move(bias)}, place);
}

ExprPtr LayerUse::overImage(ExprPtr channels, const Type &type) {
  Type full = type;
  full.perExample = false;
  return build.node(Op::Broadcast, {std::move(channels)}, full, place,
                    {{"shape", full.shape}, {"axes", {0}}});
}

} // namespace advx::sema
