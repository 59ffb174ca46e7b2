//===- ExprChecker.cpp - Names, operators, indices, conditionals ------------===//

#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/experiment/LetChecker.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/LayerChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;
using diag::NamePlace;

namespace {

/// Whether this follows the point of `1.e3`.
bool plainExponent(const std::string &text) {
  return (text[0] == 'e' || text[0] == 'E') &&
         text.find_first_not_of("0123456789", 1) == std::string::npos;
}

} // namespace

Value ExprChecker::check(const syntax::Expr &expr, Env &env) {
  switch (expr.kind) {
  case Kind::Name:
    return checkName(expr, env);
  case Kind::Number: {
    std::optional<Rational> value = Rational::parse(expr.text);
    if (!value) // Said by the parser.
      return Value::error();
    return Value::of(build.number(*value, expr.span,
                                  value->isInteger() ? Type::Element::Int : Type::Element::Real));
  }
  case Kind::Bool:
    return Value::of(build.boolean(expr.text == "true", expr.span));
  case Kind::String: {
    Value value;
    value.kind = Value::Kind::Text;
    value.text = expr.text;
    value.span = expr.span;
    return value;
  }
  case Kind::Unary:
    return checkUnary(expr, env);
  case Kind::Binary:
    return checkBinary(expr, env);
  case Kind::If:
    return checkIf(expr, env);
  case Kind::Call:
    return callChecker.checkCall(expr, env);
  case Kind::Index:
    return checkIndex(expr, env);
  case Kind::List:
    return checkList(expr, env);
  case Kind::Member:
    return checkMember(expr, env);
  case Kind::Map:
    findings.report(diag::Code::WrongType, expr.span, "a map is no value")
        .label("here")
        .found("`{ … }`")
        .expected("a number or a tensor")
        .help("maps stand after `rename` only");
    return Value::error();
  case Kind::Argmax:
  case Kind::Best:
  case Kind::Worst:
    findings
        .report(diag::Code::WrongType, expr.span, "an adversary cannot stand inside an expression")
        .label("an adversary")
        .found("`" + findings.source(expr.textSpan.isValid() ? expr.textSpan : expr.span) + "`")
        .expected("a number or a tensor")
        .help("bind it with `inner x' = …` or list it in `evaluate`");
    return Value::error();
  }
  return Value::error();
}

ExprPtr ExprChecker::expectExpr(const Value &value, Span span) {
  if (value.isExpr())
    return value.expr;
  if (value.isError() || value.kind == Value::Kind::Unsupported)
    return nullptr;
  if (value.kind == Value::Kind::List)
    return listTensor(value, span);
  findings.report(diag::Code::WrongType, span, "a number or tensor is needed here")
      .label(value.str())
      .found(value.str())
      .expected("a number or a tensor")
      .help(value.kind == Value::Kind::Head || value.kind == Value::Kind::Model
                ? "apply it, as in `f(x)`"
            : value.kind == Value::Kind::Layer ? "apply it to its input"
                                               : "use a value");
  return nullptr;
}

ExprPtr ExprChecker::checkExpr(const syntax::Expr &expr, Env &env) {
  return expectExpr(check(expr, env), expr.span);
}

