// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @order_rank(%a: tensor<?x3x2xf32>) {
  // expected-error @+2 {{the operand has 2 per-example axes in 'tensor<?x3x2xf32>', but must have 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.order %a count 2 : (tensor<?x3x2xf32>) -> tensor<?x2xi64>
  return
}

// -----

func.func @order_count(%a: tensor<?x3xf32>) {
  // expected-error @+2 {{asks for 4 of the 3 elements of the operand}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.order %a count 4 : (tensor<?x3xf32>) -> tensor<?x4xi64>
  return
}

// -----

func.func @order_none(%a: tensor<?x3xf32>) {
  // expected-error @+2 {{asks for 0 of the 3 elements of the operand}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.order %a count 0 ascending : (tensor<?x3xf32>) -> tensor<?x0xi64>
  return
}

// -----

func.func @sorted_keys(%a: tensor<?x3xf32>, %k: tensor<4xf32>) {
  // expected-error @+2 {{operands of types 'tensor<?x3xf32>' and 'tensor<4xf32>' have different per-example shapes}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.sorted %a, %k count 2 : (tensor<?x3xf32>, tensor<4xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @cumsum_axis(%a: tensor<?x3xf32>) {
  // expected-error @+2 {{axis 1 is not one of the 1 per-example axes}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.cumsum %a axis 1 : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @iota_batched(%a: tensor<?x3xf32>) {
  // expected-error @+1 {{has type 'tensor<?x3xf32>', but counts along a vector without a batch axis}}
  %r = advx.iota : tensor<?x3xf32>
  return
}
