//===- TypeRules.cpp - Types as written and the values that fit them -----===//

#include "compiler/sema/types/TypeRules.h"
#include "compiler/diagnostics/Suggest.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/scopes/SizeLimits.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Expressions.h"

#include <algorithm>

namespace advx::sema {

bool TypeRules::isOfPage(const Value &value, const syntax::Expr &expr, const syntax::Param &param,
                         const std::string &of) {
  bool reads = false;
  if (value.isExpr())
    visitExprs(value.expr, [&](const Expr &part) { reads |= part.kind == Expr::Kind::Local; });
  if (!reads)
    return true;
  findings
      .report(diag::Code::WrongType, expr.span,
              "`" + param.name.text + "` of `" + of + "` is the same for all examples")
      .label("reads the example")
      .found("`" + findings.source(expr.span) + "`")
      .expected("a number of the page, or a schedule of `epoch` and `iteration`")
      .help("write what depends on the example in the losses")
      .note(param.span, "declared here");
  return false;
}

std::string Type::str() const {
  if (isWeights())
    return group->name;
  if (isNumber())
    return element == Element::Real ? "real" : element == Element::Int ? "int" : "bool";
  if (anyShape)
    return "a tensor shaped like the weight";
  if (places)
    return "a permutation of the batch";
  if (shape.empty())
    return element == Element::Real ? "real" : element == Element::Int ? "label" : "bool";
  std::string text = shape.size() == 1 ? "vector" : shape.size() == 2 ? "matrix" : "tensor";
  if (element == Element::Bool)
    text = "mask";
  text += "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

std::string Type::key() const {
  return (isNumber() ? "number " : "") + str() + (perExample ? " of each example" : "");
}

std::string Value::str() const {
  switch (kind) {
  case Kind::Error:
    return "an error";
  case Kind::Expr:
    return expr->type.str();
  case Kind::List:
    return "a list of " + std::to_string(elements.size());
  case Kind::Text:
    return "the string \"" + text + "\"";
  case Kind::Function:
    return "the function `" + text + "`";
  case Kind::Layer:
    return "a network";
  case Kind::Model:
    return "the features `" + model->name + "`";
  case Kind::Head:
    return "the head `" + head->name + "`";
  case Kind::Set:
  case Kind::Threat:
    return "a set";
  case Kind::Start:
    return "a start";
  case Kind::PageLet:
    return "a value of the page";
  case Kind::Objective:
    return "the objective";
  case Kind::Hit:
    return "the stopping test";
  case Kind::Loss:
    return "the loss";
  case Kind::WeightOf:
    return "a tensor of weights";
  case Kind::Weights:
    return (elements.front().expr->type.isScalar() && !group->leaves.front()->shape.empty()
                ? "a number for each tensor of "
                : "") +
           group->name;
  case Kind::Candidate:
    return "a start, solver or adversary";
  case Kind::Unsupported:
    return text;
  }
  return "";
}

int64_t sizeOf(const std::vector<int64_t> &shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  return size;
}

std::string shapeText(const std::vector<int64_t> &shape) {
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = shape;
  return type.str();
}

namespace {

const std::vector<std::string> &typeNames() {
  static const std::vector<std::string> names = {"real",   "int",    "bool",   "label", "logits",
                                                 "image",  "point",  "start",  "fn",    "network",
                                                 "vector", "matrix", "tensor", "like",  "weights"};
  return names;
}

bool isTypeName(const std::string &name) {
  const std::vector<std::string> &known = typeNames();
  return std::find(known.begin(), known.end(), name) != known.end();
}

/// `reporter` is the engine, or the checker's findings.
template <typename Reporter> void unknownType(Reporter &reporter, const syntax::Name &type) {
  const std::string &name = type.text;
  std::string help = diag::suggestOrList(name, typeNames());
  for (const diag::FieldName *entry : diag::findFieldNames(diag::NamePlace::Type, name))
    help = diag::fieldHelp(*entry);
  reporter.report(diag::Code::UnknownType, type.span, "unknown type `" + name + "`")
      .label("not a type")
      .found("`" + name + "`")
      .expected(
          "`real`, `int`, `bool`, `label`, `logits`, `image`, `point`, `vector[d]`, "
          "`matrix[a, b]`, `tensor[a, b, c]`, `like(w)`, `weights`, `start`, `fn` or `network`")
      .help(help);
}

} // namespace

bool TypeRules::isKnownType(const syntax::TypeExpr &type) {
  if (isTypeName(type.name.text))
    return true;
  unknownType(findings, type.name);
  return false;
}

void checkType(const syntax::TypeExpr &type, diag::Engine &engine) {
  if (!type.name.text.empty() && !isTypeName(type.name.text))
    unknownType(engine, type.name);
}

diag::Diagnostic &TypeRules::misfit(Span place, const syntax::Param &param,
                                    const std::string &callee, const Value &value,
                                    const std::string &expected) {
  return findings
      .report(diag::Code::WrongType, place,
              "wrong type for `" + param.name.text + "` of `" + callee + "`")
      .label(value.str())
      .found(value.str())
      .expected(expected)
      .help("pass a value of that type")
      .note(param.span, "declared here");
}

/// The type with the dimensions that are known written as numbers.
std::string TypeRules::spell(const syntax::TypeExpr &type, Scope &scope) {
  std::string text = type.name.text;
  if (!type.dims.empty()) {
    text += "[";
    for (size_t i = 0; i < type.dims.size(); ++i) {
      const syntax::Expr &dim = *type.dims[i];
      const Value *known = dim.kind == syntax::Expr::Kind::Name ? scope.find(dim.text) : nullptr;
      std::optional<Rational> size =
          known && known->isExpr() ? build.evaluate(known->expr) : std::nullopt;
      text += (i ? ", " : "") + (size ? size->str() : findings.source(dim.span));
    }
    text += "]";
  }
  return text;
}

std::optional<std::vector<int64_t>> TypeRules::shapeOf(const syntax::TypeExpr &type,
                                                       const Env &env) {
  if (!isKnownType(type))
    return std::nullopt;
  const std::string &name = type.name.text;
  std::vector<int64_t> shape;
  size_t rank = name == "vector" ? 1 : name == "matrix" ? 2 : type.dims.size();
  if ((name != "vector" && name != "matrix" && name != "tensor" && name != "real") ||
      type.dims.size() != rank) {
    findings.report(diag::Code::WrongType, type.span, "this type has no shape of its own")
        .label("needs a shape")
        .found("`" + findings.source(type.span) + "`")
        .expected("`real`, `vector[n]`, `matrix[m, n]` or `tensor[…]`")
        .help("write every size");
    return std::nullopt;
  }
  for (const syntax::ExprPtr &dim : type.dims) {
    Env inner = env;
    Value value = exprChecker.check(*dim, inner);
    if (value.isError())
      return std::nullopt;
    std::optional<int64_t> size = build.integer(value, dim->span, "a size");
    if (!size || !sizes.checkRange(*size, 1, limits::elements, dim->span, "a size"))
      return std::nullopt;
    shape.push_back(*size);
  }
  return shape;
}

bool TypeRules::fits(const syntax::TypeExpr &type, const Value &value, Scope &scope,
                     std::string &expected) {
  const std::string &name = type.name.text;
  expected = "`" + spell(type, scope) + "`";
  if (name == "start")
    return value.kind == Value::Kind::Start;
  if (name == "fn" || name == "network")
    return value.kind == Value::Kind::Function || value.kind == Value::Kind::Layer;
  if (name == "weights")
    return value.isWeights();
  if (!value.isExpr())
    return false;
  const Type &have = value.expr->type;
  bool real = have.element != Type::Element::Bool &&
              !(have.isTensor() && have.element == Type::Element::Int);
  if (name == "real")
    return real && (have.isNumber() || have.isScalar());
  if (name == "int") {
    if (!have.isNumber() || have.element == Type::Element::Bool)
      return have.isTensor() && have.isScalar() && have.element == Type::Element::Int;
    std::optional<Rational> known = build.evaluate(value.expr);
    return have.element == Type::Element::Int || (known && known->isInteger());
  }
  if (name == "bool")
    return have.element == Type::Element::Bool && have.isScalar();
  if (name == "like" || name == "point")
    return real;
  if (!have.isTensor())
    return false;
  const Value *classes = scope.find("classes");
  std::optional<Rational> classCount =
      classes && classes->isExpr() ? build.evaluate(classes->expr) : std::nullopt;
  auto isClasses = [&] {
    return have.shape.size() == 1 && real &&
           (!classCount || Rational(have.shape[0]) == *classCount);
  };
  if (name == "label")
    return (have.element == Type::Element::Int && have.isScalar()) || isClasses();
  if (name == "logits") {
    expected = "`logits` (vector[" + (classCount ? classCount->str() : "classes") + "])";
    return isClasses();
  }
  if (name == "image") {
    expected = "`image` (" + shapeText(sheet.experiment->data.image) + ")";
    return real &&
           (have.shape == sheet.experiment->data.image || sheet.experiment->data.image.empty());
  }
  if (have.anyShape)
    return real;
  size_t rank = name == "vector" ? 1 : name == "matrix" ? 2 : type.dims.size();
  if (!real || have.shape.size() != rank || type.dims.size() > rank)
    return false;
  for (size_t i = 0; i < type.dims.size(); ++i) {
    const syntax::Expr &dim = *type.dims[i];
    if (dim.kind == syntax::Expr::Kind::Name && !scope.find(dim.text)) {
      scope.names[dim.text] =
          Value::of(build.number(Rational(have.shape[i]), dim.span, Type::Element::Int));
      continue;
    }
    Env env;
    env.scope = ScopePtr(&scope, [](Scope *) {});
    Value size = exprChecker.check(dim, env);
    std::optional<Rational> exact = size.isExpr() ? build.evaluate(size.expr) : std::nullopt;
    if (!exact || *exact != Rational(have.shape[i])) {
      expected = "`" + spell(type, scope) + "`";
      return false;
    }
  }
  return true;
}

} // namespace advx::sema
