// Row kernels: a tile is 16 examples. Whatever the shape, floats are vectors: whole ones, and a
// masked one where an axis has a rest. No loop runs over scalars.
// RUN: advx-opt %s --advx-kernels | FileCheck %s

// Clusters that compute the same on other tensors have one kernel.
// CHECK-LABEL: func.func @long(
// CHECK-COUNT-2: {advx.kernel = @kernel.1.row}

// Short rows are the lanes of a vector: one tile is one vector, the same element of 16 examples.
// Examples of the padding are computed and stored like all; a sum over the batch leaves them out.
// CHECK-LABEL: llvm.func @kernel.0.row(
// CHECK:         scf.for %[[TILE:.*]] = %arg0 to %arg1
// CHECK:           %[[FIRST:.*]] = arith.muli %[[TILE]], %c16
// CHECK:           "llvm.intr.memset"
// CHECK:           scf.for %[[ROW:.*]] = %[[FIRST]] to {{.*}} step %c16
// CHECK:             %[[REAL:.*]] = arith.cmpi slt, {{.*}} : vector<16xi64>
// CHECK:             %[[SUM:.*]] = scf.for %[[I:.*]] = %c0{{.*}} to %c10{{.*}} step %c1{{.*}} iter_args({{.*}}) -> (vector<16xf32>)
// CHECK:               dense<[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150]>
// CHECK:               %[[X:.*]] = llvm.intr.masked.gather {{.*}} -> vector<16xf32>
// CHECK:               arith.select %[[REAL]], %[[X]], {{.*}} : vector<16xi1>, vector<16xf32>
// CHECK-COUNT-4:       vector.shuffle
// CHECK-NOT:           llvm.intr.masked.gather
// CHECK:               arith.addf {{.*}} : vector<16xf32>
// CHECK:               scf.yield {{.*}} : vector<16xf32>
// CHECK:             llvm.store %[[SUM]], {{.*}} : vector<16xf32>
// CHECK-NOT:       scf.for
// CHECK:           llvm.return

// The partials of all tiles are added up in their order and in f64, by one call.
// CHECK-LABEL: llvm.func @kernel.0.row.finish(
// CHECK:         scf.for {{.*}} = %c0{{.*}} to %c10
// CHECK:           scf.for {{.*}} = %c0{{.*}} to %arg1 {{.*}} iter_args({{.*}}) -> (f64)
// CHECK:             arith.extf {{.*}} : f32 to f64
// CHECK:             arith.addf {{.*}} : f64
func.func @short(%x: tensor<?x10xf32>) -> (tensor<?xf32>, tensor<10xf32>) {
  %r:2 = advx.cluster row ["batch reduced", "feature 10 reduced"] (%x) : (tensor<?x10xf32>) -> (tensor<?xf32>, tensor<10xf32>) {
  ^bb0(%a: tensor<?x10xf32>):
    %q = advx.mul %a, %a : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    %s = advx.reduce_sum %q : (tensor<?x10xf32>) -> tensor<?xf32>
    %t = advx.batch_sum %a : (tensor<?x10xf32>) -> tensor<10xf32>
    advx.yield %s, %t : tensor<?xf32>, tensor<10xf32>
  }
  return %r#0, %r#1 : tensor<?xf32>, tensor<10xf32>
}

// Long rows are walked one after the other, the lanes along them. Contiguous axes that nothing
// tells apart are one: 3 x 3 x 12 are six vectors and a masked one, not nine masked ones.
// CHECK-LABEL: llvm.func @kernel.1.row(
// CHECK:         scf.for %[[TILE:.*]] = %arg0 to %arg1
// CHECK:           %[[LAST:.*]] = arith.minsi {{.*}}, %arg3
// CHECK:           scf.for %[[ROW:.*]] = {{.*}} to %[[LAST]] step %c1
// CHECK:             %[[SUM:.*]] = scf.for {{.*}} = %c0{{.*}} to %c96{{.*}} step %c16{{.*}} iter_args({{.*}}) -> (vector<16xf32>)
// CHECK:               llvm.load {{.*}} invariant {{.*}} -> vector<16xf32>
// CHECK-NEXT:          arith.mulf
// CHECK-NEXT:          arith.addf
// CHECK-NEXT:          scf.yield
// CHECK:             %[[EXISTS:.*]] = arith.constant dense<[true, {{.*}}, true, false, false, false, false]> : vector<16xi1>
// CHECK:             %[[REST:.*]] = llvm.intr.masked.load {{.*}}, %[[EXISTS]],
// CHECK:             arith.select %[[EXISTS]], {{.*}} : vector<16xi1>, vector<16xf32>
// CHECK:             arith.addf %[[SUM]], {{.*}} : vector<16xf32>
// CHECK-COUNT-4:     vector.shuffle
// CHECK-NOT:         scf.for
// CHECK-NOT:         -> f32
// CHECK:             llvm.store {{.*}} : f32
// CHECK:           llvm.return
func.func @long(%x: tensor<?x3x3x12xf32>, %y: tensor<?x3x3x12xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %r = advx.cluster row ["batch", "image 3", "image 3", "feature 12"] (%x) : (tensor<?x3x3x12xf32>) -> tensor<?xf32> {
  ^bb0(%a: tensor<?x3x3x12xf32>):
    %q = advx.mul %a, %a : (tensor<?x3x3x12xf32>, tensor<?x3x3x12xf32>) -> tensor<?x3x3x12xf32>
    %s = advx.reduce_sum %q : (tensor<?x3x3x12xf32>) -> tensor<?xf32>
    advx.yield %s : tensor<?xf32>
  }
  %t = advx.cluster row ["batch", "elsewhere"] (%y) : (tensor<?x3x3x12xf32>) -> tensor<?xf32> {
  ^bb0(%b: tensor<?x3x3x12xf32>):
    %q = advx.mul %b, %b : (tensor<?x3x3x12xf32>, tensor<?x3x3x12xf32>) -> tensor<?x3x3x12xf32>
    %s = advx.reduce_sum %q : (tensor<?x3x3x12xf32>) -> tensor<?xf32>
    advx.yield %s : tensor<?xf32>
  }
  return %r, %t : tensor<?xf32>, tensor<?xf32>
}

// A reduction over the inner axis keeps the two apart: 5 sums, each over one whole vector and a
// masked one, which are short enough to need no loop. All 100 elements are read once.
// CHECK-LABEL: llvm.func @kernel.2.row(
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             scf.for {{.*}} = %c0{{.*}} to %c5{{.*}} step %c1
// CHECK-NOT:           scf.for
// CHECK:               llvm.load {{.*}} -> vector<16xf32>
// CHECK-NOT:           llvm.load
// CHECK:               llvm.intr.masked.load
// CHECK-NOT:           llvm.{{.*}}load
// CHECK:               llvm.store {{.*}} : f32
// CHECK:           llvm.return
// CHECK-NOT:     llvm.func
func.func @inner(%x: tensor<?x5x20xf32>) -> tensor<?x5xf32> {
  %r = advx.cluster row ["batch", "token 5", "feature 20 reduced"] (%x) : (tensor<?x5x20xf32>) -> tensor<?x5xf32> {
  ^bb0(%a: tensor<?x5x20xf32>):
    %s = advx.reduce_sum %a axes [1] : (tensor<?x5x20xf32>) -> tensor<?x5xf32>
    advx.yield %s : tensor<?x5xf32>
  }
  return %r : tensor<?x5xf32>
}
