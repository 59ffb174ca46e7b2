// advx-kernels: one function for each different cluster of a module.

#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
#define GEN_PASS_DEF_KERNELS
#include "compiler/codegen/Passes.h.inc"
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

struct Kernels : impl::KernelsBase<Kernels> {
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
        info->numbers =
            llvm::count_if(cluster.getInputs().getTypes(), [](Type type) { return type.isF64(); });
        info->buffers = cluster->getNumResults() + cluster->getNumOperands() - info->numbers;
        info->attachTo(getOperation().lookupSymbol<LLVM::LLVMFuncOp>(name));
      }
      cluster->setAttr(kKernelAttr, FlatSymbolRefAttr::get(&getContext(), known->second));
    }
  }
};

} // namespace

} // namespace advx::codegen
