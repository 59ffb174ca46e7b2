// RUN: advx-opt %s --advx-instantiate --cse --split-input-file --verify-diagnostics | FileCheck %s

// No float type is the module's: images of f32, a weight of f64, its momentum of f32 again. What
// counts elements and what is given has the type of what it is about.

// CHECK-LABEL: func.func @train_step(
// CHECK-SAME:    %[[SCALE:.*]]: tensor<4xf64> {advx.state = 0 : i64}, %[[V:.*]]: tensor<4xf32> {advx.state = 1 : i64}
// CHECK-SAME:    %[[X:.*]]: tensor<?x4xf32> {advx.input = "x"}
// CHECK:         advx.cast %[[X]] to f64
// CHECK:         %[[G:.*]] = advx.gradient {{.*}} : (tensor<f64>, tensor<4xf64>) -> tensor<4xf64>
// CHECK:         %[[NARROW:.*]] = advx.cast %[[G]] to f32
// CHECK:         %[[NEW:.*]] = advx.add %[[V]], %[[NARROW]] : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK:         %[[MOVE:.*]] = advx.cast %[[NEW]] to f64
// CHECK:         advx.sub %[[SCALE]], %[[MOVE]] : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
// CHECK:         return {{.*}} : tensor<4xf64>, tensor<4xf32>, tensor<f64>

// CHECK-LABEL: func.func @test.clean(
// CHECK:         advx.abs {{.*}} : (tensor<?x4xf64>) -> tensor<?x4xf64>
// CHECK:         advx.reduce_sum {{.*}} : (tensor<?x4xf64>) -> tensor<?xf64>
// CHECK:         return {{.*}} : tensor<?xi1>, tensor<?xi1>, tensor<?x4xf64>
advx.program "page" {
  advx.setting "data.batch" int = "128" line 0
  advx.data "points" tensor<4xf32> classes 4 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
  advx.leaf @z.scale : tensor<4xf64> slot 0 parameter of "z" trainable = constant(1.0)
  advx.leaf @"outer.v[z.scale]" : tensor<4xf32> slot 1 optimizer = constant(0.0)
}
advx.experiment @page {
  advx.network @z {
  ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
    %d = advx.cast %x to f64 : (tensor<4xf32>) -> tensor<4xf64>
    %w = advx.weight %weights[@z.scale] : (!advx.weights<@z>) -> tensor<4xf64>
    %r = advx.mul %d, %w : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
    advx.yield %r : tensor<4xf64>
  }
  advx.minimize states ["v"] loss {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
    %weights = advx.weights @z : !advx.weights<@z>
    %z = advx.apply @z[%weights](%x) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf64>
    %j = advx.reduce_sum %z : (tensor<4xf64>) -> tensor<f64>
    advx.yield %j : tensor<f64>
  } update {
  ^bb0(%w: tensor<*xf64>, %g: tensor<*xf64>, %v: tensor<*xf32>):
    %n = advx.cast %g to f32 : (tensor<*xf64>) -> tensor<*xf32>
    %u = advx.add %v, %n : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    %m = advx.cast %u to f64 : (tensor<*xf32>) -> tensor<*xf64>
    %t = advx.sub %w, %m : (tensor<*xf64>, tensor<*xf64>) -> tensor<*xf64>
    advx.yield %t, %u : tensor<*xf64>, tensor<*xf32>
  }
  advx.evaluate @test. {
    advx.clean "clean" {
    ^bb0(%x: tensor<4xf32>):
      %weights = advx.weights @z : !advx.weights<@z>
      %z = advx.apply @z[%weights](%x) eval occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf64>
      advx.yield %z : tensor<4xf64>
    }
  }
}

// -----

// The points of an attack and its gradients may differ from the images.
// CHECK-LABEL: func.func @test.attack(
// CHECK:         advx.gradient {{.*}} : (tensor<?xf64>, tensor<?x4xf64>) -> tensor<?x4xf64>
// CHECK:         %[[SIZE:.*]] = advx.abs {{.*}} : (tensor<?x4xf64>) -> tensor<?x4xf64>
// CHECK:         %[[VANISHED:.*]] = advx.logical_not {{.*}} : (tensor<?xi1>) -> tensor<?xi1>
// CHECK:         advx.select {{.*}}, %[[VANISHED]] : (tensor<i1>, tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
advx.program "page" {
  advx.setting "data.batch" int = "128" line 0
  advx.data "points" tensor<4xf32> classes 4 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
}
advx.experiment @attacked {
  func.func private @project(%x: tensor<4xf32>, %v: tensor<4xf32>) -> tensor<4xf32> {
    return %v : tensor<4xf32>
  }
  advx.threat @B project @project
  advx.evaluate @test. {
    advx.adversary "test.attack" "x'" over @B maximize {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      %d = advx.cast %v to f64 : (tensor<4xf32>) -> tensor<4xf64>
      %j = advx.reduce_sum %d : (tensor<4xf64>) -> tensor<f64>
      advx.yield %j : tensor<f64>
    } until {
    } by {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
      %d = advx.cast %x to f64 : (tensor<4xf32>) -> tensor<4xf64>
      %s = advx.mul %d, %d : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
      %j = advx.reduce_sum %s : (tensor<4xf64>) -> tensor<f64>
      %g = advx.gradient %j wrt(%d) : (tensor<f64>, tensor<4xf64>) -> tensor<4xf64>
      %n = advx.cast %g to f32 : (tensor<4xf64>) -> tensor<4xf32>
      advx.yield %n : tensor<4xf32>
    } member {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      advx.yield %v : tensor<4xf32>
    } judge {
    ^bb0(%v: tensor<4xf32>):
      advx.yield %v : tensor<4xf32>
    }
  }
}

// -----

advx.program "page" {
  advx.setting "data.batch" int = "128" line 0
  advx.data "points" tensor<4xf32> classes 4 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
  advx.leaf @z.scale : tensor<4xf32> slot 0 parameter of "z" trainable = constant(1.0)
}
advx.experiment @mistaken {
  advx.network @z {
  ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
    advx.yield %x : tensor<4xf32>
  }
  // expected-error @below {{'advx.minimize' op updates 'z.scale' of type 'tensor<4xf32>' to a value of type 'tensor<4xf64>'; advx.cast converts one to the type of the other}}
  advx.minimize states [] loss {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
    %w = advx.leaf_value @z.scale : tensor<4xf32>
    %z = advx.mul %x, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %j = advx.reduce_sum %z : (tensor<4xf32>) -> tensor<f32>
    advx.yield %j : tensor<f32>
  } update {
  ^bb0(%w: tensor<*xf32>, %g: tensor<*xf32>):
    %u = advx.sub %w, %g : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    %d = advx.cast %u to f64 : (tensor<*xf32>) -> tensor<*xf64>
    advx.yield %d : tensor<*xf64>
  }
}
