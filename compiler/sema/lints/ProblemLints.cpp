//===- ProblemLints.cpp - What training and selection go by --------------------===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/lints/Lints.h"

namespace advx::sema {

class ProblemLints : Room {
public:
  explicit ProblemLints(const Tools &tools) : Room(tools), e(*sheet.experiment) {}

  void selectionOnTest() {
    if (!e.keep)
      return;
    for (const Evaluation &evaluation : e.evaluations)
      if (evaluation.name == e.keep->evaluation && evaluation.split == "test")
        for (const syntax::Item &item : sheet.page->items)
          if (item.kind == syntax::Item::Kind::Keep)
            findings
                .report(diag::Code::SelectionOnTest, item.span,
                        "the model is selected on the test split")
                .label("chooses by test accuracy")
                .found("`" + e.keep->evaluation + "." + e.keep->item + "`, measured on `test`")
                .expected("a validation split")
                .help("set `valid = 1000` in `data` and evaluate `on valid`")
                .note(evaluation.span, "the evaluation");
  }

  /// An inner problem whose point enters neither the loss nor, through another inner
  /// problem, what does.
  void unusedAdversary() {
    // A line that cannot be read may use it.
    if (engine.hasErrors())
      return;
    std::set<const Local *> used;
    auto use = [&](const Expr &expr) {
      if (expr.kind == Expr::Kind::Local)
        used.insert(expr.local);
    };
    if (e.outer)
      visitExprs(e.outer->loss, use);
    for (auto it = e.inner.rbegin(); it != e.inner.rend(); ++it) {
      const Adversary &adversary = **it;
      const std::string &name = adversary.variable->name;
      if (used.count(adversary.variable)) {
        visitExprs(adversary.objective, use);
        if (adversary.until)
          visitExprs(*adversary.until, use);
        for (const ExprPtr &argument : adversary.setArgs)
          visitExprs(argument, use);
        visitExprs(adversary.solver, use);
        continue;
      }
      findings
          .report(diag::Code::UnusedAdversary, adversary.variable->span,
                  "`" + name + "` is not used")
          .label("found for nothing")
          .found(e.outer ? "`outer` without `" + name + "`" : "no `outer`")
          .expected("`" + name + "` in what `outer` minimises")
          .help("write `" + name + "` where the training sees the adversary, or remove `inner`");
    }
  }

private:
  const Experiment &e;
};

void lintProblem(const Tools &tools) {
  ProblemLints lints(tools);
  lints.selectionOnTest();
  lints.unusedAdversary();
}

} // namespace advx::sema
