// RUN: advx-opt %s | advx-opt | FileCheck %s --check-prefix=ROUND
// RUN: advx-opt %s --advx-instantiate --canonicalize --cse | FileCheck %s

// An evaluation at other weights: its lines read the state where the network reads its weight, and
// change neither. The statistics that they read are estimated by a step of its own.

// ROUND: advx.evaluate @test. attributes {advx.estimation = "statistics of e", advx.forward = @forward, advx.statistics = {z.mean = @e.z.mean, z.var = @e.z.var}, advx.weights = @weights}
module {
  advx.program "page" {
    advx.setting "data.batch" int = "128" line 5
    advx.data "points" tensor<4xf32> classes 4 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
    advx.leaf @z.gamma : tensor<4xf32> slot 0 parameter of "z" trainable = constant(1.0)
    advx.leaf @z.beta : tensor<4xf32> slot 1 parameter of "z" trainable = constant(0.0)
    advx.leaf @z.mean : tensor<4xf32> slot 2 buffer = constant(0.0)
    advx.leaf @z.var : tensor<4xf32> slot 3 buffer = constant(1.0)
    advx.leaf @e.z.gamma : tensor<4xf32> slot 4 state = constant(0.0) {advx.copied = @z.gamma}
    advx.leaf @e.z.mean : tensor<4xf32> slot 5 state = constant(0.0)
    advx.leaf @e.z.var : tensor<4xf32> slot 6 state = constant(1.0)
    advx.evaluation @test on "test" at_end attributes {advx.estimation = @"statistics of e", advx.model = "f[e]"} {
      advx.clean_line "clean" @test.clean
    }
  }
  advx.experiment @page {
    advx.network @z {
    ^bb0(%w: !advx.weights<@z>, %x: tensor<4xf32>):
      %gamma = advx.weight %w[@z.gamma] : (!advx.weights<@z>) -> tensor<4xf32>
      %beta = advx.weight %w[@z.beta] : (!advx.weights<@z>) -> tensor<4xf32>
      %mean = advx.leaf_value @z.mean : tensor<4xf32>
      %var = advx.leaf_value @z.var : tensor<4xf32>
      %eps = arith.constant 1.0e-05 : f64
      %momentum = arith.constant 0.25 : f64
      %y, %m, %v = advx.batch_norm eval %x, %gamma, %beta, %mean, %var, %eps, %momentum : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, f64, f64) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
      advx.yield %y : tensor<4xf32>
    }
    func.func private @weights() -> !advx.weights<@z> {
      %w = advx.weights @z : !advx.weights<@z>
      %e = advx.leaf_value @e.z.gamma : tensor<4xf32>
      %r = advx.with_weights %w [@z.gamma] = (%e) : !advx.weights<@z>, tensor<4xf32>
      return %r : !advx.weights<@z>
    }
    func.func private @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
      %w = advx.weights @z : !advx.weights<@z>
      %z = advx.apply @z[%w](%x) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
      return %z : tensor<4xf32>
    }
    advx.evaluate @test. attributes {advx.weights = @weights, advx.estimation = "statistics of e", advx.forward = @forward, advx.statistics = {z.mean = @e.z.mean, z.var = @e.z.var}} {
      advx.clean "clean" {
      ^bb0(%x: tensor<4xf32>):
        %w = advx.weights @z : !advx.weights<@z>
        %z = advx.apply @z[%w](%x) eval occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
        advx.yield %z : tensor<4xf32>
      }
    }
  }
}

// CHECK-LABEL: func.func @test.clean
// CHECK-SAME: %[[BETA:[a-z0-9]*]]: tensor<4xf32> {advx.state = 1 : i64}
// CHECK-SAME: %[[GAMMA:[a-z0-9]*]]: tensor<4xf32> {advx.state = 4 : i64}
// CHECK-SAME: %[[MEAN:[a-z0-9]*]]: tensor<4xf32> {advx.state = 5 : i64}
// CHECK-SAME: %[[VAR:[a-z0-9]*]]: tensor<4xf32> {advx.state = 6 : i64}
// CHECK-NOT: -> ({{.*}}advx.state
// CHECK: advx.batch_norm eval %{{.*}}, %[[GAMMA]], %[[BETA]], %[[MEAN]], %[[VAR]],

// CHECK-LABEL: func.func @"statistics of e"
// CHECK-SAME: %[[GAMMA:[a-z0-9]*]]: tensor<4xf32> {advx.state = 4 : i64}
// CHECK-SAME: %[[MEAN:[a-z0-9]*]]: tensor<4xf32> {advx.state = 5 : i64}
// CHECK-SAME: %[[NUMBER:[a-z0-9]*]]: tensor<i64> {advx.input = "batch"}
// CHECK-SAME: -> (tensor<4xf32> {advx.state = 5 : i64}, tensor<4xf32> {advx.state = 6 : i64})
// CHECK: %[[ALL:.*]] = arith.constant 1.000000e+00 : f64
// CHECK: %{{.*}}, %[[OWN:.*]], %{{.*}} = advx.batch_norm train %{{.*}}, %[[GAMMA]], %{{.*}}, %[[MEAN]], %{{.*}}, %{{.*}}, %[[ALL]] :
// CHECK: %[[ONE:.*]] = advx.constant 1.000000e+00 : tensor<f32>
// CHECK: %[[COUNT:.*]] = advx.cast %[[NUMBER]]
// CHECK: %[[NEXT:.*]] = advx.add %[[COUNT]], %[[ONE]]
// CHECK: %[[SHARE:.*]] = advx.div %[[ONE]], %[[NEXT]]
// CHECK: %[[REST:.*]] = advx.sub %[[ONE]], %[[SHARE]]
// CHECK-DAG: %[[OLD:.*]] = advx.mul %[[MEAN]], %[[REST]]
// CHECK-DAG: %[[NEW:.*]] = advx.mul %[[OWN]], %[[SHARE]]
// CHECK: %[[MEANS:.*]] = advx.add %[[OLD]], %[[NEW]]
// CHECK: return %[[MEANS]],
