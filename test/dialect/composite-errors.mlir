// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @softmax(%x: tensor<?x2x3xf32>) {
  // expected-error @+2 {{the operand has 2 per-example axes in 'tensor<?x2x3xf32>', but must have 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.softmax %x : (tensor<?x2x3xf32>) -> tensor<?x2x3xf32>
  return
}

// -----

func.func @normalize(%x: tensor<?x3xf32>) {
  // expected-error @+2 {{axis 1 is not one of the 1 per-example axes}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.normalize %x axis 1 : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @batch_norm(%x: tensor<?x3x4x4xf32>, %c: tensor<3xf32>, %d: tensor<4xf32>, %e: f64) {
  // expected-error @+2 {{beta has type 'tensor<4xf32>', but the operand's channels ask for 'tensor<3xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r:3 = advx.batch_norm eval %x, %c, %d, %c, %c, %e, %e : (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<4xf32>, tensor<3xf32>, tensor<3xf32>, f64, f64) -> (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @draw(%i: tensor<?x3xi64>) {
  // expected-error @+2 {{the index has 1 per-example axes in 'tensor<?x3xi64>', but must have 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.random_uniform %i[] stream "s" shape [2] of f32 : (tensor<?x3xi64>) -> tensor<?x2xf32>
  return
}

// -----

func.func @gradient(%x: tensor<?x3xf32>) {
  // expected-error @+2 {{the objective has 1 per-example axes in 'tensor<?x3xf32>', but must have 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %g = advx.gradient %x wrt(%x) : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  return
}

// -----

// The statistics may have a type of their own, but both the same.
func.func @batch_norm_statistics(%x: tensor<?x3xf32>, %c: tensor<3xf32>, %d: tensor<3xf64>, %e: f64) {
  // expected-error @+2 {{running_var has type 'tensor<3xf32>', but the operand's channels ask for 'tensor<3xf64>'; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r:3 = advx.batch_norm eval %x, %c, %c, %d, %c, %e, %e : (tensor<?x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf64>, tensor<3xf32>, f64, f64) -> (tensor<?x3xf32>, tensor<3xf64>, tensor<3xf64>)
  return
}

// -----

func.func @batch_norm_scale(%x: tensor<?x3xf32>, %c: tensor<3xf32>, %d: tensor<3xf64>, %e: f64) {
  // expected-error @+2 {{gamma has type 'tensor<3xf64>', but the operand's channels ask for 'tensor<3xf32>'; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r:3 = advx.batch_norm eval %x, %d, %c, %c, %c, %e, %e : (tensor<?x3xf32>, tensor<3xf64>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, f64, f64) -> (tensor<?x3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @draw_type(%i: tensor<?xi64>) {
  // expected-error @+1 {{attribute 'elementType' failed to satisfy constraint: type attribute of f32 or f64}}
  %r = advx.random_normal %i[] stream "s" shape [2] of i64 : (tensor<?xi64>) -> tensor<?x2xi64>
  return
}
