// Full kernels: no batch, one tile, the lanes along the innermost axis.
// RUN: advx-opt %s --advx-kernels | FileCheck %s

// CHECK-LABEL: func.func @all(
// CHECK-COUNT-2: {advx.kernel = @kernel.1.full}
// CHECK:         {advx.kernel = @kernel.2.full}

// Two reductions of one tensor are one walk over it. 6 rows of 50 are 6 times three vectors and a
// masked one of two lanes, whose other lanes hold what changes no maximum and no sum.
// CHECK-LABEL: llvm.func @kernel.0.full(
// CHECK-SAME:    advx.kernel_info = array<i64: 0, 1, 1,
// CHECK:         scf.for {{.*}} to %c6{{.*}} step %c1
// CHECK:           scf.for {{.*}} to %c48{{.*}} step %c16{{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>)
// CHECK:             llvm.load {{.*}} -> vector<16xf32>
// CHECK-NOT:         llvm.load
// CHECK:             scf.yield {{.*}} : vector<16xf32>, vector<16xf32>
// CHECK:           %[[EXISTS:.*]] = arith.constant dense<[true, true, false, {{.*}}]> : vector<16xi1>
// CHECK:           llvm.intr.masked.load {{.*}}, %[[EXISTS]],
// CHECK-NOT:       llvm.{{.*}}load
// CHECK:           arith.select %[[EXISTS]]
// CHECK:           arith.select %[[EXISTS]]
// CHECK:           llvm.store {{.*}} : f32
// CHECK:           llvm.store {{.*}} : f32
// CHECK:         llvm.return
func.func @rows(%x: tensor<6x50xf32>) -> (tensor<6xf32>, tensor<6xf32>) {
  %r:2 = advx.cluster full ["row 6", "feature 50 reduced"] (%x) : (tensor<6x50xf32>) -> (tensor<6xf32>, tensor<6xf32>) {
  ^bb0(%a: tensor<6x50xf32>):
    %m = advx.reduce_max %a axes [1] : (tensor<6x50xf32>) -> tensor<6xf32>
    %s = advx.reduce_sum %a axes [1] : (tensor<6x50xf32>) -> tensor<6xf32>
    advx.yield %m, %s : tensor<6xf32>, tensor<6xf32>
  }
  return %r#0, %r#1 : tensor<6xf32>, tensor<6xf32>
}

// Axes that are reduced together are one where the innermost would leave most lanes empty, even if
// an operand is broadcast along it: 243 are 15 vectors and a masked one. In f64 a vector has half
// the lanes: 30 and a masked one.
// CHECK-LABEL: llvm.func @kernel.1.full(
// CHECK:         %[[SUM:.*]] = scf.for {{.*}} to %c240{{.*}} step %c16{{.*}} -> (vector<16xf32>)
// CHECK-NOT:     scf.for
// CHECK:         dense<[true, true, true, false, {{.*}}]> : vector<16xi1>
// CHECK:         llvm.intr.masked.load
// CHECK-COUNT-4: vector.shuffle
// CHECK-NOT:     vector.shuffle
// CHECK:         llvm.store {{.*}} : f32
// CHECK:         llvm.return
// CHECK-LABEL: llvm.func @kernel.2.full(
// CHECK:         scf.for {{.*}} to %c240{{.*}} step %c8{{.*}} -> (vector<8xf64>)
// CHECK:         llvm.intr.masked.load {{.*}} -> vector<8xf64>
// CHECK-COUNT-3: vector.shuffle
// CHECK-NOT:     vector.shuffle
// CHECK:         llvm.return
// CHECK-NOT:   llvm.func
func.func @all(%x: tensor<9x9x3xf32>, %y: tensor<9x9x3xf32>, %z: tensor<9x9x3xf64>, %w: tensor<9x9xf32>) -> (tensor<f32>, tensor<f32>, tensor<f64>) {
  %r = advx.cluster full ["a reduced"] (%x, %w) : (tensor<9x9x3xf32>, tensor<9x9xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<9x9x3xf32>, %f: tensor<9x9xf32>):
    %g = advx.broadcast %f shape [9, 9, 3] axes [0, 1] : (tensor<9x9xf32>) -> tensor<9x9x3xf32>
    %h = advx.mul %a, %g : (tensor<9x9x3xf32>, tensor<9x9x3xf32>) -> tensor<9x9x3xf32>
    %s = advx.reduce_sum %h : (tensor<9x9x3xf32>) -> tensor<f32>
    advx.yield %s : tensor<f32>
  }
  %s = advx.cluster full ["b reduced"] (%y, %w) : (tensor<9x9x3xf32>, tensor<9x9xf32>) -> tensor<f32> {
  ^bb0(%b: tensor<9x9x3xf32>, %f: tensor<9x9xf32>):
    %g = advx.broadcast %f shape [9, 9, 3] axes [0, 1] : (tensor<9x9xf32>) -> tensor<9x9x3xf32>
    %h = advx.mul %b, %g : (tensor<9x9x3xf32>, tensor<9x9x3xf32>) -> tensor<9x9x3xf32>
    %t = advx.reduce_sum %h : (tensor<9x9x3xf32>) -> tensor<f32>
    advx.yield %t : tensor<f32>
  }
  %u = advx.cluster full ["c reduced"] (%z) : (tensor<9x9x3xf64>) -> tensor<f64> {
  ^bb0(%c: tensor<9x9x3xf64>):
    %v = advx.reduce_sum %c : (tensor<9x9x3xf64>) -> tensor<f64>
    advx.yield %v : tensor<f64>
  }
  return %r, %s, %u : tensor<f32>, tensor<f32>, tensor<f64>
}
