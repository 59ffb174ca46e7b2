// RUN: advx-opt %s -split-input-file -verify-diagnostics

// What the verifiers of the problem tier refuse.

func.func @no_such_hand() {
  // expected-error @+1 {{hand 'minute' is none of epoch, iteration, epochs, iterations}}
  %e = advx.clock "minute"
  return
}

// -----

advx.experiment @network_of_two {
  // expected-error @+1 {{a network has one argument, x}}
  advx.network @z {
  ^bb0(%x: tensor<4xf32>, %y: tensor<4xf32>):
    advx.yield %x : tensor<4xf32>
  }
}

// -----

advx.experiment @other_logits_given_y {
  // expected-error @+1 {{logits are 'tensor<4xf32>' but logits given y are 'tensor<2xf32>'}}
  advx.head @f on @z {
  ^bb0(%z: tensor<4xf32>, %y: tensor<i64>):
    %part = advx.slice %z axis 0 begin 0 size 2 : (tensor<4xf32>) -> tensor<2xf32>
    advx.yield %z, %part : tensor<4xf32>, tensor<2xf32>
  }
}

// -----

func.func @dice() -> tensor<4xf32> {
  %one = arith.constant 1.0 : f64
  // expected-error @+1 {{distribution 'dice' is neither uniform nor normal}}
  %n = advx.draw "n" "dice"(%one, %one) : tensor<4xf32>
  return %n : tensor<4xf32>
}

// -----

advx.experiment @objective_of_many {
  // expected-error @+1 {{region 'objective' must yield one float scalar per example, found 'tensor<4xf32>'}}
  advx.adversary "inner" "x'" over @B maximize {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
    advx.yield %v : tensor<4xf32>
  } until {
  } by {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
    advx.yield %x : tensor<4xf32>
  } member {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
    advx.yield %v : tensor<4xf32>
  } judge {
  }
}

// -----

advx.experiment @solver_of_another_point {
  // expected-error @+1 {{the solver returns 'tensor<2xf32>' but the objective is of 'tensor<4xf32>'}}
  advx.adversary "inner" "x'" over @B maximize {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
    %j = advx.reduce_sum %v : (tensor<4xf32>) -> tensor<f32>
    advx.yield %j : tensor<f32>
  } until {
  } by {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
    %part = advx.slice %x axis 0 begin 0 size 2 : (tensor<4xf32>) -> tensor<2xf32>
    advx.yield %part : tensor<2xf32>
  } member {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: tensor<4xf32>):
    advx.yield %v : tensor<4xf32>
  } judge {
  }
}

// -----

advx.experiment @state_without_update {
  // expected-error @+1 {{region 'update' must have the arguments weight, gradient and 1 states}}
  advx.minimize states ["v"] loss {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
    %j = advx.reduce_sum %x : (tensor<4xf32>) -> tensor<f32>
    advx.yield %j : tensor<f32>
  } update {
  ^bb0(%w: tensor<*xf32>, %g: tensor<*xf32>):
    advx.yield %w : tensor<*xf32>
  }
}

// -----

// expected-error @+1 {{'advx.threat' op expects parent op 'advx.experiment'}}
advx.threat @lost project @nowhere
