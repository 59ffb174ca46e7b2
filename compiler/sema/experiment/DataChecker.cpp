//===- DataChecker.cpp - The data set, its splits and its batches --------===//

#include "compiler/sema/experiment/DataChecker.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

void DataChecker::checkData(const syntax::Item &item) {
  Data &data = sheet.experiment->data;
  data.span = item.span;
  if (!sources.read(*item.value, data, augmentList))
    return;
  {
    const std::string name = findings.source(calleeOf(*item.value)->span);
    Findings::Frame frame(findings, item.value->span, "in this use of `" + name + "`");
    checkSettings(item);
  }
  sheet.rootScope->names["classes"] =
      Value::of(build.number(Rational(data.classes), item.span, Type::Element::Int));
  Type image;
  image.kind = Type::Kind::Tensor;
  image.shape = data.image;
  image.perExample = true;
  Type label;
  label.kind = Type::Kind::Tensor;
  label.element = Type::Element::Int;
  label.perExample = true;
  sheet.experiment->x = sheet.local("x", image, item.span);
  sheet.experiment->y = sheet.local("y", label, item.span);
  for (const Local *given : {sheet.experiment->x, sheet.experiment->y})
    sheet.pageScope->names[given->name] = Value::of(build.localRef(given, item.span));
  sheet.dataReady = true;
}

void DataChecker::checkSettings(const syntax::Item &item) {
  Data &data = sheet.experiment->data;
  Count batch{nullptr, "128", item.span}, epoch;
  bool validGiven = false, lastGiven = false;
  std::set<std::string> given;
  for (const syntax::Arg &arg : item.args) {
    const std::string &name = arg.name.text;
    if (!given.insert(name).second) {
      findings.givenTwice(arg.name.span, name);
    } else if (name == "batch" || name == "valid" || name == "epoch") {
      checkCount(arg, batch, epoch, validGiven);
    } else if (name == "last") {
      lastGiven = true;
      checkLast(arg);
    } else {
      refuseSetting(arg);
    }
  }
  if (!batch.expr)
    batch.expr = build.number(Rational(128), item.span, Type::Element::Int);
  addSetting("data.batch", batch, limits::batch);
  data.batch = "data.batch";
  if (epoch.expr) {
    addSetting("data.epoch", epoch, limits::count);
    data.epoch = "data.epoch";
  }
  checkParts(batch);
  if (!validGiven)
    settingTable.structural("data.valid", "0", true, item.span);
  settingTable.structural("data.last", data.dropLast ? "drop" : "keep", !lastGiven, item.span);
  // What the page leaves out, for explain-experiment.
  std::string missing;
  auto add = [&](bool isGiven, const std::string &text) {
    if (!isGiven)
      missing += (missing.empty() ? "" : ", ") + text;
  };
  add(batch.isGiven, "batch = 128");
  add(validGiven, "valid = 0");
  add(lastGiven, "last = keep");
  if (!missing.empty()) {
    if (item.args.empty())
      sheet.edits.push_back({item.value->span.end, 0, " { " + missing + " }"});
    else
      sheet.edits.push_back({item.args.back().span.end, 0, ", " + missing});
  }
}

void DataChecker::checkCount(const syntax::Arg &given, Count &batch, Count &epoch,
                             bool &validGiven) {
  const std::string &name = given.name.text;
  Env settings;
  settings.scope = sheet.pageScope;
  Value value = exprChecker.check(*given.value, settings);
  const bool isValid = name == "valid", isBatch = name == "batch";
  std::optional<int64_t> count = build.integer(value, given.value->span, "`" + name + "`", isValid);
  if (!count || !sizes.checkRange(*count, isValid ? 0 : 1, isBatch ? limits::batch : limits::count,
                                  given.value->span, "`" + name + "`"))
    return;
  const std::string text = findings.source(given.value->span);
  if (isValid) {
    sheet.experiment->data.valid = *count;
    validGiven = true;
    settingTable.structural("data.valid", text, false, given.span);
    return;
  }
  (isBatch ? batch : epoch) = {value.expr, text, given.span, true};
}

void DataChecker::checkLast(const syntax::Arg &given) {
  const bool isName = given.value->kind == Kind::Name;
  const bool drop = isName && given.value->text == "drop";
  if (drop || (isName && given.value->text == "keep")) {
    sheet.experiment->data.dropLast = drop;
    return;
  }
  findings
      .report(diag::Code::WrongArgument, given.value->span,
              "`last` says what happens to a short last batch")
      .label("here")
      .found("`" + findings.source(given.value->span) + "`")
      .expected("`keep` or `drop`")
      .help("write one of them");
}

void DataChecker::refuseSetting(const syntax::Arg &given) {
  const std::string &name = given.name.text;
  const std::string expected = "`batch`, `valid`, `epoch` or `last`";
  if (name == "augment" || name == "transform") {
    findings
        .report(diag::Code::UnknownParameter, given.name.span,
                "augmentation is an argument of the data set")
        .label("not a setting of `data`")
        .found("`" + name + "` in the braces")
        .expected(expected)
        .help("write `" + sheet.experiment->data.name + "(augment = [hflip])`");
    return;
  }
  findings
      .report(diag::Code::UnknownParameter, given.name.span, "`data` has no setting `" + name + "`")
      .label("unknown setting")
      .found("`" + name + "`")
      .expected(expected)
      .help(suggestions.nameHelp({diag::NamePlace::Setting}, name,
                                 {"batch", "valid", "epoch", "last"}));
}

void DataChecker::addSetting(const std::string &path, const Count &count, int64_t most) {
  settingTable.setting(path, Type::Element::Int, count.expr, count.text, !count.isGiven,
                       count.span);
  sheet.experiment->settings.back().range.minimum = 1;
  sheet.experiment->settings.back().range.maximum = most;
}

void DataChecker::checkParts(const Count &batch) {
  const Data &data = sheet.experiment->data;
  std::optional<Rational> images = build.evaluate(batch.expr);
  auto check = [&](const DataSource &part) {
    for (const Setting &setting : sheet.experiment->settings) {
      std::optional<Rational> share =
          setting.path == part.share ? build.evaluate(setting.value) : std::nullopt;
      std::optional<Rational> held = share && images ? *share * *images : std::nullopt;
      if (!held || !(*held < Rational(1)))
        continue;
      findings
          .report(diag::Code::WrongArgument, setting.span,
                  "the share of `" + part.name + "` is less than one image of a batch")
          .label("here")
          .found("`" + setting.text + "` of " + images->str() + " images")
          .expected("a share of one image or more")
          .help("raise the share or `batch`")
          .note(batch.span, "the batch");
    }
  };
  check(data);
  for (const DataSource &part : data.more)
    check(part);
}

} // namespace advx::sema
