//===- EvaluationChecker.cpp - Evaluations line by line, and `keep` ------===//

#include "compiler/sema/experiment/EvaluationChecker.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

void EvaluationChecker::checkLine(const Line &line, Evaluation &evaluation, ScopePtr scope,
                                  const syntax::Expr *defaultSet, const std::string &prefix,
                                  std::vector<std::string> *members) {
  const syntax::Expr &value = line.value;
  const syntax::Expr &callee = *calleeOf(value);
  auto existing = [&](const std::string &name) {
    return std::any_of(evaluation.items.begin(), evaluation.items.end(),
                       [&](const EvaluationItem &known) { return known.name == name; });
  };
  std::string shown =
      !line.name.empty()          ? line.name.text
      : value.kind == Kind::Worst ? "worst"
      : value.kind == Kind::Argmax || value.kind == Kind::Best || value.kind == Kind::If
          ? ""
          : callee.text;
  // A line of `worst` may name an earlier line; one that failed has been reported.
  auto failed = [&](const std::string &name) {
    return failedLines.count(evaluation.name + "." + name) != 0;
  };
  if (value.kind == Kind::Name && members && line.name.empty())
    for (const std::string &earlier : {prefix + value.text, value.text})
      if (existing(earlier) || failed(earlier)) {
        members->push_back(earlier);
        return;
      }
  if (shown.empty() && value.kind == Kind::Argmax && value.by)
    shown = calleeOf(*value.by)->text;
  if (shown.empty() && value.kind == Kind::Best)
    shown = "best";
  std::string name = prefix + shown;
  if (existing(name)) {
    findings.report(diag::Code::DuplicateName, line.span, "the line `" + name + "` is there twice")
        .label("second line")
        .expected("one name for each line")
        .help("write `NAME = …` with another name");
    return;
  }
  const std::string place = evaluation.name + "." + name;
  failedLines.insert(place); // until it is added
  EvaluationItem result;
  result.name = name;
  result.span = line.span;
  result.head = adversaryChecker.decidingHead(nullptr);
  syntax::Name variable;
  variable.text = sheet.experiment->x->name + "'";
  variable.span = line.span;
  auto add = [&] {
    if (members)
      members->push_back(name);
    result.inWorst = members != nullptr;
    evaluation.items.push_back(result);
    failedLines.erase(place);
  };
  switch (value.kind) {
  case Kind::Argmax:
    result.kind = EvaluationItem::Kind::Adversary;
    result.adversary =
        adversaryChecker.checkAdversary(value, place, variable, scope, false, defaultSet);
    if (result.adversary) {
      result.head = adversaryChecker.decidingHead(result.adversary);
      add();
    }
    return;
  case Kind::Worst: {
    result.kind = EvaluationItem::Kind::Worst;
    unsigned errors = engine.errorCount();
    for (const syntax::EvalItem &member : value.items)
      checkLine({member.name, *member.value, member.span}, evaluation, scope, defaultSet,
                line.name.empty() ? prefix : name + ".", &result.of);
    if (engine.errorCount() != errors || result.of.size() < value.items.size())
      return;
    if (result.of.empty()) {
      findings.report(diag::Code::MissingPart, value.span, "`worst` of nothing")
          .label("no lines")
          .expected("at least one line")
          .help("list attacks or names of earlier lines");
      return;
    }
    add();
    return;
  }
  case Kind::Best:
    checkBest(line, evaluation, scope, defaultSet, result, members);
    return;
  case Kind::If:
    findings.unsupported(value.span, "a choice between adversaries");
    return;
  case Kind::Name:
    if (value.text == "clean") {
      result.kind = EvaluationItem::Kind::Clean;
      add();
      return;
    }
    if (const Value *known = uses.find(*scope, value);
        known && known->kind == Value::Kind::Candidate)
      return checkLine({line.name, *known->written, line.span}, evaluation, known->scope,
                       defaultSet, prefix, members);
    break;
  case Kind::Call:
    break;
  default:
    findings.report(diag::Code::WrongKind, value.span, "this line is no attack")
        .label("here")
        .found("`" + findings.source(value.span) + "`")
        .expected("`clean`, a solver, an adversary or an attack")
        .help("as in `pgd20 = pgd(steps = 20, step = 2/255)`");
    return;
  }
  // A solver alone, or a declared attack.
  std::vector<const Decl *> attacks = program.find(Decl::Kind::Attack, callee.text, scope->file);
  if (attacks.empty() && callee.text == "proved") {
    findings.unsupported(value.span, "`proved`, certified evaluation");
    return;
  }
  if (attacks.empty() && value.kind == Kind::Call &&
      !program.find(Decl::Kind::Solver, callee.text, scope->file).empty()) {
    result.kind = EvaluationItem::Kind::Adversary;
    result.adversary =
        adversaryChecker.checkAdversary(value, place, variable, scope, false, defaultSet);
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
    findings
        .report(solver ? diag::Code::MissingArgument : diag::Code::UnknownName, callee.span,
                solver ? "`" + callee.text + "` is a solver and needs its arguments"
                       : "unknown attack `" + callee.text + "`")
        .label(solver ? "not called" : "nothing declares this")
        .found("`" + callee.text + "`")
        .expected("`clean`, a solver, an adversary, an attack" +
                  std::string(members ? " or an earlier line" : ""))
        .help(solver ? "write `" + callee.text + "()`"
                     : suggestions.unknownLineHelp(callee.text, known));
    return;
  }
  const Decl &decl = *attacks.front();
  Findings::Frame frame(findings, value.span, "in this use of `" + decl.name.text + "`");
  OpenTexts::Inside inside(openTexts, OpenTexts::Part::Body, decl, value.span);
  if (!inside)
    return;
  Env env;
  env.scope = scope;
  std::vector<Value> values;
  syntax::Expr bare(Kind::Call, value.span);
  if (!callBinder.bind(
          {decl, value.kind == Kind::Call ? value : bare, env, ""},
          [](BoundArgument &) { return true; }, &values))
    return;
  auto inner = std::make_shared<Scope>(scope, decl.span.file);
  if (!callChecker.bindParams(decl, values, *inner, value.span, nullptr, nullptr, false))
    return;
  const syntax::Name called{shown, line.name.empty() ? callee.span : line.name.span};
  checkLine({called, *decl.value, line.span}, evaluation, inner, defaultSet, prefix, members);
}

