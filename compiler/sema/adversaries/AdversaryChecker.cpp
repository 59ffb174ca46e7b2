//===- AdversaryChecker.cpp - `argmax J over S by SOLVER` ----------------===//

#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/adversaries/SolverChecker.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

/// The one threat of the page at the page's own x and y.
Value AdversaryChecker::defaultSetValue(Span use, std::string &text) {
  if (sheet.threats.size() != 1) {
    if (sheet.threatItems.empty()) {
      if (!sheet.hasLine(syntax::Item::Kind::Threat))
        findings.report(diag::Code::MissingThreat, use, "no set to search in")
            .label("searched here")
            .found("no `over` and no `threat`")
            .expected("a set of feasible points")
            .help("declare `threat B(x) = linf(x, radius = 0.1) & box(0, 1)`");
    } else {
      diag::Diagnostic &diagnostic =
          findings.report(diag::Code::MissingThreat, use, "which set to search in is not clear")
              .label("searched here")
              .found(std::to_string(sheet.threats.size()) + " threats")
              .expected("`over SET`")
              .help("add `over " + sheet.threatItems[0].first->name.text + "(x)`");
      for (const auto &[item, form] : sheet.threatItems)
        diagnostic.note(item->name.span, "one of them");
    }
    return Value::error();
  }
  Value value;
  value.kind = Value::Kind::Set;
  value.set = sheet.threats[0];
  value.span = use;
  text = sheet.threats[0]->set->name + "(";
  for (const Local *param : sheet.threats[0]->set->params) {
    const Local *outer =
        param->name == sheet.experiment->x->name ? sheet.experiment->x : sheet.experiment->y;
    // In training the label may be another one.
    if (const Value *label = sheet.pageScope->find(outer->name); label && label->isExpr())
      outer = label->expr->local;
    text += (value.args.empty() ? "" : ", ") + param->name;
    value.args.push_back(build.localRef(outer, use));
  }
  text += ")";
  return value;
}

const Head *AdversaryChecker::decidingHead(const Adversary *adversary) const {
  if (judge)
    return judge;
  const Head *head = nullptr;
  if (adversary)
    visitExprs(adversary->objective, [&](const Expr &expr) {
      if (expr.kind == Expr::Kind::Logits && !head)
        head = expr.head;
    });
  if (!head && !adversary && !sheet.experiment->inner.empty())
    return decidingHead(sheet.experiment->inner.front());
  return head || sheet.experiment->heads.empty() ? head : sheet.experiment->heads.front();
}

/// Whether the attack of an evaluation reads nothing that only a training step computes.
bool AdversaryChecker::isWithoutTraining(const Adversary &attack, Span span) {
  const Adversary *read = nullptr;
  auto look = [&](const Expr &part) {
    for (const Adversary *inner : sheet.experiment->inner)
      if (part.kind == Expr::Kind::Local && part.local == inner->variable)
        read = inner;
  };
  visitExprs(attack.objective, look);
  if (attack.until)
    visitExprs(*attack.until, look);
  for (const ExprPtr &argument : attack.setArgs)
    visitExprs(argument, look);
  visitExprs(attack.solver, look);
  const State *rows = findRows(attack.objective.stmts);
  auto alsoIn = [&](const auto &part) { rows = rows ? rows : findRows(part); };
  alsoIn(attack.objective.value);
  if (attack.until) {
    alsoIn(attack.until->stmts);
    alsoIn(attack.until->value);
  }
  alsoIn(attack.solver);
  if (attack.set)
    alsoIn(attack.set->project->body.stmts);
  if (rows) {
    const bool slot = rows->per == State::Per::Slot;
    findings
        .report(diag::Code::UnusedVariable, span,
                "this evaluation reads `" + rows->name + "`, which has a value for each " +
                    (slot ? "place of a training batch" : "training example") + " alone")
        .label("used here, or in a set that it searches")
        .found("a state per " + std::string(slot ? "slot" : "example"))
        .expected("what an image that was not trained on has, too")
        .help("write the line without it, or keep a value `per run` or `per class`")
        .note(rows->span, "the state");
    return false;
  }
  if (!read)
    return true;
  const std::string &own = attack.variable->name;
  findings
      .report(diag::Code::UnusedVariable, span,
              "this evaluation uses what the training problem computes")
      .label("used here, or in a `let` that it reads")
      .found("`" + read->variable->name + "` of `inner`")
      .expected("this line's own `" + own + "`, in its objective and after `until`")
      .help("write the objective of this line out; its set and its solver know `" +
            sheet.experiment->x->name + "` and `" + sheet.experiment->y->name + "`")
      .note(read->span, "the training problem");
  return false;
}

