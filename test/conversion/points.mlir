// RUN: advx-opt %s --advx-instantiate --cse > %t.steps.mlir
// RUN: FileCheck %s < %t.steps.mlir
// RUN: advx-opt %t.steps.mlir --advx-outline-uniforms --advx-instantiated-to-differentiated | FileCheck %s --check-prefix=ONE

// A solver that begins at x moves a value of its own: what the objective reads of x is constant. In
// mode train both have one forward all the same, which draws one mask and updates the statistics
// once; the other is there to be differentiated, and is none once that is done. That of the loss
// at x is the same one again.

module {
  advx.program "page" {
    advx.setting "data.batch" int = "128" line 5 {
      %n = arith.constant 128.0 : f64
      advx.yield %n : f64
    }
    advx.data "points" tensor<4xf32> classes 4 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
    advx.leaf @z.gamma : tensor<4xf32> slot 0 parameter of "z" trainable = constant(1.0)
    advx.leaf @z.mean : tensor<4xf32> slot 1 buffer = constant(0.0)
    advx.leaf @z.var : tensor<4xf32> slot 2 buffer = constant(1.0)
    advx.leaf @h.scale : tensor<4xf32> slot 3 parameter of "h" trainable = constant(1.0)
  }
  advx.experiment @page {
    advx.network @z {
    ^bb0(%w: !advx.weights<@z>, %x: tensor<4xf32>):
      %g = advx.weight %w[@z.gamma] : (!advx.weights<@z>) -> tensor<4xf32>
      %m = advx.leaf_value @z.mean : tensor<4xf32>
      %v = advx.leaf_value @z.var : tensor<4xf32>
      %e = arith.constant 1.0e-05 : f64
      %t = arith.constant 0.1 : f64
      %r, %nm, %nv = advx.batch_norm eval %x, %g, %g, %m, %v, %e, %t : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, f64, f64) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
      advx.yield %r : tensor<4xf32>
    }
    advx.network @h {
    ^bb0(%w: !advx.weights<@h>, %z: tensor<4xf32>):
      %s = advx.weight %w[@h.scale] : (!advx.weights<@h>) -> tensor<4xf32>
      %i = advx.constant 0.0 : tensor<i64>
      %p = arith.constant 0.5 : f64
      %m = advx.mul %z, %s : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %r = advx.dropout eval %m, %p, %i[] stream "drop" : (tensor<4xf32>, f64, tensor<i64>) -> tensor<4xf32>
      advx.yield %r : tensor<4xf32>
    }
    func.func private @sum(%v: tensor<4xf32>) -> tensor<f32> {
      %wz = advx.weights @z : !advx.weights<@z>
      %wh = advx.weights @h : !advx.weights<@h>
      %z = advx.apply @z[%wz](%v) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
      %h = advx.apply @h[%wh](%z) train occurrence 0 : (!advx.weights<@h>, tensor<4xf32>) -> tensor<4xf32>
      %q = advx.mul %h, %h : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %r = advx.reduce_sum %q : (tensor<4xf32>) -> tensor<f32>
      return %r : tensor<f32>
    }
    func.func private @ball(%x: tensor<4xf32>, %v: tensor<4xf32>) -> tensor<4xf32> {
      return %v : tensor<4xf32>
    }
    advx.threat @B project @ball

    // CHECK-LABEL: func.func @train_step(
    // CHECK-SAME: %[[MEAN:[^:]*]]: tensor<4xf32> {advx.state = 1 : i64}
    // CHECK-SAME: %[[X:[^:]*]]: tensor<?x4xf32> {advx.input = "x"}
    // CHECK: %[[START:.*]] = advx.stop_gradient %[[X]] {advx.point = "x'"}
    // CHECK: %{{.*}}, %[[NEW:.*]], %{{.*}} = advx.batch_norm train %[[X]], %{{.*}}, %{{.*}}, %[[MEAN]]
    // CHECK-NEXT: %{{.*}}, %{{.*}}, %{{.*}} = advx.batch_norm train %[[START]], %{{.*}}, %{{.*}}, %[[MEAN]]
    // CHECK: advx.dropout train {{.*}} stream "drop#2"
    // CHECK: advx.dropout train {{.*}} stream "drop#2"
    // The term without a model: x' is moved, x is not.
    // CHECK: %[[AWAY:.*]] = advx.sub %[[START]], %[[X]]
    // CHECK: advx.gradient %{{.*}} wrt(%[[START]])
    // CHECK-NOT: advx.batch_norm
    // CHECK-NOT: advx.dropout
    // CHECK: return {{.*}}%[[NEW]]

    // ONE-LABEL: func.func @train_step(
    // ONE-NOT: advx.stop_gradient
    // ONE: advx.random_uniform {{.*}} stream "drop#2"
    // ONE-NOT: advx.random_uniform
    // ONE: return
    advx.adversary "inner" "x'" over @B maximize {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      %j = func.call @sum(%v) : (tensor<4xf32>) -> tensor<f32>
      %c = func.call @sum(%x) : (tensor<4xf32>) -> tensor<f32>
      %d = advx.sub %v, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %s = advx.reduce_sum %d : (tensor<4xf32>) -> tensor<f32>
      %jc = advx.sub %j, %c : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %r = advx.add %jc, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
      advx.yield %r : tensor<f32>
    } until {
    } by {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
      %j = advx.objective %x : (tensor<4xf32>) -> tensor<f32>
      %g = advx.gradient %j wrt(%x) : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
      %r = advx.add %x, %g : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      advx.yield %r : tensor<4xf32>
    } member {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      advx.yield %v : tensor<4xf32>
    } judge {
    }
    advx.minimize states [] loss {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      %j = func.call @sum(%x) : (tensor<4xf32>) -> tensor<f32>
      %d = advx.sub %v, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %s = advx.reduce_sum %d : (tensor<4xf32>) -> tensor<f32>
      %r = advx.mul %j, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
      advx.yield %r : tensor<f32>
    } update {
    ^bb0(%w: tensor<*xf32>, %g: tensor<*xf32>):
      %m = advx.sub %w, %g : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
      advx.yield %m : tensor<*xf32>
    }
  }
}
