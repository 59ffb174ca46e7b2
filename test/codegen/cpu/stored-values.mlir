// What two loops of a kernel need is computed again in the second where that takes few ops, and
// stored by the first where it takes many: the k-th of a chain of loops does not repeat k ops.
// RUN: advx-opt %s --advx-kernels | FileCheck %s

// Eight sums are repeated.
// CHECK-LABEL: llvm.func @kernel.0.row(
// CHECK-NOT:     llvm.alloca
// CHECK:         scf.for {{.*}} iter_args
// CHECK-COUNT-8:   arith.addf
// CHECK:           scf.yield
// CHECK:         scf.for
// CHECK-COUNT-8:   arith.addf
// CHECK-NEXT:      arith.subf
func.func @few(%x: tensor<?x10xf32>, %y: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %r = advx.cluster row ["batch", "feature 10 reduced"] (%x, %y) : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32> {
  ^bb0(%a: tensor<?x10xf32>, %b: tensor<?x10xf32>):
    %v1 = advx.add %a, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v2 = advx.add %v1, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v3 = advx.add %v2, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v4 = advx.add %v3, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v5 = advx.add %v4, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v6 = advx.add %v5, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v7 = advx.add %v6, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v8 = advx.add %v7, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %m = advx.reduce_max %v8 : (tensor<?x10xf32>) -> tensor<?xf32>
    %w = advx.broadcast %m shape [10] axes [] : (tensor<?xf32>) -> tensor<?x10xf32>
    %d = advx.sub %v8, %w : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    advx.yield %d : tensor<?x10xf32>
  }
  return %r : tensor<?x10xf32>
}

// Nine are stored, in the lanes of the examples.
// CHECK-LABEL: llvm.func @kernel.1.row(
// CHECK:         %[[STORED:.*]] = llvm.alloca
// CHECK:         scf.for {{.*}} to %c10{{.*}} iter_args
// CHECK-COUNT-9:   arith.addf
// CHECK:           scf.yield
// CHECK:         scf.for {{.*}} to %c10
// CHECK-NOT:       arith.addf
// CHECK:           %[[AT:.*]] = llvm.getelementptr %[[STORED]]
// CHECK-NEXT:      llvm.load %[[AT]] {{.*}} -> vector<16xf32>
// CHECK-NEXT:      arith.subf
func.func @many(%x: tensor<?x10xf32>, %y: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %r = advx.cluster row ["batch", "feature 10 reduced"] (%x, %y) : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32> {
  ^bb0(%a: tensor<?x10xf32>, %b: tensor<?x10xf32>):
    %v1 = advx.add %a, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v2 = advx.add %v1, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v3 = advx.add %v2, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v4 = advx.add %v3, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v5 = advx.add %v4, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v6 = advx.add %v5, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v7 = advx.add %v6, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v8 = advx.add %v7, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v9 = advx.add %v8, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %m = advx.reduce_max %v9 : (tensor<?x10xf32>) -> tensor<?xf32>
    %w = advx.broadcast %m shape [10] axes [] : (tensor<?xf32>) -> tensor<?x10xf32>
    %d = advx.sub %v9, %w : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    advx.yield %d : tensor<?x10xf32>
  }
  return %r : tensor<?x10xf32>
}

// A product and the sum that takes it up are rounded once, so no product is stored.
// CHECK-LABEL: llvm.func @kernel.2.row(
// CHECK-NOT:     llvm.alloca
// CHECK:         scf.for {{.*}} iter_args
// CHECK:         scf.for
// CHECK-COUNT-8:   arith.addf
// CHECK:           arith.mulf
// CHECK-NEXT:      arith.subf
func.func @product(%x: tensor<?x10xf32>, %y: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %r = advx.cluster row ["batch", "feature 10 reduced"] (%x, %y) : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32> {
  ^bb0(%a: tensor<?x10xf32>, %b: tensor<?x10xf32>):
    %v1 = advx.add %a, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v2 = advx.add %v1, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v3 = advx.add %v2, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v4 = advx.add %v3, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v5 = advx.add %v4, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v6 = advx.add %v5, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v7 = advx.add %v6, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %v8 = advx.add %v7, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %p = advx.mul %v8, %b : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %m = advx.reduce_max %p : (tensor<?x10xf32>) -> tensor<?xf32>
    %w = advx.broadcast %m shape [10] axes [] : (tensor<?xf32>) -> tensor<?x10xf32>
    %d = advx.sub %p, %w : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    advx.yield %d : tensor<?x10xf32>
  }
  return %r : tensor<?x10xf32>
}
