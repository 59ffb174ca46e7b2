// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @broadcast_size(%a: tensor<16xf32>) {
  // expected-error @+2 {{axis 0 of the result has 8 elements, but comes from an axis of 16}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.broadcast %a shape [8, 2] axes [0] : (tensor<16xf32>) -> tensor<8x2xf32>
  return
}

// -----

func.func @broadcast_rank(%a: tensor<16xf32>) {
  // expected-error @+2 {{the operand has 1 per-example axes in 'tensor<16xf32>', but must have 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.broadcast %a shape [16, 2] axes [0, 1] : (tensor<16xf32>) -> tensor<16x2xf32>
  return
}

// -----

func.func @broadcast_order(%a: tensor<2x3xf32>) {
  // expected-error @+2 {{axes must increase, but 0 follows 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.broadcast %a shape [3, 2] axes [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @reshape(%a: tensor<?x4x4xf32>) {
  // expected-error @+2 {{an example has 16 elements, but the shape asks for 15}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.reshape %a shape [15] : (tensor<?x4x4xf32>) -> tensor<?x15xf32>
  return
}

// -----

func.func @transpose(%a: tensor<2x3xf32>) {
  // expected-error @+2 {{permutation must name each of the 2 per-example axes once; found 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.transpose %a permutation [1, 1] : (tensor<2x3xf32>) -> tensor<3x3xf32>
  return
}

// -----

func.func @slice(%a: tensor<?x10xf32>) {
  // expected-error @+2 {{elements 8 to 11 do not lie within the 10 of axis 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.slice %a axis 0 begin 8 size 3 : (tensor<?x10xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @slice_axis(%a: tensor<?x10xf32>) {
  // expected-error @+2 {{axis 1 is not one of the 1 per-example axes}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.slice %a axis 1 begin 0 size 3 : (tensor<?x10xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @pad(%a: tensor<?x3xf32>) {
  // expected-error @+2 {{elements 8 to 11 do not lie within the 10 of axis 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.pad_slice %a axis 0 begin 8 size 10 : (tensor<?x3xf32>) -> tensor<?x10xf32>
  return
}

// -----

func.func @concat(%a: tensor<?x3x2xf32>, %b: tensor<?x3x3xf32>) {
  // expected-error @+2 {{may differ only along axis 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.concat %a, %b axis 0 : (tensor<?x3x2xf32>, tensor<?x3x3xf32>) -> tensor<?x6x2xf32>
  return
}

// -----

func.func @unranked(%a: tensor<*xf32>) {
  // expected-error @+2 {{the operand has type 'tensor<*xf32>', but its shape must be known}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.reshape %a shape [3] : (tensor<*xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @concat_types(%a: tensor<?x3xf32>, %b: tensor<?x2xf64>) {
  // expected-error @+2 {{operands of types 'tensor<?x3xf32>' and 'tensor<?x2xf64>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.concat %a, %b axis 0 : (tensor<?x3xf32>, tensor<?x2xf64>) -> tensor<?x5xf32>
  return
}

// -----

func.func @reshape_type(%a: tensor<?x4x4xf32>) {
  // expected-error @+2 {{inferred type(s) 'tensor<?x16xf32>' are incompatible with return type(s) of operation 'tensor<?x16xf64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.reshape %a shape [16] : (tensor<?x4x4xf32>) -> tensor<?x16xf64>
  return
}

// -----

func.func @reverse_axis(%a: tensor<?x3x2xf32>) {
  // expected-error @+2 {{axis 2 is not one of the 2 per-example axes}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.reverse %a axis 2 : (tensor<?x3x2xf32>) -> tensor<?x3x2xf32>
  return
}

// -----

func.func @shift_axis(%a: tensor<?x3xf32>, %by: tensor<?xf32>) {
  // expected-error @+2 {{axis -1 is not one of the 1 per-example axes}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.shift %a, %by axis -1 : (tensor<?x3xf32>, tensor<?xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @shift_amount(%a: tensor<?x3xf32>, %by: tensor<?x3xf32>) {
  // expected-error @+2 {{the amount has 1 per-example axes in 'tensor<?x3xf32>', but must have 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.shift %a, %by axis 0 : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @shift_types(%a: tensor<?x3xf32>, %by: tensor<f64>) {
  // expected-error @+2 {{operands of types 'tensor<?x3xf32>' and 'tensor<f64>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.shift %a, %by axis 0 : (tensor<?x3xf32>, tensor<f64>) -> tensor<?x3xf32>
  return
}
