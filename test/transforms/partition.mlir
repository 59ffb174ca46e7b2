// RUN: advx-opt %s --advx-partition --cse | FileCheck %s

// A chain of elementwise ops between two library ops is one cluster, with its own copies of what
// costs nothing to compute.
// CHECK-LABEL: func.func @chain
// CHECK:         %[[Y:.*]] = advx.conv2d
// CHECK-NEXT:    %[[C:.*]] = advx.cluster elementwise ["parameter 4", "parameter 6", "batch", "image 4", "image 6"](%{{.*}}, %[[Y]])
// CHECK:           advx.broadcast
// CHECK-NEXT:      advx.add
// CHECK-NEXT:      advx.relu
// CHECK-NEXT:      advx.yield
// CHECK:         advx.conv2d %[[C]]
// CHECK-NOT:     advx.cluster
func.func @chain(%x: tensor<?x1x8x8xf32>, %w: tensor<4x1x3x3xf32>, %b: tensor<4xf32>, %v: tensor<4x4x3x3xf32>) -> tensor<?x4x4x4xf32> attributes {advx.step} {
  %y = advx.conv2d %x, %w stride [1, 1] padding [0, 0] : (tensor<?x1x8x8xf32>, tensor<4x1x3x3xf32>) -> tensor<?x4x6x6xf32>
  %c = advx.broadcast %b shape [4, 6, 6] axes [0] : (tensor<4xf32>) -> tensor<4x6x6xf32>
  %s = advx.add %y, %c : (tensor<?x4x6x6xf32>, tensor<4x6x6xf32>) -> tensor<?x4x6x6xf32>
  %r = advx.relu %s : (tensor<?x4x6x6xf32>) -> tensor<?x4x6x6xf32>
  %z = advx.conv2d %r, %v stride [1, 1] padding [0, 0] : (tensor<?x4x6x6xf32>, tensor<4x4x3x3xf32>) -> tensor<?x4x4x4xf32>
  return %z : tensor<?x4x4x4xf32>
}

