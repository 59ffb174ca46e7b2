// RUN: advx-opt %s --advx-fuse-epilogues --canonicalize | FileCheck %s

// The mask of a relu's derivative reads the relu, so the sum is not needed.
// CHECK-LABEL: func.func @bias_relu
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x8x8x3xf32>, %[[W:[a-z0-9]+]]: tensor<4x3x1x1xf32>, %[[B:[a-z0-9]+]]: tensor<4xf32>
func.func @bias_relu(%x: tensor<?x8x8x3xf32>, %w: tensor<4x3x1x1xf32>, %b: tensor<4xf32>) -> (tensor<?x8x8x4xf32>, tensor<?x8x8x4xi1>, tensor<?x8x8x4xi1>) {
  // CHECK: %[[Z:.*]] = advx.constant 0
  %z = advx.constant 0.0 : tensor<f32>
  %r = advx.broadcast %b shape [8, 8, 4] axes [2] : (tensor<4xf32>) -> tensor<8x8x4xf32>
  // CHECK: %[[C:.*]] = advx.conv2d %[[X]], %[[W]] bias %[[B]] relu stride
  // CHECK: %[[M:.*]] = advx.compare gt %[[C]], %[[Z]]
  // CHECK: %[[N:.*]] = advx.compare le %[[C]], %[[Z]]
  // CHECK: return %[[C]], %[[M]], %[[N]]
  %c = advx.conv2d %x, %w stride [1, 1] padding [0, 0] channels_last : (tensor<?x8x8x3xf32>, tensor<4x3x1x1xf32>) -> tensor<?x8x8x4xf32>
  %s = advx.add %r, %c : (tensor<8x8x4xf32>, tensor<?x8x8x4xf32>) -> tensor<?x8x8x4xf32>
  %a = advx.relu %s : (tensor<?x8x8x4xf32>) -> tensor<?x8x8x4xf32>
  %m = advx.compare gt %s, %z : (tensor<?x8x8x4xf32>, tensor<f32>) -> tensor<?x8x8x4xi1>
  %n = advx.compare le %s, %z : (tensor<?x8x8x4xf32>, tensor<f32>) -> tensor<?x8x8x4xi1>
  return %a, %m, %n : tensor<?x8x8x4xf32>, tensor<?x8x8x4xi1>, tensor<?x8x8x4xi1>
}

// Another reader of the sum keeps the relu out, but not the bias.
// CHECK-LABEL: func.func @bias_only
func.func @bias_only(%x: tensor<?x3x8x8xf32>, %w: tensor<4x3x1x1xf32>, %b: tensor<4xf32>) -> (tensor<?x4x8x8xf32>, tensor<?x4x8x8xf32>) {
  %r = advx.broadcast %b shape [4, 8, 8] axes [0] : (tensor<4xf32>) -> tensor<4x8x8xf32>
  // CHECK: %[[C:.*]] = advx.conv2d %{{.*}}, %{{.*}} bias %{{[a-z0-9]+}} stride
  // CHECK: %[[A:.*]] = advx.relu %[[C]]
  // CHECK: return %[[C]], %[[A]]
  %c = advx.conv2d %x, %w stride [1, 1] padding [0, 0] : (tensor<?x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<?x4x8x8xf32>
  %s = advx.add %c, %r : (tensor<?x4x8x8xf32>, tensor<4x8x8xf32>) -> tensor<?x4x8x8xf32>
  %a = advx.relu %s : (tensor<?x4x8x8xf32>) -> tensor<?x4x8x8xf32>
  return %s, %a : tensor<?x4x8x8xf32>, tensor<?x4x8x8xf32>
}

// A comparison with another number sees more than the relu; a broadcast along the rows is
// no bias; what the convolution gives is read besides.
// CHECK-LABEL: func.func @neither
// CHECK-NOT:   bias
// CHECK-NOT:   relu stride
func.func @neither(%x: tensor<?x4x4x4xf32>, %w: tensor<4x4x1x1xf32>, %b: tensor<4xf32>) -> (tensor<?x4x4x4xf32>, tensor<?x4x4x4xi1>, tensor<?x4x4x4xf32>) {
  %one = advx.constant 1.0 : tensor<f32>
  %r = advx.broadcast %b shape [4, 4, 4] axes [1] : (tensor<4xf32>) -> tensor<4x4x4xf32>
  %v = advx.broadcast %b shape [4, 4, 4] axes [0] : (tensor<4xf32>) -> tensor<4x4x4xf32>
  %c = advx.conv2d %x, %w stride [1, 1] padding [0, 0] : (tensor<?x4x4x4xf32>, tensor<4x4x1x1xf32>) -> tensor<?x4x4x4xf32>
  %s = advx.add %c, %r : (tensor<?x4x4x4xf32>, tensor<4x4x4xf32>) -> tensor<?x4x4x4xf32>
  %d = advx.conv2d %s, %w stride [1, 1] padding [0, 0] : (tensor<?x4x4x4xf32>, tensor<4x4x1x1xf32>) -> tensor<?x4x4x4xf32>
  %a = advx.relu %d : (tensor<?x4x4x4xf32>) -> tensor<?x4x4x4xf32>
  %m = advx.compare gt %d, %one : (tensor<?x4x4x4xf32>, tensor<f32>) -> tensor<?x4x4x4xi1>
  %e = advx.conv2d %a, %w stride [1, 1] padding [0, 0] : (tensor<?x4x4x4xf32>, tensor<4x4x1x1xf32>) -> tensor<?x4x4x4xf32>
  %t = advx.add %e, %v : (tensor<?x4x4x4xf32>, tensor<4x4x4xf32>) -> tensor<?x4x4x4xf32>
  %u = advx.mul %t, %e : (tensor<?x4x4x4xf32>, tensor<?x4x4x4xf32>) -> tensor<?x4x4x4xf32>
  return %a, %m, %u : tensor<?x4x4x4xf32>, tensor<?x4x4x4xi1>, tensor<?x4x4x4xf32>
}
