// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @matvec(%w: tensor<10x100xf32>, %v: tensor<?x10xf32>) {
  // expected-error @+2 {{the vector has 10 elements, but the matrix has 100 columns}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.matvec %w, %v : (tensor<10x100xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
  return
}

// -----

func.func @matvec_transposed(%w: tensor<10x100xf32>, %v: tensor<?x100xf32>) {
  // expected-error @+2 {{the vector has 100 elements, but the matrix (transposed) has 10 columns}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.matvec %w, %v transpose : (tensor<10x100xf32>, tensor<?x100xf32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @batched_matrix(%w: tensor<?x10x100xf32>, %v: tensor<?x100xf32>) {
  // expected-error @+2 {{the matrix of type 'tensor<?x10x100xf32>' depends on the example, but must be the same for all}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.matvec %w, %v : (tensor<?x10x100xf32>, tensor<?x100xf32>) -> tensor<?x10xf32>
  return
}

// -----

func.func @outer(%u: tensor<?x10xf32>, %v: tensor<100xf32>) {
  // expected-error @+2 {{must both have a batch axis, or neither}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.outer %u, %v : (tensor<?x10xf32>, tensor<100xf32>) -> tensor<10x100xf32>
  return
}

// -----

func.func @matmul(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) {
  // expected-error @+2 {{the left matrix has 3 columns, but the right one 2 rows}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.matmul %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @channels(%x: tensor<?x3x8x8xf32>, %w: tensor<16x4x3x3xf32>) {
  // expected-error @+2 {{the input has 3 channels, but the weight expects 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d %x, %w stride [1, 1] padding [1, 1] : (tensor<?x3x8x8xf32>, tensor<16x4x3x3xf32>) -> tensor<?x16x8x8xf32>
  return
}

// -----

func.func @too_small(%x: tensor<?x3x2x2xf32>, %w: tensor<16x3x5x5xf32>) {
  // expected-error @+2 {{a kernel of 5x5 does not fit into an image of 2x2 with padding 1x1}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d %x, %w stride [1, 1] padding [1, 1] : (tensor<?x3x2x2xf32>, tensor<16x3x5x5xf32>) -> tensor<?x16x1x1xf32>
  return
}

// -----

func.func @stride(%x: tensor<?x3x8x8xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+2 {{stride has an entry 0, but the least is 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d %x, %w stride [0, 1] padding [1, 1] : (tensor<?x3x8x8xf32>, tensor<16x3x3x3xf32>) -> tensor<?x16x8x8xf32>
  return
}

// -----

func.func @padding(%x: tensor<?x3x8x8xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+2 {{padding has 1 entries, but must have two, height and width}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d %x, %w stride [1, 1] padding [1] : (tensor<?x3x8x8xf32>, tensor<16x3x3x3xf32>) -> tensor<?x16x8x8xf32>
  return
}

// -----

func.func @input_grad(%g: tensor<?x16x14x14xf32>, %w: tensor<16x1x4x4xf32>) {
  // expected-error @+2 {{height of the cotangent is 14, but 15 windows of 4 fit into 30}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d_input_grad %g, %w stride [2, 2] padding [1, 1] input [30, 28] : (tensor<?x16x14x14xf32>, tensor<16x1x4x4xf32>) -> tensor<?x1x30x28xf32>
  return
}

// -----

func.func @weight_grad(%x: tensor<?x1x28x28xf32>, %g: tensor<?x16x14x14xf32>) {
  // expected-error @+2 {{width of the cotangent is 14, but 13 windows of 6 fit into 28}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d_weight_grad %x, %g stride [2, 2] padding [1, 1] kernel [4, 6] : (tensor<?x1x28x28xf32>, tensor<?x16x14x14xf32>) -> tensor<16x1x4x6xf32>
  return
}

// -----

func.func @matvec_types(%w: tensor<10x100xf32>, %v: tensor<?x100xf64>) {
  // expected-error @+2 {{operands of types 'tensor<10x100xf32>' and 'tensor<?x100xf64>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.matvec %w, %v : (tensor<10x100xf32>, tensor<?x100xf64>) -> tensor<?x10xf64>
  return
}

// -----

func.func @outer_types(%u: tensor<?x10xf32>, %v: tensor<?x100xf64>) {
  // expected-error @+2 {{operands of types 'tensor<?x10xf32>' and 'tensor<?x100xf64>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.outer %u, %v : (tensor<?x10xf32>, tensor<?x100xf64>) -> tensor<10x100xf32>
  return
}

// -----

func.func @matmul_types(%a: tensor<2x3xf64>, %b: tensor<3x2xf32>) {
  // expected-error @+2 {{operands of types 'tensor<2x3xf64>' and 'tensor<3x2xf32>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.matmul %a, %b : (tensor<2x3xf64>, tensor<3x2xf32>) -> tensor<2x2xf64>
  return
}

// -----

func.func @conv2d_types(%x: tensor<?x3x8x8xf64>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+2 {{operands of types 'tensor<?x3x8x8xf64>' and 'tensor<16x3x3x3xf32>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d %x, %w stride [1, 1] padding [1, 1] : (tensor<?x3x8x8xf64>, tensor<16x3x3x3xf32>) -> tensor<?x16x8x8xf64>
  return
}

// -----

func.func @input_grad_types(%g: tensor<?x16x8x8xf64>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+2 {{operands of types 'tensor<?x16x8x8xf64>' and 'tensor<16x3x3x3xf32>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d_input_grad %g, %w stride [1, 1] padding [1, 1] input [8, 8] : (tensor<?x16x8x8xf64>, tensor<16x3x3x3xf32>) -> tensor<?x3x8x8xf64>
  return
}

// -----

func.func @weight_grad_types(%x: tensor<?x3x8x8xf32>, %g: tensor<?x16x8x8xf64>) {
  // expected-error @+2 {{operands of types 'tensor<?x3x8x8xf32>' and 'tensor<?x16x8x8xf64>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.conv2d_weight_grad %x, %g stride [1, 1] padding [1, 1] kernel [3, 3] : (tensor<?x3x8x8xf32>, tensor<?x16x8x8xf64>) -> tensor<16x3x3x3xf32>
  return
}
