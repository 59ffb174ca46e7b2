//===- DatasetText.cpp - The text of a data set --------------------------===//

#include "compiler/sema/experiment/DatasetText.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <set>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

const std::vector<std::string> fieldNames = {"format", "image",   "classes",     "range", "train",
                                             "test",   "archive", "label_bytes", "names"};

std::string listed(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "`" : ", `") + name + "`";
  return text;
}

} // namespace

bool DatasetText::read(const Decl &decl, Span use, Env &env, Data &data) {
  bool ok = true;
  std::set<std::string> seen;
  for (const syntax::Arg &field : decl.fields) {
    if (!seen.insert(field.name.text).second) {
      findings.givenTwice(field.name.span, field.name.text);
      ok = false;
    } else {
      ok &= readField(field, env, data);
    }
  }
  for (const char *needed : {"format", "image", "classes", "train", "test"})
    if (!seen.count(needed)) {
      findings
          .report(diag::Code::MissingPart, decl.name.span,
                  "the dataset `" + decl.name.text + "` has no `" + needed + "`")
          .label("declared here")
          .expected("`" + std::string(needed) + " = …`")
          .help("add it");
      ok = false;
    }
  return ok && checkFormat(decl, use, data);
}

bool DatasetText::readField(const syntax::Arg &field, Env &env, Data &data) {
  const std::string &name = field.name.text;
  if (name == "format")
    return string(field, "the format", data.format);
  if (name == "archive")
    return string(field, "an archive", data.archive);
  if (name == "train" || name == "test")
    return strings(field, "file", name == "train" ? data.train : data.test);
  if (name == "names")
    return strings(field, "class", data.names);
  if (name == "image")
    return image(field, env, data);
  if (name == "range")
    return range(field, env, data);
  if (name == "classes") {
    std::optional<int64_t> classes = integer(field, env, 2, limits::classes);
    data.classes = classes.value_or(0);
    return classes.has_value();
  }
  if (name == "label_bytes") {
    data.labelBytes = integer(field, env, 1, 256);
    return data.labelBytes.has_value();
  }
  findings
      .report(diag::Code::UnknownParameter, field.name.span,
              "a dataset has no field `" + name + "`")
      .label("unknown field")
      .found("`" + name + "`")
      .expected(listed(fieldNames))
      .help(suggestions.suggest(name, fieldNames));
  return false;
}

bool DatasetText::strings(const syntax::Arg &field, const char *what,
                          std::vector<std::string> &into) {
  std::vector<const syntax::Expr *> values;
  if (field.value->kind == Kind::List)
    for (const syntax::Arg &arg : field.value->args)
      values.push_back(arg.value.get());
  else
    values.push_back(field.value.get());
  bool isFile = std::string(what) == "file";
  if (values.empty()) {
    findings
        .report(diag::Code::WrongArgument, field.value->span,
                "`" + field.name.text + "` names no " + what)
        .label("an empty list")
        .found("`[]`")
        .expected("at least one " + std::string(isFile ? "file name" : "name"))
        .help(isFile ? "name the files, relative to the folder of `--data`"
                     : "name every class, in the order of the labels");
    return false;
  }
  bool ok = true;
  for (const syntax::Expr *value : values) {
    if (value->kind == Kind::String) {
      into.push_back(value->text);
      continue;
    }
    findings
        .report(diag::Code::WrongType, value->span,
                "`" + field.name.text + "` lists " + (isFile ? "file names" : "names"))
        .label("not a string")
        .found("`" + findings.source(value->span) + "`")
        .expected("a string")
        .help("write the names in quotes");
    ok = false;
  }
  return ok;
}

bool DatasetText::string(const syntax::Arg &field, const char *what, std::string &into) {
  if (field.value->kind == Kind::String) {
    into = field.value->text;
    return true;
  }
  findings
      .report(diag::Code::WrongType, field.value->span, "`" + field.name.text + "` names " + what)
      .label("not a string")
      .found("`" + findings.source(field.value->span) + "`")
      .expected("a string")
      .help("write one name in quotes");
  return false;
}