Value ExprChecker::checkName(const syntax::Expr &expr, Env &env) {
  if (const Value *value = uses.find(*env.scope, expr)) {
    if (value->kind == Value::Kind::PageLet)
      return letChecker.pageLet(value->index, expr.span, env);
    if (value->isExpr() && value->expr->kind == Expr::Kind::Local) {
      Value result = Value::of(build.localRef(value->expr->local, expr.span));
      return result;
    }
    if (value->isExpr()) {
      // The place of the use, so that messages point at it.
      auto copy = std::make_shared<Expr>(*value->expr);
      copy->span = expr.span;
      reports.noteNumber(expr.span, copy);
      return Value::of(copy);
    }
    return *value;
  }
  uint32_t file = env.scope->file;
  Value result;
  result.span = expr.span;
  result.text = expr.text;
  if (expr.text == "identity") {
    result.kind = Value::Kind::Layer;
    result.layer = layerChecker.newLayer();
    result.layer->span = expr.span;
    return result;
  }
  result.decls = program.find(Decl::Kind::Fn, expr.text, file);
  if (!result.decls.empty())
    uses.note(expr.span, result.decls.front()->name.span);
  const Primitive *primitive = findPrimitive(expr.text);
  if (!result.decls.empty() || (primitive && primitive->rule != Primitive::Rule::Form)) {
    result.kind = Value::Kind::Function;
    return result;
  }
  if (!program.find(Decl::Kind::Network, expr.text, file).empty() ||
      layerChecker.isLayerPrimitive(expr.text)) {
    findings
        .report(diag::Code::MissingArgument, expr.span,
                "`" + expr.text + "` is a network and needs its arguments")
        .label("not called")
        .found("`" + expr.text + "`")
        .expected("`" + expr.text + "(…)`")
        .help("write the parentheses even where every argument has a default");
    return Value::error();
  }
  suggestions.unknownName(expr, env);
  return Value::error();
}

Value ExprChecker::checkUnary(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &operand = *expr.children[0];
  if (expr.text == "fresh") {
    const syntax::Expr *callee = operand.kind == Kind::Call ? operand.children[0].get() : nullptr;
    std::optional<Mode> mode;
    if (callee && callee->kind == Kind::Index)
      callee = callee->children[0].get();
    const Value *model =
        callee && callee->kind == Kind::Name ? env.scope->find(callee->text) : nullptr;
    if (!model || (model->kind != Value::Kind::Head && model->kind != Value::Kind::Model)) {
      findings
          .report(diag::Code::WrongType, expr.span, "`fresh` asks for one more forward of a model")
          .label("applied to something else")
          .found("`" + findings.source(operand.span) + "`")
          .expected("an application of features or a head, as in `fresh f(x)`")
          .help("remove `fresh`");
      return Value::error();
    }
    if (!callChecker.freshNumbers.count(&operand))
      callChecker.freshNumbers[&operand] =
          static_cast<unsigned>(callChecker.freshNumbers.size()) + 1;
    return callChecker.checkCall(operand, env);
  }
  ExprPtr value = checkExpr(operand, env);
  return Value::of(
      build.elementwise(expr.text == "not" ? "logical_not" : "neg", {value}, expr.span));
}

