// advx-gpu-kernels: the kernels of each different cluster of a module.

#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/GpuKernels.h"
#include "compiler/codegen/kernels/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
#define GEN_PASS_DEF_GPUKERNELS
#include "compiler/codegen/Passes.h.inc"
namespace {

/// Refuses what a GPU lacks an instruction for and we write no code for.
LogicalResult checkFunctions(ClusterOp cluster) {
  for (Operation &op : cluster.getBody().front().without_terminator()) {
    auto elementwise = dyn_cast<ElementwiseOpInterface>(op);
    if (!elementwise || elementwise.getScalarCost() != ScalarCost::function)
      continue;
    Type element = getElementTypeOrSelf(op.getResult(0).getType());
    if (element.isF64())
      return op.emitError("no GPU kernel computes this in ") << element;
  }
  return success();
}

LogicalResult emitKernel(ClusterOp cluster, gpu::GPUModuleOp module, llvm::StringRef name) {
  if (failed(checkSupported(cluster)) || failed(checkFunctions(cluster)))
    return failure();
  switch (cluster.getKernel()) {
  case KernelTemplate::elementwise:
    return emitGpuElementwise(cluster, module, name);
  case KernelTemplate::row:
    return emitGpuRow(cluster, module, name);
  case KernelTemplate::channel:
    return emitGpuChannel(cluster, module, name);
  case KernelTemplate::full:
    return emitGpuFull(cluster, module, name);
  }
  llvm_unreachable("no such template");
}

struct GpuKernels : impl::GpuKernelsBase<GpuKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    auto kernels = builder.create<gpu::GPUModuleOp>(module.getLoc(), kGpuModule);
    llvm::StringMap<std::string> known;
    module.walk([&](ClusterOp cluster) {
      auto [found, isNew] = known.try_emplace(kernelText(cluster));
      if (isNew) {
        found->second =
            (stringifyKernelTemplate(cluster.getKernel()) + "_" + llvm::Twine(known.size() - 1))
                .str();
        if (failed(emitKernel(cluster, kernels, found->second))) {
          signalPassFailure();
          return WalkResult::interrupt();
        }
      }
      cluster->setAttr(kKernelAttr,
                       SymbolRefAttr::get(&getContext(), kGpuModule,
                                          {FlatSymbolRefAttr::get(&getContext(), found->second)}));
      return WalkResult::advance();
    });
  }
};

} // namespace

gpu::GPUModuleOp gpuModuleOf(ModuleOp module) {
  return module.lookupSymbol<gpu::GPUModuleOp>(kGpuModule);
}

} // namespace advx::codegen
