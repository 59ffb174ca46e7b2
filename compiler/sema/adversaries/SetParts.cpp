//===- SetParts.cpp - What a set is made of ------------------------------------===//
//
// A set as written is a union of intersections of texts at their arguments. `&` binds to every
// member of a union; a declared threat stands for what it is made of, at the arguments given.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <unordered_map>
#include <utility>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

/// Expressions with others in place of locals.
class Substitution {
public:
  void put(const Local *local, ExprPtr value) { values[local] = std::move(value); }

  ExprPtr of(const ExprPtr &expr) {
    if (!expr)
      return nullptr;
    if (auto value = values.find(expr->local);
        expr->kind == Expr::Kind::Local && value != values.end())
      return value->second;
    auto [known, isNew] = done.try_emplace(expr.get(), expr);
    if (!isNew)
      return known->second;
    auto copy = std::make_shared<Expr>(*expr);
    bool changed = false;
    for (ExprPtr &arg : copy->args) {
      ExprPtr next = of(arg);
      changed |= next != arg;
      arg = std::move(next);
    }
    return changed ? done[expr.get()] = copy : expr;
  }

private:
  std::unordered_map<const Local *, ExprPtr> values;
  std::unordered_map<const Expr *, ExprPtr> done;
};

} // namespace

std::optional<std::vector<ExprPtr>>
SetChecker::threatArguments(const Value &threat, const syntax::Expr &expr, Env &env) {
  const std::string &called = calleeOf(expr)->text;
  const std::vector<const Local *> &params = threat.set->set->params;
  std::vector<std::string> names;
  names.reserve(params.size());
  for (const Local *param : params)
    names.push_back(param->name);
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(names, names.size(), expr.args, 0, expr.span, called, threat.span,
                            bound))
    return std::nullopt;
  std::vector<ExprPtr> args;
  for (size_t i = 0; i < params.size(); ++i) {
    ExprPtr value = exprChecker.checkExpr(*bound[i]->value, env);
    if (value && value->type.isNumber() && params[i]->type.element == Type::Element::Int &&
        params[i]->type.isTensor())
      value = labels.classLabel(value, bound[i]->value->span);
    if (!value)
      return std::nullopt;
    if (value->type.shape != params[i]->type.shape ||
        value->type.element != params[i]->type.element || !value->type.isTensor()) {
      findings.report(diag::Code::WrongType, bound[i]->span, "wrong argument for `" + called + "`")
          .label(value->type.str())
          .found(value->type.str())
          .expected(params[i]->type.str())
          .help("as in `" + called + "(x)`")
          .note(threat.span, "declared here");
      return std::nullopt;
    }
    args.push_back(value);
  }
  return args;
}

SetChecker::Members SetChecker::partsOf(const SetForm &form, const std::vector<ExprPtr> &args,
                                        Span span, Env &env) {
  Substitution at;
  for (size_t i = 0; i < form.set->params.size(); ++i)
    at.put(form.set->params[i], args[i]);
  // What the arguments of its parts read is computed anew.
  for (const Stmt &let : form.lets) {
    Stmt copy = let;
    copy.value = at.of(let.value);
    for (ExprPtr &arg : copy.args)
      arg = at.of(arg);
    Local *local = sheet.local(let.local->name, let.local->type, let.span);
    copy.local = local;
    at.put(let.local, build.localRef(local, let.span));
    env.stmts->push_back(std::move(copy));
  }
  std::vector<const SetForm *> forms;
  for (const std::shared_ptr<SetForm> &member : form.members)
    forms.push_back(member.get());
  if (forms.empty())
    forms = {&form};
  Members members;
  for (const SetForm *member : forms) {
    std::vector<SetPart> &parts = members.emplace_back(member->parts);
    for (SetPart &part : parts) {
      part.span = span;
      for (Value &argument : part.arguments)
        if (argument.isExpr())
          argument.expr = at.of(argument.expr);
    }
  }
  return members;
}

