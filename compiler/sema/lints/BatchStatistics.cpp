//===- BatchStatistics.cpp - A variance needs more than one value --------------===//
//
// In modes batch and train a batch norm normalises by the variance over the batch
// and the places of an image. Where there is one place, a batch of one example has
// none; PyTorch refuses it too. What the page alone cannot know (`--set data.batch`,
// a short last batch) the runtime refuses.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/lints/Lints.h"

#include <algorithm>

namespace advx::sema {

class BatchStatistics : Room {
public:
  explicit BatchStatistics(const Tools &tools) : Room(tools), e(*sheet.experiment) {}

  void check() {
    for (const Setting &setting : e.settings)
      if (setting.path == e.data.batch)
        batch = &setting;
    std::optional<Rational> size = batch ? build.evaluate(batch->value) : std::nullopt;
    if (!size || *size != Rational(1))
      return;
    if (e.outer) {
      look(e.outer->loss);
      visitExprs(e.outer->after, [&](const Expr &expr) { visit(expr); });
      for (const std::vector<Outer::Update> &updates : {e.outer->also, e.outer->then})
        for (const Outer::Update &update : updates)
          visitExprs(update.value, [&](const Expr &expr) { visit(expr); });
    }
    for (const Adversary *adversary : e.inner)
      look(*adversary);
    for (const Evaluation &evaluation : e.evaluations)
      for (const EvaluationItem &item : evaluation.items)
        if (item.adversary)
          look(*item.adversary);
  }

private:
  void look(const Adversary &adversary) {
    look(adversary.objective);
    if (adversary.until)
      look(*adversary.until);
    visitExprs(adversary.solver, [&](const Expr &expr) { visit(expr); });
  }

  void look(const Block &block) {
    visitExprs(block, [&](const Expr &expr) { visit(expr); });
  }

  void visit(const Expr &expr) {
    if (expr.kind != Expr::Kind::Apply || expr.mode == Mode::Eval || isFound)
      return;
    visitExprs(expr.model->forward, [&](const Expr &op) {
      if (op.is(Op::BatchNorm) && !isFound &&
          std::all_of(op.type.shape.begin() + 1, op.type.shape.end(),
                      [](int64_t size) { return size == 1; }))
        refuse(expr, op);
    });
  }

  void refuse(const Expr &application, const Expr &norm) {
    isFound = true;
    const Leaf *leaf = norm.args[1]->leaf;
    std::string layer = leaf ? leaf->name.substr(0, leaf->name.rfind('.')) : "batch_norm";
    findings
        .report(diag::Code::WrongArgument, batch->span,
                "a batch of one example leaves `" + layer + "` one value a channel")
        .label("one example")
        .found("`batch = 1` and " + norm.type.str() + " for an example")
        .expected("more than one value a channel where a batch's statistics are taken")
        .help("use a larger batch, or normalise before the image shrinks to one place")
        .note(application.span,
              "applied in mode `" +
                  std::string(application.mode == Mode::Train ? "train" : "batch") + "`");
  }

  const Experiment &e;
  const Setting *batch = nullptr;
  bool isFound = false; ///< one finding says it
};

void checkBatchStatistics(const Tools &tools) { BatchStatistics(tools).check(); }

} // namespace advx::sema
