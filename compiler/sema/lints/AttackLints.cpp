//===- AttackLints.cpp - Attacks that probably do not attack as meant ----------===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/lints/Lints.h"
#include "compiler/sema/lints/SolverValues.h"

#include <sstream>

namespace advx::sema {

class AttackLints : Room {
public:
  explicit AttackLints(const Tools &tools) : Room(tools), e(*sheet.experiment), values(e, build) {}

  void run() {
    for (const Adversary *adversary : e.inner)
      look(*adversary, true);
    for (const Evaluation &evaluation : e.evaluations)
      for (const EvaluationItem &item : evaluation.items)
        if (item.adversary)
          look(*item.adversary, false);
  }

private:
  void look(const Adversary &adversary, bool training) {
    marginInAttack(adversary);
    if (training)
      startsAtStationaryPoint(adversary);
    shortAttack(adversary);
  }

  /// The logits "given y" of a head whose given logits differ, inside an attack.
  void marginInAttack(const Adversary &adversary) {
    visitExprs(adversary.objective, [&](const Expr &expr) {
      if (expr.kind != Expr::Kind::Logits || !expr.given ||
          expr.head->logits == expr.head->logitsGiven)
        return;
      findings
          .report(diag::Code::MarginInAttack, expr.span, "the attack sees the margin of the head")
          .label("logits given the label")
          .found("`" + findings.source(expr.span) + "` in an objective that is maximised")
          .expected("the logits that the model is judged by")
          .help("write `" + expr.head->name + "(" + adversary.variable->name + ")` without `| " +
                e.y->name + "`")
          .note(expr.head->span, "the head, whose `logits given` differ from its `logits`");
    });
  }

  /// An objective that only compares the model at x' with the model at x has its
  /// minimum, and gradient zero, at x' = x: a search must not start there.
  void startsAtStationaryPoint(const Adversary &adversary) {
    bool atClean = false, atAdversary = false;
    visitExprs(adversary.objective, [&](const Expr &expr) {
      if (expr.kind != Expr::Kind::Apply || expr.args[0]->kind != Expr::Kind::Local)
        return;
      atClean |= expr.args[0]->local == e.x;
      atAdversary |= expr.args[0]->local == adversary.variable;
    });
    if (!atClean || !atAdversary || mentions(adversary.objective, e.y))
      return;
    Bindings *bindings = values.bindingsOf(adversary.solver);
    const Local *from = nullptr;
    visitExprs(adversary.solver, [&](const Expr &expr) {
      if (expr.kind == Expr::Kind::Gradient && !from)
        from = expr.local;
    });
    auto it = bindings->values.find(from);
    if (!from || (from != e.x &&
                  (it == bindings->values.end() || !values.isClean(it->second.first, bindings))))
      return;
    findings
        .report(diag::Code::StartsAtStationaryPoint, adversary.span,
                "the attack starts where its gradient is exactly zero")
        .label("begins at the clean example")
        .found("`" + adversary.solverText + "` of `" + adversary.objectiveText + "`")
        .expected("a start away from `" + e.x->name + "`, where the two forwards differ")
        .help("add `start = gaussian(0.001)` or another random start");
  }

  void findSteps(const std::vector<Stmt> &stmts, double count, const Adversary &adversary,
                 Bindings *bindings, double &reach, bool &unknown) {
    for (const Stmt &stmt : stmts) {
      if (stmt.kind == Stmt::Kind::Repeat) {
        std::optional<double> times = values.number(stmt.value, bindings);
        if (!times)
          unknown = true;
        else
          findSteps(stmt.body, (count ? count : 1) * *times, adversary, bindings, reach, unknown);
        continue;
      }
      if (count)
        visitExprs(stmt.value, [&](const Expr &expr) {
          if (!expr.is(Op::Mul))
            return;
          for (int side = 0; side < 2; ++side) {
            const ExprPtr &direction = expr.args[side];
            if (direction->kind != Expr::Kind::Call ||
                direction->function != adversary.set->steepest)
              continue;
            std::optional<double> step = expr.args[1 - side]->type.isNumber()
                                             ? values.number(expr.args[1 - side], bindings)
                                             : std::nullopt;
            if (step)
              reach += count * *step;
            else
              unknown = true;
          }
        });
      findSteps(stmt.body, count, adversary, bindings, reach, unknown);
      findSteps(stmt.orElse, count, adversary, bindings, reach, unknown);
    }
  }

  /// Repeated steps of constant length whose sum stays below the radius.
  void shortAttack(const Adversary &adversary) {
    if (!adversary.set->steepest || !adversary.set->radius)
      return;
    std::optional<double> radius = build.evaluateReal(adversary.set->radius->body.value);
    double reach = 0;
    bool unknown = false;
    findSteps(adversary.solver, 0, adversary, values.bindingsOf(adversary.solver), reach, unknown);
    // Sums of rounded products may fall short by rounding alone.
    if (!radius || unknown || reach == 0 || reach >= *radius * (1 - 1e-9))
      return;
    std::ostringstream found;
    found << "steps that add up to " << reach << " in a set of radius " << *radius;
    findings.report(diag::Code::ShortAttack, adversary.span, "the attack cannot cross its set")
        .label("too short")
        .found(found.str())
        .expected("steps × step of at least the radius")
        .help("use more steps or longer ones; 2.5 × radius / steps is usual");
  }

  const Experiment &e;
  SolverValues values;
};

void lintAttacks(const Tools &tools) { AttackLints(tools).run(); }

} // namespace advx::sema
