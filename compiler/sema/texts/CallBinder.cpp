#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/adversaries/StartChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/ParamRanges.h"

namespace advx::sema {

bool CallBinder::bind(const Site &site, const std::function<bool(BoundArgument &)> &take,
                      std::vector<Value> *values) {
  const auto &[decl, call, env, role, skip, given, except, holds] = site;
  std::vector<std::string> names;
  for (size_t i = skip; i < decl.params.size(); ++i)
    names.push_back(decl.params[i].name.text);
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(names, 0, call.args, skip, call.span, decl.name.text, decl.name.span,
                            bound, except)) {
    // What the arguments say is read all the same; a start is no expression.
    Env where = env;
    const bool mayHoldStart = env.body && env.body->isSolver;
    for (const syntax::Arg &arg : call.args)
      if (arg.value && !mayHoldStart && (except.empty() || arg.name.text != except))
        exprChecker.check(*arg.value, where);
    return false;
  }
  // A call that is written without parentheses has no callee beside it.
  uses.note(call.children.empty() ? call.span : calleeOf(call)->span, decl.name.span);
  auto known = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  if (given)
    known->names = given->names;
  bool ok = true;
  for (size_t i = 0; i < names.size(); ++i) {
    const syntax::Param &param = decl.params[skip + i];
    BoundArgument argument{param, bound[i],
                           bound[i] ? bound[i]->value.get() : param.defaultValue.get(),
                           bound[i] ? bound[i]->span : call.span, Value::error()};
    if (argument.given && !argument.given->name.empty())
      uses.note(argument.given->name.span, param.name.span);
    argument.value = valueOf(argument, site, known);
    ok &= !argument.value.isError() && take(argument) &&
          (!holds || ParamRanges(*this, exprChecker)
                         .hold(param, decl.name.text, argument.value, argument.place));
    if (values)
      values->push_back(argument.value);
    known->names[param.name.text] = std::move(argument.value);
  }
  return ok;
}

Value CallBinder::valueOf(const BoundArgument &argument, const Site &site, const ScopePtr &names) {
  const syntax::Param &param = argument.param;
  const std::string &type = param.type.name.text;
  if (!argument.expr) {
    findings
        .report(diag::Code::MissingArgument, site.call.span,
                "`" + site.decl.name.text + "` needs a value for `" + param.name.text + "`")
        .label("missing argument")
        .found("`" + findings.source(site.call.span) + "`")
        .expected("a value for `" + param.name.text + "`")
        .help("add `" + param.name.text + " = …`")
        .note(param.span, "declared here");
    return Value::error();
  }
  Env where = site.env;
  if (!argument.given) {
    where = Env();
    where.scope = names;
    where.body = site.env.body;
  }
  // Calls inside the argument of a number have their parts below it.
  where.role = site.role;
  if (!site.role.empty() && (type == "real" || type == "int" || type == "bool"))
    where.role += "." + param.name.text;
  std::optional<OpenTexts::Inside> inside;
  if (!argument.given) {
    inside.emplace(openTexts, OpenTexts::Part::Signature, site.decl, site.call.span);
    if (!*inside)
      return Value::error();
  }
  // `point` is an older spelling of the type of starts.
  if (type == "start" || (type == "point" && site.decl.kind == Decl::Kind::Solver))
    return startChecker.makeStart(*argument.expr, where);
  Value value = exprChecker.check(*argument.expr, where);
  if (value.kind == Value::Kind::List && type != "list")
    value = Value::of(exprChecker.expectExpr(value, argument.expr->span));
  return labels.asLabel(param.type, value, argument.place);
}

} // namespace advx::sema