// Reductions within an example and a product with a small matrix are one cluster of rows.
// CHECK-LABEL: func.func @rows
// CHECK:         advx.cluster row ["batch", "feature 20 reduced", "class 3 reduced"]
// CHECK:           advx.reduce_sum
// CHECK:           advx.matvec
// CHECK:           advx.reduce_max
// CHECK:           advx.matvec
// CHECK-NOT:     advx.cluster
func.func @rows(%z: tensor<?x20xf32>, %w: tensor<3x20xf32>, %y: tensor<?xi64>) -> tensor<?x20xf32> attributes {advx.step} {
  %q = advx.mul %z, %z : (tensor<?x20xf32>, tensor<?x20xf32>) -> tensor<?x20xf32>
  %n = advx.reduce_sum %q : (tensor<?x20xf32>) -> tensor<?xf32>
  %l = advx.sqrt %n : (tensor<?xf32>) -> tensor<?xf32>
  %u = advx.div %z, %l : (tensor<?x20xf32>, tensor<?xf32>) -> tensor<?x20xf32>
  %c = advx.matvec %w, %u : (tensor<3x20xf32>, tensor<?x20xf32>) -> tensor<?x3xf32>
  %m = advx.reduce_max %c : (tensor<?x3xf32>) -> tensor<?xf32>
  %h = advx.one_hot %y classes 3 : (tensor<?xi64>) -> tensor<?x3xi1>
  %d = advx.sub %c, %m : (tensor<?x3xf32>, tensor<?xf32>) -> tensor<?x3xf32>
  %o = advx.constant 0.0 : tensor<f32>
  %s = advx.select %h, %d, %o : (tensor<?x3xi1>, tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %r = advx.matvec %w, %s transpose : (tensor<3x20xf32>, tensor<?x3xf32>) -> tensor<?x20xf32>
  return %r : tensor<?x20xf32>
}

// A product with a matrix that does not stay in a core's first cache is a library op.
// CHECK-LABEL: func.func @large_matrix
// CHECK:         advx.cluster elementwise
// CHECK:         advx.matvec
// CHECK:         advx.cluster elementwise
func.func @large_matrix(%z: tensor<?x500xf32>, %w: tensor<20x500xf32>) -> tensor<?x20xf32> attributes {advx.step} {
  %a = advx.relu %z : (tensor<?x500xf32>) -> tensor<?x500xf32>
  %c = advx.matvec %w, %a : (tensor<20x500xf32>, tensor<?x500xf32>) -> tensor<?x20xf32>
  %r = advx.relu %c : (tensor<?x20xf32>) -> tensor<?x20xf32>
  return %r : tensor<?x20xf32>
}

// What a library op could still change in between is no reason to fuse: `a` feeds the product and,
// with its result, the sum.
// CHECK-LABEL: func.func @around_a_library_op
// CHECK:         %[[A:.*]] = advx.cluster elementwise
// CHECK:         %[[P:.*]] = advx.matvec %{{.*}}, %[[A]]
// CHECK:         advx.cluster elementwise {{.*}}(%[[P]], %[[A]])
func.func @around_a_library_op(%z: tensor<?x200xf32>, %w: tensor<200x200xf32>) -> tensor<?x200xf32> attributes {advx.step} {
  %a = advx.exp %z : (tensor<?x200xf32>) -> tensor<?x200xf32>
  %p = advx.matvec %w, %a : (tensor<200x200xf32>, tensor<?x200xf32>) -> tensor<?x200xf32>
  %r = advx.add %p, %a : (tensor<?x200xf32>, tensor<?x200xf32>) -> tensor<?x200xf32>
  return %r : tensor<?x200xf32>
}

// A cheap op is computed again by both of its readers; its result is in no memory.
// CHECK-LABEL: func.func @again
// CHECK-SAME:    %[[Z:[a-z0-9]+]]: tensor<?x50xf32>
// CHECK:         %[[A:.*]]:2 = advx.cluster row {{.*}}(%[[Z]]) : (tensor<?x50xf32>) -> (tensor<?xf32>, tensor<f32>)
// CHECK:           advx.abs
// CHECK:         advx.cluster elementwise {{.*}}(%[[Z]], %[[A]]#1)
// CHECK:           advx.abs
func.func @again(%z: tensor<?x50xf32>, %w: tensor<200x50xf32>) -> (tensor<?xf32>, tensor<?x50xf32>) attributes {advx.step} {
  %a = advx.abs %z : (tensor<?x50xf32>) -> tensor<?x50xf32>
  %s = advx.reduce_sum %a : (tensor<?x50xf32>) -> tensor<?xf32>
  %t = advx.batch_sum %s : (tensor<?xf32>) -> tensor<f32>
  %r = advx.mul %a, %t : (tensor<?x50xf32>, tensor<f32>) -> tensor<?x50xf32>
  return %s, %r : tensor<?xf32>, tensor<?x50xf32>
}

// Mean and variance over the batch are one cluster of channels, what they scale another.
// CHECK-LABEL: func.func @statistics
// CHECK:         %[[S:.*]]:2 = advx.cluster channel ["batch reduced", {{.*}}"feature 6"{{.*}}"parameter 6"
// CHECK-COUNT-2:   advx.batch_sum
// CHECK:         advx.cluster elementwise
// CHECK:           advx.relu
// CHECK:         return
func.func @statistics(%x: tensor<?x5x5x6xf32>, %n: f64) -> tensor<?x5x5x6xf32> attributes {advx.step} {
  %k = advx.splat %n : (f64) -> tensor<f32>
  %a = advx.reduce_sum %x axes [0, 1] : (tensor<?x5x5x6xf32>) -> tensor<?x6xf32>
  %b = advx.batch_sum %a : (tensor<?x6xf32>) -> tensor<6xf32>
  %m = advx.mul %b, %k : (tensor<6xf32>, tensor<f32>) -> tensor<6xf32>
  %c = advx.broadcast %m shape [5, 5, 6] axes [2] : (tensor<6xf32>) -> tensor<5x5x6xf32>
  %d = advx.sub %x, %c : (tensor<?x5x5x6xf32>, tensor<5x5x6xf32>) -> tensor<?x5x5x6xf32>
  %q = advx.mul %d, %d : (tensor<?x5x5x6xf32>, tensor<?x5x5x6xf32>) -> tensor<?x5x5x6xf32>
  %e = advx.reduce_sum %q axes [0, 1] : (tensor<?x5x5x6xf32>) -> tensor<?x6xf32>
  %f = advx.batch_sum %e : (tensor<?x6xf32>) -> tensor<6xf32>
  %v = advx.mul %f, %k : (tensor<6xf32>, tensor<f32>) -> tensor<6xf32>
  %s = advx.sqrt %v : (tensor<6xf32>) -> tensor<6xf32>
  %t = advx.broadcast %s shape [5, 5, 6] axes [2] : (tensor<6xf32>) -> tensor<5x5x6xf32>
  %u = advx.div %d, %t : (tensor<?x5x5x6xf32>, tensor<5x5x6xf32>) -> tensor<?x5x5x6xf32>
  %r = advx.relu %u : (tensor<?x5x5x6xf32>) -> tensor<?x5x5x6xf32>
  return %r : tensor<?x5x5x6xf32>
}

// All new state is made by one cluster, whatever the shapes; the loss is not state.
// CHECK-LABEL: func.func @updates
// CHECK:         %[[U:.*]]:2 = advx.cluster elementwise
// CHECK:         %[[L:.*]] = advx.cluster row ["batch reduced"]
// CHECK-NOT:     advx.cluster
// CHECK:         return %[[U]]#0, %[[U]]#1, %[[L]]
func.func @updates(%w: tensor<7x3xf32> {advx.state = 0 : i64}, %b: tensor<9xf32> {advx.state = 1 : i64}, %l: tensor<?xf32>, %rate: f64)
    -> (tensor<7x3xf32> {advx.state = 0 : i64}, tensor<9xf32> {advx.state = 1 : i64}, tensor<f32> {advx.output = "loss"}) attributes {advx.step} {
  %k = advx.splat %rate : (f64) -> tensor<f32>
  %a = advx.mul %w, %k : (tensor<7x3xf32>, tensor<f32>) -> tensor<7x3xf32>
  %c = advx.mul %b, %k : (tensor<9xf32>, tensor<f32>) -> tensor<9xf32>
  %s = advx.batch_sum %l : (tensor<?xf32>) -> tensor<f32>
  %t = advx.mul %s, %k : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %a, %c, %t : tensor<7x3xf32>, tensor<9xf32>, tensor<f32>
}

// What stands before a loop and costs less to compute again than to read is computed in it.
// CHECK-LABEL: func.func @bounds
// CHECK:         scf.for {{.*}} iter_args(%[[V:.*]] = %[[X:.*]])
// CHECK-NEXT:      advx.cluster elementwise {{.*}} : ({{.*}}tensor<?x40xf32>{{.*}}tensor<?x40xf32>{{.*}}) -> tensor<?x40xf32>
// CHECK:             advx.sub
// CHECK:             advx.minimum
// CHECK:           scf.yield
// CHECK-NOT:     advx.cluster
func.func @bounds(%x: tensor<?x40xf32>, %e: f64, %n: index) -> tensor<?x40xf32> attributes {advx.step} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %k = advx.splat %e : (f64) -> tensor<f32>
  %lo = advx.sub %x, %k : (tensor<?x40xf32>, tensor<f32>) -> tensor<?x40xf32>
  %hi = advx.add %x, %k : (tensor<?x40xf32>, tensor<f32>) -> tensor<?x40xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?x40xf32>) {
    %a = advx.neg %v : (tensor<?x40xf32>) -> tensor<?x40xf32>
    %b = advx.maximum %a, %lo : (tensor<?x40xf32>, tensor<?x40xf32>) -> tensor<?x40xf32>
    %c = advx.minimum %b, %hi : (tensor<?x40xf32>, tensor<?x40xf32>) -> tensor<?x40xf32>
    scf.yield %c : tensor<?x40xf32>
  }
  return %r : tensor<?x40xf32>
}

