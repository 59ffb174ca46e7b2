// Elementwise kernels: each operand is loaded once a vector, and nothing runs on scalars.
// RUN: advx-opt %s --advx-kernels | FileCheck %s

// CHECK-LABEL: func.func @rows(
// CHECK-COUNT-2: {advx.kernel = @kernel.0.elementwise}

// A batch is one run through its rows, whose number is padded: no tail.
// CHECK-LABEL: llvm.func @kernel.0.elementwise
// CHECK-COUNT-2: llvm.load {{.*}} : !llvm.ptr -> !llvm.ptr
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK: llvm.load {{.*}} -> vector<16xf32>
// CHECK-NOT: llvm.load
// CHECK: arith.addf {{.*}} fastmath<contract> : vector<16xf32>
// CHECK: llvm.store {{.*}} : vector<16xf32>
// CHECK-NOT: masked
// CHECK: llvm.return
func.func @rows(%x: tensor<?x10xf32>, %y: tensor<?x10xf32>) -> (tensor<?x10xf32>, tensor<?x10xf32>) {
  %r = advx.cluster elementwise ["batch", "x"] (%x) : (tensor<?x10xf32>) -> tensor<?x10xf32> {
  ^bb0(%a: tensor<?x10xf32>):
    %s = advx.add %a, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    advx.yield %s : tensor<?x10xf32>
  }
  %t = advx.cluster elementwise ["batch", "y"] (%y) : (tensor<?x10xf32>) -> tensor<?x10xf32> {
  ^bb0(%b: tensor<?x10xf32>):
    %s = advx.add %b, %b : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    advx.yield %s : tensor<?x10xf32>
  }
  return %r, %t : tensor<?x10xf32>, tensor<?x10xf32>
}

// Two parts, each with its tiles; the part whose size is no multiple of the lanes ends in one
// masked vector.
// CHECK-LABEL: llvm.func @kernel.1.elementwise
// CHECK: scf.for
// CHECK: scf.for
// CHECK: llvm.load {{.*}} -> vector<8xf64>
// CHECK: scf.for
// CHECK: llvm.intr.masked.load {{.*}} -> vector<8xf64>
// CHECK: llvm.intr.masked.store
// CHECK: scf.for
// CHECK: scf.for
// CHECK: llvm.load {{.*}} -> vector<8xf64>
// CHECK-NOT: masked
// CHECK: llvm.return
func.func @parts(%x: tensor<101xf64>, %y: tensor<8x16xf64>) -> (tensor<101xf64>, tensor<8x16xf64>) {
  %r:2 = advx.cluster elementwise ["p"] (%x, %y) : (tensor<101xf64>, tensor<8x16xf64>) -> (tensor<101xf64>, tensor<8x16xf64>) {
  ^bb0(%a: tensor<101xf64>, %b: tensor<8x16xf64>):
    %s = advx.relu %a : (tensor<101xf64>) -> tensor<101xf64>
    %t = advx.sqrt %b : (tensor<8x16xf64>) -> tensor<8x16xf64>
    advx.yield %s, %t : tensor<101xf64>, tensor<8x16xf64>
  }
  return %r#0, %r#1 : tensor<101xf64>, tensor<8x16xf64>
}

// Of two float types the narrower one says how many lanes there are.
// CHECK-LABEL: llvm.func @kernel.2.elementwise
// CHECK: llvm.load {{.*}} {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
// CHECK: arith.extf {{.*}} : vector<16xf32> to vector<16xf64>
// CHECK: llvm.load {{.*}} {alignment = 8 : i64} : !llvm.ptr -> vector<16xf64>
// CHECK: %[[SUM:.*]] = arith.addf {{.*}} : vector<16xf64>
// CHECK: llvm.store %[[SUM]], {{.*}} {alignment = 8 : i64} : vector<16xf64>
// CHECK: %[[NARROW:.*]] = arith.truncf %[[SUM]] : vector<16xf64> to vector<16xf32>
// CHECK: llvm.store %[[NARROW]], {{.*}} {alignment = 4 : i64} : vector<16xf32>
// CHECK: llvm.return
func.func @types(%x: tensor<?x10xf32>, %y: tensor<?x10xf64>) -> (tensor<?x10xf64>, tensor<?x10xf32>) {
  %r:2 = advx.cluster elementwise ["batch", "x"] (%x, %y) : (tensor<?x10xf32>, tensor<?x10xf64>) -> (tensor<?x10xf64>, tensor<?x10xf32>) {
  ^bb0(%a: tensor<?x10xf32>, %b: tensor<?x10xf64>):
    %w = advx.cast %a to f64 : (tensor<?x10xf32>) -> tensor<?x10xf64>
    %s = advx.add %w, %b : (tensor<?x10xf64>, tensor<?x10xf64>) -> tensor<?x10xf64>
    %n = advx.cast %s to f32 : (tensor<?x10xf64>) -> tensor<?x10xf32>
    advx.yield %s, %n : tensor<?x10xf64>, tensor<?x10xf32>
  }
  return %r#0, %r#1 : tensor<?x10xf64>, tensor<?x10xf32>
}
// CHECK-NOT: llvm.func
