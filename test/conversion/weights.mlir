// RUN: advx-opt %s | advx-opt | FileCheck %s --check-prefix=ROUND
// RUN: advx-opt %s --advx-instantiate --canonicalize --cse | FileCheck %s

// Weights are values: a solver moves them in a loop, and the loss is that of the network at
// w + v (adversarial weight perturbation).

// ROUND: advx.leaf @z.scale : tensor<4xf32> slot 0 parameter of "z" trainable
// ROUND: advx.with_weights %{{.*}} [@z.scale] = (%{{.*}}) : !advx.weights<@z>, tensor<4xf32>
// ROUND: advx.apply @z[%{{.*}}] (%{{.*}}) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
module {
  advx.program "page" {
    advx.setting "data.batch" int = "128" line 5
    advx.data "points" tensor<4xf32> classes 3 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
    advx.leaf @z.scale : tensor<4xf32> slot 0 parameter of "z" trainable = constant(1.0)
    advx.leaf @z.shift : tensor<4xf32> slot 1 parameter of "z" trainable = constant(0.0)
  }
  advx.experiment @page {
    advx.network @z {
    ^bb0(%w: !advx.weights<@z>, %x: tensor<4xf32>):
      %scale = advx.weight %w[@z.scale] : (!advx.weights<@z>) -> tensor<4xf32>
      %shift = advx.weight %w[@z.shift] : (!advx.weights<@z>) -> tensor<4xf32>
      %p = advx.mul %x, %scale : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %r = advx.add %p, %shift : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      advx.yield %r : tensor<4xf32>
    }
    func.func private @moved(%v: !advx.weights<@z>) -> !advx.weights<@z> {
      %w = advx.weights @z : !advx.weights<@z>
      %scale = advx.weight %w[@z.scale] : (!advx.weights<@z>) -> tensor<4xf32>
      %by = advx.weight %v[@z.scale] : (!advx.weights<@z>) -> tensor<4xf32>
      %sum = advx.add %scale, %by : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %r = advx.with_weights %w [@z.scale] = (%sum) : !advx.weights<@z>, tensor<4xf32>
      return %r : !advx.weights<@z>
    }
    func.func private @loss(%v: !advx.weights<@z>, %x: tensor<4xf32>) -> tensor<f32> {
      %w = func.call @moved(%v) : (!advx.weights<@z>) -> !advx.weights<@z>
      %z = advx.apply @z[%w](%x) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
      %s = advx.mul %z, %z : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %j = advx.reduce_sum %s : (tensor<4xf32>) -> tensor<f32>
      return %j : tensor<f32>
    }
    func.func private @project(%v: !advx.weights<@z>) -> !advx.weights<@z> {
      %d = advx.weight %v[@z.scale] : (!advx.weights<@z>) -> tensor<4xf32>
      %n = advx.normalize %d axis 0 : (tensor<4xf32>) -> tensor<4xf32>
      %r = advx.with_weights %v [@z.scale] = (%n) : !advx.weights<@z>, tensor<4xf32>
      return %r : !advx.weights<@z>
    }
    advx.threat @V project @project
    advx.adversary "inner" "v" over @V attributes {advx.membership = ""} maximize {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: !advx.weights<@z>):
      %j = func.call @loss(%v, %x) : (!advx.weights<@z>, tensor<4xf32>) -> tensor<f32>
      advx.yield %j : tensor<f32>
    } until {
    } by {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
      %w = advx.weights @z : !advx.weights<@z>
      %zero = advx.constant 0.0 : tensor<4xf32>
      %start = advx.with_weights %w [@z.scale, @z.shift] = (%zero, %zero) : !advx.weights<@z>, tensor<4xf32>, tensor<4xf32>
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c3 = arith.constant 3 : index
      %r = scf.for %k = %c0 to %c3 step %c1 iter_args(%v = %start) -> (!advx.weights<@z>) {
        %j = advx.objective %v : (!advx.weights<@z>) -> tensor<f32>
        %d = advx.weight %v[@z.scale] : (!advx.weights<@z>) -> tensor<4xf32>
        %g = advx.gradient %j wrt(%d) : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
        %next = advx.add %d, %g : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
        %q = advx.with_weights %v [@z.scale] = (%next) : !advx.weights<@z>, tensor<4xf32>
        %p = func.call @project(%q) : (!advx.weights<@z>) -> !advx.weights<@z>
        scf.yield %p : !advx.weights<@z>
      }
      advx.yield %r : !advx.weights<@z>
    } member {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: !advx.weights<@z>):
      %p = func.call @project(%v) : (!advx.weights<@z>) -> !advx.weights<@z>
      advx.yield %p : !advx.weights<@z>
    } judge {
    }
    advx.minimize states [] loss {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: !advx.weights<@z>):
      %j = func.call @loss(%v, %x) : (!advx.weights<@z>, tensor<4xf32>) -> tensor<f32>
      advx.yield %j : tensor<f32>
    } update {
    ^bb0(%w: tensor<*xf32>, %g: tensor<*xf32>):
      %m = advx.sub %w, %g : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
      advx.yield %m : tensor<*xf32>
    }
  }
}

// CHECK-LABEL: func.func @train_step(
// CHECK-SAME: %[[SCALE:.*]]: tensor<4xf32> {advx.state = 0 : i64}, %[[SHIFT:.*]]: tensor<4xf32> {advx.state = 1 : i64}
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32> {advx.input = "x"}
// CHECK: %[[V:.*]] = scf.for {{.*}} iter_args(%[[AT:.*]] = %{{.*}}) -> (tensor<4xf32>)
// CHECK: %[[W:.*]] = advx.add %[[SCALE]], %[[AT]]
// CHECK: advx.mul %[[X]], %[[W]]
// CHECK: advx.gradient %{{.*}} wrt(%[[AT]]) : (tensor<?xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK: advx.normalize
// CHECK: %[[FOUND:.*]] = advx.stop_gradient %[[V]]
// CHECK: %[[MOVED:.*]] = advx.add %[[SCALE]], %[[FOUND]]
// CHECK: advx.mul %[[X]], %[[MOVED]]
// CHECK: advx.gradient %{{.*}} wrt(%[[SCALE]], %[[SHIFT]])
// CHECK-NOT: weights
