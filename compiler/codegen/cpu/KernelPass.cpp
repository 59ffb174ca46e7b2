// advx-kernels: one function for each different cluster of a module.

#include "compiler/codegen/cpu/CpuKernels.h"
#include "compiler/codegen/cpu/KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

FailureOr<KernelInfo> emitKernel(ClusterOp cluster, llvm::StringRef name) {
  switch (cluster.getKernel()) {
  case KernelTemplate::elementwise:
    return emitElementwise(cluster, name);
  case KernelTemplate::row:
    return emitRow(cluster, name);
  case KernelTemplate::channel:
    return emitChannel(cluster, name);
  case KernelTemplate::full:
    return emitFull(cluster, name);
  }
  llvm_unreachable("no such template");
}

struct KernelsPass : PassWrapper<KernelsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(KernelsPass)

  StringRef getArgument() const override { return "advx-kernels"; }
  StringRef getDescription() const override { return "Write the kernel of each cluster"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<LLVM::LLVMDialect, arith::ArithDialect, math::MathDialect, scf::SCFDialect,
                    vector::VectorDialect>();
  }

  void runOnOperation() override {
    llvm::StringMap<std::string> kernels;
    llvm::SmallVector<ClusterOp> clusters;
    getOperation().walk([&](ClusterOp cluster) { clusters.push_back(cluster); });
    for (ClusterOp cluster : clusters) {
      auto [known, isNew] = kernels.try_emplace(kernelText(cluster));
      if (isNew) {
        std::string &name = known->second;
        name = ("kernel." + llvm::Twine(kernels.size() - 1) + "." +
                stringifyKernelTemplate(cluster.getKernel()))
                   .str();
        if (failed(checkSupported(cluster)))
          return signalPassFailure();
        FailureOr<KernelInfo> info = emitKernel(cluster, name);
        if (failed(info))
          return signalPassFailure();
        info->bytes = costOf(cluster).bytes;
        info->attachTo(getOperation().lookupSymbol<LLVM::LLVMFuncOp>(name));
      }
      cluster->setAttr(kKernelAttr, FlatSymbolRefAttr::get(&getContext(), known->second));
    }
  }
};

} // namespace

std::unique_ptr<Pass> createKernelsPass() { return std::make_unique<KernelsPass>(); }

void registerKernelsPass() { PassRegistration<KernelsPass>(); }

} // namespace advx::codegen
