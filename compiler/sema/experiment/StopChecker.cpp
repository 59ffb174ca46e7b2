//===- StopChecker.cpp - When training ends before its last epoch ----------===//

#include "compiler/sema/experiment/StopChecker.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

namespace advx::sema {

using Kind = syntax::Expr::Kind;

bool StopChecker::measure(const syntax::Expr &line, bool isPrevious, Scope &scope, Stop &stop) {
  const std::string &evaluation = line.children[0]->text;
  const Evaluation *found = nullptr;
  std::vector<std::string> names, lines;
  for (const Evaluation &known : sheet.experiment->evaluations) {
    names.push_back(known.name);
    if (known.name == evaluation)
      found = &known;
  }
  bool isLine = false;
  if (found)
    for (const EvaluationItem &item : found->items) {
      lines.push_back(item.name);
      isLine |= item.name == line.text;
    }
  if (!isLine || !found->every) {
    const bool late = isLine && !found->every;
    findings
        .report(diag::Code::UnknownEvaluation, line.span,
                late ? "`" + evaluation + "` runs at the end only"
                     : "`stop when` names no line of an evaluation")
        .label("here")
        .found("`" + findings.source(line.span) + "`")
        .expected("`EVALUATION.LINE` of an `evaluate every …` above")
        .help(late    ? "write `evaluate every 1 epochs …`"
              : found ? suggestions.suggest(line.text, lines)
                      : suggestions.suggest(evaluation, names));
    return false;
  }
  const std::string name = (isPrevious ? "previous " : "") + evaluation + "." + line.text;
  if (scope.names.count(name))
    return true;
  Type real;
  real.kind = Type::Kind::Tensor;
  const Local *local = sheet.local(name, real, line.span);
  stop.measured.push_back({evaluation, line.text, isPrevious, local});
  scope.names[name] = Value::of(build.localRef(local, line.span));
  return true;
}

bool StopChecker::name(const syntax::Expr &expr, Scope &scope, Stop &stop) {
  auto isLine = [](const syntax::Expr &part) {
    return part.kind == Kind::Member && part.children[0]->kind == Kind::Name;
  };
  if (isLine(expr))
    return measure(expr, false, scope, stop);
  const bool isPrevious = expr.kind == Kind::Call && expr.children[0]->kind == Kind::Name &&
                          expr.children[0]->text == "previous";
  if (isPrevious && expr.args.size() == 1 && isLine(*expr.args[0].value))
    return measure(*expr.args[0].value, true, scope, stop);
  if (isPrevious) {
    findings
        .report(diag::Code::WrongArgument, expr.span, "`previous` is of one line of an evaluation")
        .label("here")
        .found("`" + findings.source(expr.span) + "`")
        .expected("`previous(EVALUATION.LINE)`")
        .help("as in `previous(val.pgd10)`");
    return false;
  }
  bool ok = true;
  for (const syntax::ExprPtr &child : expr.children)
    ok &= name(*child, scope, stop);
  for (const syntax::Arg &arg : expr.args)
    ok &= name(*arg.value, scope, stop);
  return ok;
}

/// The condition is looked at where there is no batch.
bool StopChecker::isBetweenEpochs(const syntax::Item &item, const Stop &stop) {
  std::string found;
  auto look = [&](const Expr &part) {
    if (part.kind == Expr::Kind::Apply)
      found = "a model that is applied";
    if (part.kind == Expr::Kind::Local && part.local == sheet.experiment->x)
      found = "`" + part.local->name + "`";
    if (part.kind == Expr::Kind::Local && part.local == sheet.experiment->y)
      found = "`" + part.local->name + "`";
    for (const Adversary *inner : sheet.experiment->inner)
      if (part.kind == Expr::Kind::Local && part.local == inner->variable)
        found = "`" + part.local->name + "`";
  };
  visitExprs(stop.condition, look);
  for (const Stmt &stmt : stop.condition.stmts)
    if (stmt.kind == Stmt::Kind::Draw)
      found = "the draw `" + stmt.local->name + "`";
  const State *rows = findRows(stop.condition.stmts);
  if (rows)
    found = "`" + rows->name + "`, a value of each example";
  if (found.empty() && stop.condition.value->type.perExample)
    found = "a value of each example";
  if (found.empty())
    return true;
  findings.report(diag::Code::WrongType, item.value->span, "`stop when` is asked between epochs")
      .label("reads a batch")
      .found(found)
      .expected("accuracies of evaluations, states `per run`, numbers, `epoch`")
      .help("keep what it is about in a state: `state s : real per run = 0`, `also s := …`");
  return false;
}

void StopChecker::checkStop(const syntax::Item &item) {
  if (sheet.experiment->stop) {
    findings.report(diag::Code::RepeatedItem, item.span, "an experiment has one `stop when`")
        .label("the second")
        .expected("one condition")
        .help("join them by `or`")
        .note(sheet.experiment->stop->span, "the first");
    return;
  }
  if (!sheet.experiment->outer) {
    if (!sheet.hasLine(syntax::Item::Kind::Outer, item.span.begin))
      findings.report(diag::Code::MissingItem, item.span, "there is no training to stop")
          .label("stops what?")
          .found("no `outer` above this line")
          .expected("`outer minimize …` above")
          .help("remove it, or write it below `outer`");
    return;
  }
  Stop stop;
  stop.span = item.span;
  if (!item.name.empty() && item.name.text != "previous") {
    findings
        .report(diag::Code::WrongArgument, item.name.span,
                "`stop when` keeps no `" + item.name.text + "`")
        .label("here")
        .found("`keep " + item.name.text + "`")
        .expected("`keep previous`, the weights of the evaluation before")
        .help("leave it out to keep the weights of the last epoch");
    return;
  }
  stop.keepsPrevious = !item.name.empty();
  auto scope = std::make_shared<Scope>(sheet.pageScope);
  if (!name(*item.value, *scope, stop))
    return;
  PageEnv env(scope);
  ExprPtr condition = exprChecker.checkExpr(*item.value, env);
  if (!condition)
    return;
  if (condition->type.element != Type::Element::Bool || !condition->type.isScalar()) {
    findings.notACondition(item.value->span, condition->type.str());
    return;
  }
  finishBlock(stop.condition, env, condition);
  if (!isBetweenEpochs(item, stop))
    return;
  if (stop.keepsPrevious && stop.measured.empty()) {
    findings
        .report(diag::Code::WrongArgument, item.name.span,
                "`keep previous` goes back to an evaluation, and the condition reads none")
        .label("here")
        .expected("an accuracy in the condition, as in `val.pgd10 < previous(val.pgd10)`")
        .help("leave it out");
    return;
  }
  sheet.experiment->stop = std::move(stop);
}

} // namespace advx::sema
