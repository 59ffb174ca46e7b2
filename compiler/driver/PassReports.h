#ifndef ADVX_DRIVER_PASSREPORTS_H
#define ADVX_DRIVER_PASSREPORTS_H

#include "mlir/IR/Diagnostics.h"

namespace advx::driver {

/// Prints what the passes report: remarks for the user who asked for them. Whatever reaches MLIR
/// was accepted by the checker, so an error is a fault of the compiler and says so.
void reportPasses(mlir::Diagnostic &diagnostic);

} // namespace advx::driver

#endif // ADVX_DRIVER_PASSREPORTS_H
