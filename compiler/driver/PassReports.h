#ifndef ADVX_DRIVER_PASSREPORTS_H
#define ADVX_DRIVER_PASSREPORTS_H

#include "mlir/IR/Diagnostics.h"
#include <string>

namespace advx::driver {

/// The place on the page, or in the standard library, as FILE:LINE:COLUMN: .
std::string placeOf(mlir::Location location);

/// Prints what the passes report: remarks for the user who asked for them. Whatever reaches MLIR
/// was accepted by the checker, so an error is a fault of the compiler and says so.
void reportPasses(mlir::Diagnostic &diagnostic);

} // namespace advx::driver

#endif // ADVX_DRIVER_PASSREPORTS_H
