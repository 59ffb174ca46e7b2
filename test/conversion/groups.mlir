// RUN: advx-opt %s --advx-instantiate --cse | FileCheck %s
// RUN: sed 's/%n = advx.batch_sum %q {advx.over_weights}/%n = advx.neg %q/' %s > %t.mlir
// RUN: not advx-opt %t.mlir --advx-instantiate 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: sed 's/{z.shift = @still}/{z.shift = @moved}/' %s > %t.unknown.mlir
// RUN: not advx-opt %t.unknown.mlir --advx-instantiate 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: sed 's/states \[\] attributes/states [] onto {z.scale = @ball} attributes/' %s > %t.onto.mlir
// RUN: not advx-opt %t.onto.mlir --advx-instantiate 2>&1 | FileCheck %s --check-prefix=ONTO

// Weights of a group have an update of their own; what is added up over all weights is one sum,
// which is computed before any of them changes.

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
    func.func private @still(%w: tensor<*xf32>, %g: tensor<*xf32>) -> tensor<*xf32> {
      %s = advx.reduce_sum %g : (tensor<*xf32>) -> tensor<f32>
      %q = advx.mul %s, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %n = advx.batch_sum %q {advx.over_weights} : (tensor<f32>) -> tensor<f32>
      return %w : tensor<*xf32>
    }
    advx.minimize states [] attributes {advx.groups = {z.shift = @still}} loss {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
      %w = advx.weights @z : !advx.weights<@z>
      %z = advx.apply @z[%w](%x) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
      %j = advx.reduce_sum %z : (tensor<4xf32>) -> tensor<f32>
      advx.yield %j : tensor<f32>
    } update {
    ^bb0(%w: tensor<*xf32>, %g: tensor<*xf32>):
      %s = advx.reduce_sum %g : (tensor<*xf32>) -> tensor<f32>
      %q = advx.mul %s, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %all = advx.batch_sum %q {advx.over_weights} : (tensor<f32>) -> tensor<f32>
      %step = advx.mul %g, %all : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
      %m = advx.sub %w, %step : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
      advx.yield %m : tensor<*xf32>
    }
  }
}

// CHECK-LABEL: func.func @train_step(
// CHECK-SAME: %[[SCALE:.*]]: tensor<4xf32> {advx.state = 0 : i64}
// CHECK-SAME: -> (tensor<4xf32> {advx.state = 0 : i64}, tensor<f32> {advx.output = "loss"})
// CHECK: %[[G:.*]]:2 = advx.gradient
// CHECK: %[[A:.*]] = advx.reduce_sum %[[G]]#0
// CHECK: %[[AA:.*]] = advx.mul %[[A]], %[[A]]
// CHECK: %[[B:.*]] = advx.reduce_sum %[[G]]#1
// CHECK: %[[BB:.*]] = advx.mul %[[B]], %[[B]]
// CHECK: %[[ALL:.*]] = advx.add %[[AA]], %[[BB]]
// CHECK: %[[STEP:.*]] = advx.mul %[[G]]#0, %[[ALL]]
// CHECK: advx.sub %[[SCALE]], %[[STEP]]
// CHECK-NOT: over_weights

// UNKNOWN: 'advx.minimize' op @moved is no function of the experiment
// ONTO: 'advx.minimize' op @ball is no function of the experiment
// COUNT: adds up 0 numbers over the weights where another update adds up 1
