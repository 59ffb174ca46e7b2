// RUN: advx-opt --advx-plan --split-input-file --verify-diagnostics %s

// expected-error@+1 {{state leaf 0 is not in the manifest}}
func.func @no_leaf(%a: tensor<3xf32> {advx.state = 0 : i64}) attributes {advx.step} {
  return
}

// -----

module attributes {advx.manifest = "{\22state\22: [{\22name\22: \22w\22, \22shape\22: [4], \22dtype\22: \22f32\22}]}"} {
// expected-error@+1 {{state leaf 'w' has another shape in the manifest than 'tensor<3xf32>'}}
func.func @other_shape(%a: tensor<3xf32> {advx.state = 0 : i64}) attributes {advx.step} {
  return
}
}

// -----

module attributes {advx.manifest = "{\22state\22: [{\22name\22: \22w\22, \22shape\22: [3], \22dtype\22: \22f32\22}]}"} {
// expected-error@+1 {{state leaf 'w' is of f32 in the manifest, but has type 'tensor<3xf64>' here; advx.cast converts what the step makes of it}}
func.func @other_type(%a: tensor<3xf32> {advx.state = 0 : i64}) -> (tensor<3xf64> {advx.state = 0 : i64}) attributes {advx.step} {
  %r = advx.cast %a to f64 : (tensor<3xf32>) -> tensor<3xf64>
  return %r : tensor<3xf64>
}
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

// -----

// expected-error@+1 {{the manifest is not JSON}}
module attributes {advx.manifest = "{"} {
}

// -----

// expected-error@+1 {{state entry 0 of the manifest lacks a name, shape or dtype}}
module attributes {advx.manifest = "{\22state\22: [{\22name\22: \22w\22}]}"} {
}