bool SetChecker::isUnion(const syntax::Expr &expr) {
  return expr.kind == Kind::Call && expr.children[0]->kind == Kind::Name &&
         expr.children[0]->text == "union";
}

bool SetChecker::collectMembers(const syntax::Expr &expr, Env &env, const Points &points,
                                Members &members) {
  if (expr.kind == Kind::Binary && expr.text == "&") {
    Members left, right;
    const bool isLeft = collectMembers(*expr.children[0], env, points, left);
    if (!collectMembers(*expr.children[1], env, points, right) || !isLeft)
      return false;
    for (const std::vector<SetPart> &a : left)
      for (const std::vector<SetPart> &b : right) {
        members.push_back(a);
        members.back().insert(members.back().end(), b.begin(), b.end());
      }
    return true;
  }
  const syntax::Expr *callee = expr.kind == Kind::Call ? expr.children[0].get() : nullptr;
  if (const syntax::Expr &name = callee ? *callee : expr; name.kind == Kind::Name) {
    const Value *known = uses.find(*env.scope, name);
    if (known && known->isError())
      return false;
    const bool isSet = known && known->kind == Value::Kind::Set;
    const bool isThreat = known && callee && known->kind == Value::Kind::Threat;
    if (isSet && callee) {
      findings
          .report(diag::Code::WrongArgument, expr.span, "`" + name.text + "` takes no arguments")
          .label("here")
          .found("`" + findings.source(expr.span) + "`")
          .expected("`" + name.text + "`")
          .help("write the name alone")
          .note(known->span, "declared here");
      return false;
    }
    if (isEach(expr) || (isSet && known->set->set->group)) {
      findings.unsupported(expr.span, "`each` inside another set",
                           "write the intersection inside `each`");
      return false;
    }
    if ((isSet || isThreat) && points.weight) {
      findings.unsupported(expr.span, "a declared threat inside `each`",
                           "write a ball of the weights");
      return false;
    }
    if (isSet || isThreat) {
      std::optional<std::vector<ExprPtr>> args = known->args;
      if (isThreat)
        args = threatArguments(*known, expr, env);
      if (!args)
        return false;
      // What a set that has a name knows of the example is here an argument of the set around it.
      for (ExprPtr &arg : *args)
        if (const Value *formal = isSet && arg->kind == Expr::Kind::Local
                                      ? env.scope->find(arg->local->name)
                                      : nullptr;
            formal && formal->isExpr() && formal->expr->type.key() == arg->type.key())
          arg = formal->expr;
      for (std::vector<SetPart> &parts : partsOf(*known->set, *args, expr.span, env))
        members.push_back(std::move(parts));
      return true;
    }
  }
  if (isUnion(expr))
    return collectUnion(expr, env, points, members);
  std::vector<SetPart> parts;
  if (!collectText(expr, callee, env, points, parts))
    return false;
  members.push_back(std::move(parts));
  return true;
}

bool SetChecker::collectUnion(const syntax::Expr &expr, Env &env, const Points &points,
                              Members &members) {
  if (points.weight) {
    findings.unsupported(expr.span, "a `union` inside `each`",
                         "write a search among weights for each set");
    return false;
  }
  bool ok = !expr.args.empty();
  if (!ok)
    findings.report(diag::Code::MissingArgument, expr.span, "a union of nothing has no points")
        .label("no members")
        .found("`union()`")
        .expected("the sets that it is the union of")
        .help("as in `union(l2(x, radius = 1/2), linf(x, radius = 8/255))`");
  for (const syntax::Arg &arg : expr.args) {
    if (!arg.name.empty()) {
      findings
          .report(diag::Code::UnknownParameter, arg.name.span,
                  "the members of a union have no names")
          .label("here")
          .found("`" + arg.name.text + "`")
          .expected("sets")
          .help("leave out `" + arg.name.text + " =`");
      ok = false;
      continue;
    }
    ok &= collectMembers(*arg.value, env, points, members);
  }
  return ok;
}

