#ifndef ADVX_SEMA_ADVERSARIES_COMBINATIONS_H
#define ADVX_SEMA_ADVERSARIES_COMBINATIONS_H

#include "compiler/sema/Room.h"

#include <string>
#include <vector>

namespace advx::sema {

/// Inner problems made of others: the best of several runs of a solver, one of two adversaries.
/// What they make are solvers, statements like those of a text.
class Combinations : Room {
public:
  explicit Combinations(const Tools &tools) : Room(tools) {}

  /// The solver runs `count` times, and draws anew each time. Of each example the first point that
  /// meets the condition after `until` is kept, else that with the largest `measure`, a block of
  /// `variable` (null: the objective).
  void restart(Adversary &adversary, int64_t count, const syntax::Name &index,
               const Block *measure);
  /// One adversary that is tried, and what its point is compared by: a block of its variable.
  struct Candidate {
    const Adversary *adversary = nullptr;
    Block measure;
  };
  /// Of each example the first point that meets its adversary's condition after `until`, else the
  /// first one with the largest measure: an adversary that follows all of them.
  Adversary *best(const std::vector<Candidate> &candidates, const std::string &path,
                  const syntax::Name &variable, Span span);
  /// The solver runs where the number holds; else the clean point stands for what it finds.
  void runOnlyIf(Adversary &adversary, ExprPtr condition);
  /// The point of `a` where the condition holds, else that of `b`: an adversary that follows both.
  /// `condition` stands in `env`.
  Adversary *choose(ExprPtr condition, const PageEnv &env, const Adversary &a, const Adversary &b,
                    const std::string &path, const syntax::Name &variable);

private:
  /// An adversary at `path` that has the set and the objective of another one, whose point it is.
  Adversary *follow(const Adversary &other, const std::string &path, const syntax::Name &variable,
                    Span span);
  Stmt statement(Stmt::Kind kind, const Local *local, ExprPtr value, Span span);
  ExprPtr asked(Expr::Kind kind, ExprPtr point, Span span);
};

} // namespace advx::sema

#endif
