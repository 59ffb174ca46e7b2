//===- Mixtures.cpp - Batches from several data sets ---------------------===//
//
// `mix(0.3: cifar10(), 0.7: npz("1m.npz"))`: the numbers are shares of each batch.
// Images, classes, range, names, `valid` and the test split are those of the first part.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/experiment/DataSources.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>
#include <sstream>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

bool DataSources::readMixture(const syntax::Expr &call, Data &data, const syntax::Expr *&augment) {
  bool ok = true, isFirst = true, hasAugment = false;
  const syntax::Arg *last = nullptr;
  for (const syntax::Arg &arg : call.args)
    last = arg.name.empty() ? &arg : last;
  std::vector<ExprPtr> shares;
  for (const syntax::Arg &arg : call.args) {
    if (arg.name.text == "augment") {
      if (hasAugment) {
        findings.givenTwice(arg.name.span, "augment");
        ok = false;
      }
      hasAugment = true;
      augment = arg.value.get();
    } else if (!arg.name.empty() || !arg.value || (!arg.key && (&arg != last || isFirst))) {
      ok = refusePart(arg);
      isFirst &= !arg.name.empty();
    } else {
      // The parts behind the first are held to its images, so without it they say nothing.
      const bool read = (isFirst || data.classes > 0) && readPart(*arg.value, data, isFirst);
      DataSource &source = isFirst || data.more.empty() ? data : data.more.back();
      ok &= read && (arg.key ? readShare(*arg.key, source, shares)
                             : takeRest(arg.value->span, source, shares));
      isFirst = false;
    }
  }
  if (ok && isFirst) {
    findings.report(diag::Code::MissingArgument, call.span, "`mix` has no parts")
        .label("nothing to train on")
        .found("`" + findings.source(call.span) + "`")
        .expected("`mix(SHARE: DATASET(…), …)`")
        .help("as in `mix(0.3: cifar10(), 0.7: npz(\"1m.npz\"))`");
    return false;
  }
  return ok && checkShares(data, call);
}

bool DataSources::refusePart(const syntax::Arg &arg) {
  const bool isNamed = !arg.name.empty();
  findings
      .report(isNamed ? diag::Code::UnknownParameter : diag::Code::WrongArgument,
              isNamed ? arg.name.span : arg.span,
              isNamed ? "`mix` has no parameter `" + arg.name.text + "`"
                      : "a part of `mix` needs its share of a batch")
      .label(isNamed ? "unknown parameter" : "without a share")
      .found("`" + findings.source(arg.span) + "`")
      .expected("`SHARE: DATASET(…)` or `augment = […]`; the last part may leave its share out")
      .help("as in `mix(0.3: cifar10(), 0.7: npz(\"1m.npz\"))`");
  return false;
}

bool DataSources::readPart(const syntax::Expr &call, Data &data, bool isFirst) {
  const syntax::Expr *callee = calleeOf(call);
  std::vector<const Decl *> decls = declarations(call);
  if (decls.empty() && callee->kind == Kind::Name && callee->text == "mix") {
    findings.report(diag::Code::WrongArgument, call.span, "a part of `mix` is one data set")
        .label("a mixture")
        .found("`" + findings.source(call.span) + "`")
        .expected("a data set")
        .help("name its parts in the outer `mix`, each with its share of the whole");
    return false;
  }
  if (decls.empty() && callee->kind == Kind::Name && callee->text == "npz") {
    const syntax::Expr *augment = nullptr;
    if (isFirst)
      return read(call, data, augment);
    DataSource source;
    if (!readNpz(call, data, source))
      return false;
    data.more.push_back(std::move(source));
    return true;
  }
  if (decls.empty())
    return refuseUnknown(*callee);
  Data part;
  const syntax::Expr *augment = nullptr;
  if (!readDeclared(*decls.front(), call, isFirst ? data : part, augment))
    return false;
  if (augment) {
    findings
        .report(diag::Code::WrongArgument, augment->span,
                "the parts of `mix` are augmented together")
        .label("here")
        .found("`" + findings.source(augment->span) + "` of one part")
        .expected("one list behind the parts")
        .help("write `mix(…, augment = " + findings.source(augment->span) + ")`");
    return false;
  }
  if (isFirst)
    return true;
  if (!checkLike(data, part, call))
    return false;
  data.more.push_back(std::move(static_cast<DataSource &>(part)));
  return true;
}

