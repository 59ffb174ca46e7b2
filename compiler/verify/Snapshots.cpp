//===- Snapshots.cpp - The program after each pass -------------------------===//

#include "compiler/verify/Snapshots.h"

#include "mlir/IR/OperationSupport.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace advx::verify {

/// Compares the module before a pass with the module after it.
class Snapshots::Watcher : public PassInstrumentation {
public:
  explicit Watcher(Snapshots &snapshots) : snapshots(snapshots) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (isa<ModuleOp>(op) && !isAdaptor(pass))
      before.emplace(op);
  }

  void runAfterPass(Pass *pass, Operation *op) override {
    if (!before || !isa<ModuleOp>(op) || isAdaptor(pass))
      return;
    bool changed = OperationFingerPrint(op) != *before;
    before.reset();
    std::string name = (pass->getArgument().empty() ? pass->getName() : pass->getArgument()).str();
    int run = ++snapshots.runs[name];
    if (changed)
      snapshots.add(run == 1 ? name : name + " (" + std::to_string(run) + ")", cast<ModuleOp>(op));
  }

private:
  /// What runs passes on functions is itself a pass, without a name to type.
  static bool isAdaptor(Pass *pass) { return pass->getName().contains("PassAdaptor"); }

  Snapshots &snapshots;
  std::optional<OperationFingerPrint> before;
};

void Snapshots::add(std::string name, ModuleOp module) {
  snapshots.push_back({std::move(name), module.clone()});
}

std::unique_ptr<PassInstrumentation> Snapshots::instrument() {
  return std::make_unique<Watcher>(*this);
}

} // namespace advx::verify
