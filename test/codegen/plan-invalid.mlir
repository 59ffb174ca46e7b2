// RUN: advx-opt --advx-plan --split-input-file --verify-diagnostics %s

// expected-error@+1 {{state leaf 0 is not in the program}}
func.func @no_leaf(%a: tensor<3xf32> {advx.state = 0 : i64}) attributes {advx.step} {
  return
}

// -----

advx.program "page" {
  advx.leaf @w : tensor<4xf32> slot 0 parameter = constant(0.0)
}
// expected-error@+1 {{state leaf 'w' is of type 'tensor<4xf32>' in the program, but of 'tensor<3xf32>' here}}
func.func @other_shape(%a: tensor<3xf32> {advx.state = 0 : i64}) attributes {advx.step} {
  return
}

// -----

advx.program "page" {
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0)
}
// expected-error@+1 {{state leaf 'w' is of type 'tensor<3xf32>' in the program, but of 'tensor<3xf64>' here; advx.cast converts one to the type of the other}}
func.func @other_type(%a: tensor<3xf32> {advx.state = 0 : i64}) -> (tensor<3xf64> {advx.state = 0 : i64}) attributes {advx.step} {
  %r = advx.cast %a to f64 : (tensor<3xf32>) -> tensor<3xf64>
  return %r : tensor<3xf64>
}

// -----

// expected-error@+1 {{argument 0 must be a tensor with either 'advx.state' or 'advx.input'}}
func.func @no_role(%a: tensor<3xf32>) attributes {advx.step} {
  return
}

// -----

func.func @unknown_uniform() -> (tensor<f32> {advx.output = "o"}) attributes {advx.step} {
  // expected-error@+1 {{reads uniform 2 of 0}}
  %u = advx.uniform 2 : f64
  %s = advx.splat %u : (f64) -> tensor<f32>
  return %s : tensor<f32>
}
