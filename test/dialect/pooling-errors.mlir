// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @padding(%x: tensor<?x3x8x8xf32>) {
  // expected-error @+2 {{padding 2 is more than half of the kernel's 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.max_pool2d %x kernel [3, 3] stride [1, 1] padding [2, 2] : (tensor<?x3x8x8xf32>) -> tensor<?x3x10x10xf32>
  return
}

// -----

func.func @too_small(%x: tensor<?x3x2x2xf32>) {
  // expected-error @+2 {{a window of 3 does not fit into 2 elements with padding 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.avg_pool2d %x kernel [3, 3] stride [1, 1] padding [0, 0] : (tensor<?x3x2x2xf32>) -> tensor<?x3x1x1xf32>
  return
}

// -----

func.func @gather(%x: tensor<?x3x8x8xf32>, %i: tensor<?x4x4x4xi64>) {
  // expected-error @+2 {{the image has 3 channels, but the index has 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.window_gather %x, %i : (tensor<?x3x8x8xf32>, tensor<?x4x4x4xi64>) -> tensor<?x4x4x4xf32>
  return
}

// -----

func.func @scatter(%x: tensor<?x3x8x8xf32>, %i: tensor<?x3x4x4xi64>) {
  // expected-error @+2 {{the cotangent has type 'tensor<?x3x8x8xf32>', but the index has type 'tensor<?x3x4x4xi64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.window_scatter %x, %i input [8, 8] : (tensor<?x3x8x8xf32>, tensor<?x3x4x4xi64>) -> tensor<?x3x8x8xf32>
  return
}

// -----

func.func @avg_grad(%g: tensor<?x3x4x4xf32>) {
  // expected-error @+2 {{the cotangent has type 'tensor<?x3x4x4xf32>', but the pooling gives 'tensor<?x3x5x5xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.avg_pool2d_grad %g kernel [2, 2] stride [2, 2] padding [0, 0] input [10, 10] : (tensor<?x3x4x4xf32>) -> tensor<?x3x10x10xf32>
  return
}

// -----

func.func @gather_type(%x: tensor<?x3x8x8xf64>, %i: tensor<?x3x4x4xi64>) {
  // expected-error @+2 {{inferred type(s) 'tensor<?x3x4x4xf64>' are incompatible with return type(s) of operation 'tensor<?x3x4x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.window_gather %x, %i : (tensor<?x3x8x8xf64>, tensor<?x3x4x4xi64>) -> tensor<?x3x4x4xf32>
  return
}
