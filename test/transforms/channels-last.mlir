// RUN: advx-opt %s --pass-pipeline='builtin.module(advx-channels-last,canonicalize,cse,advx-hoist)' | FileCheck %s

// Images of a step get their channels last; what is carried by the loop too, so that
// nothing is transposed in it. The flattened image is the matrix's concern.

// CHECK-LABEL: func.func @attack
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x3x8x8xf32>, %[[W:[a-z0-9]+]]: tensor<16x3x3x3xf32>, %[[F:[a-z0-9]+]]: tensor<10x576xf32>
func.func @attack(%x: tensor<?x3x8x8xf32>, %w: tensor<16x3x3x3xf32>, %f: tensor<10x576xf32>, %n: index) -> (tensor<?x3x8x8xf32>, tensor<10x576xf32>) attributes {advx.step} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK-DAG: %[[XL:.*]] = advx.transpose %[[X]] permutation [1, 2, 0] : (tensor<?x3x8x8xf32>) -> tensor<?x8x8x3xf32>
  // CHECK-DAG: %[[F3:.*]] = advx.reshape %[[F]] shape [10, 16, 6, 6]
  // CHECK-DAG: %[[FT:.*]] = advx.transpose %[[F3]] permutation [0, 2, 3, 1]
  // CHECK-DAG: %[[FL:.*]] = advx.reshape %[[FT]] shape [10, 576]
  // CHECK:     %[[R:.*]] = scf.for {{.*}} iter_args(%[[V:.*]] = %[[XL]]) -> (tensor<?x8x8x3xf32>)
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?x3x8x8xf32>) {
    // CHECK-NOT: advx.transpose
    // CHECK: %[[C:.*]] = advx.conv2d %[[V]], %[[W]] stride [1, 1] padding [0, 0] channels_last : {{.*}} -> tensor<?x6x6x16xf32>
    // CHECK: %[[A:.*]] = advx.relu %[[C]] : (tensor<?x6x6x16xf32>)
    // CHECK: %[[L:.*]] = advx.reshape %[[A]] shape [576]
    // CHECK: %[[O:.*]] = advx.matvec %[[FL]], %[[L]] :
    // CHECK: %[[T:.*]] = advx.matvec %[[FL]], %[[O]] transpose
    // CHECK: %[[U:.*]] = advx.reshape %[[T]] shape [6, 6, 16]
    // CHECK: advx.conv2d_input_grad %[[U]], %[[W]] {{.*}} input [8, 8] channels_last : {{.*}} -> tensor<?x8x8x3xf32>
    // CHECK-NOT: advx.transpose
    // CHECK: scf.yield
    %c = advx.conv2d %v, %w stride [1, 1] padding [0, 0] : (tensor<?x3x8x8xf32>, tensor<16x3x3x3xf32>) -> tensor<?x16x6x6xf32>
    %a = advx.relu %c : (tensor<?x16x6x6xf32>) -> tensor<?x16x6x6xf32>
    %l = advx.reshape %a shape [576] : (tensor<?x16x6x6xf32>) -> tensor<?x576xf32>
    %o = advx.matvec %f, %l : (tensor<10x576xf32>, tensor<?x576xf32>) -> tensor<?x10xf32>
    %t = advx.matvec %f, %o transpose : (tensor<10x576xf32>, tensor<?x10xf32>) -> tensor<?x576xf32>
    %u = advx.reshape %t shape [16, 6, 6] : (tensor<?x576xf32>) -> tensor<?x16x6x6xf32>
    %g = advx.conv2d_input_grad %u, %w stride [1, 1] padding [0, 0] input [8, 8] : (tensor<?x16x6x6xf32>, tensor<16x3x3x3xf32>) -> tensor<?x3x8x8xf32>
    scf.yield %g : tensor<?x3x8x8xf32>
  }
  // CHECK: %[[B:.*]] = advx.transpose %[[R]] permutation [2, 0, 1]
  %c = advx.conv2d %r, %w stride [1, 1] padding [0, 0] : (tensor<?x3x8x8xf32>, tensor<16x3x3x3xf32>) -> tensor<?x16x6x6xf32>
  %l = advx.reshape %c shape [576] : (tensor<?x16x6x6xf32>) -> tensor<?x576xf32>
  %o = advx.matvec %f, %l : (tensor<10x576xf32>, tensor<?x576xf32>) -> tensor<?x10xf32>
  // CHECK: %[[G:.*]] = advx.outer
  // CHECK: %[[G3:.*]] = advx.reshape %[[G]] shape [10, 6, 6, 16]
  // CHECK: %[[GT:.*]] = advx.transpose %[[G3]] permutation [0, 3, 1, 2]
  // CHECK: %[[GF:.*]] = advx.reshape %[[GT]] shape [10, 576]
  // CHECK: return %[[B]], %[[GF]]
  %d = advx.outer %o, %l : (tensor<?x10xf32>, tensor<?x576xf32>) -> tensor<10x576xf32>
  return %r, %d : tensor<?x3x8x8xf32>, tensor<10x576xf32>
}

