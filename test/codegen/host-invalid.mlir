// RUN: advx-opt --advx-partitioned-to-host --split-input-file --verify-diagnostics %s

// An op that an earlier stage must replace is named with its place.
func.func @composite(%x: tensor<?x4xf32> {advx.input = "x"}) -> (tensor<?x4xf32> {advx.output = "o"})
    attributes {advx.step} {
  // expected-error@+1 {{internal: has no runtime call, so an earlier stage must replace it}}
  %s = advx.softmax %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

// -----

// expected-error@+1 {{internal: is neither a step nor the uniforms}}
func.func @stray() {
  return
}
