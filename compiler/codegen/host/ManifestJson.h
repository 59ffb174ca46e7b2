#ifndef ADVX_COMPILER_CODEGEN_HOST_MANIFESTJSON_H
#define ADVX_COMPILER_CODEGEN_HOST_MANIFESTJSON_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace advx::codegen {

/// The manifest of a planned module, as runtime/abi/manifest.md describes it: its `advx.program`
/// and its steps. Without a program it lists no state and nothing of a page.
std::string manifestJson(mlir::ModuleOp module);

} // namespace advx::codegen

#endif
