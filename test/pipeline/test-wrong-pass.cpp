//===- test-wrong-pass.cpp - The comparison of passes, with a wrong pass ---===//
//
// test-wrong-pass RUNTIME < PROBLEM: compares what a page computes after each pass of -O 2 with a
// pass among them that drops a rectifier, and prints the stage that is to blame. The argument
// `right` after RUNTIME leaves that pass out.
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Lower.h"
#include "compiler/verify/VerifyNumerics.h"
#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using ::advx::pipeline::Stage;
using ::advx::verify::Request;
using ::advx::verify::Result;

namespace {

struct DropRectifier : PassWrapper<DropRectifier, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DropRectifier)

  StringRef getArgument() const override { return "test-drop-rectifier"; }

  void runOnOperation() override {
    getOperation().walk([](mlir::advx::ReluOp relu) {
      relu.replaceAllUsesWith(relu.getOperand());
      return WalkResult::interrupt();
    });
  }
};

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    llvm::errs() << "usage: test-wrong-pass RUNTIME [right] < PROBLEM\n";
    return 2;
  }
  MLIRContext context(MLIRContext::Threading::DISABLED);
  ::advx::lower::loadDialects(context);
  llvm::SourceMgr sources;
  auto input = llvm::MemoryBuffer::getSTDIN();
  if (!input)
    return 1;
  sources.AddNewSourceBuffer(std::move(*input), {});
  auto module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return 1;
  Request request = ::advx::verify::requestFor(*module, argv[1]);
  bool isWrong = argc < 3;
  request.addPasses = [isWrong](Stage stage, OpPassManager &passes,
                                const ::advx::pipeline::Options &options) {
    ::advx::pipeline::addPassesTo(stage, passes, options);
    if (stage != Stage::Partitioned || !isWrong)
      return;
    passes.addPass(std::make_unique<DropRectifier>());
    passes.addPass(createCSEPass());
    passes.addPass(createCanonicalizerPass());
  };
  Result result = ::advx::verify::verifyNumerics(*module, request, llvm::outs());
  switch (result.kind) {
  case Result::agrees:
    llvm::outs() << "agrees\n";
    return 0;
  case Result::differs:
    llvm::outs() << "to blame: " << result.stage << "\n";
    return 0;
  default:
    llvm::outs() << "stopped at " << result.stage << " " << result.reason << "\n";
    return 1;
  }
}