bool SetChecker::collectText(const syntax::Expr &expr, const syntax::Expr *callee, Env &env,
                             const Points &points, std::vector<SetPart> &parts) {
  std::vector<const Decl *> decls;
  if (callee && callee->kind == Kind::Name)
    decls = program.find(Decl::Kind::Set, callee->text, env.scope->file);
  if (decls.empty()) {
    if (callee && callee->kind == Kind::Name) {
      findings.report(diag::Code::UnknownName, callee->span, "unknown set `" + callee->text + "`")
          .label("nothing declares this")
          .found("`" + callee->text + "`")
          .expected("a set")
          .help(suggestions.nameHelp({diag::NamePlace::Set}, callee->text,
                                     program.names(Decl::Kind::Set, env.scope->file)));
    } else {
      Value value = exprChecker.check(expr, env);
      if (!value.isError())
        findings.report(diag::Code::WrongKind, expr.span, "a set is needed here")
            .label(value.str())
            .found(value.str())
            .expected("a set, as in `linf(x, radius = 0.1) & box(0, 1)`")
            .help("write the call of a set");
    }
    return false;
  }
  SetPart part;
  part.decl = decls.front();
  part.span = expr.span;
  const SetPart *first = nullptr;
  if (points.first)
    for (const SetPart &other : points.first->parts)
      if (other.span.begin == expr.span.begin && other.span.file == expr.span.file)
        first = &other;
  // Numbers given on the page become settings of the set's name.
  part.report = {{part.decl->name.text, std::nullopt}};
  const char *separator = "(";
  auto take = [&](BoundArgument &argument) {
    const syntax::Param &param = argument.param;
    const bool takesNumber = param.type.name.text == "real" || param.type.name.text == "int";
    if (first && takesNumber && argument.value.isNumber())
      argument.value = first->arguments[part.arguments.size()];
    // No run can set a number to infinity or from it.
    const bool isSetting = takesNumber && argument.value.isNumber() &&
                           argument.value.expr->kind != Expr::Kind::Infinity;
    if (!env.role.empty() && isSetting)
      settingTable.adopt(argument,
                         settingTable.freePath(env.role, part.decl->name.text, param.name.text),
                         elementOf(param), expr);
    if (argument.value.isError())
      return false;
    const syntax::Arg *given = argument.given;
    if (!given && !argument.value.isNumber())
      return true;
    std::string name = given && given->name.empty() ? "" : param.name.text + " = ";
    append(part.report, {{std::exchange(separator, ", ") + name, std::nullopt}});
    append(part.report, reports.reportValue(argument.value, given ? given->value->span : Span()));
    return true;
  };
  if (!callBinder.bind({*part.decl, expr, env, env.role}, take, &part.arguments))
    return false;
  append(part.report, {{*separator == '(' ? "()" : ")", std::nullopt}});
  parts.push_back(std::move(part));
  return true;
}

bool SetChecker::collectParts(const syntax::Expr &expr, Env &env, std::vector<SetPart> &parts) {
  Members members;
  if (!collectMembers(expr, env, Points(), members))
    return false;
  if (members.size() > 1) {
    noProjection(expr.span, findings.source(expr.span), expr.span);
    return false;
  }
  parts = std::move(members.front());
  return true;
}

void SetChecker::noProjection(Span use, const std::string &text, Span set) {
  diag::Diagnostic &diagnostic =
      findings.report(diag::Code::MissingPart, use, "a union has no projection, start or radius")
          .label("asked here")
          .found("`" + text + "`")
          .expected("one of its members")
          .help("search in one member after another: `best S in members(…) of …`, or one line of a "
                "`worst` for each");
  if (set.file != use.file || set.begin != use.begin)
    diagnostic.note(set, "the set");
}

} // namespace advx::sema
