//===- PageLints.cpp - What a page says and nothing reads, or reads backwards ---===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/lints/Lints.h"

namespace advx::sema {

namespace {

/// The names that an expression mentions, as text.
class Mentions {
public:
  std::set<std::string> names;

  void expr(const syntax::Expr *e) {
    if (!e)
      return;
    if (e->kind == syntax::Expr::Kind::Name)
      names.insert(e->text);
    for (const syntax::ExprPtr &child : e->children)
      expr(child.get());
    arguments(e->args);
    expr(e->over.get());
    expr(e->by.get());
    expr(e->until.get());
    for (const syntax::EvalItem &item : e->items)
      expr(item.value.get());
  }

  void arguments(const std::vector<syntax::Arg> &args) {
    for (const syntax::Arg &arg : args) {
      expr(arg.key.get());
      expr(arg.value.get());
      expr(arg.given.get());
    }
  }

  void item(const syntax::Item &item) {
    for (const syntax::ExprPtr *part : {&item.value, &item.like, &item.by, &item.count,
                                        &item.replays, &item.every, &item.over, &item.with})
      expr(part->get());
    arguments(item.args);
    for (const syntax::Arg &arg : item.args)
      names.insert(arg.name.text); // the axes of a sweep
    for (const syntax::Item::Update &update : item.updates) {
      expr(update.target.get());
      expr(update.value.get());
    }
    for (const syntax::EvalItem &line : item.items)
      expr(line.value.get());
  }
};

/// Whether the mask of a `select` is that of the page's own label.
bool isOwnLabel(const Expr &mask, const Local *y,
                const std::map<const Local *, ExprPtr> &arguments) {
  if (!mask.is(Op::OneHot))
    return false;
  ExprPtr label = mask.args[0];
  while (label->kind == Expr::Kind::Local && arguments.count(label->local))
    label = arguments.at(label->local);
  return label->kind == Expr::Kind::Local && label->local == y;
}

/// 1 where the value rises with the log-probability of the label, -1 where it falls, 0 where that
/// does not show in its form.
int labelDirection(const Expr &e, const Local *y, std::map<const Local *, ExprPtr> arguments) {
  if (e.kind == Expr::Kind::Call) {
    std::map<const Local *, ExprPtr> inside = arguments;
    for (size_t i = 0; i < e.args.size() && i < e.function->params.size(); ++i)
      inside[e.function->params[i]] = e.args[i];
    return e.function->body.value ? labelDirection(*e.function->body.value, y, inside) : 0;
  }
  if (e.is(Op::Neg))
    return -labelDirection(*e.args[0], y, arguments);
  if (e.is(Op::ReduceSum) && e.args[0]->is(Op::Select)) {
    const Expr &select = *e.args[0];
    return isOwnLabel(*select.args[0], y, arguments) && select.args[1]->is(Op::LogSoftmax);
  }
  if (e.is(Op::Sub) && e.args[0]->type.isNumber())
    return -labelDirection(*e.args[1], y, arguments);
  return 0;
}

} // namespace

class PageLintChecker : Room {
public:
  explicit PageLintChecker(const Tools &tools) : Room(tools), e(*sheet.experiment) {}

  void run() {
    unusedLets();
    strayDocs();
    for (const Adversary *adversary : e.inner)
      helpfulAttack(*adversary);
    for (const Evaluation &evaluation : e.evaluations)
      for (const EvaluationItem &item : evaluation.items)
        if (item.adversary)
          helpfulAttack(*item.adversary);
    harmfulTraining();
  }

private:
  void unusedLets() {
    Mentions mentions;
    for (const syntax::Item &item : sheet.page->items)
      mentions.item(item);
    // The text of an attack is read in the page that uses it.
    for (const syntax::Decl &decl : program.userFile().decls)
      if (decl.kind == syntax::Decl::Kind::Attack)
        mentions.expr(decl.value.get());
    for (const syntax::Item &item : sheet.page->items)
      if (item.kind == syntax::Item::Kind::Let)
        for (const syntax::Name &name : item.pattern)
          if (!mentions.names.count(name.text))
            unusedLet(item, name);
  }

  void unusedLet(const syntax::Item &item, const syntax::Name &name) {
    if (name.text == "seed")
      findings.report(diag::Code::SeedOnPage, name.span, "a `let seed` is not the seed of a run")
          .label("nothing uses this")
          .found("`" + findings.source(item.span) + "`")
          .expected("the seed on the command line of the run")
          .help("remove it, and run `EXE train --seed " + findings.source(item.value->span) +
                " …`");
    else
      findings.report(diag::Code::UnusedLet, name.span, "nothing uses `" + name.text + "`")
          .label("named and never used")
          .found("`" + findings.source(item.span) + "`")
          .expected("a line below that mentions `" + name.text + "`")
          .help("remove it, or write `" + name.text + "` where it is meant");
  }

  void strayDocs() {
    for (const Span &doc : program.userFile().strayDocs)
      findings.report(diag::Code::StrayDoc, doc, "this doc comment documents nothing")
          .label("no declaration directly below")
          .found("`" + findings.source(doc) + "`")
          .expected(
              "`///` on the lines directly above a declaration, an experiment or a line of it")
          .help("write `//`, or move it above what it describes");
  }

  void helpfulAttack(const Adversary &adversary) {
    const ExprPtr &value = adversary.objective.value;
    if (!value || labelDirection(*value, e.y, {}) <= 0)
      return;
    findings.report(diag::Code::OppositeSign, value->span, "the attack makes the label more likely")
        .label("rises with the probability of `" + e.y->name + "`")
        .found("`" + adversary.objectiveText + "`, which is maximised")
        .expected("an objective that rises with the loss")
        .help("remove the `-`: `argmax` raises what stands behind it");
  }

  void harmfulTraining() {
    const ExprPtr &value = e.outer ? e.outer->loss.value : nullptr;
    if (!value || labelDirection(*value, e.y, {}) <= 0)
      return;
    findings
        .report(diag::Code::OppositeSign, value->span, "the training makes the label less likely")
        .label("rises with the probability of `" + e.y->name + "`")
        .found("`" + findings.source(value->span) + "`, which is minimised")
        .expected("a loss that falls with the probability of the label")
        .help("remove the `-`: `outer minimize` lowers what stands behind it");
  }

  const Experiment &e;
};

void lintPage(const Tools &tools) { PageLintChecker(tools).run(); }

} // namespace advx::sema
