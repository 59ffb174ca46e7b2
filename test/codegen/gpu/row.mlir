// RUN: advx-opt %s --advx-gpu-kernels | FileCheck %s

// A warp an example: every lane sums its elements, the warp exchanges what it found. The sum over
// the batch goes through shared memory to one partial a tile, and a second kernel adds these up.
func.func @rows(%x: tensor<?x50xf32>) -> (tensor<?xf32>, tensor<f32>) attributes {advx.step} {
  %r:2 = advx.cluster row ["batch reduced", "feature 50 reduced"] (%x) : (tensor<?x50xf32>) -> (tensor<?xf32>, tensor<f32>) {
  ^bb0(%a: tensor<?x50xf32>):
    %q = advx.mul %a, %a : (tensor<?x50xf32>, tensor<?x50xf32>) -> tensor<?x50xf32>
    %s = advx.reduce_sum %q : (tensor<?x50xf32>) -> tensor<?xf32>
    %t = advx.batch_sum %s : (tensor<?xf32>) -> tensor<f32>
    advx.yield %s, %t : tensor<?xf32>, tensor<f32>
  }
  return %r#0, %r#1 : tensor<?xf32>, tensor<f32>
}

// Eight warps with 16 bytes each.
// CHECK:       llvm.mlir.global internal @row_0_shared() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<128 x i8>
// CHECK:       gpu.func @row_0({{.*}}) kernel {{.*}}partial_bytes = 64 : i64, rows = 8 : i64
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             llvm.store {{.*}} !llvm.ptr<3>
// CHECK:           scf.for
// CHECK:             nvvm.bar.warp.sync
// CHECK:             scf.for
// CHECK:               llvm.load
// CHECK:               arith.mulf
// CHECK:             nvvm.shfl.sync  bfly
// CHECK-COUNT-4:     nvvm.shfl.sync  bfly
// CHECK-NOT:         nvvm.shfl.sync
// CHECK:           nvvm.barrier0
// CHECK:           nvvm.barrier0
// CHECK:       gpu.func @row_0_finish({{.*}}) kernel {{.*}}one_block = true
// CHECK-NOT:     atomic