std::vector<Rational> DatasetText::numbers(const Value &list) {
  std::vector<Rational> result;
  if (list.kind != Value::Kind::List)
    return result;
  for (const Value &element : list.elements) {
    std::optional<Rational> exact =
        element.isNumber() ? build.evaluate(element.expr) : std::nullopt;
    if (!exact)
      return {};
    result.push_back(*exact);
  }
  return result;
}

bool DatasetText::unreadable(const syntax::Arg &field, const Value &value,
                             const std::string &expected) {
  if (!value.isError())
    findings
        .report(diag::Code::WrongType, field.value->span,
                "`" + field.name.text + "` cannot be read")
        .label("here")
        .found("`" + findings.source(field.value->span) + "`")
        .expected(expected)
        .help("write constants");
  return false;
}

bool DatasetText::image(const syntax::Arg &field, Env &env, Data &data) {
  Value value = exprChecker.check(*field.value, env);
  std::vector<int64_t> extents;
  for (const Rational &number : numbers(value)) {
    if (!number.isInteger() || !(Rational(0) < number))
      return unreadable(field, value, "`[channels, height, width]`, or other sizes above 0");
    extents.push_back(number.numerator());
  }
  if (extents.empty())
    return unreadable(field, value, "`[channels, height, width]`, or other sizes above 0");
  data.image = extents;
  return sizes.checkSize(extents, field.value->span, "the image");
}

bool DatasetText::range(const syntax::Arg &field, Env &env, Data &data) {
  Value value = exprChecker.check(*field.value, env);
  std::vector<Rational> bounds = numbers(value);
  if (bounds.size() != 2)
    return unreadable(field, value, "`[low, high]`");
  data.low = bounds[0].toDouble();
  data.high = bounds[1].toDouble();
  return true;
}

std::optional<int64_t> DatasetText::integer(const syntax::Arg &field, Env &env, int64_t low,
                                            int64_t high) {
  std::string what = "`" + field.name.text + "`";
  Value value = exprChecker.check(*field.value, env);
  std::optional<int64_t> number = build.integer(value, field.value->span, what);
  if (!number || !sizes.checkRange(*number, low, high, field.value->span, what))
    return std::nullopt;
  return number;
}

const syntax::Arg *DatasetText::fieldOf(const Decl &decl, const char *name) {
  for (const syntax::Arg &field : decl.fields)
    if (field.name.text == name)
      return &field;
  return nullptr;
}

bool DatasetText::checkFormat(const Decl &decl, Span use, Data &data) {
  const syntax::Arg &format = *fieldOf(decl, "format");
  if (data.format != "idx" && data.format != "cifar") {
    findings
        .report(diag::Code::NotSupportedYet, use,
                "the data format \"" + data.format + "\" is not supported yet")
        .label("data of this format")
        .found("`" + findings.source(use) + "`")
        .expected("data in the format \"idx\" or \"cifar\"")
        .help("convert the files to IDX")
        .note(format.value->span, "its format");
    return false;
  }
  bool ok = true;
  // In IDX labels are files of their own, beside the images, each with a header of its own.
  for (const char *name : {"archive", "label_bytes"})
    if (const syntax::Arg *field = fieldOf(decl, name); field && data.format == "idx") {
      findings
          .report(diag::Code::WrongArgument, field->name.span,
                  "data in the format \"idx\" has no `" + std::string(name) + "`")
          .label("here")
          .found("`" + findings.source(field->span) + "`")
          .expected("a dataset in the format \"cifar\"")
          .help("leave it out")
          .note(format.value->span, "its format");
      ok = false;
    }
  if (data.format == "cifar" && !data.labelBytes)
    data.labelBytes = 1;
  if (const syntax::Arg *names = fieldOf(decl, "names");
      names && int64_t(data.names.size()) != data.classes) {
    findings
        .report(diag::Code::WrongArgument, names->value->span,
                "`names` are those of the classes, in the order of the labels")
        .label(std::to_string(data.names.size()) + (data.names.size() == 1 ? " name" : " names"))
        .found(std::to_string(data.names.size()))
        .expected(std::to_string(data.classes) + ", one a class")
        .help("name every class, or leave `names` out");
    ok = false;
  }
  return ok;
}

} // namespace advx::sema
