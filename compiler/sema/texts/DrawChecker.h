#ifndef ADVX_SEMA_TEXTS_DRAWCHECKER_H
#define ADVX_SEMA_TEXTS_DRAWCHECKER_H

#include "compiler/sema/Room.h"

#include <map>
#include <vector>

namespace advx::sema {

class ExprChecker;
class SetChecker;

/// `draw v ~ DISTRIBUTION [like e] [per example | batch | run]`. What the program draws is uniform,
/// normal or beta; every other distribution is a formula of such.
class DrawChecker : Room {
public:
  DrawChecker(const Tools &tools, ExprChecker &exprChecker, SetChecker &setChecker)
      : Room(tools), exprChecker(exprChecker), setChecker(setChecker) {}

  struct Line {
    const syntax::Name &name;
    const syntax::Expr &value; ///< The distribution.
    const syntax::Expr *like;
    const syntax::Name &per;
    Span span;
    bool ofPage = false;
  };
  /// What the name stands for; `out` receives the statements that make it.
  ExprPtr check(const Line &line, Env &env, std::vector<Stmt> &out);

private:
  using Arguments = std::vector<const syntax::Arg *>;
  enum class Per { Example, Batch, Run };

  /// One draw under construction.
  struct Draw {
    const Line &line;
    Env &env;
    std::vector<Stmt> &out;
    Per per = Per::Example;
    std::vector<int64_t> shape; ///< Of `like`.
  };

  std::optional<Per> scopeOf(const Line &line);
  ExprPtr distribution(Draw &draw);
  ExprPtr ofNumbers(Draw &draw, const std::string &name, const Arguments &arguments);
  ExprPtr integers(Draw &draw, const Arguments &arguments);
  ExprPtr truth(Draw &draw, const Arguments &arguments);
  ExprPtr category(Draw &draw, const Arguments &arguments);
  /// `classes`, `classes except y`.
  ExprPtr classes(Draw &draw);
  ExprPtr ofSet(Draw &draw, const syntax::Expr &set);
  ExprPtr permutation(Draw &draw);

  /// A sample of what the program draws itself.
  ExprPtr sample(Draw &draw, const char *distribution, std::vector<ExprPtr> numbers,
                 std::vector<int64_t> shape);
  ExprPtr uniform(Draw &draw, std::vector<int64_t> shape);
  /// An argument that all examples share.
  ExprPtr number(Draw &draw, const syntax::Arg &argument);
  /// Refuses `like` and `per` where the distribution has a shape or a scope of its own.
  bool isPlain(Draw &draw, const std::string &name, bool scope);
  void unknown(const syntax::Expr &callee);

  ExprChecker &exprChecker;
  SetChecker &setChecker;
  std::map<const syntax::Expr *, Value> sets;         ///< Of the page's draws, read once.
  std::map<const syntax::Expr *, const State *> kept; ///< The draws per run.
};

/// Whether a call behind `draw … ~` may have the name.
bool isDistribution(const std::string &name);

} // namespace advx::sema

#endif
