// RUN: advx-opt %s --advx-factor-sums --canonicalize | FileCheck %s

// The scale waits for a sum over the batch and repeats along what is summed: it is taken out, and
// neither sum waits for the other.
// CHECK-LABEL: func.func @scaled
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x5x5x6xf32>, %[[G:[a-z0-9]+]]: tensor<?x5x5x6xf32>
// CHECK:         %[[S:.*]] = advx.batch_sum
// CHECK:         %[[A:.*]] = advx.reduce_sum %[[X]] axes [0, 1]
// CHECK-NEXT:    %[[B:.*]] = advx.batch_sum %[[A]]
// CHECK-NEXT:    %[[R:.*]] = advx.mul %[[B]], %[[S]]
// CHECK-NEXT:    return %[[R]]
func.func @scaled(%x: tensor<?x5x5x6xf32>, %g: tensor<?x5x5x6xf32>) -> tensor<6xf32> {
  %a = advx.reduce_sum %g axes [0, 1] : (tensor<?x5x5x6xf32>) -> tensor<?x6xf32>
  %s = advx.batch_sum %a : (tensor<?x6xf32>) -> tensor<6xf32>
  %e = advx.batch_broadcast %s, %x : (tensor<6xf32>, tensor<?x5x5x6xf32>) -> tensor<?x6xf32>
  %c = advx.broadcast %e shape [5, 5, 6] axes [2] : (tensor<?x6xf32>) -> tensor<?x5x5x6xf32>
  %p = advx.mul %x, %c : (tensor<?x5x5x6xf32>, tensor<?x5x5x6xf32>) -> tensor<?x5x5x6xf32>
  %b = advx.reduce_sum %p axes [0, 1] : (tensor<?x5x5x6xf32>) -> tensor<?x6xf32>
  %r = advx.batch_sum %b : (tensor<?x6xf32>) -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// A difference is split for the part that waits. What is centred stays centred: the parts of that
// are larger than it is. A factor that need not wait is taken out of a part on its own, which may
// then be a sum that is there already.
// CHECK-LABEL: func.func @split
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x6xf32>, %[[G:[a-z0-9]+]]: tensor<?x6xf32>, %[[M:[a-z0-9]+]]: tensor<6xf32>, %[[K:[a-z0-9]+]]: tensor<6xf32>
// CHECK:         %[[D:.*]] = advx.sub %[[X]], %[[M]]
// CHECK:         %[[S:.*]] = advx.batch_sum %[[G]]
// CHECK:         %[[A:.*]] = advx.batch_sum %[[G]]
// CHECK-NEXT:    %[[P:.*]] = advx.mul %[[A]], %[[K]]
// CHECK-NEXT:    %[[C:.*]] = advx.batch_sum %[[D]]
// CHECK-NEXT:    %[[Q:.*]] = advx.div %[[C]], %[[S]]
// CHECK-NEXT:    %[[T:.*]] = advx.sub %[[P]], %[[Q]]
// CHECK-NEXT:    %[[R:.*]] = advx.neg %[[T]]
// CHECK-NEXT:    return %[[R]]
func.func @split(%x: tensor<?x6xf32>, %g: tensor<?x6xf32>, %m: tensor<6xf32>, %k: tensor<6xf32>) -> tensor<6xf32> {
  %d = advx.sub %x, %m : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %s = advx.batch_sum %g : (tensor<?x6xf32>) -> tensor<6xf32>
  %p = advx.mul %g, %k : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %q = advx.div %d, %s : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %t = advx.sub %p, %q : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %n = advx.neg %t : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %r = advx.batch_sum %n : (tensor<?x6xf32>) -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// A factor of fewer axes than the sum repeats along the ones that are kept.
// CHECK-LABEL: func.func @fewer_axes
// CHECK:         %[[S:.*]] = advx.batch_sum {{.*}} -> tensor<3xf32>
// CHECK:         %[[A:.*]] = advx.reduce_sum %{{.*}} axes [1] {{.*}} -> tensor<?x3x4xf32>
// CHECK-NEXT:    %[[B:.*]] = advx.batch_sum %[[A]]
// CHECK-NEXT:    %[[C:.*]] = advx.broadcast %[[S]] shape [3, 4] axes [0]
// CHECK-NEXT:    advx.mul %[[B]], %[[C]]
func.func @fewer_axes(%x: tensor<?x3x2x4xf32>, %g: tensor<?x3xf32>) -> tensor<3x4xf32> {
  %s = advx.batch_sum %g : (tensor<?x3xf32>) -> tensor<3xf32>
  %c = advx.broadcast %s shape [3, 2, 4] axes [0] : (tensor<3xf32>) -> tensor<3x2x4xf32>
  %p = advx.mul %x, %c : (tensor<?x3x2x4xf32>, tensor<3x2x4xf32>) -> tensor<?x3x2x4xf32>
  %b = advx.reduce_sum %p axes [1] : (tensor<?x3x2x4xf32>) -> tensor<?x3x4xf32>
  %r = advx.batch_sum %b : (tensor<?x3x4xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// A square is not linear in what waits, nor a factor that varies along the sum, and a sum that
// waits for none keeps its factors.
// CHECK-LABEL: func.func @kept
// CHECK:         %[[Q:.*]] = advx.mul %[[D:.*]], %[[D]]
// CHECK:         advx.batch_sum %[[Q]]
// CHECK:         %[[P:.*]] = advx.mul %{{.*}}, %{{.*}} : (tensor<?x6xf32>, tensor<6xf32>)
// CHECK:         %[[I:.*]] = advx.reduce_sum %[[P]]
// CHECK:         advx.batch_sum %[[I]]
// CHECK:         %[[W:.*]] = advx.mul %{{.*}}, %{{.*}} : (tensor<?x6xf32>, tensor<6xf32>)
// CHECK:         advx.batch_sum %[[W]]
func.func @kept(%x: tensor<?x6xf32>, %k: tensor<6xf32>) -> (tensor<6xf32>, tensor<f32>, tensor<6xf32>) {
  %s = advx.batch_sum %x : (tensor<?x6xf32>) -> tensor<6xf32>
  %d = advx.sub %x, %s : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %q = advx.mul %d, %d : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %v = advx.batch_sum %q : (tensor<?x6xf32>) -> tensor<6xf32>
  %p = advx.mul %x, %s : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %i = advx.reduce_sum %p axes [0] : (tensor<?x6xf32>) -> tensor<?xf32>
  %n = advx.batch_sum %i : (tensor<?xf32>) -> tensor<f32>
  %w = advx.mul %x, %k : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %r = advx.batch_sum %w : (tensor<?x6xf32>) -> tensor<6xf32>
  return %v, %n, %r : tensor<6xf32>, tensor<f32>, tensor<6xf32>
}
