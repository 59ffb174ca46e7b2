#ifndef ADVX_VERIFY_SNAPSHOTS_H
#define ADVX_VERIFY_SNAPSHOTS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassInstrumentation.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace advx::verify {

/// A program as one pass left it.
struct Snapshot {
  std::string name;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// The programs that passes leave behind, in order, without those of passes that change nothing.
class Snapshots {
public:
  /// Adds a program.
  void add(std::string name, mlir::ModuleOp module);
  /// Instruments a pass manager over modules, so that every pass that changes its module adds
  /// it under the name of the pass; this object must outlive it.
  std::unique_ptr<mlir::PassInstrumentation> instrument();

  const std::vector<Snapshot> &all() const { return snapshots; }

private:
  class Watcher;
  std::vector<Snapshot> snapshots;
  std::map<std::string, int> runs; ///< Of each pass.
};

} // namespace advx::verify

#endif // ADVX_VERIFY_SNAPSHOTS_H
