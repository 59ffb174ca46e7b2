//===- ExprChecker.cpp - Names, operators, indices, conditionals ------------===//

#include "compiler/sema/Checker.h"

namespace advx::sema {

using Kind = syntax::Expr::Kind;

Value Checker::check(const syntax::Expr &expr, Env &env) {
  switch (expr.kind) {
  case Kind::Name:
    return checkName(expr, env);
  case Kind::Number: {
    std::optional<Rational> value = Rational::parse(expr.text);
    if (!value) // Said by the parser.
      return Value::error();
    return Value::of(
        number(*value, expr.span, value->isInteger() ? Type::Element::Int : Type::Element::Real));
  }
  case Kind::Bool:
    return Value::of(boolean(expr.text == "true", expr.span));
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
    return checkCall(expr, env);
  case Kind::Index:
    return checkIndex(expr, env);
  case Kind::List:
    return checkList(expr, env);
  case Kind::Member:
    return checkMember(expr, env);
  case Kind::Map:
    report(diag::Code::WrongType, expr.span, "a map is no value")
        .label("here")
        .found("`{ … }`")
        .expected("a number or a tensor")
        .help("maps stand after `rename` only");
    return Value::error();
  case Kind::Argmax:
  case Kind::Best:
  case Kind::Worst:
    report(diag::Code::WrongType, expr.span, "an adversary cannot stand inside an expression")
        .label("an adversary")
        .found("`" + source(expr.textSpan.isValid() ? expr.textSpan : expr.span) + "`")
        .expected("a number or a tensor")
        .help("bind it with `inner x' = …` or list it in `evaluate`");
    return Value::error();
  }
  return Value::error();
}

ExprPtr Checker::expectExpr(const Value &value, Span span) {
  if (value.isExpr())
    return value.expr;
  if (value.isError() || value.kind == Value::Kind::Unsupported)
    return nullptr;
  if (value.kind == Value::Kind::List)
    return listTensor(value, span);
  report(diag::Code::WrongType, span, "a number or tensor is needed here")
      .label(value.str())
      .found(value.str())
      .expected("a number or a tensor")
      .help(value.kind == Value::Kind::Head || value.kind == Value::Kind::Model
                ? "apply it, as in `f(x)`"
            : value.kind == Value::Kind::Layer ? "apply it to its input"
                                               : "use a value");
  return nullptr;
}

ExprPtr Checker::checkExpr(const syntax::Expr &expr, Env &env) {
  return expectExpr(check(expr, env), expr.span);
}

Value Checker::checkName(const syntax::Expr &expr, Env &env) {
  if (const Value *value = env.scope->find(expr.text)) {
    if (value->kind == Value::Kind::PageLet)
      return pageLet(value->index, expr.span, env);
    if (value->isExpr() && value->expr->kind == Expr::Kind::Local) {
      Value result = Value::of(localRef(value->expr->local, expr.span));
      return result;
    }
    if (value->isExpr()) {
      // The place of the use, so that messages point at it.
      auto copy = std::make_shared<Expr>(*value->expr);
      copy->span = expr.span;
      noteNumber(expr.span, copy);
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
    result.layer = newLayer();
    result.layer->span = expr.span;
    return result;
  }
  result.decls = program.find(Decl::Kind::Fn, expr.text, file);
  if (!result.decls.empty() || isPrimitive(expr.text)) {
    result.kind = Value::Kind::Function;
    return result;
  }
  if (!program.find(Decl::Kind::Network, expr.text, file).empty() || isLayerPrimitive(expr.text)) {
    report(diag::Code::MissingArgument, expr.span,
           "`" + expr.text + "` is a network and needs its arguments")
        .label("not called")
        .found("`" + expr.text + "`")
        .expected("`" + expr.text + "(…)`")
        .help("write the parentheses even where every argument has a default");
    return Value::error();
  }
  unknownName(expr, env);
  return Value::error();
}

/// Whether the name is one that the page declares further down, or in this very line.
bool Checker::explainOrder(diag::Diagnostic &diagnostic, const std::string &text, Span span) {
  if (!page || span.file != page->span.file)
    return false;
  for (const syntax::Item &item : page->items) {
    const syntax::Name *name = item.name.text == text ? &item.name : nullptr;
    for (const syntax::Name &bound : item.pattern)
      if (bound.text == text)
        name = &bound;
    if (!name || item.span.end < span.begin)
      continue;
    bool itself = item.span.begin <= span.begin;
    diagnostic
        .help(itself ? "a declaration cannot use itself; use another name"
                     : "move the declaration above its first use")
        .note(name->span, "`" + text + "` is declared only here");
    return true;
  }
  return false;
}

Value Checker::pageLet(size_t index, Span use, Env &env) {
  if (!env.page) {
    report(diag::Code::WrongType, use,
           "this `let` is computed by the step and cannot shape a number")
        .label("used here")
        .found("a `let` of tensors")
        .expected("a constant or a schedule")
        .help("use a `let` of constants, `epoch` or `iteration`");
    return Value::error();
  }
  Let &let = pageLets[index];
  auto it = env.page->lets.find(index);
  if (it == env.page->lets.end()) {
    if (let.active)
      return Value::error();
    let.active = true;
    PageBlock::Instance instance;
    Env inner = env;
    inner.scope = pageScope;
    inner.stmts = &instance.stmts;
    inner.body = nullptr;
    instance.value = check(*let.item->value, inner);
    if (instance.value.isTensor()) {
      const syntax::Name &name = let.item->pattern[0];
      Stmt stmt;
      stmt.kind = Stmt::Kind::Let;
      stmt.span = let.item->span;
      stmt.local = local(name.text, instance.value.expr->type, name.span);
      stmt.value = instance.value.expr;
      instance.value = Value::of(localRef(stmt.local, use));
      instance.stmts.push_back(std::move(stmt));
    }
    let.active = false;
    it = env.page->lets.emplace(index, std::move(instance)).first;
  }
  Value value = it->second.value;
  if (value.isExpr() && value.expr->kind == Expr::Kind::Local)
    return Value::of(localRef(value.expr->local, use));
  return value;
}

Value Checker::checkUnary(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &operand = *expr.children[0];
  if (expr.text == "fresh") {
    const syntax::Expr *callee = operand.kind == Kind::Call ? operand.children[0].get() : nullptr;
    std::optional<Mode> mode;
    if (callee && callee->kind == Kind::Index)
      callee = callee->children[0].get();
    const Value *model =
        callee && callee->kind == Kind::Name ? env.scope->find(callee->text) : nullptr;
    if (!model || (model->kind != Value::Kind::Head && model->kind != Value::Kind::Model)) {
      report(diag::Code::WrongType, expr.span, "`fresh` asks for one more forward of a model")
          .label("applied to something else")
          .found("`" + source(operand.span) + "`")
          .expected("an application of features or a head, as in `fresh f(x)`")
          .help("remove `fresh`");
      return Value::error();
    }
    if (!freshNumbers.count(&operand))
      freshNumbers[&operand] = static_cast<unsigned>(freshNumbers.size()) + 1;
    return checkCall(operand, env);
  }
  ExprPtr value = checkExpr(operand, env);
  return Value::of(elementwise(expr.text == "not" ? "logical_not" : "neg", {value}, expr.span));
}

Value Checker::checkBinary(const syntax::Expr &expr, Env &env) {
  const std::string &op = expr.text;
  if (op == ">>")
    return makeChain(check(*expr.children[0], env), check(*expr.children[1], env), expr.span);
  if (op == "&")
    return checkSet(expr, env);
  if (op == ".." || op == "where" || op == "in") {
    Span place = expr.textSpan.isValid() ? expr.textSpan : expr.span;
    unsupported(place, "`" + op + "` in an expression");
    return Value::error();
  }
  Value left = check(*expr.children[0], env);
  Value right = check(*expr.children[1], env);
  if (left.kind == Value::Kind::Head || left.kind == Value::Kind::Unsupported ||
      right.kind == Value::Kind::Unsupported)
    if (left.kind != Value::Kind::Head)
      return Value::error();
  if (left.kind == Value::Kind::Set && right.kind == Value::Kind::Set) {
    report(diag::Code::WrongType, expr.textSpan.isValid() ? expr.textSpan : expr.span,
           "sets are not joined by `" + op + "`")
        .label("between two sets")
        .found("`" + op + "`")
        .expected("`&`, the points of both")
        .help("write `" + source(expr.children[0]->span) + " & " + source(expr.children[1]->span) +
              "`");
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
    return Value::of(elementwise(simple->second, {lhs, rhs}, expr.span));
  auto comparison = comparisons.find(op);
  if (comparison != comparisons.end())
    return Value::of(compare(comparison->second, lhs, rhs, expr.span));
  if (op == "and" || op == "or")
    return Value::of(elementwise("logical_" + op, {lhs, rhs}, expr.span));
  if (op == "@")
    return Value::of(matrixProduct(lhs, rhs, expr.span));
  if (op == "except") {
    syntax::TypeExpr wanted;
    wanted.name.text = "label";
    if (lhs->type.isTensor())
      rhs = asLabel(wanted, Value::of(rhs), rhs->span).expr;
    if (!rhs)
      return Value::error();
    if (lhs->type.isTensor() && lhs->type.shape.size() == 1 &&
        rhs->type.element == Type::Element::Int && rhs->type.isTensor()) {
      auto infinity = std::make_shared<Expr>();
      infinity->kind = Expr::Kind::Infinity;
      infinity->span = expr.span;
      Type type;
      ExprPtr negative = node("neg", {infinity}, type, expr.span);
      ExprPtr mask = node("one_hot", {rhs},
                          [&] {
                            Type t;
                            t.kind = Type::Kind::Tensor;
                            t.element = Type::Element::Bool;
                            t.shape = lhs->type.shape;
                            t.perExample = rhs->type.perExample;
                            return t;
                          }(),
                          expr.span, {{"classes", {lhs->type.shape[0]}}});
      return Value::of(select(mask, negative, lhs, expr.span));
    }
    if (lhs->type.isNumber()) {
      unsupported(expr.span, "a range of classes (`classes except y`)");
      return Value::error();
    }
    report(diag::Code::WrongType, expr.span, "`except` masks one class of a vector")
        .label("here")
        .found(lhs->type.str() + " except " + rhs->type.str())
        .expected("a vector except a label")
        .help("as in `max(l except y)`");
    return Value::error();
  }
  return Value::error();
}

Value Checker::checkIf(const syntax::Expr &expr, Env &env) {
  ExprPtr condition = checkExpr(*expr.children[0], env);
  if (!condition)
    return Value::error();
  if (condition->kind == Expr::Kind::Bool)
    return check(*expr.children[condition->value == Rational(1) ? 1 : 2], env);
  Value a = check(*expr.children[1], env), b = check(*expr.children[2], env);
  if (a.isError() || b.isError())
    return Value::error();
  if (a.kind == Value::Kind::Layer || b.kind == Value::Kind::Layer) {
    std::optional<Rational> known = evaluate(condition);
    fix(condition);
    if (known)
      return *known != Rational(0) ? a : b;
    report(diag::Code::NotConstant, condition->span,
           "a choice between networks must be known when compiling")
        .label("changes while running")
        .found(condition->type.str())
        .expected("a condition over constants and `channels_in`")
        .help("use constants");
    return Value::error();
  }
  return Value::of(select(condition, expectExpr(a, expr.children[1]->span),
                          expectExpr(b, expr.children[2]->span), expr.span));
}

Value Checker::checkList(const syntax::Expr &expr, Env &env) {
  Value list;
  list.kind = Value::Kind::List;
  list.span = expr.span;
  for (const syntax::Arg &arg : expr.args) {
    if (arg.key) {
      report(diag::Code::WrongType, arg.span, "`:` has no meaning in this list")
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

ExprPtr Checker::listTensor(const Value &list, Span span) {
  std::vector<ExprPtr> numbers;
  for (const Value &element : list.elements) {
    if (!element.isNumber() || element.expr->type.element == Type::Element::Bool) {
      if (!element.isError())
        report(diag::Code::WrongType, element.span.isValid() ? element.span : span,
               "a list holds numbers")
            .label(element.str())
            .found(element.str())
            .expected("`real`")
            .help("use constants");
      return nullptr;
    }
    std::optional<Rational> exact = evaluate(element.expr);
    if (!exact) {
      report(diag::Code::NotConstant, element.span.isValid() ? element.span : span,
             "a list holds constants")
          .label("changes while running")
          .found(element.str())
          .expected("a constant")
          .help("write a number");
      return nullptr;
    }
    fix(element.expr);
    numbers.push_back(number(*exact, span));
  }
  if (numbers.empty()) {
    report(diag::Code::WrongType, span, "an empty list has no type")
        .label("here")
        .found("`[]`")
        .expected("at least one number")
        .help("write its elements");
    return nullptr;
  }
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = {static_cast<int64_t>(numbers.size())};
  return node("constant_list", std::move(numbers), type, span);
}

namespace {
/// The operand of a transposed matrix, or null.
ExprPtr transposed(const ExprPtr &expr) {
  if (expr->kind == Expr::Kind::Op && expr->name == "transpose" && expr->type.shape.size() == 2)
    return expr->args[0];
  return nullptr;
}
} // namespace

ExprPtr Checker::matrixProduct(ExprPtr lhs, ExprPtr rhs, Span span, bool) {
  Type type;
  type.kind = Type::Kind::Tensor;
  type.perExample = lhs->type.perExample || rhs->type.perExample;
  auto mismatch = [&](const std::string &expected) -> ExprPtr {
    report(diag::Code::ShapeMismatch, span, "the shapes do not fit a matrix product")
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
    return reduceSum(elementwise("mul", {lhs, rhs}, span), span);
  }
  if (l == 2 && r == 1) {
    if (lhs->type.shape[1] != rhs->type.shape[0])
      return mismatch("matrix[m, n] @ vector[n]");
    type.shape = {lhs->type.shape[0]};
    ExprPtr inner = transposed(lhs);
    if ((inner ? inner : lhs)->type.perExample) {
      unsupported(lhs->span, "a matrix of one example in a product");
      return nullptr;
    }
    return node("matvec", {inner ? inner : lhs, rhs}, type, span,
                {{"transpose", {inner != nullptr}}});
  }
  if (l == 1 && r == 2) {
    if (lhs->type.shape[0] != rhs->type.shape[0])
      return mismatch("vector[m] @ matrix[m, n]");
    type.shape = {rhs->type.shape[1]};
    ExprPtr inner = transposed(rhs);
    return node("matvec", {inner ? inner : rhs, lhs}, type, span,
                {{"transpose", {inner == nullptr}}});
  }
  if (l == 2 && r == 2) {
    if (lhs->type.shape[1] != rhs->type.shape[0])
      return mismatch("matrix[m, k] @ matrix[k, n]");
    type.shape = {lhs->type.shape[0], rhs->type.shape[1]};
    if (!checkSize(type.shape, span, "the product"))
      return nullptr;
    ExprPtr a = transposed(lhs), b = transposed(rhs);
    return node("matmul", {a ? a : lhs, b ? b : rhs}, type, span,
                {{"transpose_a", {a != nullptr}}, {"transpose_b", {b != nullptr}}});
  }
  return mismatch("matrices or vectors on both sides");
}

ExprPtr Checker::oneHot(ExprPtr label, Span span, bool mask) {
  if (!label)
    return nullptr;
  if (label->type.element == Type::Element::Real && label->type.shape.size() == 1)
    return label; // A distribution already.
  syntax::TypeExpr wanted;
  wanted.name.text = "label";
  label = asLabel(wanted, Value::of(label), span).expr;
  if (!label)
    return nullptr;
  if (!label->type.isTensor() || label->type.element != Type::Element::Int) {
    report(diag::Code::WrongType, label->span, "a label is needed here")
        .label(label->type.str())
        .found(label->type.str())
        .expected("`label`")
        .help("use `y` or `predict(…)`");
    return nullptr;
  }
  Type type;
  type.kind = Type::Kind::Tensor;
  type.element = Type::Element::Bool;
  type.shape = {experiment->data.classes};
  type.perExample = label->type.perExample;
  ExprPtr hot =
      node("one_hot", {std::move(label)}, type, span, {{"classes", {experiment->data.classes}}});
  if (mask)
    return hot;
  type.element = Type::Element::Real;
  return node("cast", {hot}, type, span);
}

ExprPtr Checker::indexBy(ExprPtr base, ExprPtr index, Span span) {
  if (!base || !index)
    return nullptr;
  if (!base->type.isTensor() || base->type.shape.size() != 1) {
    report(diag::Code::WrongType, span, "only a vector can be indexed")
        .label("indexed here")
        .found(base->type.str())
        .expected("`vector[n]`")
        .help("reduce or flatten it first")
        .note(base->span, base->type.str());
    return nullptr;
  }
  int64_t size = base->type.shape[0];
  if (index->type.isNumber()) {
    std::optional<int64_t> place = integer(Value::of(index), index->span, "an index");
    if (!place)
      return nullptr;
    if (*place < 0 || *place >= size) {
      report(diag::Code::IndexOutOfRange, index->span, "the index lies outside the vector")
          .label("here")
          .found("`" + std::to_string(*place) + "`")
          .expected("0 to " + std::to_string(size - 1))
          .help("indices count from 0")
          .note(base->span, base->type.str());
      return nullptr;
    }
    Type type = base->type;
    type.shape = {1};
    ExprPtr slice =
        node("slice", {base}, type, span, {{"axis", {0}}, {"begin", {*place}}, {"size", {1}}});
    type.shape = {};
    return node("reshape", {slice}, type, span, {{"shape", {}}});
  }
  if (index->type.element == Type::Element::Int) {
    Type mask;
    mask.kind = Type::Kind::Tensor;
    mask.element = Type::Element::Bool;
    mask.shape = {size};
    mask.perExample = index->type.perExample;
    ExprPtr hot = node("one_hot", {index}, mask, span, {{"classes", {size}}});
    return reduceSum(select(hot, base, number(Rational(0), span), span), span);
  }
  // A distribution over the classes: the mean under it.
  return reduceSum(elementwise("mul", {index, base}, span), span);
}

Value Checker::checkIndex(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &base = *expr.children[0];
  if (base.kind == Kind::Name) {
    const Value *value = env.scope->find(base.text);
    if (value && (value->kind == Value::Kind::Head || value->kind == Value::Kind::Model)) {
      report(diag::Code::WrongType, expr.span, "a model in a mode must be applied")
          .label("not applied")
          .found("`" + source(expr.span) + "`")
          .expected("`" + source(expr.span) + "(x)`")
          .help("apply it to an image");
      return Value::error();
    }
  }
  ExprPtr value = checkExpr(base, env);
  if (expr.children.size() != 2) {
    unsupported(expr.span, "an index of several axes");
    return Value::error();
  }
  ExprPtr index = checkExpr(*expr.children[1], env);
  return Value::of(indexBy(value, index, expr.span));
}

} // namespace advx::sema
