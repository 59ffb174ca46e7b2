#ifndef ADVX_SEMA_EXPERIMENT_DATACHECKER_H
#define ADVX_SEMA_EXPERIMENT_DATACHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;

/// The line of the data.
class DataChecker : Room {
public:
  DataChecker(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  void checkData(const syntax::Item &item);

private:
  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
