// RUN: advx-opt %s --verify-roundtrip | FileCheck %s

// The same ops with the same attributes, on one example, on a batch of them, and on a
// value of unknown shape. The verifier compares each type with the inferred one.

// CHECK-LABEL: func.func @one_example
func.func @one_example(%x: tensor<3x8x8xf32>, %w: tensor<4x3x3x3xf32>, %y: tensor<i64>) -> tensor<f32> {
  // CHECK: advx.conv2d {{.*}} -> tensor<4x4x4xf32>
  %c = advx.conv2d %x, %w stride [2, 2] padding [1, 1] : (tensor<3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<4x4x4xf32>
  %p = advx.max_pool2d %c kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<4x4x4xf32>) -> tensor<4x2x2xf32>
  %f = advx.reshape %p shape [16] : (tensor<4x2x2xf32>) -> tensor<16xf32>
  %l = advx.log_softmax %f : (tensor<16xf32>) -> tensor<16xf32>
  %m = advx.one_hot %y classes 16 : (tensor<i64>) -> tensor<16xi1>
  %z = advx.constant 0.0 : tensor<f32>
  %s = advx.select %m, %l, %z : (tensor<16xi1>, tensor<16xf32>, tensor<f32>) -> tensor<16xf32>
  // CHECK: advx.reduce_sum {{.*}} : (tensor<16xf32>) -> tensor<f32>
  %r = advx.reduce_sum %s : (tensor<16xf32>) -> tensor<f32>
  %b = advx.batch_sum %r : (tensor<f32>) -> tensor<f32>
  return %b : tensor<f32>
}

// CHECK-LABEL: func.func @batch
func.func @batch(%x: tensor<?x3x8x8xf32>, %w: tensor<4x3x3x3xf32>, %y: tensor<?xi64>) -> tensor<f32> {
  // CHECK: advx.conv2d {{.*}} -> tensor<?x4x4x4xf32>
  %c = advx.conv2d %x, %w stride [2, 2] padding [1, 1] : (tensor<?x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<?x4x4x4xf32>
  %p = advx.max_pool2d %c kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<?x4x4x4xf32>) -> tensor<?x4x2x2xf32>
  %f = advx.reshape %p shape [16] : (tensor<?x4x2x2xf32>) -> tensor<?x16xf32>
  %l = advx.log_softmax %f : (tensor<?x16xf32>) -> tensor<?x16xf32>
  %m = advx.one_hot %y classes 16 : (tensor<?xi64>) -> tensor<?x16xi1>
  %z = advx.constant 0.0 : tensor<f32>
  %s = advx.select %m, %l, %z : (tensor<?x16xi1>, tensor<?x16xf32>, tensor<f32>) -> tensor<?x16xf32>
  // CHECK: advx.reduce_sum {{.*}} : (tensor<?x16xf32>) -> tensor<?xf32>
  %r = advx.reduce_sum %s : (tensor<?x16xf32>) -> tensor<?xf32>
  %b = advx.batch_sum %r : (tensor<?xf32>) -> tensor<f32>
  return %b : tensor<f32>
}

// Scalars broadcast, per example or for all; one batched operand is enough.
// CHECK-LABEL: func.func @mixed
func.func @mixed(%a: tensor<?xf32>, %b: tensor<10xf32>, %c: tensor<f32>) -> tensor<?x10xf32> {
  %d = advx.mul %b, %c : (tensor<10xf32>, tensor<f32>) -> tensor<10xf32>
  // CHECK: advx.sub {{.*}} -> tensor<?x10xf32>
  %e = advx.sub %d, %a : (tensor<10xf32>, tensor<?xf32>) -> tensor<?x10xf32>
  return %e : tensor<?x10xf32>
}

// The text of an optimiser does not know the shape of a weight.
// CHECK-LABEL: func.func @unknown_shape
func.func @unknown_shape(%w: tensor<*xf32>, %g: tensor<*xf32>, %s: tensor<f32>) -> tensor<*xf32> {
  %n = advx.norm l2 %g : (tensor<*xf32>) -> tensor<f32>
  %t = advx.reduce_sum %g : (tensor<*xf32>) -> tensor<f32>
  %a = advx.mul %g, %n : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  // CHECK: advx.sub {{.*}} -> tensor<*xf32>
  %b = advx.sub %w, %a : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %b : tensor<*xf32>
}

// What may have several float types: a cast, of any type to a float; what only counts the examples;
// a gradient, each that of its value; batch normalisation with statistics of their own.
// CHECK-LABEL: func.func @float_types
func.func @float_types(%x: tensor<?x3xf32>, %m: tensor<?x3xi1>, %y: tensor<i64>, %c: tensor<3xf32>, %v: tensor<3xf64>, %w: tensor<*xf32>, %e: f64) -> (tensor<?x3xf32>, tensor<3xf64>, tensor<*xf64>) {
  // CHECK: advx.cast %{{.*}} to f64 : (tensor<?x3xf32>) -> tensor<?x3xf64>
  %d = advx.cast %x to f64 : (tensor<?x3xf32>) -> tensor<?x3xf64>
  %n = advx.cast %m to f64 : (tensor<?x3xi1>) -> tensor<?x3xf64>
  %l = advx.cast %y to f32 : (tensor<i64>) -> tensor<f32>
  // CHECK: advx.cast %{{.*}} to f64 : (tensor<*xf32>) -> tensor<*xf64>
  %u = advx.cast %w to f64 : (tensor<*xf32>) -> tensor<*xf64>
  %b = advx.batch_broadcast %v, %x : (tensor<3xf64>, tensor<?x3xf32>) -> tensor<?x3xf64>
  %p = advx.mul %d, %b : (tensor<?x3xf64>, tensor<?x3xf64>) -> tensor<?x3xf64>
  %s = advx.reduce_sum %p : (tensor<?x3xf64>) -> tensor<?xf64>
  // CHECK: advx.gradient {{.*}} : (tensor<?xf64>, tensor<?x3xf32>, tensor<3xf64>) -> (tensor<?x3xf32>, tensor<3xf64>)
  %g:2 = advx.gradient %s wrt(%x, %v) : (tensor<?xf64>, tensor<?x3xf32>, tensor<3xf64>) -> (tensor<?x3xf32>, tensor<3xf64>)
  // CHECK: advx.batch_norm {{.*}} -> (tensor<?x3xf32>, tensor<3xf64>, tensor<3xf64>)
  %r:3 = advx.batch_norm train %x, %c, %c, %v, %v, %e, %e : (tensor<?x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf64>, tensor<3xf64>, f64, f64) -> (tensor<?x3xf32>, tensor<3xf64>, tensor<3xf64>)
  return %g#0, %g#1, %u : tensor<?x3xf32>, tensor<3xf64>, tensor<*xf64>
}
