// RUN: advx-opt %s --advx-verify-stage=stage=differentiated --split-input-file --verify-diagnostics

func.func @composite(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // expected-error @+1 {{'advx.softmax' op has no place in stage `differentiated`: advx-decompose replaces it}}
  %r = advx.softmax %x : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}

// -----

func.func @gradient(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @+1 {{has no place in stage `differentiated`: advx-differentiate replaces it}}
  %r = advx.gradient %x wrt(%x) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

func.func @stop(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @+1 {{has no place in stage `differentiated`: advx-erase-stop-gradient removes it}}
  %r = advx.stop_gradient %x : (tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

func.func @one_example(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @+1 {{its operand is the same for every example}}
  %r = advx.batch_sum %x : (tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

// -----

func.func @unknown_shape(%x: tensor<*xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{the shape of its result is not known}}
  %r = advx.neg %x : (tensor<*xf32>) -> tensor<*xf32>
  return %r : tensor<*xf32>
}
