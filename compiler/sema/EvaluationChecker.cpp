//===- EvaluationChecker.cpp - Adversaries, inner problems and evaluations -----===//

#include "compiler/sema/Checker.h"
#include "compiler/sema/Limits.h"
#include "compiler/sema/Visit.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

/// A solver may be named without a call only where there is none to name.
const syntax::Expr *calleeOf(const syntax::Expr &expr) {
  return expr.kind == Kind::Call ? expr.children[0].get() : &expr;
}

} // namespace

/// Whether a line of the page, above `end`, is of the kind, be it one with an error: what it was to
/// declare is not missing. A line that could not be read may be of any kind.
bool Checker::hasLine(syntax::Item::Kind kind, uint32_t end) const {
  return page->isDamaged ||
         std::any_of(page->items.begin(), page->items.end(), [&](const syntax::Item &item) {
           return item.kind == kind && item.span.begin < end;
         });
}

/// The one threat of the page at the page's own x and y.
Value Checker::defaultSetValue(Span use, ScopePtr, std::string &text) {
  if (threats.size() != 1) {
    if (threatItems.empty()) {
      if (!hasLine(syntax::Item::Kind::Threat))
        report(diag::Code::MissingThreat, use, "no set to search in")
            .label("searched here")
            .found("no `over` and no `threat`")
            .expected("a set of feasible points")
            .help("declare `threat B(x) = linf(x, radius = 0.1) & box(0, 1)`");
    } else {
      diag::Diagnostic &diagnostic =
          report(diag::Code::MissingThreat, use, "which set to search in is not clear")
              .label("searched here")
              .found(std::to_string(threats.size()) + " threats")
              .expected("`over SET`")
              .help("add `over " + threatItems[0].first->name.text + "(x)`");
      for (const auto &[item, form] : threatItems)
        diagnostic.note(item->name.span, "one of them");
    }
    return Value::error();
  }
  Value value;
  value.kind = Value::Kind::Set;
  value.set = threats[0];
  value.span = use;
  text = threats[0]->set->name + "(";
  for (const Local *param : threats[0]->set->params) {
    const Local *outer = param->name == experiment->x->name ? experiment->x : experiment->y;
    text += (value.args.empty() ? "" : ", ") + param->name;
    value.args.push_back(localRef(outer, use));
  }
  text += ")";
  return value;
}

const Head *Checker::decidingHead(const Adversary *adversary) const {
  const Head *head = nullptr;
  if (adversary)
    visitExprs(adversary->objective, [&](const Expr &expr) {
      if (expr.kind == Expr::Kind::Logits && !head)
        head = expr.head;
    });
  if (!head && !adversary && !experiment->inner.empty())
    return decidingHead(experiment->inner.front());
  return head || experiment->heads.empty() ? head : experiment->heads.front();
}

/// Whether the attack of an evaluation reads nothing that only a training step computes.
bool Checker::isWithoutTraining(const Adversary &attack, Span span) {
  const Adversary *read = nullptr;
  auto look = [&](const Expr &part) {
    for (const Adversary *inner : experiment->inner)
      if (part.kind == Expr::Kind::Local && part.local == inner->variable)
        read = inner;
  };
  visitExprs(attack.objective, look);
  if (attack.until)
    visitExprs(*attack.until, look);
  for (const ExprPtr &argument : attack.setArgs)
    visitExprs(argument, look);
  visitExprs(attack.solver, look);
  if (!read)
    return true;
  const std::string &own = attack.variable->name;
  report(diag::Code::UnusedVariable, span,
         "this evaluation uses what the training problem computes")
      .label("used here, or in a `let` that it reads")
      .found("`" + read->variable->name + "` of `inner`")
      .expected("this line's own `" + own + "`, in its objective and after `until`")
      .help("write the objective of this line out; its set and its solver know `" +
            experiment->x->name + "` and `" + experiment->y->name + "`")
      .note(read->span, "the training problem");
  return false;
}

