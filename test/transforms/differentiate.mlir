// RUN: advx-opt %s --advx-differentiate --advx-erase-stop-gradient --advx-clean --advx-verify-stage --split-input-file | FileCheck %s

// A gradient by the input needs no gradient by a weight, and stands in the loop that
// asks for it; the first convolution's weights need no gradient by the image.

// CHECK-LABEL: func.func @attack
// CHECK:         scf.for {{.*}} iter_args(%[[V:.*]] = %{{.*}})
// CHECK:           advx.conv2d %[[V]]
// CHECK-NOT:       advx.conv2d_weight_grad
// CHECK-NOT:       advx.outer
// CHECK-NOT:       advx.batch_sum
// CHECK:           advx.conv2d_input_grad
// CHECK-NOT:       advx.conv2d_weight_grad
func.func @attack(%x: tensor<?x1x28x28xf32>, %w: tensor<16x1x4x4xf32>, %b: tensor<16xf32>,
                  %fc: tensor<10x3136xf32>, %n: index) -> tensor<?x1x28x28xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?x1x28x28xf32>) {
    %h = advx.conv2d %v, %w stride [2, 2] padding [1, 1] : (tensor<?x1x28x28xf32>, tensor<16x1x4x4xf32>) -> tensor<?x16x14x14xf32>
    %bb = advx.broadcast %b shape [16, 14, 14] axes [0] : (tensor<16xf32>) -> tensor<16x14x14xf32>
    %h1 = advx.add %h, %bb : (tensor<?x16x14x14xf32>, tensor<16x14x14xf32>) -> tensor<?x16x14x14xf32>
    %h2 = advx.relu %h1 : (tensor<?x16x14x14xf32>) -> tensor<?x16x14x14xf32>
    %f = advx.reshape %h2 shape [3136] : (tensor<?x16x14x14xf32>) -> tensor<?x3136xf32>
    %l = advx.matvec %fc, %f : (tensor<10x3136xf32>, tensor<?x3136xf32>) -> tensor<?x10xf32>
    %e = advx.reduce_max %l : (tensor<?x10xf32>) -> tensor<?xf32>
    %g = advx.gradient %e wrt(%v) : (tensor<?xf32>, tensor<?x1x28x28xf32>) -> tensor<?x1x28x28xf32>
    %v1 = advx.add %v, %g : (tensor<?x1x28x28xf32>, tensor<?x1x28x28xf32>) -> tensor<?x1x28x28xf32>
    scf.yield %v1 : tensor<?x1x28x28xf32>
  }
  return %r : tensor<?x1x28x28xf32>
}

// CHECK-LABEL: func.func @train
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x1x28x28xf32>
// CHECK-NOT:     advx.conv2d_input_grad
// CHECK:         %[[GW:.*]] = advx.conv2d_weight_grad %[[X]]
// CHECK-NOT:     advx.conv2d_input_grad
// CHECK:         return %[[GW]]
func.func @train(%x: tensor<?x1x28x28xf32>, %w: tensor<16x1x4x4xf32>, %b: tensor<16xf32>,
                 %fc: tensor<10x3136xf32>) -> (tensor<16x1x4x4xf32>, tensor<16xf32>, tensor<10x3136xf32>) {
  %h = advx.conv2d %x, %w stride [2, 2] padding [1, 1] : (tensor<?x1x28x28xf32>, tensor<16x1x4x4xf32>) -> tensor<?x16x14x14xf32>
  %bb = advx.broadcast %b shape [16, 14, 14] axes [0] : (tensor<16xf32>) -> tensor<16x14x14xf32>
  %h1 = advx.add %h, %bb : (tensor<?x16x14x14xf32>, tensor<16x14x14xf32>) -> tensor<?x16x14x14xf32>
  %h2 = advx.relu %h1 : (tensor<?x16x14x14xf32>) -> tensor<?x16x14x14xf32>
  %f = advx.reshape %h2 shape [3136] : (tensor<?x16x14x14xf32>) -> tensor<?x3136xf32>
  %l = advx.matvec %fc, %f : (tensor<10x3136xf32>, tensor<?x3136xf32>) -> tensor<?x10xf32>
  %e = advx.reduce_max %l : (tensor<?x10xf32>) -> tensor<?xf32>
  %g:3 = advx.gradient %e wrt(%w, %b, %fc) : (tensor<?xf32>, tensor<16x1x4x4xf32>, tensor<16xf32>, tensor<10x3136xf32>) -> (tensor<16x1x4x4xf32>, tensor<16xf32>, tensor<10x3136xf32>)
  return %g#0, %g#1, %g#2 : tensor<16x1x4x4xf32>, tensor<16xf32>, tensor<10x3136xf32>
}

// -----

// The derivatives of the sum of x y^2 over the batch are y^2 and 2 y times the sum of x.

