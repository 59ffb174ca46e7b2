#ifndef ADVX_VERIFY_SNAPSHOTS_H
#define ADVX_VERIFY_SNAPSHOTS_H

#include "compiler/pipeline/Pipeline.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>
#include <map>
#include <string>

namespace advx::verify {

/// What the stages are made of, as pipeline::addPassesTo has it.
using AddPasses =
    std::function<void(pipeline::Stage, mlir::OpPassManager &, const pipeline::Options &)>;

/// A program as one pass left it.
struct Snapshot {
  std::string name; ///< Of the pass; with a number from its second run on.
  pipeline::Stage stage = pipeline::Stage::Instantiated;
  unsigned next = 0;       ///< The pass of the stage that comes after it.
  bool isRequired = false; ///< No program runs without the pass.
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// The road from `problem` to `host`, pass by pass.
class Road {
public:
  Road(AddPasses addPasses, pipeline::Options options)
      : addPasses(std::move(addPasses)), options(options) {}

  /// Takes a module at the stage `problem` along the whole road, and visits the program after
  /// every pass that changes it; a visit that returns false ends it. Fails where a pass does, in
  /// the stage that `reached` says.
  mlir::LogicalResult walk(mlir::ModuleOp module, llvm::function_ref<bool(const Snapshot &)> visit);

  /// Takes the program of a snapshot to `host` by the passes that no program runs without, and no
  /// others. Before the stage `planned` its clusters, if any, become calls of the runtime again.
  mlir::LogicalResult complete(mlir::ModuleOp module, const Snapshot &from) const;

  pipeline::Stage reached = pipeline::Stage::Instantiated;

private:
  AddPasses addPasses;
  pipeline::Options options;
  std::map<std::string, int> runs; ///< Of each pass.
};

} // namespace advx::verify

#endif // ADVX_VERIFY_SNAPSHOTS_H