bool DataSources::checkLike(const Data &first, const Data &part, const syntax::Expr &call) {
  auto differs = [&](const std::string &what, const std::string &found,
                     const std::string &expected) {
    findings
        .report(diag::Code::ShapeMismatch, call.span,
                "the parts of `mix` have " + what + " of different kinds")
        .label(found)
        .found(found)
        .expected(expected + ", as `" + first.name + "` has")
        .help("mix data sets of the same images and classes");
    return false;
  };
  auto classes = [](const Data &data) { return std::to_string(data.classes) + " classes"; };
  auto range = [](const Data &data) {
    std::ostringstream text;
    text << "values from " << data.low << " to " << data.high;
    return text.str();
  };
  if (part.image != first.image)
    return differs("images", "images of " + shapeText(part.image), shapeText(first.image));
  if (part.classes != first.classes)
    return differs("labels", classes(part), classes(first));
  if (part.low != first.low || part.high != first.high)
    return differs("values", range(part), range(first));
  if (!part.names.empty() && !first.names.empty() && part.names != first.names) {
    auto other = std::mismatch(part.names.begin(), part.names.end(), first.names.begin());
    return differs("classes", "`" + *other.first + "`", "`" + *other.second + "`");
  }
  return true;
}

bool DataSources::readShare(const syntax::Expr &written, DataSource &source,
                            std::vector<ExprPtr> &shares) {
  Env env;
  env.scope = sheet.pageScope;
  ExprPtr number = exprChecker.checkExpr(written, env);
  if (!number)
    return false;
  if (!number->type.isNumber() || settingTable.isSchedule(number)) {
    const bool changes = number->type.isNumber();
    findings
        .report(changes ? diag::Code::NotConstant : diag::Code::WrongType, written.span,
                changes ? "a share is the same in all of training" : "a share is a number")
        .label("here")
        .found(changes ? "`" + findings.source(written.span) + "`, a schedule"
                       : Value::of(number).str())
        .expected("a constant or a setting")
        .help("as in `0.3: cifar10()`");
    return false;
  }
  shares.push_back(addShare(number, findings.source(written.span), false, written.span, source));
  return shares.back() != nullptr;
}

bool DataSources::takeRest(Span span, DataSource &source, const std::vector<ExprPtr> &shares) {
  ExprPtr rest = build.number(Rational(1), span);
  std::string text = "1";
  for (const ExprPtr &share : shares) {
    rest = share ? build.elementwise(Op::Sub, {rest, share}, span) : nullptr;
    if (!rest)
      return false;
    text += " - " + sheet.experiment->settings[share->index].text;
  }
  sheet.edits.push_back({span.begin, 0, text + ": "});
  return addShare(rest, text, true, span, source) != nullptr;
}

ExprPtr DataSources::addShare(const ExprPtr &value, const std::string &text, bool isDefault,
                              Span span, DataSource &source) {
  std::string path = "data." + source.name + ".share";
  for (unsigned number = 2; settingTable.isPath(path); ++number)
    path = "data." + source.name + std::to_string(number) + ".share";
  ExprPtr share = settingTable.setting(path, Type::Element::Real, value, text, isDefault, span);
  Range range;
  range.minimum = 0;
  range.openMinimum = true;
  range.maximum = 1;
  source.share = path;
  return settingTable.bounded(share, range, diag::Code::WrongArgument,
                              "the share of `" + source.name + "`", path, span);
}

bool DataSources::checkShares(const Data &data, const syntax::Expr &call) {
  std::optional<Rational> sum = Rational(0);
  std::string shown;
  for (const Setting &setting : sheet.experiment->settings) {
    bool isShare = setting.path == data.share;
    for (const DataSource &part : data.more)
      isShare |= setting.path == part.share;
    if (!isShare)
      continue;
    std::optional<Rational> value = build.evaluate(setting.value);
    sum = sum && value ? *sum + *value : std::nullopt;
    shown += (shown.empty() ? "" : " + ") + setting.text;
  }
  if (!sum || *sum == Rational(1))
    return true;
  findings.report(diag::Code::WrongArgument, call.span, "the shares of `mix` do not add up to 1")
      .label("here")
      .found(shown + " = " + sum->str())
      .expected("shares of one batch, which add up to 1")
      .help("correct one, or leave that of the last part out: it gets what the others leave");
  return false;
}

} // namespace advx::sema
