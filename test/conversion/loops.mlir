// RUN: advx-opt %s --advx-instantiate | FileCheck %s

// A loop is emitted once: what depends on the example, and which running statistics it updates, is
// found before.

module {
  advx.program "page" {
    advx.setting "data.batch" int = "128" line 0
    advx.data "points" tensor<4xf32> classes 4 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
    advx.leaf @z.gamma : tensor<4xf32> slot 0 parameter of "z" trainable = constant(1.0)
    advx.leaf @z.mean : tensor<4xf32> slot 1 buffer = constant(0.0)
    advx.leaf @z.var : tensor<4xf32> slot 2 buffer = constant(1.0)
  }
  advx.experiment @page {
    func.func private @twice(%v: tensor<f32>) -> tensor<f32> {
      %r = advx.add %v, %v : (tensor<f32>, tensor<f32>) -> tensor<f32>
      return %r : tensor<f32>
    }
    func.func private @sum(%v: tensor<4xf32>) -> tensor<f32> {
      %s = advx.reduce_sum %v : (tensor<4xf32>) -> tensor<f32>
      %r = func.call @twice(%s) : (tensor<f32>) -> tensor<f32>
      return %r : tensor<f32>
    }
    func.func private @ball(%x: tensor<4xf32>, %v: tensor<4xf32>) -> tensor<4xf32> {
      return %v : tensor<4xf32>
    }
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
    advx.threat @B project @ball

    // Of the carried values, the first reaches the point through the second, two loops further in;
    // the third goes through the same function as the second and is the same for all; so are a draw
    // per batch, a sum over the batch and a gradient by such a value. The forward in the innermost
    // loop updates the statistics, so all three loops carry them.
    //
    // CHECK-LABEL: func.func @train_step(
    // CHECK: %{{.*}}, %[[MEAN:.*]], %[[VAR:.*]] = advx.batch_norm train
    // CHECK: %[[ZERO:.*]] = advx.constant 0.0
    // CHECK-NEXT: %[[A:.*]] = advx.batch_broadcast %[[ZERO]]
    // CHECK-NEXT: %[[B:.*]] = advx.batch_broadcast %[[ZERO]]
    // CHECK-NEXT: scf.for {{.*}} iter_args(%{{.*}} = %[[A]], %{{.*}} = %[[B]], %{{.*}} = %[[ZERO]], %{{.*}} = %[[ZERO]], %{{.*}} = %{{.*}}, %{{.*}} = %[[MEAN]], %{{.*}} = %[[VAR]]) -> (tensor<?xf32>, tensor<?xf32>, tensor<f32>, tensor<f32>, tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>)
    // CHECK-NEXT: scf.for {{.*}} -> (tensor<?xf32>, tensor<?xf32>, tensor<f32>, tensor<f32>, tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>)
    // CHECK-NEXT: scf.for {{.*}} -> (tensor<?xf32>, tensor<?xf32>, tensor<f32>, tensor<f32>, tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>)
    // CHECK: advx.batch_norm train
    // CHECK: advx.gradient %{{.*}} wrt(%{{.*}}) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    //
    // This one carries no statistics: its forward at x has been emitted.
    // CHECK: scf.for {{.*}} -> (tensor<?xf32>) {
    // CHECK-NOT: advx.batch_norm
    // CHECK: scf.yield
    advx.adversary "inner" "x'" over @B maximize {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      %w = advx.weights @z : !advx.weights<@z>
      %z = advx.apply @z[%w](%v) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
      %j = func.call @sum(%z) : (tensor<4xf32>) -> tensor<f32>
      advx.yield %j : tensor<f32>
    } until {
    } by {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
      %at = advx.objective %x : (tensor<4xf32>) -> tensor<f32>
      %i0 = arith.constant 0 : index
      %i1 = arith.constant 1 : index
      %i3 = arith.constant 3 : index
      %minus = arith.constant -1.0 : f64
      %plus = arith.constant 1.0 : f64
      %zero = advx.constant 0.0 : tensor<f32>
      %r:5 = scf.for %k = %i0 to %i3 step %i1 iter_args(%a = %zero, %b = %zero, %c = %zero, %d = %zero, %v = %x) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<4xf32>) {
        %s:5 = scf.for %l = %i0 to %i3 step %i1 iter_args(%a1 = %a, %b1 = %b, %c1 = %c, %d1 = %d, %v1 = %v) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<4xf32>) {
          %t:5 = scf.for %m = %i0 to %i3 step %i1 iter_args(%a2 = %a1, %b2 = %b1, %c2 = %c1, %d2 = %d1, %v2 = %v1) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<4xf32>) {
            %an = advx.add %a2, %b2 : (tensor<f32>, tensor<f32>) -> tensor<f32>
            %j = advx.objective %v2 : (tensor<4xf32>) -> tensor<f32>
            %bn = func.call @twice(%j) : (tensor<f32>) -> tensor<f32>
            %u = advx.draw "u" "uniform"(%minus, %plus) per_batch : tensor<f32>
            %w = advx.add %c2, %u : (tensor<f32>, tensor<f32>) -> tensor<f32>
            %cn = func.call @twice(%w) : (tensor<f32>) -> tensor<f32>
            %q = advx.mul %d2, %d2 : (tensor<f32>, tensor<f32>) -> tensor<f32>
            %g = advx.gradient %q wrt(%d2) : (tensor<f32>, tensor<f32>) -> tensor<f32>
            %total = advx.batch_sum %j : (tensor<f32>) -> tensor<f32>
            %dn = advx.add %g, %total : (tensor<f32>, tensor<f32>) -> tensor<f32>
            %vn = advx.add %v2, %an : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
            scf.yield %an, %bn, %cn, %dn, %vn : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<4xf32>
          }
          scf.yield %t#0, %t#1, %t#2, %t#3, %t#4 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<4xf32>
        }
        scf.yield %s#0, %s#1, %s#2, %s#3, %s#4 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<4xf32>
      }
      %e = scf.for %k = %i0 to %i3 step %i1 iter_args(%f = %zero) -> (tensor<f32>) {
        %j = advx.objective %x : (tensor<4xf32>) -> tensor<f32>
        %n = advx.add %f, %j : (tensor<f32>, tensor<f32>) -> tensor<f32>
        scf.yield %n : tensor<f32>
      }
      %near = advx.add %r#4, %e : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
      advx.yield %near : tensor<4xf32>
    } member {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      advx.yield %v : tensor<4xf32>
    } judge {
    }
    advx.minimize states [] loss {
    ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
      %w = advx.weights @z : !advx.weights<@z>
      %z = advx.apply @z[%w](%v) train occurrence 0 : (!advx.weights<@z>, tensor<4xf32>) -> tensor<4xf32>
      %j = func.call @sum(%z) : (tensor<4xf32>) -> tensor<f32>
      advx.yield %j : tensor<f32>
    } update {
    ^bb0(%w: tensor<*xf32>, %g: tensor<*xf32>):
      %m = advx.sub %w, %g : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
      advx.yield %m : tensor<*xf32>
    }
  }
}
