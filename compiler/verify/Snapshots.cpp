//===- Snapshots.cpp - The program after each pass -------------------------===//

#include "compiler/verify/Snapshots.h"

#include "dialect/Transforms/Passes.h"

#include "mlir/IR/OperationSupport.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace advx::verify {

using pipeline::Stage;

namespace {

/// As the pass is written in a pipeline; passes on the functions of a module have no name of their
/// own.
std::string nameOf(Pass &pass) {
  if (!pass.getArgument().empty())
    return pass.getArgument().str();
  std::string text;
  llvm::raw_string_ostream out(text);
  pass.printAsTextualPipeline(out);
  return text;
}

/// Before `planned` five passes make a program runnable, and all others make it better. From
/// `planned` on our passes and the conversions to the LLVM dialect make it runnable.
bool isRequired(Stage stage, Pass &pass) {
  static const llvm::StringSet<> early = {"advx-instantiate", "advx-outline-uniforms",
                                          "advx-decompose", "advx-differentiate",
                                          "advx-erase-stop-gradient"};
  std::string text = nameOf(pass);
  llvm::StringRef name = text;
  if (stage < Stage::Planned)
    return early.contains(name);
  return name.starts_with("advx-") || name.starts_with("convert-") ||
         name == "reconcile-unrealized-casts" || name == "ensure-debug-info-scope-on-llvm-func";
}

/// A pass of the same kind and options, which MLIR makes for its own pass managers only.
std::unique_ptr<Pass> cloneOf(const Pass &pass) {
  struct Access : Pass {
    using Pass::clone;
  };
  return (pass.*&Access::clone)();
}

constexpr Stage first = Stage::Instantiated, last = Stage::Host;

} // namespace

LogicalResult Road::walk(ModuleOp module, llvm::function_ref<bool(const Snapshot &)> visit) {
  for (const pipeline::StageInfo &info : pipeline::stages()) {
    if (info.stage < first || info.stage > last)
      continue;
    reached = info.stage;
    OpPassManager passes(ModuleOp::getOperationName());
    addPasses(info.stage, passes, options);
    for (auto [i, pass] : llvm::enumerate(passes.getPasses())) {
      OperationFingerPrint before(module);
      PassManager one(module.getContext());
      one.enableVerifier(true);
      one.addPass(cloneOf(pass));
      if (failed(one.run(module)))
        return failure();
      std::string name = nameOf(pass);
      int run = ++runs[name];
      if (OperationFingerPrint(module) == before)
        continue;
      Snapshot snapshot{run == 1 ? name : name + " (" + std::to_string(run) + ")", info.stage,
                        unsigned(i) + 1, isRequired(info.stage, pass), module.clone()};
      if (!visit(snapshot))
        return success();
    }
  }
  return success();
}

LogicalResult Road::complete(ModuleOp module, const Snapshot &from) const {
  PassManager passes(module.getContext());
  passes.enableVerifier(true);
  bool inlined = from.stage >= Stage::Planned;
  for (const pipeline::StageInfo &info : pipeline::stages()) {
    if (info.stage < from.stage || info.stage > last)
      continue;
    if (info.stage == Stage::Planned && !inlined)
      passes.addPass(mlir::advx::createInlineClusters());
    OpPassManager all(ModuleOp::getOperationName());
    addPasses(info.stage, all, options);
    for (auto [i, pass] : llvm::enumerate(all.getPasses()))
      if ((info.stage > from.stage || i >= from.next) && isRequired(info.stage, pass))
        passes.addPass(cloneOf(pass));
  }
  return passes.run(module);
}

} // namespace advx::verify
