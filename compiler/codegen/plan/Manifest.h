#ifndef ADVX_COMPILER_CODEGEN_PLAN_MANIFEST_H
#define ADVX_COMPILER_CODEGEN_PLAN_MANIFEST_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"
#include <map>
#include <string>
#include <tuple>
#include <vector>

/// The part of runtime/abi/manifest.md that the plan knows.
namespace advx::codegen {

/// A leaf of state as the manifest lists it.
struct StateLeaf {
  std::string name;
  std::vector<int64_t> shape;
  std::string dtype;
  int64_t offset = 0;
};

class Manifest {
public:
  /// Reads the module's `advx.manifest` (none counts as `{}`) and gives every leaf its
  /// offset. Emits an error at the module and fails on text that is not a manifest.
  static mlir::FailureOr<Manifest> read(mlir::ModuleOp module);

  const std::vector<StateLeaf> &leaves() const { return state; }
  int64_t stateBytes() const { return bytes; }

  /// Adds one planned step; call in the order of the functions.
  void addStep(mlir::func::FuncOp step);

  /// Writes the module's attribute, with `uniforms` as the number of uniforms.
  void write(mlir::ModuleOp module, int64_t uniforms);

private:
  llvm::json::Object object;
  llvm::json::Array steps;
  /// Call sites by (op, provider, algorithm).
  std::map<std::tuple<std::string, std::string, std::string>, int64_t> library;
  std::vector<StateLeaf> state;
  int64_t bytes = 0;
};

} // namespace advx::codegen

#endif
