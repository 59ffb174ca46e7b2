// RUN: advx-opt %s --advx-inline-clusters | FileCheck %s
// RUN: advx-opt %s --advx-inline-clusters --advx-partition --advx-inline-clusters | FileCheck %s --check-prefix=NONE

// The ops come in the cluster's place, in a loop too; an argument that is yielded stays itself.
// CHECK-LABEL: func.func @step
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x6xf32>, %[[B:[a-z0-9]+]]: tensor<6xf32>, %[[N:[a-z0-9]+]]: f64
// CHECK-NOT:     advx.cluster
// CHECK:         %[[SUM:.*]] = advx.add %[[X]], %[[B]]
// CHECK-NEXT:    %[[LOOP:.*]]:2 = scf.for {{.*}} iter_args(%[[V:.*]] = %[[SUM]], %[[W:.*]] = %[[X]])
// CHECK-NEXT:      %[[S:.*]] = advx.splat %[[N]]
// CHECK-NEXT:      %[[P:.*]] = advx.mul %[[V]], %[[S]]
// CHECK-NEXT:      scf.yield %[[P]], %[[V]]
// CHECK:         return %[[LOOP]]#0, %[[LOOP]]#1

// NONE-NOT: advx.cluster
// NONE: advx.add
// NONE: advx.mul
// NONE-NOT: advx.cluster
func.func @step(%x: tensor<?x6xf32>, %b: tensor<6xf32>, %n: f64) -> (tensor<?x6xf32>, tensor<?x6xf32>) attributes {advx.step} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %four = arith.constant 4 : index
  %sum = advx.cluster elementwise ["batch", "feature 6"](%x, %b) : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32> {
  ^bb0(%v: tensor<?x6xf32>, %c: tensor<6xf32>):
    %s = advx.add %v, %c : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
    advx.yield %s : tensor<?x6xf32>
  }
  %r:2 = scf.for %k = %zero to %four step %one iter_args(%v = %sum, %w = %x) -> (tensor<?x6xf32>, tensor<?x6xf32>) {
    %next:2 = advx.cluster elementwise ["batch", "feature 6"](%v, %n) : (tensor<?x6xf32>, f64) -> (tensor<?x6xf32>, tensor<?x6xf32>) {
    ^bb0(%a: tensor<?x6xf32>, %m: f64):
      %s = advx.splat %m : (f64) -> tensor<f32>
      %p = advx.mul %a, %s : (tensor<?x6xf32>, tensor<f32>) -> tensor<?x6xf32>
      advx.yield %p, %a : tensor<?x6xf32>, tensor<?x6xf32>
    }
    scf.yield %next#0, %next#1 : tensor<?x6xf32>, tensor<?x6xf32>
  }
  return %r#0, %r#1 : tensor<?x6xf32>, tensor<?x6xf32>
}
