// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%a: tensor<?x10xf32>, %b: tensor<?x11xf32>) {
  // expected-error @+2 {{'advx.add' op operands of types 'tensor<?x10xf32>' and 'tensor<?x11xf32>' have different per-example shapes}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.add %a, %b : (tensor<?x10xf32>, tensor<?x11xf32>) -> tensor<?x10xf32>
  return
}

// -----

func.func @elements(%a: tensor<10xf32>, %b: tensor<10xf64>) {
  // expected-error @+2 {{operands of types 'tensor<10xf32>' and 'tensor<10xf64>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.mul %a, %b : (tensor<10xf32>, tensor<10xf64>) -> tensor<10xf32>
  return
}

// -----

func.func @dynamic(%a: tensor<?x?xf32>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 or f64 whose only dynamic axis is the leading batch axis, but got 'tensor<?x?xf32>'}}
  %r = advx.neg %a : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @lost_batch(%a: tensor<?x10xf32>) {
  // expected-error @+2 {{inferred type(s) 'tensor<?x10xf32>' are incompatible with return type(s) of operation 'tensor<10xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.exp %a : (tensor<?x10xf32>) -> tensor<10xf32>
  return
}

// -----

func.func @select(%c: tensor<?xi1>, %a: tensor<?xf32>, %b: tensor<?xf64>) {
  // expected-error @+2 {{operands of types 'tensor<?xf32>' and 'tensor<?xf64>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.select %c, %a, %b : (tensor<?xi1>, tensor<?xf32>, tensor<?xf64>) -> tensor<?xf32>
  return
}

// -----

func.func @select_mixed(%c: tensor<?xi1>, %a: tensor<?xf32>, %b: tensor<?xi64>) {
  // expected-error @+2 {{operands of types 'tensor<?xf32>' and 'tensor<?xi64>' have different element types}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.select %c, %a, %b : (tensor<?xi1>, tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  return
}

// -----

func.func @compare_mixed(%a: tensor<?xf32>, %b: tensor<?xi64>) {
  // expected-error @+2 {{operands of types 'tensor<?xf32>' and 'tensor<?xi64>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.compare eq %a, %b : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xi1>
  return
}

// -----

func.func @constant_batch() {
  // expected-error @+1 {{a constant has a static shape without a batch axis}}
  %r = advx.constant 1.0 : tensor<?xf32>
  return
}

// -----

func.func @constant_fraction() {
  // expected-error @+1 {{which no i64 holds}}
  %r = advx.constant 1.5 : tensor<2xi64>
  return
}

// -----

func.func @constant_boolean() {
  // expected-error @+1 {{an i1 is 0 or 1}}
  %r = advx.constant 2.0 : tensor<i1>
  return
}

// -----

func.func @list() {
  // expected-error @+1 {{lists 2 values, but has type 'tensor<3xf32>'}}
  %r = advx.constant_list [1.0, 2.0] : tensor<3xf32>
  return
}

// -----

func.func @splat(%s: f64) {
  // expected-error @+1 {{gives a tensor without axes}}
  %r = advx.splat %s : (f64) -> tensor<3xf32>
  return
}

// -----

func.func @of_labels(%a: tensor<?xi64>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 or f64}}
  %r = advx.erf %a : (tensor<?xi64>) -> tensor<?xi64>
  return
}

// -----

// No op makes a label of a boolean.
func.func @select_discrete(%c: tensor<?xi1>, %a: tensor<?xi64>) {
  // expected-error-re @+2 {{operands of types 'tensor<?xi64>' and 'tensor<?xi1>' have different element types{{$}}}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.select %c, %a, %c : (tensor<?xi1>, tensor<?xi64>, tensor<?xi1>) -> tensor<?xi64>
  return
}

// -----

func.func @clip(%a: tensor<?x3xf64>, %b: tensor<f32>) {
  // expected-error @+2 {{operands of types 'tensor<?x3xf64>' and 'tensor<f32>' have different element types; advx.cast converts one to the type of the other}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.clip %a, %b, %b : (tensor<?x3xf64>, tensor<f32>, tensor<f32>) -> tensor<?x3xf64>
  return
}

// -----

func.func @cast_to_label(%a: tensor<?xf32>) {
  // expected-error @+1 {{attribute 'to' failed to satisfy constraint: type attribute of f32 or f64}}
  %r = advx.cast %a to i64 : (tensor<?xf32>) -> tensor<?xi64>
  return
}

// -----

func.func @cast_to_half(%a: tensor<?xf32>) {
  // expected-error @+1 {{attribute 'to' failed to satisfy constraint: type attribute of f32 or f64}}
  %r = advx.cast %a to bf16 : (tensor<?xf32>) -> tensor<?xbf16>
  return
}

// -----

func.func @cast_elsewhere(%a: tensor<?xf32>) {
  // expected-error @+2 {{inferred type(s) 'tensor<?xf64>' are incompatible with return type(s) of operation 'tensor<?xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %r = advx.cast %a to f64 : (tensor<?xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @half(%a: tensor<?xbf16>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 or f64}}
  %r = advx.neg %a : (tensor<?xbf16>) -> tensor<?xbf16>
  return
}

// -----

// A number of the host is f64 and rounded where it is used.
func.func @splat_of_f32(%s: f32) {
  // expected-error @+1 {{operand #0 must be 64-bit float, but got 'f32'}}
  %r = advx.splat %s : (f32) -> tensor<f32>
  return
}