const Adversary *Checker::checkAdversary(const syntax::Expr &expr, const std::string &path,
                                         const syntax::Name &variable, ScopePtr scope,
                                         bool training, const syntax::Expr *defaultSet) {
  Adversary *adversary = make<Adversary>();
  adversary->path = path;
  adversary->span = expr.span;
  // A text that several lines use has other numbers in each.
  notedNumbers.clear();
  bool argmax = expr.kind == Kind::Argmax;
  bool ok = true;
  if (argmax && !expr.mode.empty()) {
    std::optional<Mode> mode = modeNamed(expr.mode.text);
    if (!mode) {
      report(diag::Code::UnknownMode, expr.mode.span, "unknown mode `" + expr.mode.text + "`")
          .label("not a mode")
          .found("`" + expr.mode.text + "`")
          .expected("`eval`, `batch` or `train`")
          .help(nameHelp({diag::NamePlace::Mode}, expr.mode.text, {"eval", "batch", "train"}));
      ok = false;
    } else if (!training && *mode != Mode::Eval) {
      report(diag::Code::UnknownMode, expr.mode.span,
             "an evaluation attacks the model in eval mode")
          .label("another mode")
          .found("`" + expr.mode.text + "`")
          .expected("`eval`")
          .help("remove it");
      ok = false;
    }
    adversary->mode = mode.value_or(Mode::Eval);
  }
  Type image = experiment->x->type;
  Local *x = local(variable.text, image, variable.span);
  adversary->variable = x;
  auto edit = [&](uint32_t offset, const std::string &text) {
    if (expr.span.file == page->span.file && expr.span.begin >= page->span.begin &&
        expr.span.end <= page->span.end)
      pageEdits.push_back({offset, 0, text});
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
    set = checkSet(*over, setEnv);
    setText = source(over->span);
  } else {
    set = defaultSetValue(expr.span, scope, setText);
  }
  ok &= !set.isError();
  adversary->setText = setText;
  if (!set.isError())
    adversary->setReport = set.set->report;
  if (argmax && !expr.over)
    edit(expr.children[0]->span.end, " over " + setText);

  // The objective.
  PageEnv env(std::make_shared<Scope>(scope));
  env.mode = adversary->mode;
  env.scope->names[x->name] = Value::of(localRef(x, variable.span));
  ExprPtr objective;
  const Head *head = nullptr;
  auto logitsAt = [&](Span span) -> ExprPtr {
    auto logits = std::make_shared<Expr>();
    logits->kind = Expr::Kind::Logits;
    logits->head = head;
    logits->name = head->name;
    logits->args = {apply(*head->model, localRef(x, span), adversary->mode, 0, span)};
    logits->args.insert(logits->args.end(), head->numberValues.begin(), head->numberValues.end());
    logits->type = head->logits->type;
    logits->type.perExample = true;
    logits->span = span;
    return logits;
  };
  if (argmax) {
    objective = checkExpr(*expr.children[0], env);
    adversary->objectiveText = source(expr.children[0]->span);
    adversary->objectiveReport = reportText(expr.children[0]->span);
    if (objective &&
        (!objective->type.isScalar() || objective->type.element != Type::Element::Real ||
         !objective->type.isTensor())) {
      report(diag::Code::WrongType, expr.children[0]->span,
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
      if (!hasLine(syntax::Item::Kind::Head))
        report(diag::Code::MissingItem, expr.span, "there is no head to attack")
            .label("attacks what?")
            .found("no `head`")
            .expected("`head f = HEAD(z)`")
            .help("declare one");
    } else {
      ExprPtr l = logitsAt(expr.span);
      ExprPtr logs = node("log_softmax", {l}, l->type, expr.span);
      objective = elementwise("neg", {indexBy(logs, localRef(experiment->y, expr.span), expr.span)},
                              expr.span);
      adversary->objectiveText =
          "-log_softmax(" + head->name + "(" + x->name + "))[" + experiment->y->name + "]";
      adversary->objectiveReport = {{adversary->objectiveText, std::nullopt}};
    }
  }
  ok &= objective != nullptr;
  if (objective)
    finishBlock(adversary->objective, env, objective);
  if (objective && !mentions(adversary->objective, x)) {
    report(diag::Code::UnusedVariable, argmax ? expr.children[0]->span : expr.span,
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
    ExprPtr until = checkExpr(*expr.until, untilEnv);
    if (until && (until->type.element != Type::Element::Bool || !until->type.isScalar())) {
      report(diag::Code::WrongType, expr.until->span, "`until` takes a condition")
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
    ExprPtr predicted = node("argmax", {l}, label, expr.span);
    adversary->until.emplace();
    adversary->until->value = compare(1, predicted, localRef(experiment->y, expr.span), expr.span);
  }

  // The solver.
  Env solverEnv;
  solverEnv.scope = scope;
  solverEnv.mode = adversary->mode;
  const syntax::Expr &by = argmax ? *expr.by : expr;
  uint32_t end = expr.span.end;
  if (!set.isError()) {
    adversary->set = set.set->set;
    adversary->setArgs = set.args;
    ok &= checkSolver(by, *adversary, solverEnv, set, argmax && expr.until);
  } else {
    // Without its set the solver cannot be read, but its name and arguments can.
    const std::string &name = calleeOf(by)->text;
    std::vector<const Decl *> decls = program.find(Decl::Kind::Solver, name, scope->file);
    if (decls.empty()) {
      report(diag::Code::UnknownName, calleeOf(by)->span, "unknown solver `" + name + "`")
          .label("nothing declares this")
          .found("`" + name + "`")
          .expected("a solver")
          .help(nameHelp({diag::NamePlace::Solver}, name,
                         program.names(Decl::Kind::Solver, scope->file)));
    } else {
      std::vector<std::string> params;
      for (const syntax::Param &param : decls.front()->params)
        params.push_back(param.name.text);
      std::vector<const syntax::Arg *> bound;
      bindArguments(params, 0, by.args, 0, by.span, name, decls.front()->name.span, bound);
    }
  }
  if (!training)
    ok &= isWithoutTraining(*adversary, expr.span);

  // What no solver asks for would end it if the page wrote it.
  bool asks = false;
  visitExprs(adversary->solver, [&](const Expr &part) { asks |= part.kind == Expr::Kind::Hit; });
  std::string untilText;
  if (!training && head && asks && !(argmax && expr.until))
    untilText = " until predict(" + head->name + "(" + x->name + ")) != " + experiment->y->name;
  if (!argmax) {
    edit(expr.span.begin, "argmax " + adversary->objectiveText + " over " + setText + " by ");
    edit(end, untilText + " in eval");
  } else {
    edit(end, (expr.mode.empty() ? untilText + " in eval" : ""));
  }
  return ok ? adversary : nullptr;
}

void Checker::checkInner(const syntax::Item &item, size_t inners) {
  Value bad;
  auto fail = [&] {
    for (const syntax::Name &name : item.pattern)
      declareName(*pageScope, name, bad);
  };
  if (item.pattern.size() != 1) {
    unsupported(item.span, "an inner problem over several variables");
    return fail();
  }
  const syntax::Name &name = item.pattern[0];
  const syntax::Expr &value = *item.value;
  if (value.kind != Kind::Argmax) {
    const char *what = value.kind == Kind::Best    ? "`best … of`"
                       : value.kind == Kind::Worst ? "`worst` in training"
                       : value.kind == Kind::If    ? "a choice between adversaries"
                                                   : nullptr;
    if (what)
      unsupported(value.span, what);
    else
      report(diag::Code::WrongKind, value.span, "`inner` binds an adversary")
          .label("not an adversary")
          .found("`" + source(value.span) + "`")
          .expected("`argmax E over S by SOLVER`")
          .help("as in `inner x' = argmax ce(f(x'), y) over B(x) by pgd()`");
    return fail();
  }
  if (!dataReady)
    return fail();
  // `inner.x` of x', `inner.x2` of x''.
  const std::string plain = withoutPrimes(name.text);
  const size_t primes = name.text.size() - plain.size();
  std::string path = inners > 1 ? "inner." + plain : "inner";
  if (inners > 1 && primes > 1)
    path += std::to_string(primes);
  const Adversary *adversary = checkAdversary(value, path, name, pageScope, true, nullptr);
  if (!adversary)
    return fail();
  experiment->inner.push_back(adversary);
  declareName(*pageScope, name, Value::of(localRef(adversary->variable, name.span)));
}

//--- Evaluations ----------------------------------------------------------------

void Checker::checkEvalItem(const syntax::EvalItem &item, Evaluation &evaluation, ScopePtr scope,
                            const syntax::Expr *defaultSet, const std::string &prefix,
                            std::vector<std::string> *members) {
  const syntax::Expr &value = *item.value;
  const syntax::Expr &callee = *calleeOf(value);
  auto existing = [&](const std::string &name) {
    return std::any_of(evaluation.items.begin(), evaluation.items.end(),
                       [&](const EvaluationItem &known) { return known.name == name; });
  };
  std::string shown =
      !item.name.empty()          ? item.name.text
      : value.kind == Kind::Worst ? "worst"
      : value.kind == Kind::Argmax || value.kind == Kind::Best || value.kind == Kind::If
          ? ""
          : callee.text;
  // A line of `worst` may name an earlier line; one that failed has been reported.
  auto failed = [&](const std::string &name) {
    return failedLines.count(evaluation.name + "." + name) != 0;
  };
  if (value.kind == Kind::Name && members && item.name.empty())
    for (const std::string &earlier : {prefix + value.text, value.text})
      if (existing(earlier) || failed(earlier)) {
        members->push_back(earlier);
        return;
      }
  if (shown.empty() && value.kind == Kind::Argmax && value.by)
    shown = calleeOf(*value.by)->text;
  std::string name = prefix + shown;
  if (existing(name)) {
    report(diag::Code::DuplicateName, item.span, "the line `" + name + "` is there twice")
        .label("second line")
        .expected("one name for each line")
        .help("write `NAME = …` with another name");
    return;
  }
  const std::string place = evaluation.name + "." + name;
  failedLines.insert(place); // until it is added
  EvaluationItem result;
  result.name = name;
  result.span = item.span;
  result.head = decidingHead(nullptr);
  syntax::Name variable;
  variable.text = experiment->x->name + "'";
  variable.span = item.span;
  auto add = [&] {
    if (members)
      members->push_back(name);
    result.inside = members != nullptr;
    evaluation.items.push_back(result);
    failedLines.erase(place);
  };
  switch (value.kind) {
  case Kind::Argmax:
    result.kind = EvaluationItem::Kind::Adversary;
    result.adversary = checkAdversary(value, place, variable, scope, false, defaultSet);
    if (result.adversary) {
      result.head = decidingHead(result.adversary);
      add();
    }
    return;
  case Kind::Worst: {
    result.kind = EvaluationItem::Kind::Worst;
    unsigned errors = engine.errorCount();
    for (const syntax::EvalItem &line : value.items)
      checkEvalItem(line, evaluation, scope, defaultSet, item.name.empty() ? prefix : name + ".",
                    &result.of);
    if (engine.errorCount() != errors || result.of.size() < value.items.size())
      return;
    if (result.of.empty()) {
      report(diag::Code::MissingPart, value.span, "`worst` of nothing")
          .label("no lines")
          .expected("at least one line")
          .help("list attacks or names of earlier lines");
      return;
    }
    add();
    return;
  }
  case Kind::Best:
    unsupported(value.span, "`best … of`");
    return;
  case Kind::If:
    unsupported(value.span, "a choice between adversaries");
    return;
  case Kind::Name:
    if (value.text == "clean") {
      result.kind = EvaluationItem::Kind::Clean;
      add();
      return;
    }
    break;
  case Kind::Call:
    break;
  default:
    report(diag::Code::WrongKind, value.span, "this line is no attack")
        .label("here")
        .found("`" + source(value.span) + "`")
        .expected("`clean`, a solver, an adversary or an attack")
        .help("as in `pgd20 = pgd(steps = 20, step = 2/255)`");
    return;
  }
  // A solver alone, or a declared attack.
  std::vector<const Decl *> attacks = program.find(Decl::Kind::Attack, callee.text, scope->file);
  if (attacks.empty() && callee.text == "proved") {
    unsupported(value.span, "`proved`, certified evaluation");
    return;
  }
  if (attacks.empty() && value.kind == Kind::Call &&
      !program.find(Decl::Kind::Solver, callee.text, scope->file).empty()) {
    result.kind = EvaluationItem::Kind::Adversary;
    result.adversary = checkAdversary(value, place, variable, scope, false, defaultSet);
    if (result.adversary)
      add();
    return;
  }
  if (attacks.empty()) {
    std::vector<std::string> known = program.names(Decl::Kind::Solver, scope->file);
    for (std::string &other : program.names(Decl::Kind::Attack, scope->file))
      known.push_back(std::move(other));
    known.push_back("clean");
    for (const EvaluationItem &line : evaluation.items)
      known.push_back(line.name);
    bool solver = !program.find(Decl::Kind::Solver, callee.text, scope->file).empty();
    report(solver ? diag::Code::MissingArgument : diag::Code::UnknownName, callee.span,
           solver ? "`" + callee.text + "` is a solver and needs its arguments"
                  : "unknown attack `" + callee.text + "`")
        .label(solver ? "not called" : "nothing declares this")
        .found("`" + callee.text + "`")
        .expected("`clean`, a solver, an adversary, an attack" +
                  std::string(members ? " or an earlier line" : ""))
        .help(solver ? "write `" + callee.text + "()`" : unknownLineHelp(callee.text, known));
    return;
  }
  const Decl &decl = *attacks.front();
  Frame frame(*this, value.span, "in this use of `" + decl.name.text + "`");
  Inside inside(*this, activeTexts, decl, value.span);
  if (!inside)
    return;
  Env env;
  env.scope = scope;
  std::vector<Value> values;
  std::vector<const syntax::Arg *> bound;
  syntax::Expr bare(Kind::Call, value.span);
  if (!bindText(decl, value.kind == Kind::Call ? value : bare, env, values, bound))
    return;
  auto inner = std::make_shared<Scope>(scope, decl.span.file);
  if (!bindParams(decl, values, *inner, value.span, nullptr, nullptr, false))
    return;
  syntax::EvalItem line;
  line.name.text = shown;
  line.name.span = item.name.empty() ? callee.span : item.name.span;
  line.span = item.span;
  // Borrowed for the time of the check.
  line.value.reset(const_cast<syntax::Expr *>(decl.value.get()));
  checkEvalItem(line, evaluation, inner, defaultSet, prefix, members);
  static_cast<void>(line.value.release()); // NOLINT(bugprone-unused-return-value)
}

void Checker::checkEvaluate(const syntax::Item &item) {
  if (!dataReady)
    return;
  Evaluation evaluation;
  evaluation.span = item.span;
  Env env;
  env.scope = pageScope;
  const syntax::Expr &split = *item.value;
  const syntax::Expr &name = *calleeOf(split);
  evaluation.split = name.kind == Kind::Name ? name.text : source(name.span);
  if (evaluation.split != "train" && evaluation.split != "valid" && evaluation.split != "test") {
    report(diag::Code::UnknownSplit, name.span, "unknown split `" + evaluation.split + "`")
        .label("not a split")
        .found("`" + evaluation.split + "`")
        .expected("`train`, `valid` or `test`")
        .help(nameHelp({diag::NamePlace::Split}, evaluation.split, {"train", "valid", "test"}));
  } else if (evaluation.split == "valid" && experiment->data.valid == 0) {
    report(diag::Code::UnknownSplit, name.span, "there is no validation split")
        .label("nothing to evaluate on")
        .found("`valid = 0`")
        .expected("a number of validation images")
        .help("add `valid = 1000` to `data`")
        .note(experiment->data.span, "the data");
  }
  if (split.kind == Kind::Call) {
    std::vector<const syntax::Arg *> bound;
    if (bindArguments({"count"}, 1, split.args, 0, split.span, evaluation.split, Span(), bound)) {
      Value count = check(*bound[0]->value, env);
      evaluation.count = integer(count, bound[0]->value->span, "the number of images");
      if (evaluation.count)
        checkRange(*evaluation.count, 1, limits::count, bound[0]->value->span,
                   "the number of images");
    }
  }
  evaluation.atEnd = item.atEnd || !item.every;
  if (item.every) {
    Value every = check(*item.every, env);
    evaluation.every = integer(every, item.every->span, "the number of epochs between evaluations");
    if (evaluation.every)
      checkRange(*evaluation.every, 1, limits::count, item.every->span,
                 "the number of epochs between evaluations");
  } else if (!item.atEnd && item.span.file == page->span.file) {
    pageEdits.push_back(
        {item.span.begin + static_cast<uint32_t>(std::string("evaluate").size()), 0, " at end"});
  }
  if (item.with)
    unsupported(item.with->span, "an evaluation `with` other weights");
  evaluation.name = item.name.empty() ? evaluation.split : item.name.text;
  if (!evaluationNames.insert(evaluation.name).second)
    report(diag::Code::DuplicateName, item.name.empty() ? name.span : item.name.span,
           "there are two evaluations `" + evaluation.name + "`")
        .label("the second")
        .expected("one name for each evaluation")
        .help("add `as NAME`");
  if (item.items.empty() && !engine.hasErrors())
    report(diag::Code::MissingPart, item.span, "an evaluation of nothing")
        .label("no lines")
        .expected("`clean` or attacks")
        .help("write `{ clean }`");
  if (experiment->heads.empty()) {
    if (!hasLine(syntax::Item::Kind::Head, item.span.begin)) {
      // Without a head every other line is wrong, and has been called so.
      if (!engine.hasErrors())
        report(diag::Code::MissingItem, item.span, "there is no head to evaluate")
            .label("evaluates what?")
            .found("no `head` above this line")
            .expected("`head f = HEAD(z)`")
            .help("declare one");
      return;
    }
  }
  auto scope = std::make_shared<Scope>(pageScope);
  for (const syntax::EvalItem &line : item.items)
    checkEvalItem(line, evaluation, scope, item.over.get(), "", nullptr);
  experiment->evaluations.push_back(std::move(evaluation));
}

void Checker::checkKeep(const syntax::Item &item) {
  const syntax::Expr &value = *item.value;
  auto wrong = [&](const std::string &found, const std::string &help) {
    report(diag::Code::UnknownEvaluation, value.span, "`keep best` names no line of an evaluation")
        .label("here")
        .found(found)
        .expected("`EVALUATION.LINE` of an `evaluate every …` above")
        .help(help);
  };
  if (experiment->keep) {
    report(diag::Code::RepeatedItem, item.span, "an experiment has one `keep`")
        .label("the second")
        .expected("one `keep` line")
        .help("remove one of them");
    return;
  }
  if (value.kind != Kind::Member || value.children[0]->kind != Kind::Name)
    return wrong("`" + source(value.span) + "`", "as in `keep best(val.pgd10)`");
  const std::string &name = value.children[0]->text;
  std::vector<std::string> names, lines;
  for (const Evaluation &evaluation : experiment->evaluations) {
    names.push_back(evaluation.name);
    if (evaluation.name != name)
      continue;
    for (const EvaluationItem &line : evaluation.items) {
      lines.push_back(line.name);
      if (line.name != value.text)
        continue;
      if (!evaluation.every)
        return wrong("`" + name + "`, which runs at the end only",
                     "write `evaluate every 1 epochs …`");
      experiment->keep = Keep{name, value.text};
      return;
    }
  }
  // A line that failed has been reported already.
  if (page->isDamaged || failedLines.count(name + "." + value.text))
    return;
  for (const syntax::Item &other : page->items)
    if (other.kind == syntax::Item::Kind::Evaluate && engine.hasErrors())
      for (const syntax::EvalItem &line : other.items)
        if (line.name.text == value.text)
          return;
  wrong("`" + source(value.span) + "`",
        lines.empty() ? suggest(name, names) : suggest(value.text, lines));
}

} // namespace advx::sema
