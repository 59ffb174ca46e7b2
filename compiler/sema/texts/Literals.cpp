//===- Literals.cpp - Tensors of constants: lists, and files of numbers --------===//

#include "compiler/sema/texts/Literals.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"
#include "compiler/source/NpyFile.h"
#include "compiler/source/ReadPage.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace advx::sema {

ExprPtr Literals::shaped(ExprPtr vector, std::vector<int64_t> shape, Span span) {
  if (!vector || vector->type.shape == shape)
    return vector;
  Type type = vector->type;
  type.shape = shape;
  return build.node(Op::Reshape, {std::move(vector)}, type, span, {{"shape", std::move(shape)}});
}

bool Literals::constants(const Value &list, std::vector<ExprPtr> &numbers,
                         std::vector<int64_t> &shape, size_t depth) {
  const auto size = static_cast<int64_t>(list.elements.size());
  if (shape.size() == depth)
    shape.push_back(size);
  else if (shape[depth] != size)
    return false;
  for (const Value &element : list.elements) {
    if (element.kind == Value::Kind::List) {
      if ((!numbers.empty() && shape.size() == depth + 1) ||
          !constants(element, numbers, shape, depth + 1))
        return false;
      continue;
    }
    const bool isNumber = element.isNumber() && element.expr->type.element != Type::Element::Bool;
    std::optional<Rational> exact = isNumber ? build.evaluate(element.expr) : std::nullopt;
    if (!exact || shape.size() != depth + 1)
      return false;
    numbers.push_back(element.expr);
  }
  return size > 0;
}

/// Of what the step computes: tensors of one shape, side by side along a new first axis.
ExprPtr Literals::joined(const Value &list, Span span) {
  std::vector<ExprPtr> parts;
  bool computed = false;
  for (const Value &element : list.elements) {
    const Span place = element.span.isValid() ? element.span : span;
    ExprPtr part = exprChecker.expectExpr(element, place);
    if (!part)
      return nullptr;
    if (part->type.element == Type::Element::Bool || part->type.isLabel() || part->type.anyShape) {
      findings.report(diag::Code::WrongType, place, "a list holds numbers")
          .label(element.str())
          .found(element.str())
          .expected("`real`, or lists of them")
          .help("write numbers, or tensors of one shape");
      return nullptr;
    }
    computed |= part->type.isTensor();
    parts.push_back(std::move(part));
  }
  Type type;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Span place = list.elements[i].span.isValid() ? list.elements[i].span : span;
    if (!computed && !build.evaluate(parts[i])) {
      findings.report(diag::Code::NotConstant, place, "a list holds constants")
          .label("changes while running")
          .found(parts[i]->type.str())
          .expected("a constant")
          .help("write a number");
      return nullptr;
    }
    if (parts[i]->type.shape != parts[0]->type.shape) {
      findings.report(diag::Code::ShapeMismatch, place, "the parts of a list have different shapes")
          .label(list.elements[i].str())
          .found(list.elements[0].str() + " and " + list.elements[i].str())
          .expected("equal shapes")
          .help("make the rows equally long");
      return nullptr;
    }
    type.perExample |= parts[i]->type.perExample;
  }
  type.kind = Type::Kind::Tensor;
  type.shape = {1};
  type.shape.insert(type.shape.end(), parts[0]->type.shape.begin(), parts[0]->type.shape.end());
  for (ExprPtr &part : parts) {
    Type row = part->type;
    row.kind = Type::Kind::Tensor;
    row.element = Type::Element::Real;
    if (part->type.isNumber()) {
      row.shape = {1};
      part = build.node(Op::Broadcast, {part}, row, span, {{"shape", {1}}, {"axes", {}}});
    } else {
      part = shaped(std::move(part), type.shape, span);
    }
  }
  type.shape[0] = static_cast<int64_t>(parts.size());
  if (!sizes.checkSize(type.shape, span, "the list"))
    return nullptr;
  return build.node(Op::Concat, std::move(parts), type, span, {{"axis", {0}}});
}

ExprPtr Literals::tensorOf(const Value &list, Span span) {
  if (list.elements.empty()) {
    findings.report(diag::Code::WrongType, span, "an empty list has no type")
        .label("here")
        .found("`[]`")
        .expected("at least one number")
        .help("write its elements");
    return nullptr;
  }
  std::vector<ExprPtr> numbers;
  std::vector<int64_t> shape;
  if (!constants(list, numbers, shape, 0))
    return joined(list, span);
  for (ExprPtr &number : numbers) {
    settingTable.fix(number);
    number = build.number(*build.evaluate(number), span);
  }
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = {static_cast<int64_t>(numbers.size())};
  return shaped(build.node(Op::ConstantList, std::move(numbers), type, span), shape, span);
}

Value Literals::load(const PrimitiveInfo &info, const syntax::Expr &call) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, 0, call.span, info.name, Span(),
                            bound))
    return Value::error();
  const syntax::Expr &file = *bound[0]->value;
  if (file.kind != syntax::Expr::Kind::String) {
    findings.report(diag::Code::WrongType, file.span, "`load` takes the name of a file")
        .label("not a string")
        .found("`" + findings.source(file.span) + "`")
        .expected("a string")
        .help("as in `load(\"mask.npy\")`");
    return Value::error();
  }
  // Beside the text that names it.
  std::filesystem::path path(file.text);
  if (path.is_relative())
    path = std::filesystem::path(program.sourceManager().file(call.span.file).path).parent_path() /
           path;
  NpyArray array = readNpy(path.string(), largestNpy);
  auto refuse = [&](diag::Code code, const std::string &found, const std::string &expected,
                    const std::string &help) {
    findings.report(code, file.span, "`" + file.text + "` cannot be read")
        .label("named here")
        .found(found)
        .expected(expected)
        .help(help);
    return Value::error();
  };
  if (!array.problem.empty())
    return refuse(diag::Code::BadInput, array.problem, array.expected, array.help);
  for (size_t i = 0; i < array.values.size(); ++i)
    if (!std::isfinite(array.values[i]))
      return refuse(diag::Code::BadInput,
                    "`" + std::string(std::isnan(array.values[i]) ? "nan" : "inf") + "` at place " +
                        std::to_string(i),
                    "finite numbers", "write numbers that are finite");
  const auto &inputs = sheet.experiment->inputs;
  if (std::none_of(inputs.begin(), inputs.end(),
                   [&](const InputFile &known) { return known.path == file.text; }))
    sheet.experiment->inputs.push_back(
        {file.text, array.form(), std::move(array.bytes), call.span});
  auto list = std::make_shared<Expr>();
  list->kind = Expr::Kind::Op;
  list->op = Op::ConstantList;
  list->name = file.text;
  list->span = call.span;
  list->type.kind = Type::Kind::Tensor;
  list->type.shape = {static_cast<int64_t>(array.values.size())};
  list->numbers = std::make_shared<const std::vector<double>>(std::move(array.values));
  ExprPtr result = shaped(list, array.shape, call.span);
  if (array.isBool)
    result = build.comparison(Predicate::NotEqual, result, build.number(Rational(0), call.span),
                              call.span);
  return Value::of(result);
}

} // namespace advx::sema
