#include "compiler/codegen/plan/StateLayout.h"

#include "compiler/codegen/plan/Layout.h"

using namespace mlir;

namespace advx::codegen {

StateLayout StateLayout::assign(ModuleOp module) {
  StateLayout layout;
  auto program = mlir::advx::ProgramOp::of(module);
  if (!program)
    return layout;
  layout.leaves = program.all<mlir::advx::LeafOp>();
  for (mlir::advx::LeafOp leaf : layout.leaves) {
    leaf.setOffset(layout.size);
    layout.size += roundUp(mlir::advx::exampleBytes(leaf.getType()), kStateAlignment);
  }
  program.setStateBytes(layout.size);
  return layout;
}

} // namespace advx::codegen
