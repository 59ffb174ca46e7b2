// RUN: advx-opt %s --advx-differentiate --split-input-file --verify-diagnostics

func.func @composite(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // expected-error @+1 {{'advx.norm' op has no derivative; advx-decompose replaces it by ops that have one}}
  %e = advx.norm l2 %x : (tensor<?x3xf32>) -> tensor<?xf32>
  // expected-note @+1 {{of this gradient}}
  %g = advx.gradient %e wrt(%x) : (tensor<?xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  return %g : tensor<?x3xf32>
}

// -----

func.func private @callee(tensor<?xf32>) -> tensor<?xf32>

func.func @call(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @+1 {{'func.call' op has no derivative}}
  %e = func.call @callee(%x) : (tensor<?xf32>) -> tensor<?xf32>
  // expected-note @+1 {{of this gradient}}
  %g = advx.gradient %e wrt(%x) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %g : tensor<?xf32>
}

// -----

// What a loop carries away from x is not left out.
func.func @loop(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  // expected-error @+1 {{'scf.for' op has no derivative}}
  %e = scf.for %i = %zero to %n step %one iter_args(%v = %x) -> tensor<?xf32> {
    %w = advx.exp %v : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %w : tensor<?xf32>
  }
  // expected-note @+1 {{of this gradient}}
  %g = advx.gradient %e wrt(%x) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %g : tensor<?xf32>
}

// -----

// The branches use what depends on x, though the op has no such operand.
func.func @region(%x: tensor<?xf32>, %c: i1) -> tensor<?xf32> {
  %y = advx.exp %x : (tensor<?xf32>) -> tensor<?xf32>
  // expected-error @+1 {{'scf.if' op has no derivative}}
  %e = scf.if %c -> tensor<?xf32> {
    scf.yield %y : tensor<?xf32>
  } else {
    scf.yield %x : tensor<?xf32>
  }
  // expected-note @+1 {{of this gradient}}
  %g = advx.gradient %e wrt(%x) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %g : tensor<?xf32>
}