Adversary *AdversaryChecker::checkAdversary(const syntax::Expr &expr, const std::string &path,
                                            const syntax::Name &variable, ScopePtr scope,
                                            bool training, const syntax::Expr *defaultSet) {
  Adversary *adversary = sheet.make<Adversary>();
  adversary->path = path;
  adversary->span = expr.span;
  // A text that several lines use has other numbers in each.
  reports.forget();
  bool argmax = expr.kind == Kind::Argmax;
  bool ok = true;
  if (argmax && !expr.mode.empty()) {
    std::optional<Mode> mode = modeNamed(expr.mode.text);
    if (!mode) {
      suggestions.unknownMode(expr.mode.text, expr.mode.span);
      ok = false;
    } else if (!training && *mode != Mode::Eval) {
      findings
          .report(diag::Code::UnknownMode, expr.mode.span,
                  "an evaluation attacks the model in eval mode")
          .label("another mode")
          .found("`" + expr.mode.text + "`")
          .expected("`eval`")
          .help("remove it");
      ok = false;
    }
    adversary->mode = mode.value_or(Mode::Eval);
  }
  auto edit = [&](uint32_t offset, const std::string &text) {
    if (expr.span.file == sheet.page->span.file && expr.span.begin >= sheet.page->span.begin &&
        expr.span.end <= sheet.page->span.end)
      sheet.edits.push_back({offset, 0, text});
  };

  // The set.
  Env setEnv;
  setEnv.scope = scope;
  setEnv.mode = adversary->mode;
  setEnv.role = path;
  Value set;
  std::string setText;
  const syntax::Expr *over = argmax && expr.over ? expr.over.get() : defaultSet;
  if (over) {
    set = setChecker.checkSet(*over, setEnv);
    setText = findings.source(over->span);
  } else {
    set = defaultSetValue(expr.span, setText);
  }
  ok &= !set.isError();
  adversary->setText = setText;
  if (!set.isError())
    adversary->setReport = set.set->report;
  if (argmax && !expr.over)
    edit(expr.children[0]->span.end, " over " + setText);

  const WeightGroup *moved = set.isError() ? nullptr : set.set->set->group;
  if (moved && !(training && argmax && !expr.until)) {
    findings
        .report(diag::Code::WrongKind, over ? over->span : expr.span,
                training ? "a search among weights has no `until`"
                         : "an evaluation attacks images, not weights")
        .label("a set of weights")
        .found("`" + set.set->text + "`")
        .expected(training ? "`argmax E over " + setText + " by SOLVER`"
                           : "a set of images, as in `linf(x, radius = 0.1)`")
        .help(training ? "remove `until`: all examples share the weights" : "search another set");
    return nullptr;
  }

  // What it moves.
  Type point = sheet.experiment->x->type;
  if (moved) {
    point = Type();
    point.kind = Type::Kind::Weights;
    point.group = moved;
  }
  Local *x = sheet.local(variable.text, point, variable.span);
  adversary->variable = x;
  auto bound = [&](Span span) {
    ExprPtr read = build.localRef(x, span);
    return moved ? weightRules.ofWhole(read) : Value::of(read);
  };

  // The objective.
  PageEnv env(std::make_shared<Scope>(scope));
  env.mode = adversary->mode;
  env.scope->names[x->name] = bound(variable.span);
  ExprPtr objective;
  const Head *head = nullptr;
  auto logitsAt = [&](Span span) -> ExprPtr {
    auto logits = std::make_shared<Expr>();
    logits->kind = Expr::Kind::Logits;
    logits->head = head;
    logits->name = head->name;
    logits->args = {
        callChecker.apply(*head->model, build.localRef(x, span), adversary->mode, 0, span)};
    logits->args.insert(logits->args.end(), head->numberValues.begin(), head->numberValues.end());
    logits->type = head->logits->type;
    logits->type.perExample = true;
    logits->span = span;
    return logits;
  };
  if (argmax) {
    objective = exprChecker.checkExpr(*expr.children[0], env);
    adversary->objectiveText = findings.source(expr.children[0]->span);
    adversary->objectiveReport = reports.reportText(expr.children[0]->span);
    if (objective &&
        (!objective->type.isScalar() || objective->type.element != Type::Element::Real ||
         !objective->type.isTensor())) {
      findings
          .report(diag::Code::WrongType, expr.children[0]->span,
                  "an adversary maximises one number for each example")
          .label(objective->type.str())
          .found(objective->type.str())
          .expected("`real`, computed from `" + x->name + "`")
          .help("as in `ce(f(" + x->name + "), y)`");
      objective = nullptr;
    }
  } else {
    // A solver alone: the cross-entropy of the logits at the head's own numbers.
    head = decidingHead(nullptr);
    if (!head) {
      if (!sheet.hasLine(syntax::Item::Kind::Head))
        findings.report(diag::Code::MissingItem, expr.span, "there is no head to attack")
            .label("attacks what?")
            .found("no `head`")
            .expected("`head f = HEAD(z)`")
            .help("declare one");
    } else {
      ExprPtr l = logitsAt(expr.span);
      ExprPtr logs = build.node(Op::LogSoftmax, {l}, l->type, expr.span);
      objective = build.elementwise(
          Op::Neg,
          {vectors.entryAt(logs, build.localRef(sheet.experiment->y, expr.span), expr.span)},
          expr.span);
      adversary->objectiveText =
          "-log_softmax(" + head->name + "(" + x->name + "))[" + sheet.experiment->y->name + "]";
      adversary->objectiveReport = {{adversary->objectiveText, std::nullopt}};
    }
  }
  ok &= objective != nullptr;
  // What all examples share maximises their mean.
  if (objective && moved && objective->type.perExample) {
    Type mean = objective->type;
    mean.perExample = false;
    objective = build.node(Op::BatchMean, {objective}, mean, objective->span);
  }
  if (objective)
    finishBlock(adversary->objective, env, objective);
  if (objective && !mentions(adversary->objective, x)) {
    findings
        .report(diag::Code::UnusedVariable, argmax ? expr.children[0]->span : expr.span,
                "the objective does not depend on `" + x->name + "`")
        .label("nothing to maximise")
        .found("`" + adversary->objectiveText + "`")
        .expected("an expression of `" + x->name + "`")
        .help("write `" + x->name + "` where the adversary acts")
        .note(variable.span, "bound here");
    ok = false;
  }

  // Until.
  if (!head)
    head = decidingHead(adversary);
  if (argmax && expr.until) {
    PageEnv untilEnv(env.scope);
    untilEnv.mode = env.mode;
    ExprPtr until = exprChecker.checkExpr(*expr.until, untilEnv);
    if (until && (until->type.element != Type::Element::Bool || !until->type.isScalar())) {
      findings.report(diag::Code::WrongType, expr.until->span, "`until` takes a condition")
          .label(until->type.str())
          .found(until->type.str())
          .expected("`bool`")
          .help("as in `until predict(f(" + x->name + ")) != y`");
      until = nullptr;
    }
    ok &= until != nullptr;
    if (until) {
      adversary->until.emplace();
      finishBlock(*adversary->until, untilEnv, until);
    }
  } else if (!training && ok && head) {
    ExprPtr l = logitsAt(expr.span);
    Type label = l->type;
    label.shape.clear();
    label.element = Type::Element::Int;
    ExprPtr predicted = build.node(Op::Argmax, {l}, label, expr.span);
    adversary->until.emplace();
    adversary->until->value = labels.compare(
        Predicate::NotEqual, predicted, build.localRef(sheet.experiment->y, expr.span), expr.span);
  }

  // The solver.
  PageEnv solverEnv(scope);
  solverEnv.stmts = nullptr;
  solverEnv.mode = adversary->mode;
  const syntax::Expr &by = argmax ? *expr.by : expr;
  uint32_t end = expr.span.end;
  if (!set.isError()) {
    adversary->set = set.set->set;
    adversary->setArgs = set.args;
    ok &= solverChecker.checkSolver(by, *adversary, solverEnv, set, argmax && expr.until);
    // What the page keeps and draws may be among the arguments of the solver.
    Block opening;
    solverEnv.begin(opening);
    adversary->solver.insert(adversary->solver.begin(), opening.stmts.begin(), opening.stmts.end());
  } else {
    // Without its set the solver cannot be read, but its name and arguments can.
    const std::string &name = calleeOf(by)->text;
    std::vector<const Decl *> decls = program.find(Decl::Kind::Solver, name, scope->file);
    const Value *known = scope->find(name);
    if (decls.empty() && !(known && known->kind == Value::Kind::Candidate)) {
      suggestions.unknownSolver(*calleeOf(by), scope->file);
    } else if (!decls.empty()) {
      std::vector<std::string> params;
      for (const syntax::Param &param : decls.front()->params)
        params.push_back(param.name.text);
      std::vector<const syntax::Arg *> bound;
      binder.bindArguments(params, 0, by.args, 0, by.span, name, decls.front()->name.span, bound);
    }
  }
  if (!training)
    ok &= isWithoutTraining(*adversary, expr.span);

  // What no solver asks for would end it if the page wrote it.
  bool asks = false;
  visitExprs(adversary->solver, [&](const Expr &part) { asks |= part.kind == Expr::Kind::Hit; });
  std::string untilText;
  if (!training && head && asks && !(argmax && expr.until))
    untilText =
        " until predict(" + head->name + "(" + x->name + ")) != " + sheet.experiment->y->name;
  if (!argmax) {
    edit(expr.span.begin, "argmax " + adversary->objectiveText + " over " + setText + " by ");
    edit(end, untilText + " in eval");
  } else {
    edit(end, (expr.mode.empty() ? untilText + " in eval" : ""));
  }
  return ok ? adversary : nullptr;
}

} // namespace advx::sema
