//===- DataSources.cpp - Data sets by name, and their parameters ---------===//

#include "compiler/sema/experiment/DataSources.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

std::vector<const Decl *> DataSources::declarations(const syntax::Expr &call) const {
  const syntax::Expr *callee = calleeOf(call);
  if (callee->kind != Kind::Name)
    return {};
  return program.find(Decl::Kind::Dataset, callee->text, sheet.pageScope->file);
}

bool DataSources::refuseUnknown(const syntax::Expr &callee) {
  std::string name = findings.source(callee.span);
  findings.report(diag::Code::UnknownName, callee.span, "unknown dataset `" + name + "`")
      .label("nothing declares this")
      .found("`" + name + "`")
      .expected("a dataset")
      .help(suggestions.nameHelp({diag::NamePlace::Dataset}, name,
                                 program.names(Decl::Kind::Dataset, sheet.pageScope->file)));
  return false;
}

bool DataSources::read(const syntax::Expr &call, Data &data, const syntax::Expr *&augment) {
  std::vector<const Decl *> decls = declarations(call);
  if (!decls.empty())
    return readDeclared(*decls.front(), call, data, augment);
  const syntax::Expr *callee = calleeOf(call);
  if (callee->kind == Kind::Name && callee->text == "mix")
    return readMixture(call, data, augment);
  if (callee->kind != Kind::Name || callee->text != "npz")
    return refuseUnknown(*callee);
  findings
      .report(diag::Code::WrongArgument, call.span, "`npz` alone does not say what its images are")
      .label("data of unknown shape")
      .found("`" + findings.source(call.span) + "`")
      .expected("a dataset with `image` and `classes`, or `npz` behind one in `mix`")
      .help("declare `dataset NAME() { format = \"npz\" image = [3, 32, 32] classes = 10 "
            "train = [\"FILE\"] test = [\"FILE\"] }`");
  return false;
}

bool DataSources::readDeclared(const Decl &decl, const syntax::Expr &call, Data &data,
                               const syntax::Expr *&augment) {
  data.name = decl.name.text;
  Findings::Frame frame(findings, call.span, "in this use of `" + decl.name.text + "`");
  Env env;
  env.scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  uses.note(calleeOf(call)->span, decl.name.span);
  if (decl.params.empty()) {
    std::vector<const syntax::Arg *> bound;
    binder.bindArguments({"augment"}, 0, call.args, 0, call.span, decl.name.text, decl.name.span,
                         bound);
    augment = bound.back() ? bound.back()->value.get() : nullptr;
  } else {
    for (const syntax::Arg &arg : call.args)
      if (arg.name.text == "augment")
        augment = arg.value.get();
    if (!bindParams(decl, call, *env.scope))
      return false;
  }
  return datasetText.read(decl, call.span, env, data);
}

bool DataSources::bindParams(const Decl &decl, const syntax::Expr &call, Scope &scope) {
  Env page;
  page.scope = sheet.pageScope;
  Scope sizesOfTypes(sheet.rootScope, decl.span.file);
  auto take = [&](BoundArgument &argument) {
    const syntax::Param &param = argument.param;
    if (!typeRules.isKnownType(param.type))
      return false;
    std::string expected;
    if (!typeRules.fits(param.type, argument.value, sizesOfTypes, expected)) {
      typeRules.misfit(argument.expr->span, param, decl.name.text, argument.value, expected);
      return false;
    }
    if (argument.value.isNumber())
      settingTable.fix(argument.value.expr);
    settingTable.shape(argument, "data." + decl.name.text + "." + param.name.text, call);
    Value value = argument.value;
    // A field reads the numbers of a list one by one.
    if (argument.expr->kind == Kind::List) {
      Env defaults;
      defaults.scope = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
      value = exprChecker.check(*argument.expr, argument.given ? page : defaults);
    }
    scope.names[param.name.text] = std::move(value);
    return true;
  };
  return callBinder.bind({decl, call, page, "", 0, nullptr, "augment"}, take);
}

bool DataSources::readNpz(const syntax::Expr &call, const Data &first, DataSource &source) {
  source.name = source.format = "npz";
  std::vector<const syntax::Arg *> bound;
  if (call.kind != Kind::Call ||
      !binder.bindArguments({"file", "image", "label"}, 1, call.args, 0, call.span, "npz",
                            calleeOf(call)->span, bound))
    return call.kind == Kind::Call || refuseUnknown(call);
  bool ok = datasetText.strings(*bound[0]->value, "npz", "file", source.train);
  for (size_t i : {1, 2}) {
    const std::string option = i == 1 ? "image" : "label";
    std::vector<std::string> names{option};
    if (bound[i]) {
      names.clear();
      ok &= datasetText.strings(*bound[i]->value, option, "array", names);
    }
    if (names.size() > 1) {
      findings
          .report(diag::Code::WrongArgument, bound[i]->value->span,
                  "`" + option + "` names one array of the file")
          .label("here")
          .found(std::to_string(names.size()) + " names")
          .expected("one name")
          .help("write it in quotes, as in `" + option + " = \"" + option + "s\"`");
      ok = false;
    } else if (!names.empty()) {
      source.options[option] = names[0];
    }
  }
  return ok && first.classes > 0;
}

} // namespace advx::sema
