// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @axis(%a: tensor<?x10xf32>) {
  // expected-error @+2 {{axis 1 is not one of the 1 per-example axes}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.reduce_sum %a axes [1] : (tensor<?x10xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @unranked(%a: tensor<*xf32>) {
  // expected-error @+2 {{axes need an operand of known rank, but it has type 'tensor<*xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.reduce_max %a axes [0] : (tensor<*xf32>) -> tensor<f32>
  return
}

// -----

func.func @argmax(%a: tensor<?x2x5xf32>) {
  // expected-error @+2 {{the operand has 2 per-example axes in 'tensor<?x2x5xf32>', but must have 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.argmax %a : (tensor<?x2x5xf32>) -> tensor<?xi64>
  return
}

// -----

func.func @one_hot(%a: tensor<?xi64>) {
  // expected-error @+2 {{has 0 classes, but needs at least one}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.one_hot %a classes 0 : (tensor<?xi64>) -> tensor<?x0xi1>
  return
}

// -----

func.func @batch_broadcast(%a: tensor<?x3xf32>, %b: tensor<?xf32>) {
  // expected-error @+2 {{the operand of type 'tensor<?x3xf32>' depends on the example, but must be the same for all}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.batch_broadcast %a, %b : (tensor<?x3xf32>, tensor<?xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @sum_type(%a: tensor<?x3xf32>) {
  // expected-error @+2 {{inferred type(s) 'tensor<3xf32>' are incompatible with return type(s) of operation 'tensor<3xf64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.batch_sum %a : (tensor<?x3xf32>) -> tensor<3xf64>
  return
}
