// RUN: advx-opt %s --advx-differentiate --advx-clean --advx-verify-stage | FileCheck %s

// The derivative of taking is putting back, and of that taking again.

// CHECK-LABEL: func.func @second
// CHECK-SAME:  %[[X:.*]]: tensor<?x4xf32>, %[[P:.*]]: tensor<?xi64>
// CHECK:       advx.take_examples %[[X]], %[[P]]
// CHECK:       %[[G:.*]] = advx.put_examples %{{.*}}, %[[P]]
// CHECK:       advx.take_examples %{{.*}}, %[[P]]
// CHECK:       advx.put_examples %{{.*}}, %[[P]]
func.func @second(%x: tensor<?x4xf32>, %p: tensor<?xi64>) -> tensor<?x4xf32> {
  %t = advx.take_examples %x, %p : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %square = advx.mul %t, %t : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %cube = advx.mul %square, %t : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %sum = advx.reduce_sum %cube : (tensor<?x4xf32>) -> tensor<?xf32>
  %g = advx.gradient %sum wrt(%x) : (tensor<?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %gg = advx.mul %g, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %norm = advx.reduce_sum %gg : (tensor<?x4xf32>) -> tensor<?xf32>
  %h = advx.gradient %norm wrt(%x) : (tensor<?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %h : tensor<?x4xf32>
}
