#ifndef ADVX_SEMA_TEXTS_INITIALISERCHECKER_H
#define ADVX_SEMA_TEXTS_INITIALISERCHECKER_H

#include "compiler/sema/Room.h"

#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

class ExprChecker;

/// The first values of parameters, as PyTorch's torch.nn.init has them.
class InitialiserChecker : Room {
public:
  InitialiserChecker(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  /// The initial value of a parameter of `shape`; null stands for the default of layers. Bounds
  /// depend on the fans: outputs are along `outputAxis` (axis 0 in PyTorch's layout), inputs are
  /// the product of all other axes unless `fanIn` says how many there are. Nothing after a report.
  std::optional<Initialiser> check(const syntax::Expr *expr, const std::vector<int64_t> &shape,
                                   int64_t outputAxis, std::optional<int64_t> fanIn, Env &env);

private:
  std::optional<std::vector<double>> readNumbers(const std::vector<const syntax::Arg *> &args,
                                                 Env &env);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
