//===- GradientPaths.cpp - No gradient is taken through a `repeat` -------------===//
//
// What an inner problem returns is a constant, so the loops of solvers are never
// differentiated. The loop of a set's text is: `grad(J(project(B, v)), v)` leads
// through it. Such a page is refused here, since the derivative that later stages
// would find is the one that leaves the loop out.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/GradientPaths.h"
#include "compiler/sema/Visit.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <unordered_set>

namespace advx::sema {

namespace {

/// With respect to what a gradient is taken.
using Target = std::function<bool(const Expr &)>;
using Loops = std::vector<const Stmt *>;

bool holdsLoop(const std::vector<Stmt> &stmts) {
  return std::any_of(stmts.begin(), stmts.end(), [](const Stmt &stmt) {
    return stmt.kind == Stmt::Kind::Repeat || holdsLoop(stmt.body) || holdsLoop(stmt.orElse);
  });
}

class GradientPaths : Room {
public:
  explicit GradientPaths(const Tools &tools) : Room(tools), e(*sheet.experiment) {}

  void check() {
    for (const Function *function : e.functions) {
      bool loops = holdsLoop(function->body.stmts);
      visitExprs(function->body, [&](const Expr &expr) {
        loops |= expr.kind == Expr::Kind::Call && looping.count(expr.function) != 0;
      });
      if (loops)
        looping.insert(function);
    }
    for (const Function *function : e.functions)
      look(function->body);
    for (const Adversary *adversary : e.inner)
      look(*adversary);
    for (const Evaluation &evaluation : e.evaluations)
      for (const EvaluationItem &item : evaluation.items)
        if (item.adversary)
          look(*item.adversary);
    if (!e.outer)
      return;
    look(e.outer->loss);
    for (const Outer::Update &update : e.outer->also)
      gradients(update.value, {});
    follow(e.outer->loss.value, {}, e.outer->span, [](const Expr &expr) {
      return (expr.kind == Expr::Kind::Leaf && expr.leaf->trainable) ||
             expr.kind == Expr::Kind::Weights ||
             (expr.kind == Expr::Kind::Apply && !expr.model->frozen) ||
             (expr.kind == Expr::Kind::Logits && !expr.head->frozen);
    });
    begin(e.outer->after);
    gradients(e.outer->after, {});
    for (const Outer::Update &update : e.outer->then)
      gradients(update.value, {});
  }

private:
  /// A value that a local is given, and the `repeat` in which that happens.
  struct Definition {
    ExprPtr value;
    const Stmt *loop;
  };

  static Target local(const Local *wanted) {
    return [wanted](const Expr &expr) {
      return expr.kind == Expr::Kind::Local && expr.local == wanted;
    };
  }

  void define(const std::vector<Stmt> &stmts, const Stmt *loop) {
    for (const Stmt &stmt : stmts) {
      if (stmt.local && stmt.value && stmt.kind != Stmt::Kind::Repeat)
        definitions[stmt.local].push_back({stmt.value, loop});
      const Stmt *inside = stmt.kind == Stmt::Kind::Repeat ? &stmt : loop;
      define(stmt.body, inside);
      define(stmt.orElse, inside);
    }
  }

  void begin(const std::vector<Stmt> &stmts) {
    definitions.clear();
    define(stmts, nullptr);
  }

  void look(const Block &block) {
    begin(block.stmts);
    gradients(block.stmts, {});
    gradients(block.value, {});
  }

  void look(const Adversary &adversary) {
    look(adversary.objective);
    if (adversary.until)
      look(*adversary.until);
    bool climbs = false;
    visitExprs(adversary.solver,
               [&](const Expr &expr) { climbs |= expr.kind == Expr::Kind::Gradient; });
    if (climbs) {
      begin(adversary.objective.stmts);
      follow(adversary.objective.value, {}, adversary.span, local(adversary.variable));
    }
    begin(adversary.solver);
    gradients(adversary.solver, {});
  }

  void gradients(const std::vector<Stmt> &stmts, const Loops &around) {
    for (const Stmt &stmt : stmts) {
      if (stmt.value)
        gradients(stmt.value, around);
      Loops inside = around;
      if (stmt.kind == Stmt::Kind::Repeat)
        inside.push_back(&stmt);
      gradients(stmt.body, inside);
      gradients(stmt.orElse, inside);
    }
  }

  void gradients(const ExprPtr &expr, const Loops &around) {
    visitExprs(expr, [&](const Expr &part) {
      if (part.kind == Expr::Kind::Gradient)
        follow(part.args[0], around, part.span, local(part.local));
    });
  }

  /// Whether the value changes with the target.
  bool reaches(const ExprPtr &expr, const Target &isTarget,
               std::unordered_set<const Expr *> &seen) const {
    if (!expr || !seen.insert(expr.get()).second)
      return false;
    if (isTarget(*expr))
      return true;
    if (expr->kind == Expr::Kind::Op && expr->op == Op::StopGradient)
      return false;
    if (auto known = definitions.find(expr->local); known != definitions.end())
      for (const Definition &definition : known->second)
        if (reaches(definition.value, isTarget, seen))
          return true;
    return std::any_of(expr->args.begin(), expr->args.end(),
                       [&](const ExprPtr &arg) { return reaches(arg, isTarget, seen); });
  }

  /// Looks for a loop between the target and what is differentiated, in the loops `around`.
  void follow(const ExprPtr &root, const Loops &around, Span gradient, const Target &isTarget) {
    auto changes = [&](const ExprPtr &expr) {
      std::unordered_set<const Expr *> seen;
      return reaches(expr, isTarget, seen);
    };
    auto isAround = [&](const Stmt *loop) {
      return !loop || std::find(around.begin(), around.end(), loop) != around.end();
    };
    std::unordered_set<const Expr *> seen;
    std::function<void(const ExprPtr &)> walk = [&](const ExprPtr &expr) {
      if (!expr || !seen.insert(expr.get()).second || isTarget(*expr) ||
          (expr->kind == Expr::Kind::Op && expr->op == Op::StopGradient))
        return;
      if (expr->kind == Expr::Kind::Call && looping.count(expr->function) != 0 &&
          std::any_of(expr->args.begin(), expr->args.end(), changes))
        refuse(expr->span);
      if (auto known = definitions.find(expr->local); known != definitions.end())
        for (const Definition &definition : known->second) {
          if (!isAround(definition.loop) && changes(definition.value))
            refuse(gradient);
          walk(definition.value);
        }
      for (const ExprPtr &arg : expr->args)
        walk(arg);
    };
    walk(root);
  }

  void refuse(Span place) {
    findings.unsupported(place, "a gradient through `repeat`",
                         "take the gradient at what the loop returns: bind that with `let`, or "
                         "write `stop_gradient(…)` around it");
  }

  const Experiment &e;
  std::set<const Function *> looping;
  std::map<const Local *, std::vector<Definition>> definitions; ///< of the text at hand
};

} // namespace

void checkGradients(const Tools &tools) { GradientPaths(tools).check(); }

} // namespace advx::sema
