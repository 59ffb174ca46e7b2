// RUN: advx-opt %s --advx-decompose --split-input-file --verify-diagnostics

func.func @unknown_shape(%x: tensor<*xf32>) -> tensor<f32> {
  // expected-error @+1 {{needs operands of known shape to be decomposed}}
  %r = advx.norm l2 %x : (tensor<*xf32>) -> tensor<f32>
  return %r : tensor<f32>
}

// -----

func.func @no_batch(%x: tensor<3xf32>, %c: tensor<3xf32>, %e: f64) -> tensor<3xf32> {
  // expected-error @+1 {{takes the statistics of a batch, but its operand does not depend on the example}}
  %r:3 = advx.batch_norm train %x, %c, %c, %c, %c, %e, %e : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, f64, f64) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %r#0 : tensor<3xf32>
}