Value ExprChecker::checkBinary(const syntax::Expr &expr, Env &env) {
  const std::string &op = expr.text;
  if (op == ">>")
    return layerChecker.makeChain(check(*expr.children[0], env), check(*expr.children[1], env),
                                  expr.span);
  if (op == "&")
    return setChecker.checkSet(expr, env);
  if (op == ".." || op == "where" || op == "in") {
    Span place = expr.textSpan.isValid() ? expr.textSpan : expr.span;
    findings.unsupported(place, "`" + op + "` in an expression");
    return Value::error();
  }
  Value left = check(*expr.children[0], env);
  Value right = check(*expr.children[1], env);
  if (left.kind == Value::Kind::Head || left.kind == Value::Kind::Unsupported ||
      right.kind == Value::Kind::Unsupported)
    if (left.kind != Value::Kind::Head)
      return Value::error();
  if (left.kind == Value::Kind::Set && right.kind == Value::Kind::Set) {
    findings
        .report(diag::Code::WrongType, expr.textSpan.isValid() ? expr.textSpan : expr.span,
                "sets are not joined by `" + op + "`")
        .label("between two sets")
        .found("`" + op + "`")
        .expected("`&`, the points of both")
        .help("write `" + findings.source(expr.children[0]->span) + " & " +
              findings.source(expr.children[1]->span) + "`");
    return Value::error();
  }
  ExprPtr lhs = expectExpr(left, expr.children[0]->span);
  ExprPtr rhs = expectExpr(right, expr.children[1]->span);
  if (!lhs || !rhs)
    return Value::error();
  static const std::map<std::string, std::string> arithmetic = {
      {"+", "add"}, {"-", "sub"}, {"*", "mul"}, {"/", "div"}, {"**", "pow"}};
  static const std::map<std::string, int64_t> comparisons = {{"==", 0}, {"!=", 1}, {"<", 2},
                                                             {"<=", 3}, {">", 4},  {">=", 5}};
  auto simple = arithmetic.find(op);
  if (simple != arithmetic.end())
    return Value::of(build.elementwise(simple->second, {lhs, rhs}, expr.span));
  auto comparison = comparisons.find(op);
  if (comparison != comparisons.end())
    return Value::of(labels.compare(comparison->second, lhs, rhs, expr.span));
  if (op == "and" || op == "or")
    return Value::of(build.elementwise("logical_" + op, {lhs, rhs}, expr.span));
  if (op == "@")
    return Value::of(matrixProduct(lhs, rhs, expr.span));
  if (op == "except") {
    syntax::TypeExpr wanted;
    wanted.name.text = "label";
    if (lhs->type.isTensor())
      rhs = labels.asLabel(wanted, Value::of(rhs), rhs->span).expr;
    if (!rhs)
      return Value::error();
    if (lhs->type.isTensor() && lhs->type.shape.size() == 1 &&
        rhs->type.element == Type::Element::Int && rhs->type.isTensor()) {
      auto infinity = std::make_shared<Expr>();
      infinity->kind = Expr::Kind::Infinity;
      infinity->span = expr.span;
      Type type;
      ExprPtr negative = build.node("neg", {infinity}, type, expr.span);
      ExprPtr mask = build.node("one_hot", {rhs},
                                [&] {
                                  Type t;
                                  t.kind = Type::Kind::Tensor;
                                  t.element = Type::Element::Bool;
                                  t.shape = lhs->type.shape;
                                  t.perExample = rhs->type.perExample;
                                  return t;
                                }(),
                                expr.span, {{"classes", {lhs->type.shape[0]}}});
      return Value::of(build.select(mask, negative, lhs, expr.span));
    }
    if (lhs->type.isNumber()) {
      findings.unsupported(expr.span, "a range of classes (`classes except y`)");
      return Value::error();
    }
    findings.report(diag::Code::WrongType, expr.span, "`except` masks one class of a vector")
        .label("here")
        .found(lhs->type.str() + " except " + rhs->type.str())
        .expected("a vector except a label")
        .help("as in `max(l except y)`");
    return Value::error();
  }
  return Value::error();
}

Value ExprChecker::checkIf(const syntax::Expr &expr, Env &env) {
  ExprPtr condition = checkExpr(*expr.children[0], env);
  if (!condition)
    return Value::error();
  if (condition->kind == Expr::Kind::Bool)
    return check(*expr.children[condition->value == Rational(1) ? 1 : 2], env);
  Value a = check(*expr.children[1], env), b = check(*expr.children[2], env);
  if (a.isError() || b.isError())
    return Value::error();
  if (a.kind == Value::Kind::Layer || b.kind == Value::Kind::Layer) {
    std::optional<Rational> known = build.evaluate(condition);
    settingTable.fix(condition);
    if (known)
      return *known != Rational(0) ? a : b;
    findings
        .report(diag::Code::NotConstant, condition->span,
                "a choice between networks must be known when compiling")
        .label("changes while running")
        .found(condition->type.str())
        .expected("a condition over constants and `channels_in`")
        .help("use constants");
    return Value::error();
  }
  return Value::of(build.select(condition, expectExpr(a, expr.children[1]->span),
                                expectExpr(b, expr.children[2]->span), expr.span));
}

