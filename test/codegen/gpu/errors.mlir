// RUN: advx-opt %s --advx-gpu-kernels --split-input-file --verify-diagnostics

func.func @power(%x: tensor<?x3xf64>) -> tensor<?x3xf64> attributes {advx.step} {
  %r = advx.cluster elementwise ["batch", "feature 3"] (%x) : (tensor<?x3xf64>) -> tensor<?x3xf64> {
  ^bb0(%a: tensor<?x3xf64>):
    // expected-error @below {{no GPU kernel computes this in 'f64'}}
    %p = advx.pow %a, %a : (tensor<?x3xf64>, tensor<?x3xf64>) -> tensor<?x3xf64>
    advx.yield %p : tensor<?x3xf64>
  }
  return %r : tensor<?x3xf64>
}

// -----

func.func @double(%x: tensor<?x3xf64>) -> tensor<?x3xf64> attributes {advx.step} {
  %r = advx.cluster elementwise ["batch", "feature 3"] (%x) : (tensor<?x3xf64>) -> tensor<?x3xf64> {
  ^bb0(%a: tensor<?x3xf64>):
    // expected-error @below {{no GPU kernel computes this in 'f64'}}
    %p = advx.exp %a : (tensor<?x3xf64>) -> tensor<?x3xf64>
    advx.yield %p : tensor<?x3xf64>
  }
  return %r : tensor<?x3xf64>
}

// -----

func.func @error_function(%x: tensor<?x3xf64>) -> tensor<?x3xf64> attributes {advx.step} {
  %r = advx.cluster elementwise ["batch", "feature 3"] (%x) : (tensor<?x3xf64>) -> tensor<?x3xf64> {
  ^bb0(%a: tensor<?x3xf64>):
    // expected-error @below {{no GPU kernel computes this in 'f64'}}
    %e = advx.erf %a : (tensor<?x3xf64>) -> tensor<?x3xf64>
    advx.yield %e : tensor<?x3xf64>
  }
  return %r : tensor<?x3xf64>
}
