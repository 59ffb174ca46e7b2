// RUN: advx-opt %s --advx-hoist | FileCheck %s

// What depends on weights alone leaves the loop; a draw leaves the loops whose
// counters it does not read.

// CHECK-LABEL: func.func @unit_weights
// CHECK-SAME:    %[[W:[a-z0-9]+]]: tensor<10x100xf32>
func.func @unit_weights(%w: tensor<10x100xf32>, %x: tensor<?x100xf32>, %n: index) -> tensor<?x100xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: %[[SQUARE:.*]] = advx.mul %[[W]], %[[W]]
  // CHECK: %[[SUM:.*]] = advx.reduce_sum %[[SQUARE]]
  // CHECK: %[[NORM:.*]] = advx.sqrt %[[SUM]]
  // CHECK: %[[UNIT:.*]] = advx.div %[[W]], %[[NORM]]
  // CHECK: scf.for
  // CHECK-NOT: advx.sqrt
  // CHECK: advx.matvec %[[UNIT]]
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?x100xf32>) {
    %s = advx.mul %w, %w : (tensor<10x100xf32>, tensor<10x100xf32>) -> tensor<10x100xf32>
    %t = advx.reduce_sum %s : (tensor<10x100xf32>) -> tensor<f32>
    %q = advx.sqrt %t : (tensor<f32>) -> tensor<f32>
    %u = advx.div %w, %q : (tensor<10x100xf32>, tensor<f32>) -> tensor<10x100xf32>
    %m = advx.matvec %u, %v : (tensor<10x100xf32>, tensor<?x100xf32>) -> tensor<?x10xf32>
    %a = advx.matvec %u, %m transpose : (tensor<10x100xf32>, tensor<?x10xf32>) -> tensor<?x100xf32>
    scf.yield %a : tensor<?x100xf32>
  }
  return %r : tensor<?x100xf32>
}

// CHECK-LABEL: func.func @draws
func.func @draws(%i: tensor<?xi64>, %x: tensor<?x4xf32>, %n: index) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: advx.random_uniform %{{.*}}[] stream "once"
  // CHECK: scf.for %[[OUTER:.*]] = %{{.*}} to
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?x4xf32>) {
    // CHECK-NOT: stream "once"
    // CHECK: advx.random_normal %{{.*}}[%[[OUTER]]] stream "restart"
    // CHECK: scf.for %[[INNER:.*]] = %{{.*}} to
    %s = scf.for %k = %c0 to %n step %c1 iter_args(%u = %v) -> (tensor<?x4xf32>) {
      %once = advx.random_uniform %i[] stream "once" shape [4] of f32 : (tensor<?xi64>) -> tensor<?x4xf32>
      %restart = advx.random_normal %i[%j] stream "restart" shape [4] of f32 : (tensor<?xi64>, index) -> tensor<?x4xf32>
      // CHECK-NOT: stream "restart"
      // CHECK: advx.random_uniform %{{.*}}[%[[OUTER]], %[[INNER]]] stream "step"
      %step = advx.random_uniform %i[%j, %k] stream "step" shape [4] of f32 : (tensor<?xi64>, index, index) -> tensor<?x4xf32>
      %a = advx.add %u, %once : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
      %b = advx.add %a, %restart : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
      %c = advx.add %b, %step : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
      scf.yield %c : tensor<?x4xf32>
    }
    scf.yield %s : tensor<?x4xf32>
  }
  return %r : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @numbers
func.func @numbers(%a: f64, %x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: %[[DOUBLE:.*]] = arith.addf
  // CHECK: advx.splat %[[DOUBLE]]
  // CHECK: scf.for
  // CHECK-NOT: advx.splat
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?xf32>) {
    %b = arith.addf %a, %a : f64
    %s = advx.splat %b : (f64) -> tensor<f32>
    %w = advx.mul %v, %s : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
    scf.yield %w : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}