Value ExprChecker::checkList(const syntax::Expr &expr, Env &env) {
  Value list;
  list.kind = Value::Kind::List;
  list.span = expr.span;
  for (const syntax::Arg &arg : expr.args) {
    if (arg.key) {
      findings.report(diag::Code::WrongType, arg.span, "`:` has no meaning in this list")
          .label("a pair")
          .expected("plain values; pairs stand in `piecewise(v, [epoch: value])`")
          .help("write the value alone");
      return Value::error();
    }
    Value element = check(*arg.value, env);
    if (element.isError())
      return element;
    list.elements.push_back(std::move(element));
  }
  return list;
}

ExprPtr ExprChecker::listTensor(const Value &list, Span span) {
  std::vector<ExprPtr> numbers;
  for (const Value &element : list.elements) {
    if (!element.isNumber() || element.expr->type.element == Type::Element::Bool) {
      if (!element.isError())
        findings
            .report(diag::Code::WrongType, element.span.isValid() ? element.span : span,
                    "a list holds numbers")
            .label(element.str())
            .found(element.str())
            .expected("`real`")
            .help("use constants");
      return nullptr;
    }
    std::optional<Rational> exact = build.evaluate(element.expr);
    if (!exact) {
      findings
          .report(diag::Code::NotConstant, element.span.isValid() ? element.span : span,
                  "a list holds constants")
          .label("changes while running")
          .found(element.str())
          .expected("a constant")
          .help("write a number");
      return nullptr;
    }
    settingTable.fix(element.expr);
    numbers.push_back(build.number(*exact, span));
  }
  if (numbers.empty()) {
    findings.report(diag::Code::WrongType, span, "an empty list has no type")
        .label("here")
        .found("`[]`")
        .expected("at least one number")
        .help("write its elements");
    return nullptr;
  }
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = {static_cast<int64_t>(numbers.size())};
  return build.node("constant_list", std::move(numbers), type, span);
}

namespace {
/// The operand of a transposed matrix, or null.
ExprPtr transposed(const ExprPtr &expr) {
  if (expr->kind == Expr::Kind::Op && expr->name == "transpose" && expr->type.shape.size() == 2)
    return expr->args[0];
  return nullptr;
}
} // namespace

ExprPtr ExprChecker::matrixProduct(ExprPtr lhs, ExprPtr rhs, Span span) {
  Type type;
  type.kind = Type::Kind::Tensor;
  type.perExample = lhs->type.perExample || rhs->type.perExample;
  auto mismatch = [&](const std::string &expected) -> ExprPtr {
    findings.report(diag::Code::ShapeMismatch, span, "the shapes do not fit a matrix product")
        .label("inner sizes differ")
        .found(lhs->type.str() + " @ " + rhs->type.str())
        .expected(expected)
        .help("transpose one side, or use `*` for the elementwise product")
        .note(lhs->span, lhs->type.str())
        .note(rhs->span, rhs->type.str());
    return nullptr;
  };
  if (!lhs->type.isTensor() || !rhs->type.isTensor() || lhs->type.anyShape || rhs->type.anyShape ||
      lhs->type.element != Type::Element::Real || rhs->type.element != Type::Element::Real)
    return mismatch("matrices or vectors of reals on both sides");
  size_t l = lhs->type.shape.size(), r = rhs->type.shape.size();
  if (l == 1 && r == 1) {
    if (lhs->type.shape != rhs->type.shape)
      return mismatch("vectors of equal length");
    return build.reduceSum(build.elementwise("mul", {lhs, rhs}, span), span);
  }
  if (l == 2 && r == 1) {
    if (lhs->type.shape[1] != rhs->type.shape[0])
      return mismatch("matrix[m, n] @ vector[n]");
    type.shape = {lhs->type.shape[0]};
    ExprPtr inner = transposed(lhs);
    if ((inner ? inner : lhs)->type.perExample) {
      findings.unsupported(lhs->span, "a matrix of one example in a product");
      return nullptr;
    }
    return build.node("matvec", {inner ? inner : lhs, rhs}, type, span,
                      {{"transpose", {inner != nullptr}}});
  }
  if (l == 1 && r == 2) {
    if (lhs->type.shape[0] != rhs->type.shape[0])
      return mismatch("vector[m] @ matrix[m, n]");
    type.shape = {rhs->type.shape[1]};
    ExprPtr inner = transposed(rhs);
    return build.node("matvec", {inner ? inner : rhs, lhs}, type, span,
                      {{"transpose", {inner == nullptr}}});
  }
  if (l == 2 && r == 2) {
    if (lhs->type.shape[1] != rhs->type.shape[0])
      return mismatch("matrix[m, k] @ matrix[k, n]");
    type.shape = {lhs->type.shape[0], rhs->type.shape[1]};
    if (!sizes.checkSize(type.shape, span, "the product"))
      return nullptr;
    ExprPtr a = transposed(lhs), b = transposed(rhs);
    return build.node("matmul", {a ? a : lhs, b ? b : rhs}, type, span,
                      {{"transpose_a", {a != nullptr}}, {"transpose_b", {b != nullptr}}});
  }
  return mismatch("matrices or vectors on both sides");
}

