//===- ScaleLints.cpp - Heads whose scale hides what attacks find --------------===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/lints/Lints.h"

#include <sstream>

namespace advx::sema {

namespace {

/// Whether an op changes other than in proportion when its operands are scaled as one.
bool isExponentialOp(Op op) {
  switch (op) {
  case Op::Exp:
  case Op::Softmax:
  case Op::LogSoftmax:
  case Op::LogSumExp:
    return true;
  case Op::Neg:
  case Op::Add:
  case Op::Sub:
  case Op::Mul:
  case Op::Div:
  case Op::Pow:
  case Op::Maximum:
  case Op::Minimum:
  case Op::Log:
  case Op::Sqrt:
  case Op::Abs:
  case Op::Floor:
  case Op::Ceil:
  case Op::Tanh:
  case Op::Erf:
  case Op::LogicalAnd:
  case Op::LogicalOr:
  case Op::LogicalNot:
  case Op::Cos:
  case Op::Sin:
  case Op::Sign:
  case Op::Relu:
  case Op::Clip:
  case Op::Compare:
  case Op::Select:
  case Op::Cast:
  case Op::StopGradient:
  case Op::Argmax:
  case Op::BatchSum:
  case Op::OrderExamples:
  case Op::TakeExamples:
#define ADVX_EXPR_OP(Name, name)
#define ADVX_TENSOR_FUNCTION(Name, name)
#define ADVX_TENSOR_OP(Name, name) case Op::Name:
#include "compiler/sema/types/Ops.def"
    return false;
  }
  return false;
}

} // namespace

class ScaleLints : Room {
public:
  explicit ScaleLints(const Tools &tools) : Room(tools), e(*sheet.experiment) {}

  /// A head whose logits are one of its numbers times something. Multiplying the
  /// logits changes what a softmax attack sees and no decision; an evaluation must
  /// try two values of it or an objective that scales with the logits.
  void oneScale() {
    for (const Head *head : e.heads) {
      size_t scale = SIZE_MAX;
      if (head->logits->is(Op::Mul))
        for (const ExprPtr &factor : head->logits->args)
          for (size_t i = 0; i < head->numbers.size(); ++i)
            if (factor->kind == Expr::Kind::Local && factor->local == head->numbers[i])
              scale = i;
      if (scale == SIZE_MAX)
        continue;
      std::set<double> values;
      bool safe = false;
      const Adversary *last = nullptr;
      for (const Evaluation &evaluation : e.evaluations)
        for (const EvaluationItem &item : evaluation.items) {
          if (!item.adversary)
            continue;
          bool isProportional = true, uses = false;
          visitExprs(item.adversary->objective, [&](const Expr &expr) {
            isProportional &= !isExponential(expr);
            if (expr.kind != Expr::Kind::Logits || expr.head != head)
              return;
            uses = true;
            std::optional<double> value = build.evaluateReal(expr.args[1 + scale]);
            safe |= !value;
            if (value)
              values.insert(*value);
          });
          safe |= uses && isProportional;
          if (uses)
            last = item.adversary;
        }
      if (!last || safe || values.size() != 1)
        continue;
      std::ostringstream found;
      found << "every attack at `" << head->numbers[scale]->name << " = " << *values.begin() << "`";
      findings
          .report(diag::Code::OneScale, last->span, "a scaled head is attacked at one scale only")
          .label("no attack at another scale")
          .found(found.str())
          .expected("a second scale, or a loss that scales with the logits")
          .help("add `argmax … " + head->name + "(" + last->variable->name + ", " +
                head->numbers[scale]->name + " = 1) …` or a margin loss")
          .note(head->span, "its logits are `" + head->numbers[scale]->name + "` times a vector");
    }
  }

private:
  /// The same of an expression.
  bool isExponential(const Expr &expr) {
    if (expr.kind == Expr::Kind::Op)
      return isExponentialOp(expr.op);
    if (expr.kind != Expr::Kind::Call)
      return false;
    auto [known, isNew] = exponential.try_emplace(expr.function, false);
    if (!isNew)
      return known->second;
    bool found = false;
    visitExprs(expr.function->body, [&](const Expr &inner) { found |= isExponential(inner); });
    return exponential[expr.function] = found;
  }

  const Experiment &e;
  std::map<const Function *, bool> exponential;
};

void lintScales(const Tools &tools) { ScaleLints(tools).oneScale(); }

} // namespace advx::sema
