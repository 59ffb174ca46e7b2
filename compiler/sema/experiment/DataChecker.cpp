//===- DataChecker.cpp - The data set, its splits and its batches --------===//

#include "compiler/sema/experiment/DataChecker.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

void DataChecker::checkData(const syntax::Item &item) {
  const syntax::Expr &call = *item.value;
  const syntax::Expr *callee = call.kind == Kind::Call ? call.children[0].get() : &call;
  std::vector<const Decl *> decls;
  if (callee->kind == Kind::Name)
    decls = program.find(Decl::Kind::Dataset, callee->text, sheet.pageScope->file);
  Data &data = sheet.experiment->data;
  data.span = item.span;
  if (decls.empty()) {
    std::string name = findings.source(callee->span);
    if (name == "mix" || name == "npz")
      findings.unsupported(callee->span,
                           name == "mix" ? "a mixture of data sets" : "data from an npz file");
    else
      findings.report(diag::Code::UnknownName, callee->span, "unknown dataset `" + name + "`")
          .label("nothing declares this")
          .found("`" + name + "`")
          .expected("a dataset")
          .help(suggestions.nameHelp({diag::NamePlace::Dataset}, name,
                                     program.names(Decl::Kind::Dataset, sheet.pageScope->file)));
    return;
  }
  const Decl &decl = *decls.front();
  data.name = decl.name.text;
  Findings::Frame frame(findings, call.span, "in this use of `" + decl.name.text + "`");
  Env env;
  env.scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  std::vector<const syntax::Arg *> bound;
  std::vector<std::string> names;
  names.reserve(decl.params.size());
  for (const syntax::Param &param : decl.params)
    names.push_back(param.name.text);
  uses.note(calleeOf(call)->span, decl.name.span);
  if (std::find(names.begin(), names.end(), "augment") == names.end())
    names.push_back("augment");
  binder.bindArguments(names, 0, call.args, 0, call.span, decl.name.text, decl.name.span, bound);
  if (decl.params.size() < bound.size() && bound.back())
    augmentList = bound.back()->value.get();

  if (!datasetText.read(decl, call.span, env, data))
    return;

  // The settings in braces.
  Env settings;
  settings.scope = sheet.pageScope;
  ExprPtr batch;
  std::string batchText = "128";
  Span batchSpan = item.span;
  bool batchGiven = false, validGiven = false, lastGiven = false;
  std::set<std::string> given;
  for (const syntax::Arg &arg : item.args) {
    const std::string &name = arg.name.text;
    if (!given.insert(name).second) {
      findings.givenTwice(arg.name.span, name);
      continue;
    }
    if (name == "batch" || name == "valid") {
      Value value = exprChecker.check(*arg.value, settings);
      std::optional<int64_t> count =
          build.integer(value, arg.value->span, "`" + name + "`", name != "batch");
      if (!count)
        continue;
      if (!sizes.checkRange(*count, name == "batch" ? 1 : 0,
                            name == "batch" ? limits::batch : limits::count, arg.value->span,
                            "`" + name + "`"))
        continue;
      if (name == "valid") {
        data.valid = *count;
        validGiven = true;
        settingTable.structural("data.valid", findings.source(arg.value->span), false, arg.span);
      } else {
        batch = value.expr;
        batchText = findings.source(arg.value->span);
        batchSpan = arg.span;
        batchGiven = true;
      }
    } else if (name == "last") {
      lastGiven = true;
      bool keep = arg.value->kind == Kind::Name && arg.value->text == "keep";
      bool drop = arg.value->kind == Kind::Name && arg.value->text == "drop";
      if (!keep && !drop) {
        findings
            .report(diag::Code::WrongArgument, arg.value->span,
                    "`last` says what happens to a short last batch")
            .label("here")
            .found("`" + findings.source(arg.value->span) + "`")
            .expected("`keep` or `drop`")
            .help("write one of them");
        continue;
      }
      data.dropLast = drop;
    } else if (name == "augment" || name == "transform") {
      findings
          .report(diag::Code::UnknownParameter, arg.name.span,
                  "augmentation is an argument of the data set")
          .label("not a setting of `data`")
          .found("`" + name + "` in the braces")
          .expected("`batch`, `valid` or `last`")
          .help("write `" + data.name + "(augment = [hflip])`");
    } else if (name == "epoch") {
      findings.unsupported(arg.span, "an epoch of another length (`epoch = …`)");
    } else {
      findings
          .report(diag::Code::UnknownParameter, arg.name.span,
                  "`data` has no setting `" + name + "`")
          .label("unknown setting")
          .found("`" + name + "`")
          .expected("`batch`, `valid` or `last`")
          .help(suggestions.nameHelp({diag::NamePlace::Setting}, name, {"batch", "valid", "last"}));
    }
  }
  if (!batch)
    batch = build.number(Rational(128), item.span, Type::Element::Int);
  settingTable.setting("data.batch", Type::Element::Int, batch, batchText, !batchGiven, batchSpan);
  sheet.experiment->settings.back().range.minimum = 1;
  sheet.experiment->settings.back().range.maximum = limits::batch;
  data.batch = "data.batch";
  if (!validGiven)
    settingTable.structural("data.valid", "0", true, item.span);
  settingTable.structural("data.last", data.dropLast ? "drop" : "keep", !lastGiven, item.span);
  // What the page leaves out, for explain-experiment.
  std::string missing;
  auto add = [&](bool isGiven, const std::string &text) {
    if (!isGiven)
      missing += (missing.empty() ? "" : ", ") + text;
  };
  add(batchGiven, "batch = 128");
  add(validGiven, "valid = 0");
  add(lastGiven, "last = keep");
  if (!missing.empty()) {
    if (item.args.empty())
      sheet.edits.push_back({call.span.end, 0, " { " + missing + " }"});
    else
      sheet.edits.push_back({item.args.back().span.end, 0, ", " + missing});
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

} // namespace advx::sema
