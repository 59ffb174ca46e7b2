// RUN: advx-opt --advx-partitioned-to-host %S/Inputs/net.mlir | FileCheck %s --check-prefix=HOST
// RUN: advx-opt --advx-partitioned-to-host --mlir-print-debuginfo %S/Inputs/net.mlir | advx-translate --emit=llvm | FileCheck %s --check-prefix=LLVM

// HOST-NOT: advx.program
// HOST: llvm.func @advx_op_matvec(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr)
// HOST: llvm.func internal @step.train_step(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr)
// One call of an op is one call; the loop is a loop.
// HOST-COUNT-1: llvm.call @advx_op_one_hot
// HOST: llvm.cond_br
// HOST: llvm.call @advx_op_sign
// HOST-NOT: advx.
// HOST: llvm.mlir.global external constant @advx_program()

// No allocation: the only memory is the stack's, reserved once in the entry block.
// LLVM-LABEL: define internal void @step.train_step(
// LLVM-COUNT-2: alloca
// LLVM-NOT: alloca
// LLVM-NOT: malloc
// The last line of a step is where it ends in the source.
// LLVM: ret void, !dbg
