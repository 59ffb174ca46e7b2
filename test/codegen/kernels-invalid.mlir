// What no kernel can compute is refused where it stands.
// RUN: not advx-opt %s --split-input-file --advx-kernels 2>&1 | FileCheck %s

// CHECK: error: internal: no kernel can compute this; it must stay a runtime call
func.func @library(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = advx.cluster full ["x"] (%x) : (tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%a: tensor<4x4xf32>):
    %p = advx.matmul %a, %a : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    advx.yield %p : tensor<4x4xf32>
  }
  return %r : tensor<4x4xf32>
}

// -----

// CHECK: error: internal: reduces, but its cluster is elementwise
func.func @reduces(%x: tensor<4xf32>) -> tensor<f32> {
  %r = advx.cluster elementwise ["x"] (%x) : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<4xf32>):
    %s = advx.reduce_sum %a : (tensor<4xf32>) -> tensor<f32>
    advx.yield %s : tensor<f32>
  }
  return %r : tensor<f32>
}

// -----

// CHECK: error: internal: a channel kernel cannot reduce over the last axis
func.func @channel(%x: tensor<?x4x8xf32>) -> tensor<8xf32> {
  %r = advx.cluster channel ["x"] (%x) : (tensor<?x4x8xf32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<?x4x8xf32>):
    %m = advx.reduce_sum %a axes [1] : (tensor<?x4x8xf32>) -> tensor<?x4xf32>
    %n = advx.reduce_sum %m : (tensor<?x4xf32>) -> tensor<?xf32>
    %f = advx.broadcast %n shape [8] axes [] : (tensor<?xf32>) -> tensor<?x8xf32>
    %s = advx.batch_sum %f : (tensor<?x8xf32>) -> tensor<8xf32>
    advx.yield %s : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}
