// RUN: advx-opt %s -split-input-file -verify-diagnostics

// What the verifiers of the problem tier refuse.

func.func @no_such_hand() {
  // expected-error @+1 {{hand 'minute' is none of epoch, iteration, epochs, iterations}}
  %e = advx.clock "minute"
  return
}

// -----

advx.experiment @network_of_two {
  // expected-error @+1 {{a network has two arguments, its weights and x}}
  advx.network @z {
  ^bb0(%x: tensor<4xf32>, %y: tensor<4xf32>):
    advx.yield %x : tensor<4xf32>
  }
}

// -----

advx.experiment @weights_of_another_network {
  // expected-error @+1 {{a network has two arguments, its weights and x}}
  advx.network @z {
  ^bb0(%weights: !advx.weights<@other>, %x: tensor<4xf32>):
    advx.yield %x : tensor<4xf32>
  }
}

// -----

advx.experiment @head_without_weights {
  // expected-error @+1 {{a head has the arguments weights, z, its numbers, y}}
  advx.head @f on @z {
  ^bb0(%z: tensor<4xf32>, %s: f64, %y: tensor<i64>):
    advx.yield %z, %z : tensor<4xf32>, tensor<4xf32>
  }
}

// -----

advx.experiment @applied_at_weights_of_another {
  advx.network @z {
  ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
    advx.yield %x : tensor<4xf32>
  }
  advx.network @other {
  ^bb0(%weights: !advx.weights<@other>, %x: tensor<4xf32>):
    // expected-error @+1 {{@z has no place for '!advx.weights<@other>'}}
    %z = advx.apply @z[%weights](%x) eval occurrence 0 : (!advx.weights<@other>, tensor<4xf32>) -> tensor<4xf32>
    advx.yield %z : tensor<4xf32>
  }
}

// -----

advx.program "page" {
  advx.leaf @mean : tensor<4xf32> slot 0 buffer = constant(0.0)
}
advx.experiment @no_weight_of_this_network {
  advx.network @z {
  ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
    // expected-error @+1 {{@mean is no weight of @z}}
    %m = advx.weight %weights[@mean] : (!advx.weights<@z>) -> tensor<4xf32>
    advx.yield %m : tensor<4xf32>
  }
}

// -----

advx.program "page" {
  advx.leaf @scale : tensor<4xf32> slot 0 parameter of "z" = constant(0.0)
}
advx.experiment @weight_of_another_shape {
  advx.network @z {
  ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
    %part = advx.slice %x axis 0 begin 0 size 2 : (tensor<4xf32>) -> tensor<2xf32>
    // expected-error @+1 {{@scale is 'tensor<4xf32>', not 'tensor<2xf32>'}}
    %w = advx.with_weights %weights[@scale] = (%part) : !advx.weights<@z>, tensor<2xf32>
    advx.yield %x : tensor<4xf32>
  }
}

// -----

advx.program "page" {
  advx.leaf @scale : tensor<4xf32> slot 0 parameter of "z" = constant(0.0)
}
advx.experiment @more_names_than_tensors {
  advx.network @z {
  ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
    // expected-error @+1 {{names 2 leaves for 1 tensors}}
    %w = advx.with_weights %weights[@scale, @scale] = (%x) : !advx.weights<@z>, tensor<4xf32>
    advx.yield %x : tensor<4xf32>
  }
}

// -----

advx.experiment @no_such_leaf {
  advx.network @z {
  ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
    // expected-error @+1 {{@mean is no leaf}}
    %m = advx.leaf_value @mean : tensor<4xf32>
    advx.yield %m : tensor<4xf32>
  }
}

// -----

advx.experiment @no_such_network {
  advx.evaluate @test. {
    advx.clean "clean" {
    ^bb0(%x: tensor<4xf32>):
      // expected-error @+1 {{@z is no network}}
      %w = advx.weights @z : !advx.weights<@z>
      advx.yield %x : tensor<4xf32>
    }
  }
}

// -----

advx.experiment @head_at_weights_of_another {
  advx.network @z {
  ^bb0(%weights: !advx.weights<@z>, %x: tensor<4xf32>):
    advx.yield %x : tensor<4xf32>
  }
  advx.network @other {
  ^bb0(%weights: !advx.weights<@other>, %x: tensor<4xf32>):
    advx.yield %x : tensor<4xf32>
  }
  advx.head @f on @z {
  ^bb0(%weights: !advx.weights<@z>, %z: tensor<4xf32>, %y: tensor<i64>):
    advx.yield %z, %z : tensor<4xf32>, tensor<4xf32>
  }
  advx.evaluate @test. {
    advx.clean "clean" {
    ^bb0(%x: tensor<4xf32>):
      %w = advx.weights @other : !advx.weights<@other>
      // expected-error @+1 {{@f is on @z and has no place for '!advx.weights<@other>'}}
      %l = advx.logits @f[%w](%x) : (!advx.weights<@other>, tensor<4xf32>) -> tensor<4xf32>
      advx.yield %l : tensor<4xf32>
    }
  }
}

// -----

advx.experiment @evaluation_of_weights {
  // expected-error @+1 {{an evaluation attacks images, not weights}}
  advx.adversary "test.w" "w" over @B maximize {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: !advx.weights<@z>):
    %j = advx.reduce_sum %x : (tensor<4xf32>) -> tensor<f32>
    advx.yield %j : tensor<f32>
  } until {
  } by {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>):
    %w = advx.weights @z : !advx.weights<@z>
    advx.yield %w : !advx.weights<@z>
  } member {
  ^bb0(%x: tensor<4xf32>, %y: tensor<i64>, %v: !advx.weights<@z>):
    advx.yield %v : !advx.weights<@z>
  } judge {
  ^bb0(%x: tensor<4xf32>):
    advx.yield %x : tensor<4xf32>
  }
}

// -----

advx.experiment @other_logits_given_y {
  // expected-error @+1 {{logits are 'tensor<4xf32>' but logits given y are 'tensor<2xf32>'}}
  advx.head @f on @z {
  ^bb0(%weights: !advx.weights<@z>, %z: tensor<4xf32>, %y: tensor<i64>):
    %part = advx.slice %z axis 0 begin 0 size 2 : (tensor<4xf32>) -> tensor<2xf32>
    advx.yield %z, %part : tensor<4xf32>, tensor<2xf32>
  }
}

// -----

func.func @dice() -> tensor<4xf32> {
  %one = arith.constant 1.0 : f64
  // expected-error @+1 {{distribution 'dice' is none of uniform, normal, beta}}
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