// CHECK-LABEL: func.func @products
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?xf32>, %[[Y:[a-z0-9]+]]: tensor<f32>
// CHECK-DAG:     %[[YY:.*]] = advx.mul %[[Y]], %[[Y]]
// CHECK-DAG:     %[[GX:.*]] = advx.batch_broadcast %[[YY]], %[[X]]
// CHECK-DAG:     %[[SUM:.*]] = advx.batch_sum %[[X]]
// CHECK-DAG:     %[[XY:.*]] = advx.mul %[[SUM]], %[[Y]]
// CHECK-DAG:     %[[GY:.*]] = advx.add %[[XY]], %[[XY]]
// CHECK:         return %[[GX]], %[[GY]] : tensor<?xf32>, tensor<f32>
func.func @products(%x: tensor<?xf32>, %y: tensor<f32>) -> (tensor<?xf32>, tensor<f32>) {
  %yy = advx.mul %y, %y : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %e = advx.mul %x, %yy : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %g:2 = advx.gradient %e wrt(%x, %y) : (tensor<?xf32>, tensor<?xf32>, tensor<f32>) -> (tensor<?xf32>, tensor<f32>)
  return %g#0, %g#1 : tensor<?xf32>, tensor<f32>
}

// -----

// A gradient of a gradient: the outer one reverses the ops of the inner one.

// CHECK-LABEL: func.func @second_order
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x2x6x6xf32>, %[[W:[a-z0-9]+]]: tensor<3x2x3x3xf32>
// CHECK:         advx.conv2d_input_grad
// CHECK:         advx.conv2d_weight_grad
// CHECK-NOT:     advx.gradient
// CHECK:         return
func.func @second_order(%x: tensor<?x2x6x6xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<3x2x3x3xf32> {
  %h = advx.conv2d %x, %w stride [1, 1] padding [0, 0] : (tensor<?x2x6x6xf32>, tensor<3x2x3x3xf32>) -> tensor<?x3x4x4xf32>
  %s = advx.mul %h, %h : (tensor<?x3x4x4xf32>, tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32>
  %e = advx.reduce_sum %s : (tensor<?x3x4x4xf32>) -> tensor<?xf32>
  %g = advx.gradient %e wrt(%x) : (tensor<?xf32>, tensor<?x2x6x6xf32>) -> tensor<?x2x6x6xf32>
  %gg = advx.mul %g, %g : (tensor<?x2x6x6xf32>, tensor<?x2x6x6xf32>) -> tensor<?x2x6x6xf32>
  %n = advx.reduce_sum %gg : (tensor<?x2x6x6xf32>) -> tensor<?xf32>
  %r = advx.gradient %n wrt(%w) : (tensor<?xf32>, tensor<3x2x3x3xf32>) -> tensor<3x2x3x3xf32>
  return %r : tensor<3x2x3x3xf32>
}

// -----

// What stands under stop_gradient is a constant, be it a loop; a gradient by what has no
// influence is zero.

// CHECK-LABEL: func.func @constants
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[W:[a-z0-9]+]]: tensor<4xf32>
// CHECK:         %[[LOOP:.*]] = scf.for
// CHECK:         %[[ZERO:.*]] = advx.constant 0.0{{.*}} : tensor<4xf32>
// CHECK:         %[[GX:.*]] = advx.batch_broadcast %[[ZERO]], %[[X]]
// CHECK:         return %[[LOOP]], %[[ZERO]], %[[GX]]
func.func @constants(%x: tensor<?x4xf32>, %w: tensor<4xf32>, %n: index) -> (tensor<?x4xf32>, tensor<4xf32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?x4xf32>) {
    %a = advx.mul %v, %w : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    scf.yield %a : tensor<?x4xf32>
  }
  %q = advx.stop_gradient %r : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = advx.stop_gradient %w : (tensor<4xf32>) -> tensor<4xf32>
  %p = advx.mul %q, %s : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %e = advx.reduce_sum %p : (tensor<?x4xf32>) -> tensor<?xf32>
  %g:2 = advx.gradient %e wrt(%w, %x) : (tensor<?xf32>, tensor<4xf32>, tensor<?x4xf32>) -> (tensor<4xf32>, tensor<?x4xf32>)
  return %r, %g#0, %g#1 : tensor<?x4xf32>, tensor<4xf32>, tensor<?x4xf32>
}

// -----

// The path of a gradient in a loop may begin before the loop.

// CHECK-LABEL: func.func @outside
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK:         %[[E:.*]] = advx.exp %[[X]]
// CHECK:         scf.for {{.*}} iter_args(%[[V:.*]] = %{{.*}})
// CHECK:           %[[C:.*]] = advx.mul %[[V]], %[[E]]
func.func @outside(%x: tensor<?x4xf32>, %n: index) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = advx.exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?x4xf32>) {
    %p = advx.mul %v, %y : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %e = advx.reduce_sum %p : (tensor<?x4xf32>) -> tensor<?xf32>
    %g = advx.gradient %e wrt(%x) : (tensor<?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    scf.yield %g : tensor<?x4xf32>
  }
  return %r : tensor<?x4xf32>
}

// -----

// A mean over the batch: the gradient by a weight sums over the examples.