ExprPtr ExprChecker::oneHot(ExprPtr label, Span span, bool mask) {
  if (!label)
    return nullptr;
  if (label->type.element == Type::Element::Real && label->type.shape.size() == 1)
    return label; // A distribution already.
  syntax::TypeExpr wanted;
  wanted.name.text = "label";
  label = labels.asLabel(wanted, Value::of(label), span).expr;
  if (!label)
    return nullptr;
  if (!label->type.isTensor() || label->type.element != Type::Element::Int) {
    findings.report(diag::Code::WrongType, label->span, "a label is needed here")
        .label(label->type.str())
        .found(label->type.str())
        .expected("`label`")
        .help("use `y` or `predict(…)`");
    return nullptr;
  }
  Type type;
  type.kind = Type::Kind::Tensor;
  type.element = Type::Element::Bool;
  type.shape = {sheet.experiment->data.classes};
  type.perExample = label->type.perExample;
  ExprPtr hot = build.node("one_hot", {std::move(label)}, type, span,
                           {{"classes", {sheet.experiment->data.classes}}});
  if (mask)
    return hot;
  type.element = Type::Element::Real;
  return build.node("cast", {hot}, type, span);
}

ExprPtr ExprChecker::indexBy(ExprPtr base, ExprPtr index, Span span) {
  if (!base || !index)
    return nullptr;
  if (!base->type.isTensor() || base->type.shape.size() != 1) {
    findings.report(diag::Code::WrongType, span, "only a vector can be indexed")
        .label("indexed here")
        .found(base->type.str())
        .expected("`vector[n]`")
        .help("reduce or flatten it first")
        .note(base->span, base->type.str());
    return nullptr;
  }
  int64_t size = base->type.shape[0];
  if (index->type.isNumber()) {
    std::optional<int64_t> place = build.integer(Value::of(index), index->span, "an index");
    if (!place)
      return nullptr;
    if (*place < 0 || *place >= size) {
      findings.report(diag::Code::IndexOutOfRange, index->span, "the index lies outside the vector")
          .label("here")
          .found("`" + std::to_string(*place) + "`")
          .expected("0 to " + std::to_string(size - 1))
          .help("indices count from 0")
          .note(base->span, base->type.str());
      return nullptr;
    }
    Type type = base->type;
    type.shape = {1};
    ExprPtr slice = build.node("slice", {base}, type, span,
                               {{"axis", {0}}, {"begin", {*place}}, {"size", {1}}});
    type.shape = {};
    return build.node("reshape", {slice}, type, span, {{"shape", {}}});
  }
  if (index->type.element == Type::Element::Int) {
    Type mask;
    mask.kind = Type::Kind::Tensor;
    mask.element = Type::Element::Bool;
    mask.shape = {size};
    mask.perExample = index->type.perExample;
    ExprPtr hot = build.node("one_hot", {index}, mask, span, {{"classes", {size}}});
    return build.reduceSum(build.select(hot, base, build.number(Rational(0), span), span), span);
  }
  // A distribution over the classes: the mean under it.
  return build.reduceSum(build.elementwise("mul", {index, base}, span), span);
}

