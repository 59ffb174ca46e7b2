// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @key(%k: tensor<?x4xf32>) {
  // expected-error @+2 {{the key has 1 per-example axes in 'tensor<?x4xf32>', but must have 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.order_examples %k : (tensor<?x4xf32>) -> tensor<?xi64>
  return
}

// -----

func.func @same_for_all(%x: tensor<4xf32>, %p: tensor<?xi64>) {
  // expected-error @+2 {{operands of types 'tensor<4xf32>' and 'tensor<?xi64>' must both have a batch axis, or neither}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.take_examples %x, %p : (tensor<4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  return
}

// -----

func.func @places(%x: tensor<?x4xf32>, %p: tensor<?x2xi64>) {
  // expected-error @+2 {{the place has 1 per-example axes in 'tensor<?x2xi64>', but must have 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.put_examples %x, %p : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x4xf32>
  return
}