// With one channel a transpose only renames axes.
// CHECK-LABEL: func.func @grey
// CHECK-NOT:   advx.transpose
func.func @grey(%x: tensor<?x1x8x8xf32>, %w: tensor<4x1x3x3xf32>) -> tensor<?x4xf32> attributes {advx.step} {
  // CHECK: advx.reshape {{.*}} shape [8, 8, 1]
  %c = advx.conv2d %x, %w stride [1, 1] padding [0, 0] : (tensor<?x1x8x8xf32>, tensor<4x1x3x3xf32>) -> tensor<?x4x6x6xf32>
  // CHECK: advx.max_pool_index {{.*}} channels_last : (tensor<?x6x6x4xf32>) -> tensor<?x3x3x4xi64>
  // CHECK: advx.window_gather {{.*}} channels_last
  %i = advx.max_pool_index %c kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<?x4x6x6xf32>) -> tensor<?x4x3x3xi64>
  %p = advx.window_gather %c, %i : (tensor<?x4x6x6xf32>, tensor<?x4x3x3xi64>) -> tensor<?x4x3x3xf32>
  // CHECK: advx.reduce_sum {{.*}} axes [0, 1] : (tensor<?x3x3x4xf32>) -> tensor<?x4xf32>
  %s = advx.reduce_sum %p axes [1, 2] : (tensor<?x4x3x3xf32>) -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

// Axes are renumbered; where an op cannot work in the other order, its operand goes back.
// CHECK-LABEL: func.func @axes
func.func @axes(%x: tensor<?x4x8x8xf32>, %w: tensor<4x4x1x1xf32>, %b: tensor<4xf32>) -> (tensor<?x2x8x8xf32>, tensor<?x4x8xf32>, tensor<?x4x8x8xi1>) attributes {advx.step} {
  // CHECK: advx.broadcast %{{.*}} shape [8, 8, 4] axes [2]
  %r = advx.broadcast %b shape [4, 8, 8] axes [0] : (tensor<4xf32>) -> tensor<4x8x8xf32>
  // CHECK: %[[C:.*]] = advx.conv2d
  %c = advx.conv2d %x, %w stride [1, 1] padding [0, 0] : (tensor<?x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<?x4x8x8xf32>
  // CHECK: %[[A:.*]] = advx.add %[[C]]
  %a = advx.add %c, %r : (tensor<?x4x8x8xf32>, tensor<4x8x8xf32>) -> tensor<?x4x8x8xf32>
  // CHECK: %[[BACK:.*]] = advx.transpose %[[A]] permutation [2, 0, 1]
  // CHECK: advx.slice %[[A]] axis 2 begin 1 size 2
  %s = advx.slice %a axis 0 begin 1 size 2 : (tensor<?x4x8x8xf32>) -> tensor<?x2x8x8xf32>
  // The sum over the rows leaves channels before columns.
  // CHECK: advx.reduce_sum %[[BACK]] axes [1]
  %h = advx.reduce_sum %a axes [1] : (tensor<?x4x8x8xf32>) -> tensor<?x4x8xf32>
  // The first in the order of [C, H, W] is not the first in the other.
  // CHECK: advx.first_max_mask %[[BACK]] :
  %m = advx.first_max_mask %a : (tensor<?x4x8x8xf32>) -> tensor<?x4x8x8xi1>
  return %s, %h, %m : tensor<?x2x8x8xf32>, tensor<?x4x8xf32>, tensor<?x4x8x8xi1>
}

// No convolution or pooling, or no step: nothing changes.
// CHECK-LABEL: func.func @no_images
// CHECK-NEXT:    advx.relu %{{.*}} : (tensor<?x3x8x8xf32>)
// CHECK-NEXT:    return
func.func @no_images(%x: tensor<?x3x8x8xf32>) -> tensor<?x3x8x8xf32> attributes {advx.step} {
  %r = advx.relu %x : (tensor<?x3x8x8xf32>) -> tensor<?x3x8x8xf32>
  return %r : tensor<?x3x8x8xf32>
}

// CHECK-LABEL: func.func @no_step
// CHECK-NOT: channels_last
func.func @no_step(%x: tensor<?x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<?x4x8x8xf32> {
  %c = advx.conv2d %x, %w stride [1, 1] padding [0, 0] : (tensor<?x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<?x4x8x8xf32>
  return %c : tensor<?x4x8x8xf32>
}