// CHECK-LABEL: func.func @batch_mean
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[W:[a-z0-9]+]]: tensor<3x4xf32>
// CHECK-SAME:    %[[INVERSE:[a-z0-9]+]]: tensor<f32>
// CHECK:         advx.batch_broadcast %[[INVERSE]], %[[X]]
// CHECK:         %[[G:.*]] = advx.outer %{{.*}}, %[[X]]
// CHECK:         return %[[G]]
func.func @batch_mean(%x: tensor<?x4xf32>, %w: tensor<3x4xf32>, %inverse: tensor<f32>) -> tensor<3x4xf32> {
  %l = advx.matvec %w, %x : (tensor<3x4xf32>, tensor<?x4xf32>) -> tensor<?x3xf32>
  %e = advx.reduce_sum %l : (tensor<?x3xf32>) -> tensor<?xf32>
  %s = advx.batch_sum %e : (tensor<?xf32>) -> tensor<f32>
  %m = advx.mul %s, %inverse : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %g = advx.gradient %m wrt(%w) : (tensor<f32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return %g : tensor<3x4xf32>
}

// -----

// 2 / sqrt(pi) exp(-x^2), and its derivative by the same rules.
// CHECK-LABEL: func.func @erf
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK-DAG:     %[[C:.*]] = advx.constant 1.1283791670955126 : tensor<f32>
// CHECK-DAG:     %[[XX:.*]] = advx.mul %[[X]], %[[X]]
// CHECK-DAG:     %[[N:.*]] = advx.neg %[[XX]]
// CHECK-DAG:     %[[E:.*]] = advx.exp %[[N]]
// CHECK:         advx.mul %[[E]], %[[C]]
// CHECK-NOT:     advx.erf
// CHECK:         return
func.func @erf(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = advx.erf %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = advx.reduce_sum %y : (tensor<?x4xf32>) -> tensor<?xf32>
  %g = advx.gradient %s wrt(%x) : (tensor<?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %g : tensor<?x4xf32>
}

// -----

// The cotangent of a cast is cast back to the operand's type; a boolean has none. A cotangent that
// is exact in the narrower type needs no other.
// CHECK-LABEL: func.func @casts
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?xf32>, %[[M:[a-z0-9]+]]: tensor<?xi1>
// CHECK-DAG:     %[[D:.*]] = advx.cast %[[X]] to f64
// CHECK-DAG:     %[[B:.*]] = advx.cast %[[M]] to f64
// CHECK:         %[[DB:.*]] = advx.mul %[[B]], %[[D]]
// CHECK:         %[[G:.*]] = advx.add %[[DB]], %[[DB]]
// CHECK:         %[[C:.*]] = advx.cast %[[G]] to f32 : (tensor<?xf64>) -> tensor<?xf32>
// CHECK:         %[[L:.*]] = advx.cast %[[M]] to f32 : (tensor<?xi1>) -> tensor<?xf32>
// CHECK:         return %[[C]], %[[L]] : tensor<?xf32>, tensor<?xf32>
func.func @casts(%x: tensor<?xf32>, %m: tensor<?xi1>) -> (tensor<?xf32>, tensor<?xf32>) {
  %d = advx.cast %x to f64 : (tensor<?xf32>) -> tensor<?xf64>
  %b = advx.cast %m to f64 : (tensor<?xi1>) -> tensor<?xf64>
  %dd = advx.mul %d, %d : (tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64>
  %e = advx.mul %dd, %b : (tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64>
  %g = advx.gradient %e wrt(%x) : (tensor<?xf64>, tensor<?xf32>) -> tensor<?xf32>
  %f = advx.mul %d, %b : (tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64>
  %h = advx.gradient %f wrt(%x) : (tensor<?xf64>, tensor<?xf32>) -> tensor<?xf32>
  return %g, %h : tensor<?xf32>, tensor<?xf32>
}

// What was moved moves back; the amount has no derivative.
// CHECK-LABEL: func.func @moves
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x3x4xf32>, %[[BY:[a-z0-9]+]]: tensor<?xf32>
// CHECK:         %[[S:.*]] = advx.cumsum {{.*}} axis 1 from_end
// CHECK:         %[[R:.*]] = advx.reverse %[[S]] axis 0
// CHECK:         %[[BACK:.*]] = advx.neg %[[BY]]
// CHECK:         %[[G:.*]] = advx.shift %[[R]], %[[BACK]] axis 1
// CHECK:         return %[[G]], %{{.*}} : tensor<?x3x4xf32>, tensor<?xf32>
func.func @moves(%x: tensor<?x3x4xf32>, %by: tensor<?xf32>) -> (tensor<?x3x4xf32>, tensor<?xf32>) {
  %a = advx.shift %x, %by axis 1 : (tensor<?x3x4xf32>, tensor<?xf32>) -> tensor<?x3x4xf32>
  %b = advx.reverse %a axis 0 : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %c = advx.cumsum %b axis 1 : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %d = advx.mul %c, %c : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %e = advx.reduce_sum %d : (tensor<?x3x4xf32>) -> tensor<?xf32>
  %g:2 = advx.gradient %e wrt(%x, %by) : (tensor<?xf32>, tensor<?x3x4xf32>, tensor<?xf32>) -> (tensor<?x3x4xf32>, tensor<?xf32>)
  return %g#0, %g#1 : tensor<?x3x4xf32>, tensor<?xf32>
}
