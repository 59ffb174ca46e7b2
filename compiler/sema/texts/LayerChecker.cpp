//===- LayerChecker.cpp - Networks at the shapes of their use ----------------===//
//
// A network is a value until it meets its input; then its text is read with
// `channels_in` known, its parameters get their shapes, and its forward is
// written out. What it applies a second time shares the parameters.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/texts/LayerChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/ModelChecker.h"
#include "compiler/sema/texts/PrimitiveLayers.h"

#include <algorithm>
#include <utility>

namespace advx::sema {

LayerChecker::~LayerChecker() {
  for (const LayerPtr &layer : layers) {
    layer->scope.reset();
    layer->members.clear();
    layer->arguments.clear();
  }
}

bool LayerChecker::checkCount(Span span) {
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

ExprPtr LayerChecker::leafRef(const Leaf *leaf, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Leaf;
  expr->leaf = leaf;
  expr->name = leaf->name;
  expr->type.kind = Type::Kind::Tensor;
  expr->type.shape = leaf->shape;
  expr->span = span;
  return expr;
}

const Leaf *LayerChecker::leafOf(Layer &layer, const std::string &name, std::vector<int64_t> shape,
                                 Initialiser init, bool buffer, Span span) {
  auto it = layer.leaves.find(name);
  if (it != layer.leaves.end())
    return it->second;
  Leaf *leaf = sheet.make<Leaf>();
  leaf->name = layer.path + "." + name;
  leaf->shape = std::move(shape);
  leaf->isBuffer = buffer;
  leaf->trainable = !buffer;
  leaf->isNorm = !buffer && layer.kind == Layer::Kind::Primitive &&
                 layer.primitive == LayerPrimitive::BatchNorm;
  leaf->init = init;
  leaf->span = span;
  layer.leaves[name] = leaf;
  sheet.experiment->leaves.push_back(leaf);
  return leaf;
}

ExprPtr LayerChecker::bindLet(ExprPtr value, const std::string &name, Env &env) {
  if (!value || !env.stmts || value->kind == Expr::Kind::Local || value->kind == Expr::Kind::Leaf)
    return value;
  Stmt let;
  let.kind = Stmt::Kind::Let;
  let.span = value->span;
  let.local = sheet.local(name, value->type, value->span);
  let.value = value;
  ExprPtr result = build.localRef(let.local, value->span);
  env.stmts->push_back(std::move(let));
  return result;
}

LayerPtr LayerChecker::asLayer(const Value &value, Span span) {
  if (value.kind == Value::Kind::Layer)
    return value.layer;
  if (value.kind == Value::Kind::Function) {
    auto layer = newLayer();
    layer->kind = Layer::Kind::Function;
    layer->function = value;
    layer->span = span;
    return layer;
  }
  if (!value.isError())
    findings.report(diag::Code::WrongKind, span, "a network is needed here")
        .label(value.str())
        .found(value.str())
        .expected("a layer, a network, a function or `identity`")
        .help("as in `conv2d(16, kernel = 3)`");
  return nullptr;
}

Value LayerChecker::makeChain(Value lhs, Value rhs, Span span) {
  if (lhs.isError() || rhs.isError())
    return Value::error();
  LayerPtr a = asLayer(lhs, lhs.span.isValid() ? lhs.span : span);
  LayerPtr b = asLayer(rhs, rhs.span.isValid() ? rhs.span : span);
  if (!a || !b)
    return Value::error();
  Value result;
  result.kind = Value::Kind::Layer;
  result.span = span;
  result.layer = newLayer();
  result.layer->kind = Layer::Kind::Chain;
  result.layer->span = span;
  for (const LayerPtr &part : {a, b})
    if (part->kind == Layer::Kind::Chain && part->path.empty() && &part != &b)
      result.layer->members.insert(result.layer->members.end(), part->members.begin(),
                                   part->members.end());
    else
      result.layer->members.push_back(part);
  return result;
}

/// Names the leaves of a layer. The members of a chain are numbered, as those of
/// torch.nn.Sequential are; input normalisation is no member of a checkpoint, and
/// a chain of one member besides it has no number.
void LayerChecker::setPath(Layer &layer, const std::string &path) {
  if (!layer.path.empty())
    return; // A layer that has two names keeps its first: the parameters are shared.
  layer.path = path;
  if (layer.kind != Layer::Kind::Chain)
    return;
  auto counts = [](const LayerPtr &member) {
    return !(member->kind == Layer::Kind::Primitive &&
             member->primitive == LayerPrimitive::Standardize);
  };
  auto members = std::count_if(layer.members.begin(), layer.members.end(), counts);
  size_t number = 0;
  for (const LayerPtr &member : layer.members) {
    if (!counts(member))
      setPath(*member, path + ".standardize");
    else
      setPath(*member, members == 1 ? path : path + "." + std::to_string(number++));
  }
}

Value LayerChecker::makeTextLayer(const Decl &decl, const syntax::Expr &call, Env &env) {
  std::vector<Value> values;
  const bool onPage = !env.role.empty();
  auto take = [&](BoundArgument &argument) {
    // On the page reals become settings, the rest shapes the program.
    const std::string &name = argument.param.name.text;
    std::string path = settingTable.freePath(env.role, decl.name.text, name);
    if (onPage && argument.param.type.name.text == "real" && argument.value.isNumber())
      settingTable.adopt(argument, path, Type::Element::Real, call);
    else if (onPage)
      settingTable.shape(argument, path, call);
    return !argument.value.isError();
  };
  if (!callBinder.bind({decl, call, env, env.role}, take, &values))
    return Value::error();
  if (!checkCount(call.span))
    return Value::error();
  auto layer = newLayer();
  layer->kind = Layer::Kind::Text;
  layer->decl = &decl;
  layer->span = call.span;
  layer->scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  Findings::Frame frame(findings, call.span, "in this use of `" + decl.name.text + "`");
  if (!callChecker.bindParams(decl, values, *layer->scope, call.span, nullptr, nullptr, false))
    return Value::error();
  for (size_t i = 0; i < values.size(); ++i)
    if (onPage && decl.params[i].type.name.text == "int" && values[i].isNumber() &&
        !build.integer(values[i], call.span, "`" + decl.params[i].name.text + "`"))
      return Value::error();
  Value result;
  result.kind = Value::Kind::Layer;
  result.layer = layer;
  result.span = call.span;
  return result;
}

ExprPtr LayerChecker::applyText(Layer &layer, ExprPtr input, Span use, Env &env) {
  const Decl &decl = *layer.decl;
  OpenTexts::Inside inside(openTexts, OpenTexts::Part::Body, decl, layer.span);
  if (!inside)
    return nullptr;
  Findings::Frame frame(findings, layer.span, "in this use of `" + decl.name.text + "`");
  Env inner = env;
  inner.scope = layer.scope;
  inner.role.clear();
  inner.page = nullptr;
  std::vector<std::pair<const syntax::Stmt *, LayerPtr>> declared;
  if (!layer.applied) {
    layer.applied = true;
    if (!input->type.shape.empty())
      layer.scope->names["channels_in"] =
          Value::of(build.number(Rational(input->type.shape[0]), use, Type::Element::Int));
    for (const syntax::Stmt &stmt : decl.body) {
      const syntax::Name &name = stmt.pattern[0];
      if (stmt.kind == syntax::Stmt::Kind::Let) {
        Value value = exprChecker.check(*stmt.value, inner);
        if (value.isError())
          return nullptr;
        if (!binder.declareName(*layer.scope, name, value))
          return nullptr;
        continue;
      }
      if (stmt.kind == syntax::Stmt::Kind::Param) {
        std::vector<const Leaf *> ignored;
        modelChecker.addParam(stmt, layer.path, inner, ignored);
        if (!layer.scope->find(name.text))
          return nullptr;
        continue;
      }
      if (stmt.kind != syntax::Stmt::Kind::Layer) {
        findings
            .report(diag::Code::MisplacedStatement, stmt.span,
                    "this statement cannot stand in a network")
            .label("here")
            .expected("`let`, `layer`, `param` and `forward`")
            .help("move it out of the network");
        return nullptr;
      }
      Value value;
      std::string path = layer.path + "." + name.text;
      if (!stmt.layerRange) {
        value = exprChecker.check(*stmt.value, inner);
      } else {
        const syntax::Expr &range = *stmt.layerRange;
        if (range.kind != syntax::Expr::Kind::Binary || range.text != "..") {
          findings.report(diag::Code::WrongType, range.span, "indexed layers need a range")
              .label("not a range")
              .found("`" + findings.source(range.span) + "`")
              .expected("`first..last`, both included")
              .help("as in `layer b[i in 0..3] = …`");
          return nullptr;
        }
        Value from = exprChecker.check(*range.children[0], inner),
              to = exprChecker.check(*range.children[1], inner);
        std::optional<int64_t> first =
            build.integer(from, range.children[0]->span, "the first index");
        std::optional<int64_t> last = build.integer(to, range.children[1]->span, "the last index");
        if (!first || !last ||
            !sizes.checkRange(*first, 0, limits::count, range.children[0]->span,
                              "the first index") ||
            !sizes.checkRange(*last, -1, limits::count, range.children[1]->span, "the last index"))
          return nullptr;
        value.kind = Value::Kind::Layer;
        value.layer = newLayer();
        value.layer->kind = Layer::Kind::Chain;
        value.layer->path = path;
        value.layer->span = stmt.span;
        for (int64_t i = *first; i <= *last; ++i) {
          Env member = inner.with(std::make_shared<Scope>(layer.scope));
          member.scope->names[stmt.layerIndex.text] =
              Value::of(build.number(Rational(i), stmt.layerIndex.span, Type::Element::Int));
          LayerPtr part = asLayer(exprChecker.check(*stmt.value, member), stmt.value->span);
          if (!part || !checkCount(stmt.span))
            return nullptr;
          setPath(*part, path + "." + std::to_string(i));
          value.layer->members.push_back(part);
        }
      }
      if (value.isError())
        return nullptr;
      value.layer = asLayer(value, stmt.value->span);
      if (!value.layer)
        return nullptr;
      value.kind = Value::Kind::Layer;
      setPath(*value.layer, path);
      if (!binder.declareName(*layer.scope, name, value))
        return nullptr;
      declared.push_back({&stmt, value.layer});
    }
  }
  if (!decl.forward)
    return nullptr;
  Env forward = inner.with(std::make_shared<Scope>(layer.scope));
  forward.scope->names[decl.forwardParam.text] =
      Value::of(bindLet(input, layer.path + "." + decl.forwardParam.text, env));
  ExprPtr result = exprChecker.checkExpr(*decl.forward, forward);
  if (!result)
    return nullptr;
  for (const auto &[stmt, part] : declared) {
    bool used =
        part->applied || part->kind == Layer::Kind::Identity || part->kind == Layer::Kind::Function;
    if (!used)
      badNetworks.insert(&decl);
    if (!used)
      findings
          .report(diag::Code::UnusedLayer, stmt->pattern[0].span,
                  "the layer `" + stmt->pattern[0].text + "` is never applied")
          .label("declared here")
          .found("no use in `forward`")
          .expected("every layer in `forward`")
          .help("apply it or remove it: without an input its shape is unknown");
  }
  return result;
}

ExprPtr LayerChecker::applyLayer(const LayerPtr &layer, ExprPtr input, Span use, Env &env) {
  if (!input)
    return nullptr;
  if (!input->type.isTensor()) {
    findings.report(diag::Code::WrongType, input->span, "a network is applied to a tensor")
        .label(input->type.str())
        .found(input->type.str())
        .expected("an image or features")
        .help("apply it to the argument of `forward`");
    return nullptr;
  }
  bool hasShape = layer->kind == Layer::Kind::Primitive || layer->kind == Layer::Kind::Text;
  if (hasShape && !layer->input.empty() && layer->input != input->type.shape &&
      (!layer->leaves.empty() || layer->kind == Layer::Kind::Text)) {
    findings.report(diag::Code::ShapeMismatch, use, "a layer is applied to two shapes")
        .label("the second use")
        .found(input->type.str())
        .expected(shapeText(layer->input) + ", as at its first use")
        .help("declare one layer for each shape")
        .note(layer->span, "the layer is declared here");
    return nullptr;
  }
  layer->input = input->type.shape;
  switch (layer->kind) {
  case Layer::Kind::Identity:
    return input;
  case Layer::Kind::Function:
    layer->applied = true;
    return exprChecker.expectExpr(
        callChecker.callFunctionValue(layer->function, {Value::of(input)}, use, env), use);
  case Layer::Kind::Primitive:
    layer->applied = true;
    effects += hasEffect(layer->primitive);
    return primitiveLayers.apply(*layer, input, use, env);
  case Layer::Kind::Chain:
    layer->applied = true;
    for (const LayerPtr &member : layer->members) {
      input = applyLayer(member, input, use, env);
      if (!input)
        return nullptr;
    }
    return input;
  case Layer::Kind::Text:
    return applyTextOnce(*layer, input, use, env);
  }
  return nullptr;
}

/// Equal applications are one, unless something in them draws or keeps statistics.
ExprPtr LayerChecker::applyTextOnce(Layer &layer, ExprPtr input, Span use, Env &env) {
  if (badNetworks.count(layer.decl)) // Said at its first use.
    return nullptr;
  const void *value = input->kind == Expr::Kind::Local ? static_cast<const void *>(input->local)
                                                       : static_cast<const void *>(input.get());
  std::tuple<const Layer *, const void *, const void *> key{&layer, value, env.stmts};
  if (auto known = applications.find(key); known != applications.end())
    return known->second.second;
  size_t before = effects;
  ExprPtr result = applyText(layer, input, use, env);
  if (result && effects == before)
    applications[key] = {input, result};
  return result;
}

} // namespace advx::sema
