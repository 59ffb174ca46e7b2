//===- NetworkChecker.cpp - Networks and heads at the shapes of their use ----===//
//
// A network is a value until it meets its input; then its text is read with
// `channels_in` known, its parameters get their shapes, and its forward is
// written out. What it applies a second time shares the parameters.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/Checker.h"
#include "compiler/sema/Limits.h"

#include <algorithm>

namespace advx::sema {

ExprPtr Checker::leafRef(const Leaf *leaf, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Leaf;
  expr->leaf = leaf;
  expr->name = leaf->name;
  expr->type.kind = Type::Kind::Tensor;
  expr->type.shape = leaf->shape;
  expr->span = span;
  return expr;
}

const Leaf *Checker::leafOf(Layer &layer, const std::string &name, std::vector<int64_t> shape,
                            Initialiser init, bool buffer, Span span) {
  auto it = layer.leaves.find(name);
  if (it != layer.leaves.end())
    return it->second;
  Leaf *leaf = make<Leaf>();
  leaf->name = layer.path + "." + name;
  leaf->shape = std::move(shape);
  leaf->isBuffer = buffer;
  leaf->trainable = !buffer;
  leaf->init = init;
  leaf->span = span;
  layer.leaves[name] = leaf;
  experiment->leaves.push_back(leaf);
  return leaf;
}

ExprPtr Checker::bindLet(ExprPtr value, const std::string &name, Env &env) {
  if (!value || !env.stmts || value->kind == Expr::Kind::Local || value->kind == Expr::Kind::Leaf)
    return value;
  Stmt let;
  let.kind = Stmt::Kind::Let;
  let.span = value->span;
  let.local = local(name, value->type, value->span);
  let.value = value;
  ExprPtr result = localRef(let.local, value->span);
  env.stmts->push_back(std::move(let));
  return result;
}

LayerPtr Checker::asLayer(const Value &value, Span span) {
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
    report(diag::Code::WrongKind, span, "a network is needed here")
        .label(value.str())
        .found(value.str())
        .expected("a layer, a network, a function or `identity`")
        .help("as in `conv2d(16, kernel = 3)`");
  return nullptr;
}

Value Checker::makeChain(Value lhs, Value rhs, Span span) {
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
void Checker::setPath(Layer &layer, const std::string &path) {
  if (!layer.path.empty())
    return; // A layer that has two names keeps its first: the parameters are shared.
  layer.path = path;
  if (layer.kind != Layer::Kind::Chain)
    return;
  auto counts = [](const LayerPtr &member) {
    return !(member->kind == Layer::Kind::Primitive && member->name == "standardize");
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

Value Checker::makeTextLayer(const Decl &decl, const syntax::Expr &call, Env &env) {
  std::vector<Value> values;
  std::vector<const syntax::Arg *> bound;
  if (!bindText(decl, call, env, values, bound))
    return Value::error();
  if (!checkLayers(call.span))
    return Value::error();
  auto layer = newLayer();
  layer->kind = Layer::Kind::Text;
  layer->decl = &decl;
  layer->span = call.span;
  layer->scope = std::make_shared<Scope>(rootScope, decl.span.file);
  Frame frame(*this, call.span, "in this use of `" + decl.name.text + "`");
  if (env.role.empty()) {
    if (!bindParams(decl, values, *layer->scope, call.span, nullptr, nullptr, false))
      return Value::error();
  } else {
    // Arguments on the page: reals become settings, the rest shapes the program.
    for (size_t i = 0; i < decl.params.size(); ++i) {
      const syntax::Param &param = decl.params[i];
      const syntax::Arg *given = bound[i];
      Span place = given ? given->span : call.span;
      std::string text = given                ? source(given->value->span)
                         : param.defaultValue ? source(param.defaultValue->span)
                                              : "";
      std::string path = freePath(env.role, decl.name.text, param.name.text);
      if (!given && values[i].isNumber())
        text = printNumber(values[i].expr, param.defaultValue->span);
      if (!given)
        insertArgument(call, param.name.text, text);
      if (param.type.name.text == "real" && values[i].isNumber())
        values[i].expr = setting(path, Type::Element::Real, values[i].expr, text, !given, place);
      else
        structural(path, text, !given, place);
    }
    if (!bindParams(decl, values, *layer->scope, call.span, nullptr, nullptr, false))
      return Value::error();
    for (size_t i = 0; i < decl.params.size(); ++i)
      if (decl.params[i].type.name.text == "int" && values[i].isNumber() &&
          !integer(values[i], call.span, "`" + decl.params[i].name.text + "`"))
        return Value::error();
  }
  Value result;
  result.kind = Value::Kind::Layer;
  result.layer = layer;
  result.span = call.span;
  return result;
}

ExprPtr Checker::applyText(Layer &layer, ExprPtr input, Span use, Env &env) {
  const Decl &decl = *layer.decl;
  Inside inside(*this, activeTexts, decl, layer.span);
  if (!inside)
    return nullptr;
  Frame frame(*this, layer.span, "in this use of `" + decl.name.text + "`");
  Env inner = env;
  inner.scope = layer.scope;
  inner.role.clear();
  inner.page = nullptr;
  std::vector<std::pair<const syntax::Stmt *, LayerPtr>> declared;
  if (!layer.applied) {
    layer.applied = true;
    if (!input->type.shape.empty())
      layer.scope->names["channels_in"] =
          Value::of(number(Rational(input->type.shape[0]), use, Type::Element::Int));
    for (const syntax::Stmt &stmt : decl.body) {
      const syntax::Name &name = stmt.pattern[0];
      if (stmt.kind == syntax::Stmt::Kind::Let) {
        Value value = check(*stmt.value, inner);
        if (value.isError())
          return nullptr;
        if (!declareName(*layer.scope, name, value))
          return nullptr;
        continue;
      }
      if (stmt.kind == syntax::Stmt::Kind::Param) {
        std::vector<const Leaf *> ignored;
        addParam(stmt, layer.path, inner, ignored);
        if (!layer.scope->find(name.text))
          return nullptr;
        continue;
      }
      if (stmt.kind != syntax::Stmt::Kind::Layer) {
        report(diag::Code::MisplacedStatement, stmt.span,
               "this statement cannot stand in a network")
            .label("here")
            .expected("`let`, `layer`, `param` and `forward`")
            .help("move it out of the network");
        return nullptr;
      }
      Value value;
      std::string path = layer.path + "." + name.text;
      if (!stmt.layerRange) {
        value = check(*stmt.value, inner);
      } else {
        const syntax::Expr &range = *stmt.layerRange;
        if (range.kind != syntax::Expr::Kind::Binary || range.text != "..") {
          report(diag::Code::WrongType, range.span, "indexed layers need a range")
              .label("not a range")
              .found("`" + source(range.span) + "`")
              .expected("`first..last`, both included")
              .help("as in `layer b[i in 0..3] = …`");
          return nullptr;
        }
        Value from = check(*range.children[0], inner), to = check(*range.children[1], inner);
        std::optional<int64_t> first = integer(from, range.children[0]->span, "the first index");
        std::optional<int64_t> last = integer(to, range.children[1]->span, "the last index");
        if (!first || !last ||
            !checkRange(*first, 0, limits::count, range.children[0]->span, "the first index") ||
            !checkRange(*last, -1, limits::count, range.children[1]->span, "the last index"))
          return nullptr;
        value.kind = Value::Kind::Layer;
        value.layer = newLayer();
        value.layer->kind = Layer::Kind::Chain;
        value.layer->path = path;
        value.layer->span = stmt.span;
        for (int64_t i = *first; i <= *last; ++i) {
          Env member = inner.with(std::make_shared<Scope>(layer.scope));
          member.scope->names[stmt.layerIndex.text] =
              Value::of(number(Rational(i), stmt.layerIndex.span, Type::Element::Int));
          LayerPtr part = asLayer(check(*stmt.value, member), stmt.value->span);
          if (!part || !checkLayers(stmt.span))
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
      if (!declareName(*layer.scope, name, value))
        return nullptr;
      declared.push_back({&stmt, value.layer});
    }
  }
  if (!decl.forward)
    return nullptr;
  Env forward = inner.with(std::make_shared<Scope>(layer.scope));
  forward.scope->names[decl.forwardParam.text] =
      Value::of(bindLet(input, layer.path + "." + decl.forwardParam.text, env));
  ExprPtr result = checkExpr(*decl.forward, forward);
  if (!result)
    return nullptr;
  for (const auto &[stmt, part] : declared) {
    bool used =
        part->applied || part->kind == Layer::Kind::Identity || part->kind == Layer::Kind::Function;
    if (!used)
      badNetworks.insert(&decl);
    if (!used)
      report(diag::Code::UnusedLayer, stmt->pattern[0].span,
             "the layer `" + stmt->pattern[0].text + "` is never applied")
          .label("declared here")
          .found("no use in `forward`")
          .expected("every layer in `forward`")
          .help("apply it or remove it: without an input its shape is unknown");
  }
  return result;
}

ExprPtr Checker::applyLayer(const LayerPtr &layer, ExprPtr input, Span use, Env &env) {
  if (!input)
    return nullptr;
  if (!input->type.isTensor()) {
    report(diag::Code::WrongType, input->span, "a network is applied to a tensor")
        .label(input->type.str())
        .found(input->type.str())
        .expected("an image or features")
        .help("apply it to the argument of `forward`");
    return nullptr;
  }
  bool hasShape = layer->kind == Layer::Kind::Primitive || layer->kind == Layer::Kind::Text;
  if (hasShape && !layer->input.empty() && layer->input != input->type.shape &&
      (!layer->leaves.empty() || layer->kind == Layer::Kind::Text)) {
    report(diag::Code::ShapeMismatch, use, "a layer is applied to two shapes")
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
    return expectExpr(callFunctionValue(layer->function, {Value::of(input)}, use, env), use);
  case Layer::Kind::Primitive: {
    layer->applied = true;
    return applyPrimitiveLayer(*layer, input, use, env);
  }
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
ExprPtr Checker::applyTextOnce(Layer &layer, ExprPtr input, Span use, Env &env) {
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

void Checker::addParam(const syntax::Stmt &stmt, const std::string &path, Env &env,
                       std::vector<const Leaf *> &leaves) {
  const syntax::Name &name = stmt.pattern[0];
  std::optional<std::vector<int64_t>> shape = shapeOf(stmt.type, env);
  if (!shape || !checkSize(*shape, stmt.type.span, "the parameter `" + name.text + "`"))
    return;
  // The output axis is `classes` where the type has one, else the first.
  int64_t outputAxis = 0;
  for (size_t i = 0; i < stmt.type.dims.size(); ++i)
    if (stmt.type.dims[i]->kind == syntax::Expr::Kind::Name && stmt.type.dims[i]->text == "classes")
      outputAxis = static_cast<int64_t>(i);
  std::optional<int64_t> fanIn;
  if (shape->size() == 1)
    if (const Value *d = env.scope->find("features_in"))
      fanIn = integer(*d, stmt.span, "the features");
  std::optional<Initialiser> init = initialiser(stmt.value.get(), *shape, outputAxis, fanIn, env);
  if (!init)
    return;
  Leaf *leaf = make<Leaf>();
  leaf->name = path + "." + name.text;
  leaf->shape = *shape;
  leaf->init = *init;
  leaf->span = stmt.span;
  if (stmt.within) {
    std::vector<SetPart> parts;
    if (!collectParts(*stmt.within, env, parts))
      return;
    Function *project = make<Function>();
    project->name = leaf->name + ".project";
    project->symbol = project->name; // leaves have names of their own, and so has this
    project->span = stmt.span;
    Type type;
    type.kind = Type::Kind::Tensor;
    type.shape = *shape;
    Local *formal = local(name.text, type, name.span);
    project->params = {formal};
    ExprPtr value = localRef(formal, stmt.span);
    for (const SetPart &part : parts) {
      const syntax::SetMember *text = member(part, "project");
      std::vector<ExprPtr> passed;
      const Function *function = text ? memberFunction(part, *text, {type}, passed) : nullptr;
      if (!function)
        return;
      passed.push_back(value);
      value = callFunction(function, passed, stmt.span);
    }
    project->body.value = value;
    experiment->functions.push_back(project);
    leaf->project = project;
  }
  experiment->leaves.push_back(leaf);
  leaves.push_back(leaf);
  declareName(*env.scope, name, Value::of(leafRef(leaf, name.span)));
}

void Checker::checkFeatures(const syntax::Item &item) {
  Env env;
  env.scope = pageScope;
  env.role = item.name.text;
  Value value = check(*item.value, env);
  Value bad;
  if (!dataReady) {
    declareName(*pageScope, item.name, bad);
    return;
  }
  LayerPtr layer = asLayer(value, item.value->span);
  if (!layer) {
    declareName(*pageScope, item.name, bad);
    return;
  }
  Model *model = make<Model>();
  model->name = item.name.text;
  model->span = item.span;
  model->frozen = item.source && item.source->frozen;
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = experiment->data.image;
  type.perExample = true;
  model->input = local("x", type, item.span);
  setPath(*layer, item.name.text);
  size_t before = experiment->leaves.size();
  env.role.clear();
  env.stmts = &model->forward.stmts;
  model->forward.value =
      applyLayer(layer, localRef(model->input, item.value->span), item.value->span, env);
  model->leaves.assign(experiment->leaves.begin() + before, experiment->leaves.end());
  applySource(item, model->leaves, item.name.text);
  if (!model->forward.value) {
    declareName(*pageScope, item.name, bad);
    return;
  }
  Value result;
  result.kind = Value::Kind::Model;
  result.model = model;
  if (declareName(*pageScope, item.name, result))
    experiment->models.push_back(model);
}

void Checker::checkHead(const syntax::Item &item) {
  Value bad;
  auto fail = [&] { declareName(*pageScope, item.name, bad); };
  Env env;
  env.scope = pageScope;
  const syntax::Expr &call = *item.value;
  if (call.kind != syntax::Expr::Kind::Call || call.children[0]->kind != syntax::Expr::Kind::Name) {
    report(diag::Code::WrongKind, call.span, "a head is a call")
        .label("not a call")
        .found("`" + source(call.span) + "`")
        .expected("`HEAD(features, …)`")
        .help(foreignHeadHelp(call));
    return fail();
  }
  const std::string &name = call.children[0]->text;
  std::vector<const Decl *> decls = program.find(Decl::Kind::Head, name, pageScope->file);
  if (decls.empty()) {
    report(diag::Code::UnknownName, call.children[0]->span, "unknown head `" + name + "`")
        .label("nothing declares this")
        .found("`" + name + "`")
        .expected("a head")
        .help(nameHelp({diag::NamePlace::Head}, name,
                       program.names(Decl::Kind::Head, pageScope->file)));
    return fail();
  }
  const Decl &decl = *decls.front();
  if (decl.params.empty()) {
    report(diag::Code::MissingPart, decl.name.span,
           "a head needs the features as its first parameter")
        .label("no parameters")
        .expected("`head " + decl.name.text + "(z : vector[d], …)`")
        .help("add it");
    return fail();
  }
  if (call.args.empty() || !call.args[0].name.empty() || !call.args[0].value ||
      call.args[0].value->kind != syntax::Expr::Kind::Name) {
    report(diag::Code::MissingArgument, call.span, "the head `" + name + "` needs features")
        .label("missing argument")
        .found("`" + source(call.span) + "`")
        .expected("the name of a `features` line first")
        .help("write `" + name + "(" + boundOnPage(syntax::Item::Kind::Features, "z") +
              ")`; a head has one logit for each class of the data")
        .note(decl.name.span, "declared here");
    return fail();
  }
  if (decl.params.size() == 1 && call.args.size() > 1 && call.args[1].name.empty()) {
    report(diag::Code::TooManyArguments, call.args[1].span,
           "too many arguments for the head `" + name + "`")
        .label("one too many")
        .found("`" + source(call.span) + "`")
        .expected("features alone")
        .help("write `" + name + "(" + source(call.args[0].span) +
              ")`; a head has one logit for each class of the data")
        .note(decl.name.span, "`" + name + "` is declared here");
    return fail();
  }
  Value features = check(*call.args[0].value, env);
  if (features.isError())
    return fail();
  if (features.kind != Value::Kind::Model) {
    report(diag::Code::WrongKind, call.args[0].span, "a head stands on features")
        .label(features.str())
        .found(features.str())
        .expected("the name of a `features` line")
        .help("declare `features z = …` and write `" + name + "(z)`");
    return fail();
  }
  Frame frame(*this, call.span, "in this use of `" + name + "`");
  Head *head = make<Head>();
  head->name = item.name.text;
  head->span = item.span;
  head->model = features.model;
  head->frozen = item.source && item.source->frozen;
  auto scope = std::make_shared<Scope>(rootScope, decl.span.file);
  Env inner;
  inner.scope = scope;
  inner.stmts = &head->lets;
  // The features.
  const Type &have = head->model->forward.value->type;
  Type type = have;
  type.perExample = true;
  head->z = local(decl.params[0].name.text, type, decl.params[0].name.span);
  Value z = Value::of(localRef(head->z, call.args[0].span));
  std::string expected;
  if (!isKnownType(decl.params[0].type))
    return fail();
  if (!fits(decl.params[0].type, z, *scope, expected)) {
    report(diag::Code::ShapeMismatch, call.args[0].span,
           "the features do not fit the head `" + name + "`")
        .label(type.str())
        .found(type.str())
        .expected(expected)
        .help(type.shape.size() > 1 ? "end the network with `flatten` or `global_avg_pool`"
                                    : "use features of that size")
        .note(decl.params[0].span, "declared here")
        .note(features.span, "the features");
    return fail();
  }
  scope->names[decl.params[0].name.text] = z;
  if (type.shape.size() == 1)
    scope->names["features_in"] =
        Value::of(number(Rational(type.shape[0]), call.span, Type::Element::Int));
  // Its numbers.
  std::vector<std::string> names;
  for (size_t i = 1; i < decl.params.size(); ++i)
    names.push_back(decl.params[i].name.text);
  std::vector<const syntax::Arg *> bound;
  if (!bindArguments(names, 0, call.args, 1, call.span, name, decl.name.span, bound))
    return fail();
  for (size_t i = 1; i < decl.params.size(); ++i) {
    const syntax::Param &param = decl.params[i];
    const syntax::Arg *arg = bound[i - 1];
    Value value;
    std::string text;
    Env where = env;
    where.role = item.name.text + "." + param.name.text;
    if (arg) {
      value = check(*arg->value, where);
      text = source(arg->value->span);
    } else if (param.defaultValue) {
      Env defaults;
      defaults.scope = scope;
      defaults.role = where.role;
      value = check(*param.defaultValue, defaults);
      if (value.isNumber())
        text = printNumber(value.expr, param.defaultValue->span);
      insertArgument(call, param.name.text, text);
    } else {
      report(diag::Code::MissingArgument, call.span,
             "`" + name + "` needs a value for `" + param.name.text + "`")
          .label("missing argument")
          .found("`" + source(call.span) + "`")
          .expected("a value for `" + param.name.text + "`")
          .help("add `" + param.name.text + " = …`")
          .note(param.span, "declared here");
    }
    value = asLabel(param.type, value, arg ? arg->span : call.span);
    if (value.isError() || !isKnownType(param.type))
      return fail();
    if (arg && !isOfPage(value, *arg->value, param, name))
      return fail();
    if (!fits(param.type, value, *scope, expected)) {
      report(diag::Code::WrongType, arg ? arg->span : call.span,
             "wrong type for `" + param.name.text + "` of `" + name + "`")
          .label(value.str())
          .found(value.str())
          .expected(expected)
          .help("pass a value of that type")
          .note(param.span, "declared here");
      return fail();
    }
    std::string path = item.name.text + "." + param.name.text;
    Span place = arg ? arg->span : call.span;
    if (param.type.name.text == "real" && value.isNumber()) {
      Local *formal = local(param.name.text, Type(), param.name.span);
      head->numbers.push_back(formal);
      head->numberValues.push_back(
          setting(path, Type::Element::Real, value.expr, text, !arg, place));
      scope->names[param.name.text] = Value::of(localRef(formal, param.name.span));
      continue;
    }
    structural(path, text, !arg, place);
    scope->names[param.name.text] = value;
  }
  // Its text.
  bool ok = true;
  for (const syntax::Stmt &stmt : decl.body) {
    if (stmt.kind == syntax::Stmt::Kind::Param) {
      size_t before = head->leaves.size();
      addParam(stmt, item.name.text, inner, head->leaves);
      ok &= head->leaves.size() > before;
    } else if (stmt.kind == syntax::Stmt::Kind::Let && stmt.pattern.size() == 1) {
      Value value = check(*stmt.value, inner);
      if (value.isTensor())
        value = Value::of(bindLet(value.expr, stmt.pattern[0].text, inner));
      ok &= !value.isError();
      declareName(*scope, stmt.pattern[0], value);
    } else {
      report(diag::Code::MisplacedStatement, stmt.span, "this statement cannot stand in a head")
          .label("here")
          .expected("`param`, `let` and `logits`")
          .help("move it out of the head");
      ok = false;
    }
  }
  int64_t classes = experiment->data.classes;
  auto checkLogits = [&](const syntax::Expr &text, Env &where) -> ExprPtr {
    ExprPtr value = checkExpr(text, where);
    if (!value)
      return nullptr;
    if (value->type.shape != std::vector<int64_t>{classes} ||
        value->type.element != Type::Element::Real) {
      report(diag::Code::ClassCount, text.span, "the logits do not have one entry for each class")
          .label(value->type.str())
          .found(value->type.str())
          .expected("vector[" + std::to_string(classes) + "], the classes of the data")
          .help("give the last parameter `classes` outputs")
          .note(experiment->data.span, std::to_string(classes) + " classes");
      return nullptr;
    }
    return value;
  };
  if (!decl.logits)
    return fail();
  head->logits = checkLogits(*decl.logits, inner);
  head->logitsGiven = head->logits;
  if (decl.logitsGiven) {
    Type label;
    label.kind = Type::Kind::Tensor;
    label.element = Type::Element::Int;
    label.perExample = true;
    head->y = local(decl.givenName.text, label, decl.givenName.span);
    Env given = inner.with(std::make_shared<Scope>(scope));
    given.scope->names[decl.givenName.text] = Value::of(localRef(head->y, decl.givenName.span));
    head->logitsGiven = checkLogits(*decl.logitsGiven, given);
  }
  if (!ok || !head->logits || !head->logitsGiven)
    return fail();
  applySource(item, head->leaves, item.name.text);
  Value result;
  result.kind = Value::Kind::Head;
  result.head = head;
  if (declareName(*pageScope, item.name, result))
    experiment->heads.push_back(head);
}

} // namespace advx::sema