std::optional<std::string> EvaluationChecker::checkCount(const syntax::Expr &expr,
                                                         const std::string &path,
                                                         const std::string &what) {
  Env env;
  env.scope = sheet.pageScope;
  env.role = path;
  Value value = exprChecker.check(expr, env);
  std::optional<int64_t> count = build.integer(value, expr.span, what, /*shapes=*/false);
  if (!count || !sizes.checkRange(*count, 1, limits::count, expr.span, what) ||
      !settingTable.setting(path, Type::Element::Int, value.expr, findings.source(expr.span), false,
                            expr.span))
    return std::nullopt;
  Range &range = sheet.experiment->settings.back().range;
  range.minimum = 1;
  range.maximum = limits::count;
  return path;
}

void EvaluationChecker::checkEvaluate(const syntax::Item &item) {
  if (!sheet.dataReady)
    return;
  Evaluation evaluation;
  evaluation.span = item.span;
  const syntax::Expr &split = *item.value;
  const syntax::Expr &name = *calleeOf(split);
  evaluation.split = name.kind == Kind::Name ? name.text : findings.source(name.span);
  if (evaluation.split != "train" && evaluation.split != "valid" && evaluation.split != "test") {
    findings.report(diag::Code::UnknownSplit, name.span, "unknown split `" + evaluation.split + "`")
        .label("not a split")
        .found("`" + evaluation.split + "`")
        .expected("`train`, `valid` or `test`")
        .help(suggestions.nameHelp({diag::NamePlace::Split}, evaluation.split,
                                   {"train", "valid", "test"}));
  } else if (evaluation.split == "valid" && sheet.experiment->data.valid == 0) {
    findings.report(diag::Code::UnknownSplit, name.span, "there is no validation split")
        .label("nothing to evaluate on")
        .found("`valid = 0`")
        .expected("a number of validation images")
        .help("add `valid = 1000` to `data`")
        .note(sheet.experiment->data.span, "the data");
  }
  const syntax::Expr *images = nullptr;
  if (split.kind == Kind::Call) {
    std::vector<const syntax::Arg *> bound;
    if (binder.bindArguments({"count"}, 1, split.args, 0, split.span, evaluation.split, Span(),
                             bound))
      images = bound[0]->value.get();
  }
  evaluation.atEnd = item.atEnd || !item.every;
  if (!item.every && !item.atEnd && item.span.file == sheet.page->span.file) {
    sheet.edits.push_back(
        {item.span.begin + static_cast<uint32_t>(std::string("evaluate").size()), 0, " at end"});
  }
  evaluation.name = item.name.empty() ? evaluation.split : item.name.text;
  for (const State *state : sheet.experiment->states)
    if (state->item == evaluation.name) {
      findings
          .report(diag::Code::DuplicateName, item.name.empty() ? name.span : item.name.span,
                  "the evaluation has the name of the state `" + state->item + "`")
          .label("the second")
          .expected("another name")
          .help("add `as NAME`, or rename the state")
          .note(state->span, "the state");
      break; // of weights there are several
    }
  if (!evaluationNames.insert(evaluation.name).second)
    findings
        .report(diag::Code::DuplicateName, item.name.empty() ? name.span : item.name.span,
                "there are two evaluations `" + evaluation.name + "`")
        .label("the second")
        .expected("one name for each evaluation")
        .help("add `as NAME`");
  else {
    if (images)
      evaluation.count = checkCount(*images, evaluation.name + ".count", "the number of images");
    if (item.every)
      evaluation.every = checkCount(*item.every, evaluation.name + ".every",
                                    "the number of epochs between evaluations");
  }
  if (item.items.empty() && !engine.hasErrors())
    findings.report(diag::Code::MissingPart, item.span, "an evaluation of nothing")
        .label("no lines")
        .expected("`clean` or attacks")
        .help("write `{ clean }`");
  if (sheet.experiment->heads.empty()) {
    if (!sheet.hasLine(syntax::Item::Kind::Head, item.span.begin)) {
      // Without a head every other line is wrong, and has been called so.
      if (!engine.hasErrors())
        findings.report(diag::Code::MissingItem, item.span, "there is no head to evaluate")
            .label("evaluates what?")
            .found("no `head` above this line")
            .expected("`head f = HEAD(z)`")
            .help("declare one");
      return;
    }
  }
  if (item.with)
    evaluation.with = checkWith(*item.with, evaluation.name);
  adversaryChecker.judge = evaluation.with ? evaluation.with->head : nullptr;
  auto scope = std::make_shared<Scope>(sheet.pageScope);
  for (const syntax::EvalItem &line : item.items)
    checkLine({line.name, *line.value, line.span}, evaluation, scope, item.over.get(), "", nullptr);
  adversaryChecker.judge = nullptr;
  sheet.experiment->evaluations.push_back(std::move(evaluation));
}