Value ExprChecker::checkIndex(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &base = *expr.children[0];
  if (base.kind == Kind::Name) {
    const Value *value = uses.find(*env.scope, base);
    if (value && (value->kind == Value::Kind::Head || value->kind == Value::Kind::Model)) {
      findings.report(diag::Code::WrongType, expr.span, "a model in a mode must be applied")
          .label("not applied")
          .found("`" + findings.source(expr.span) + "`")
          .expected("`" + findings.source(expr.span) + "(x)`")
          .help("apply it to an image");
      return Value::error();
    }
  }
  ExprPtr value = checkExpr(base, env);
  if (expr.children.size() != 2) {
    findings.unsupported(expr.span, "an index of several axes");
    return Value::error();
  }
  ExprPtr index = checkExpr(*expr.children[1], env);
  return Value::of(indexBy(value, index, expr.span));
}

/// `F.relu` and `v.mean()`: pages have neither modules nor methods.
Value ExprChecker::checkMember(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &base = *expr.children[0];
  if (base.kind == Kind::Number) {
    findings.report(diag::Code::ForeignSpelling, base.span, "a number does not end with its point")
        .label("not .advx")
        .found("`" + findings.source(expr.span) + "`")
        .expected("digits on both sides of the point, or no point")
        .help("write `" + base.text + ".0" + (plainExponent(expr.text) ? expr.text : "") + "`");
    return Value::error();
  }
  const syntax::Expr *root = &base;
  while (root->kind == Kind::Member)
    root = root->children[0].get();
  const std::vector<std::string> known = suggestions.callableNames(*env.scope);
  const std::string plain = diag::plainName(expr.text);
  auto ours = std::find_if(known.begin(), known.end(),
                           [&](const std::string &name) { return diag::plainName(name) == plain; });
  if (root->kind == Kind::Name && !env.scope->find(root->text) &&
      program.find(Decl::Kind::Fn, root->text, env.scope->file).empty()) {
    const std::string whole = findings.source(expr.span);
    if (!suggestions.isFirstUnknown(whole, expr.span))
      return Value::error();
    std::string help =
        suggestions.foreignHelp({NamePlace::Function, NamePlace::Value, NamePlace::Network,
                                 NamePlace::Schedule, NamePlace::Method},
                                expr.text, known, "");
    if (ours != known.end())
      help = "write `" + *ours + "`: names have no module before them";
    findings.report(diag::Code::UnknownName, expr.span, "unknown name `" + whole + "`")
        .label("nothing declares this")
        .found("`" + whole + "`")
        .expected("a name of the page or of the library, which has no modules")
        .help(help.empty() ? suggestions.suggest(expr.text, known) : help);
    return Value::error();
  }
  Value value = check(base, env);
  if (value.isError())
    return value;
  const std::string operand = findings.source(base.span);
  std::string help = suggestions.foreignHelp({NamePlace::Method}, expr.text, known, operand);
  if (help.empty() && ours != known.end())
    help = value.kind == Value::Kind::Layer
               ? "layers are joined by `>>`: write `" + operand + " >> " + *ours + "`"
               : "write `" + *ours + "(" + operand + ")`";
  if (help.empty())
    help = suggestions.foreignHelp({NamePlace::Function}, expr.text, known, operand);
  findings.report(diag::Code::WrongType, expr.textSpan, "`." + expr.text + "` names nothing here")
      .label("values have no members")
      .found("`" + findings.source(expr.span) + "`")
      .expected("a function of the value, as in `sum(v)`")
      .help(help.empty() ? "use the value itself" : help);
  return Value::error();
}

} // namespace advx::sema
