// RUN: advx-opt %s --advx-reduce-examples-first | FileCheck %s

// CHECK-LABEL: func.func @bias_gradient
// CHECK-NEXT:    %[[EXAMPLE:.*]] = advx.reduce_sum %{{.*}} axes [1, 2] : (tensor<?x16x7x7xf32>) -> tensor<?x16xf32>
// CHECK-NEXT:    %[[BATCH:.*]] = advx.batch_sum %[[EXAMPLE]] : (tensor<?x16xf32>) -> tensor<16xf32>
// CHECK-NEXT:    return %[[BATCH]]
func.func @bias_gradient(%g: tensor<?x16x7x7xf32>) -> tensor<16xf32> {
  %s = advx.batch_sum %g : (tensor<?x16x7x7xf32>) -> tensor<16x7x7xf32>
  %r = advx.reduce_sum %s axes [1, 2] : (tensor<16x7x7xf32>) -> tensor<16xf32>
  return %r : tensor<16xf32>
}

// A sum that somebody else reads stays beside the other.
// CHECK-LABEL: func.func @both
// CHECK-DAG:     advx.batch_sum %{{.*}} : (tensor<?x3x3xf32>) -> tensor<3x3xf32>
// CHECK-DAG:     advx.batch_sum %{{.*}} : (tensor<?xf32>) -> tensor<f32>
func.func @both(%g: tensor<?x3x3xf32>) -> (tensor<3x3xf32>, tensor<f32>) {
  %s = advx.batch_sum %g : (tensor<?x3x3xf32>) -> tensor<3x3xf32>
  %r = advx.reduce_sum %s : (tensor<3x3xf32>) -> tensor<f32>
  return %s, %r : tensor<3x3xf32>, tensor<f32>
}

// Sums and differences of sums over the batch are as linear as one.
// CHECK-LABEL: func.func @sum_of_sums
// CHECK-NOT:     -> tensor<4x3xf32>
// CHECK:         %[[A:.*]] = advx.batch_sum %{{.*}} : (tensor<?x3xf32>) -> tensor<3xf32>
// CHECK:         %[[B:.*]] = advx.batch_sum %{{.*}} : (tensor<?x3xf32>) -> tensor<3xf32>
// CHECK:         advx.sub %[[A]], %[[B]]
// CHECK-NOT:     -> tensor<4x3xf32>
func.func @sum_of_sums(%g: tensor<?x4x3xf32>, %h: tensor<?x4x3xf32>) -> tensor<3xf32> {
  %s = advx.batch_sum %g : (tensor<?x4x3xf32>) -> tensor<4x3xf32>
  %t = advx.batch_sum %h : (tensor<?x4x3xf32>) -> tensor<4x3xf32>
  %d = advx.sub %s, %t : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  %r = advx.reduce_sum %d axes [0] : (tensor<4x3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