void EvaluationChecker::addClean() {
  std::vector<Evaluation> &evaluations = sheet.experiment->evaluations;
  // Images that are right under one model say nothing of another.
  auto modelOf = [](const Evaluation &evaluation) {
    const std::optional<EvaluatedModel> &with = evaluation.with;
    return !with ? "" : with->text + " " + (with->state.empty() ? evaluation.name : "");
  };
  std::set<std::string> known;
  for (const Evaluation &evaluation : evaluations)
    for (const EvaluationItem &line : evaluation.items)
      if (line.kind == EvaluationItem::Kind::Clean)
        known.insert(modelOf(evaluation));
  size_t next = 0;
  for (const syntax::Item &item : sheet.page->items) {
    if (item.kind != syntax::Item::Kind::Evaluate || next == evaluations.size())
      continue;
    Evaluation &evaluation = evaluations[next++];
    if (known.count(modelOf(evaluation)))
      continue;
    for (const EvaluationItem &line : evaluation.items)
      if (line.name == "clean") {
        findings
            .report(diag::Code::DuplicateName, line.span,
                    "`clean` is the line of the clean images, which no evaluation has")
            .label("named `clean`")
            .found("another line of that name")
            .expected("a line `clean` of its own: robust accuracy needs it")
            .help("rename this line");
        return;
      }
    EvaluationItem clean;
    clean.name = "clean";
    clean.head = evaluation.with ? evaluation.with->head : adversaryChecker.decidingHead(nullptr);
    clean.span = item.span;
    evaluation.items.insert(evaluation.items.begin(), clean);
    // Before what else is written at its place.
    sheet.edits.insert(sheet.edits.begin(), {item.items.front().span.begin, 0, "clean  "});
  }
}

void EvaluationChecker::checkKeep(const syntax::Item &item) {
  const syntax::Expr &value = *item.value;
  auto wrong = [&](const std::string &found, const std::string &help) {
    findings
        .report(diag::Code::UnknownEvaluation, value.span,
                "`keep best` names no line of an evaluation")
        .label("here")
        .found(found)
        .expected("`EVALUATION.LINE` of an `evaluate every …` above")
        .help(help);
  };
  if (sheet.experiment->keep) {
    findings.report(diag::Code::RepeatedItem, item.span, "an experiment has one `keep`")
        .label("the second")
        .expected("one `keep` line")
        .help("remove one of them");
    return;
  }
  if (value.kind != Kind::Member || value.children[0]->kind != Kind::Name)
    return wrong("`" + findings.source(value.span) + "`", "as in `keep best(val.pgd10)`");
  const std::string &name = value.children[0]->text;
  std::vector<std::string> names, lines;
  for (const Evaluation &evaluation : sheet.experiment->evaluations) {
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
      sheet.experiment->keep = Keep{name, value.text};
      return;
    }
  }
  // A line that failed has been reported already.
  if (sheet.page->isDamaged || failedLines.count(name + "." + value.text))
    return;
  for (const syntax::Item &other : sheet.page->items)
    if (other.kind == syntax::Item::Kind::Evaluate && engine.hasErrors())
      for (const syntax::EvalItem &line : other.items)
        if (line.name.text == value.text)
          return;
  wrong("`" + findings.source(value.span) + "`",
        lines.empty() ? suggestions.suggest(name, names) : suggestions.suggest(value.text, lines));
}

} // namespace advx::sema
