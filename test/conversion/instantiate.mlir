// RUN: advx-opt %s | advx-opt | FileCheck %s --check-prefix=ROUND
// RUN: advx-opt %s --advx-instantiate --cse --advx-outline-uniforms > %t
// RUN: FileCheck %s < %t
// RUN: FileCheck %s --check-prefix=PROGRAM < %t

// A page small enough to read: logits W x, one projected step in a ball.

// ROUND: advx.experiment @page
// ROUND: advx.adversary "inner" "x'" over @B attributes {advx.membership = "x in B", advx.tolerance = 1.000000e-05 : f64} maximize
module {
  advx.program "page" {
    advx.setting "eps" real = "1/10" line 2 {
      %e = arith.constant 1.000000e-01 : f64
      advx.yield %e : f64
    }
    advx.setting "inner.step" real = "eps/4" line 3 reads ["eps"] {
      %e = advx.setting_value "eps"
      %four = arith.constant 4.0 : f64
      %s = arith.divf %e, %four : f64
      advx.yield %s : f64
    }
    advx.setting "inner.steps" int = "10" line 4 {
      %n = arith.constant 10.0 : f64
      advx.yield %n : f64
    }
    advx.setting "data.batch" int = "128" line 5 {
      %n = arith.constant 128.0 : f64
      advx.yield %n : f64
    }
    advx.data "points" tensor<4xf32> classes 3 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
    advx.leaf @z.scale : tensor<4xf32> slot 0 parameter of "z" trainable = constant(1.0)
    advx.leaf @f.W : tensor<4x3xf32> slot 1 parameter of "z" trainable = normal(0.0, 1.0)
    advx.leaf @"outer.v[z.scale]" : tensor<4xf32> slot 2 optimizer = constant(0.0)
    advx.leaf @"outer.v[f.W]" : tensor<4x3xf32> slot 3 optimizer = constant(0.0)
    advx.evaluation @test on "test" at_end {
      advx.clean_line "clean" @test.clean
    }
  }
  advx.experiment @page {
    func.func private @project(%x: tensor<4xf32>, %v: tensor<4xf32>) -> tensor<4xf32> {
      %e = advx.setting_value "eps"
      %r = advx.splat %e : (f64) -> tensor<f32>
      %lo = advx.sub %x, %r : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
      %hi = advx.add %x, %r : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
      %p = advx.clip %v, %lo, %hi : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      return %p : tensor<4xf32>
    }
    func.func private @ce(%l: tensor<3xf32>, %y: tensor<i64>) -> tensor<f32> {
      %ls = advx.log_softmax %l : (tensor<3xf32>) -> tensor<3xf32>
      %m = advx.one_hot %y classes 3 : (tensor<i64>) -> tensor<3xi1>
      %zero = advx.constant 0.0 : tensor<f32>
      %t = advx.select %m, %ls, %zero : (tensor<3xi1>, tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
      %s = advx.reduce_sum %t : (tensor<3xf32>) -> tensor<f32>
      %n = advx.neg %s : (tensor<f32>) -> tensor<f32>
      return %n : tensor<f32>
    }
    advx.network @z {
    ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
      %w = advx.weight %weights[@z.scale] : (!advx.weights<@z>) -> tensor<4xf32>
      %r = advx.mul %x, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      advx.yield %r : tensor<4xf32>
    }
    advx.head @f on @z {
    ^bb0(%weights: !advx.weights<@z>, %z: tensor<4xf32>, %s: f64, %y: tensor<i64>):
      %w = advx.weight %weights[@f.W] : (!advx.weights<@z>) -> tensor<4x3xf32>
      %wn = advx.normalize %w axis 0 : (tensor<4x3xf32>) -> tensor<4x3xf32>
      %c = advx.matvec %wn, %z transpose : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
      %st = advx.splat %s : (f64) -> tensor<f32>
      %l = advx.mul %c, %st : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
      %m = advx.one_hot %y classes 3 : (tensor<i64>) -> tensor<3xi1>
      %mf = advx.cast %m to f32 : (tensor<3xi1>) -> tensor<3xf32>
      %g = advx.sub %l, %mf : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
      advx.yield %l, %g : tensor<3xf32>, tensor<3xf32>
    }
    advx.threat @B project @project
    advx.adversary "inner" "x'" over @B attributes {advx.membership = "x in B", advx.tolerance = 1.0e-5} maximize {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      %w = advx.weights @z : !advx.weights<@z>
      %z = advx.apply @z[%w](%v) eval occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
      %s = arith.constant 15.0 : f64
      %l = advx.logits @f[%w](%z, %s) : (!advx.weights<@z>, tensor<4xf32>) -> tensor<3xf32>
      %j = func.call @ce(%l, %y) : (tensor<3xf32>, tensor<i64>) -> tensor<f32>
      advx.yield %j : tensor<f32>
    } until {
    } by {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
      %minus = arith.constant -1.0 : f64
      %one = arith.constant 1.0 : f64
      %noise = advx.draw "u" "uniform"(%minus, %one) : tensor<4xf32>
      %start = advx.add %x, %noise : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %n = advx.setting_value "inner.steps"
      %ni = arith.fptosi %n : f64 to i64
      %ub = arith.index_cast %ni : i64 to index
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %r = scf.for %k = %c0 to %ub step %c1 iter_args(%v = %start) -> (tensor<4xf32>) {
        %j = advx.objective %v : (tensor<4xf32>) -> tensor<f32>
        %g = advx.gradient %j wrt(%v) : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
        %sg = advx.sign %g : (tensor<4xf32>) -> tensor<4xf32>
        %a = advx.setting_value "inner.step"
        %at = advx.splat %a : (f64) -> tensor<f32>
        %d = advx.mul %sg, %at : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
        %q = advx.add %v, %d : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
        %p = func.call @project(%x, %q) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
        scf.yield %p : tensor<4xf32>
      }
      advx.yield %r : tensor<4xf32>
    } member {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      %p = func.call @project(%x, %v) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      advx.yield %p : tensor<4xf32>
    } judge {
    }
    advx.minimize states ["v"] loss {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      %w = advx.weights @z : !advx.weights<@z>
      %z = advx.apply @z[%w](%v) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
      %s = arith.constant 15.0 : f64
      %l = advx.logits @f[%w](%z, %s) given %y : tensor<i64> : (!advx.weights<@z>, tensor<4xf32>) -> tensor<3xf32>
      %j = func.call @ce(%l, %y) : (tensor<3xf32>, tensor<i64>) -> tensor<f32>
      advx.yield %j : tensor<f32>
    } update {
    ^bb0(%w: tensor<*xf32>, %g: tensor<*xf32>, %v: tensor<*xf32>):
      %n = advx.add %v, %g : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
      %m = advx.sub %w, %n : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
      advx.yield %m, %n : tensor<*xf32>, tensor<*xf32>
    }
    advx.evaluate @test. {
      advx.clean "clean" {
      ^bb0(%x: tensor<4xf32>):
        %w = advx.weights @z : !advx.weights<@z>
        %z = advx.apply @z[%w](%x) eval occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
        %s = arith.constant 15.0 : f64
        %l = advx.logits @f[%w](%z, %s) : (!advx.weights<@z>, tensor<4xf32>) -> tensor<3xf32>
        advx.yield %l : tensor<3xf32>
      }
    }
  }
}

// Values that depend on the example gain the batch axis, W does not.
// CHECK-LABEL: func.func @train_step(
// CHECK-SAME: %[[SCALE:.*]]: tensor<4xf32> {advx.state = 0 : i64}, %[[W:.*]]: tensor<4x3xf32> {advx.state = 1 : i64}
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32> {advx.input = "x"}
// CHECK: advx.random_uniform %{{.*}}[] stream "inner.u" shape [4] of f32
// CHECK: %[[STEPS:.*]] = advx.uniform
// CHECK: arith.fptosi %[[STEPS]]
// CHECK: scf.for {{.*}} -> (tensor<?x4xf32>)
// CHECK: advx.normalize %[[W]] axis 0 : (tensor<4x3xf32>) -> tensor<4x3xf32>
// CHECK: advx.matvec %{{.*}} transpose : (tensor<4x3xf32>, tensor<?x4xf32>) -> tensor<?x3xf32>
// The attack sees no margin.
// CHECK-NOT: advx.cast
// CHECK: advx.gradient %{{.*}} wrt(%{{.*}}) : (tensor<?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK: advx.stop_gradient
// The margin of the logits given y.
// CHECK: advx.cast
// CHECK: advx.gradient %{{.*}} wrt(%[[SCALE]], %[[W]])
// CHECK: return {{.*}} : tensor<4xf32>, tensor<4x3xf32>, tensor<4xf32>, tensor<4x3xf32>, tensor<f32>

// CHECK-LABEL: func.func @test.clean(
// CHECK: advx.argmax
// A label of logits that are not finite is not correct.
// CHECK: %[[CORRECT:.*]] = advx.logical_and
// CHECK: return %[[CORRECT]], {{.*}} : tensor<?xi1>, tensor<?xi1>, tensor<?x3xf32>
// How far x lies outside its set.
// CHECK-LABEL: func.func @"x in B"(
// CHECK-SAME: advx.output = "outside"
// CHECK: advx.clip
// CHECK-LABEL: func.func @fill_uniforms(
// The experiment is gone; what the runtime is told is not, but for what fill_uniforms computes.
// PROGRAM: advx.program "page" {
// PROGRAM: advx.setting "inner.step" real = "eps/4" line 3 reads ["eps"]
// PROGRAM-NEXT: advx.setting "inner.steps"
// PROGRAM: advx.leaf @z.scale : tensor<4xf32> slot 0 parameter of "z" trainable = constant(1.000000e+00)
// PROGRAM: advx.clean_line "clean" @test.clean
// PROGRAM-NOT: advx.experiment
// The step follows eps where the user sets only eps.
// CHECK: arith.cmpf uno
// CHECK: arith.divf
// CHECK-NOT: advx.setting
