//===- DatasetText.cpp - The text of a data set --------------------------===//

#include "compiler/sema/experiment/DatasetText.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>
#include <set>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

const std::vector<std::string> fieldNames = {"format", "image", "classes", "range",
                                             "train",  "test",  "archive", "label_bytes",
                                             "arrays", "seed",  "noise",   "names"};

/// The fields that few formats have.
struct Special {
  const char *field, *format;
};
const Special specials[] = {{"archive", "cifar"},
                            {"label_bytes", "cifar"},
                            {"arrays", "npz"},
                            {"seed", "synthetic"},
                            {"noise", "synthetic"}};
const std::vector<std::string> formats = {"idx", "cifar", "npz", "synthetic"};

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
    return images(field, env, data);
  if (name == "names")
    return strings(*field.value, name, "class", data.names);
  if (name == "arrays")
    return arrays(field, data);
  if (name == "seed") {
    std::optional<int64_t> seed = integer(field, env, 0, limits::count);
    data.options["seed"] = seed.value_or(0);
    return seed.has_value();
  }
  if (name == "noise")
    return noise(field, env, data);
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

bool DatasetText::images(const syntax::Arg &field, Env &env, Data &data) {
  const std::string &name = field.name.text;
  std::vector<std::string> &files = name == "train" ? data.train : data.test;
  if (field.value->kind == Kind::List || field.value->kind == Kind::String)
    return strings(*field.value, name, "file", files);
  std::optional<int64_t> count = integer(field, env, 1, limits::count);
  data.options[name] = count.value_or(0);
  return count.has_value();
}

bool DatasetText::arrays(const syntax::Arg &field, Data &data) {
  std::vector<std::string> names;
  if (!strings(*field.value, field.name.text, "array", names))
    return false;
  if (names.size() == 2) {
    data.options["image"] = names[0];
    data.options["label"] = names[1];
    return true;
  }
  findings
      .report(diag::Code::WrongArgument, field.value->span,
              "`arrays` are the names of the images and of the labels in a file")
      .label("here")
      .found(std::to_string(names.size()) + (names.size() == 1 ? " name" : " names"))
      .expected("2, as in `[\"image\", \"label\"]`")
      .help("name both, or leave `arrays` out");
  return false;
}

bool DatasetText::noise(const syntax::Arg &field, Env &env, Data &data) {
  Value value = exprChecker.check(*field.value, env);
  std::optional<Rational> exact = value.isNumber() ? build.evaluate(value.expr) : std::nullopt;
  if (!exact || *exact < Rational(0))
    return unreadable(field, value, "a constant of 0 or more, the deviation of the noise");
  settingTable.fix(value.expr);
  data.options["noise"] = exact->toDouble();
  return true;
}

bool DatasetText::strings(const syntax::Expr &value, const std::string &name, const char *what,
                          std::vector<std::string> &into) {
  std::vector<const syntax::Expr *> values;
  if (value.kind == Kind::List)
    for (const syntax::Arg &arg : value.args)
      values.push_back(arg.value.get());
  else
    values.push_back(&value);
  bool isFile = std::string(what) == "file";
  if (values.empty()) {
    findings.report(diag::Code::WrongArgument, value.span, "`" + name + "` names no " + what)
        .label("an empty list")
        .found("`[]`")
        .expected("at least one " + std::string(isFile ? "file name" : "name"))
        .help(isFile ? "name the files, relative to the folder of `--data`"
                     : "name every class, in the order of the labels");
    return false;
  }
  bool ok = true;
  for (const syntax::Expr *one : values) {
    if (one->kind == Kind::String) {
      into.push_back(one->text);
      continue;
    }
    findings
        .report(diag::Code::WrongType, one->span,
                "`" + name + "` lists " + (isFile ? "file names" : "names"))
        .label("not a string")
        .found("`" + findings.source(one->span) + "`")
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

bool DatasetText::checkFields(const Decl &decl, const std::string &format) {
  bool ok = true;
  for (const auto &[name, owner] : specials) {
    const syntax::Arg *field = fieldOf(decl, name);
    if (!field || format == owner)
      continue;
    findings
        .report(diag::Code::WrongArgument, field->name.span,
                "data in the format \"" + format + "\" has no `" + std::string(name) + "`")
        .label("here")
        .found("`" + findings.source(field->span) + "`")
        .expected("a dataset in the format \"" + std::string(owner) + "\"")
        .help("leave it out")
        .note(fieldOf(decl, "format")->value->span, "its format");
    ok = false;
  }
  return ok;
}

/// Synthetic data have numbers of images, all other data names of files.
bool DatasetText::checkImages(const Decl &decl, const Data &data) {
  bool ok = true;
  const bool counts = data.format == "synthetic";
  for (const char *name : {"train", "test"}) {
    const syntax::Arg &field = *fieldOf(decl, name);
    if (counts == (data.options.count(name) != 0))
      continue;
    findings
        .report(diag::Code::WrongType, field.value->span,
                "data in the format \"" + data.format + "\" " +
                    (counts ? "have no files" : "are read from files"))
        .label("here")
        .found("`" + findings.source(field.value->span) + "`")
        .expected(counts ? "the number of images" : "names of files")
        .help(counts ? "as in `train = 1000`"
                     : "name the files, relative to the folder of `--data`")
        .note(fieldOf(decl, "format")->value->span, "its format");
    ok = false;
  }
  return ok;
}

/// What the text of a format leaves out.
static void setDefaults(Data &data) {
  if (data.format == "cifar" && !data.labelBytes)
    data.labelBytes = 1;
  if (data.format == "npz") {
    data.options.try_emplace("image", std::string("image"));
    data.options.try_emplace("label", std::string("label"));
  }
  if (data.format == "synthetic") {
    data.options.try_emplace("seed", int64_t(0));
    data.options.try_emplace("noise", 0.25);
  }
}

bool DatasetText::checkFormat(const Decl &decl, Span use, Data &data) {
  const syntax::Arg &format = *fieldOf(decl, "format");
  if (std::find(formats.begin(), formats.end(), data.format) == formats.end()) {
    findings
        .report(diag::Code::NotSupportedYet, use,
                "the data format \"" + data.format + "\" is not supported yet")
        .label("data of this format")
        .found("`" + findings.source(use) + "`")
        .expected("data in the format \"idx\", \"cifar\", \"npz\" or \"synthetic\"")
        .help("convert the files to one of these")
        .note(format.value->span, "its format");
    return false;
  }
  // In IDX labels are files of their own, beside the images, each with a header of its own.
  bool ok = checkFields(decl, data.format);
  ok &= checkImages(decl, data);
  setDefaults(data);
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