// Only steps are partitioned.
// CHECK-LABEL: func.func @other
// CHECK-NEXT:    advx.relu
func.func @other(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %r = advx.relu %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// Two tensors that others make of one are not what crosses: the one does, and its readers, which
// have that in common, are one kernel.
// CHECK-LABEL: func.func @one_crosses
// CHECK:         %[[A:.*]]:2 = advx.cluster row {{.*}} -> (tensor<?x50xf32>, tensor<f32>)
// CHECK:         advx.cluster elementwise {{.*}}(%[[A]]#0, %{{[^%]*}}, %[[A]]#1) {{.*}} -> (tensor<?x50xf32>, tensor<?x50xf32>)
// CHECK-NOT:     advx.cluster
func.func @one_crosses(%x: tensor<?x50xf32>, %y: tensor<?x50xf32>, %z: tensor<?x50xf32>, %k: tensor<50xf32>) -> (tensor<?x50xf32>, tensor<?x50xf32>) attributes {advx.step} {
  %p = advx.mul %x, %y : (tensor<?x50xf32>, tensor<?x50xf32>) -> tensor<?x50xf32>
  %g = advx.add %p, %z : (tensor<?x50xf32>, tensor<?x50xf32>) -> tensor<?x50xf32>
  %a = advx.mul %g, %k : (tensor<?x50xf32>, tensor<50xf32>) -> tensor<?x50xf32>
  %b = advx.neg %g : (tensor<?x50xf32>) -> tensor<?x50xf32>
  %s = advx.reduce_sum %g : (tensor<?x50xf32>) -> tensor<?xf32>
  %t = advx.batch_sum %s : (tensor<?xf32>) -> tensor<f32>
  %c = advx.mul %a, %t : (tensor<?x50xf32>, tensor<f32>) -> tensor<?x50xf32>
  %d = advx.mul %b, %t : (tensor<?x50xf32>, tensor<f32>) -> tensor<?x50xf32>
  return %c, %d : tensor<?x50xf32>, tensor<?x50xf32>
}

// What a library op reads crosses anyway, so what is made of it does not; a mask stays where its
// reader would have to read a whole tensor instead.
// CHECK-LABEL: func.func @crosses_anyway
// CHECK:         %[[A:.*]]:3 = advx.cluster row {{.*}} -> (tensor<?x200xf32>, tensor<?x200xi1>, tensor<f32>)
// CHECK:         advx.cluster elementwise {{.*}}(%[[A]]#0, %[[A]]#2)
// CHECK:           advx.neg
// CHECK:         %[[P:.*]] = advx.matvec %{{.*}}, %[[A]]#0
// CHECK:         advx.cluster elementwise {{.*}}(%[[A]]#1, %[[P]]
// CHECK-NOT:     advx.cluster
func.func @crosses_anyway(%x: tensor<?x200xf32>, %y: tensor<?x200xf32>, %z: tensor<?x200xf32>, %w: tensor<200x200xf32>) -> (tensor<?x200xf32>, tensor<?x200xf32>) attributes {advx.step} {
  %o = advx.constant 0.0 : tensor<f32>
  %p = advx.mul %x, %y : (tensor<?x200xf32>, tensor<?x200xf32>) -> tensor<?x200xf32>
  %g = advx.add %p, %z : (tensor<?x200xf32>, tensor<?x200xf32>) -> tensor<?x200xf32>
  %n = advx.neg %g : (tensor<?x200xf32>) -> tensor<?x200xf32>
  %m = advx.compare gt %g, %o : (tensor<?x200xf32>, tensor<f32>) -> tensor<?x200xi1>
  %s = advx.reduce_sum %g : (tensor<?x200xf32>) -> tensor<?xf32>
  %t = advx.batch_sum %s : (tensor<?xf32>) -> tensor<f32>
  %a = advx.mul %n, %t : (tensor<?x200xf32>, tensor<f32>) -> tensor<?x200xf32>
  %q = advx.matvec %w, %g : (tensor<200x200xf32>, tensor<?x200xf32>) -> tensor<?x200xf32>
  %r = advx.select %m, %q, %o : (tensor<?x200xi1>, tensor<?x200xf32>, tensor<f32>) -> tensor<?x200xf32>
  return %a, %r : tensor<?x200xf32>, tensor<?x200xf32>
}
