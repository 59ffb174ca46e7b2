#include "compiler/codegen/kernels/Kernels.h"

#include "compiler/codegen/kernels/Schedule.h"
#include "compiler/codegen/plan/Layout.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {
constexpr llvm::StringLiteral kInfoAttr = "advx.kernel_info";
constexpr llvm::StringLiteral kPartAttr = "advx.kernel_part";
} // namespace

KernelInfo KernelInfo::of(LLVM::LLVMFuncOp kernel) {
  auto numbers = kernel->getAttrOfType<DenseI64ArrayAttr>(kInfoAttr);
  return {numbers[0] != 0,          numbers[1], numbers[2], numbers[3],
          {numbers[4], numbers[5]}, numbers[6], numbers[7]};
}

void KernelInfo::attachTo(LLVM::LLVMFuncOp kernel) const {
  kernel->setAttr(kInfoAttr,
                  DenseI64ArrayAttr::get(kernel.getContext(),
                                         {int64_t{batched}, grain, tiles, partialBytes,
                                          bytes.perExample, bytes.once, buffers, numbers}));
}

bool isKernel(LLVM::LLVMFuncOp function) { return function->hasAttr(kPartAttr); }

void markKernel(LLVM::LLVMFuncOp function) {
  function->setAttr(kPartAttr, UnitAttr::get(function.getContext()));
}

std::string kernelText(ClusterOp cluster) {
  std::string text = stringifyKernelTemplate(cluster.getKernel()).str();
  llvm::raw_string_ostream stream(text);
  llvm::DenseMap<Value, unsigned> numbers;
  auto name = [&](Value value) {
    stream << " %" << numbers.try_emplace(value, numbers.size()).first->second;
  };
  for (Value argument : cluster.getBody().getArguments()) {
    name(argument);
    stream << ":" << argument.getType();
  }
  for (Operation &op : cluster.getBody().front()) {
    stream << "\n" << op.getName();
    for (Value operand : op.getOperands())
      name(operand);
    stream << " " << op.getAttrDictionary() << " ->";
    for (Value result : op.getResults()) {
      name(result);
      stream << ":" << result.getType();
    }
  }
  return text;
}

LogicalResult checkSupported(ClusterOp cluster) {
  for (Operation &op : cluster.getBody().front().without_terminator()) {
    auto tensorOp = dyn_cast<TensorOpInterface>(op);
    if (!tensorOp || !tensorOp.hasKernelForm())
      return op.emitError("internal: no kernel can compute this; it must stay a runtime call");
    for (Type type : op.getResultTypes()) {
      auto tensor = bufferType(type);
      if (isa<ShapedType>(type) && (!tensor || dtypeOf(tensor.getElementType()) < 0))
        return op.emitError("internal: no kernel knows the type ") << type;
    }
    if (isa<BatchSumOp>(op) && cluster.getKernel() != KernelTemplate::row &&
        cluster.getKernel() != KernelTemplate::channel)
      return op.emitError("internal: sums over the batch, but its cluster is ")
             << stringifyKernelTemplate(cluster.getKernel());
    if (isReduction(&op) && cluster.getKernel() == KernelTemplate::elementwise)
      return op.emitError("internal: reduces, but its cluster is elementwise");
  }
  return success();
}

} // namespace advx::codegen
