// RUN: advx-opt --advx-plan %s | FileCheck %s

// Leaves come first, each on 64 bytes, then temporaries.
// CHECK: advx.program "page" state_bytes 128 {
// CHECK-NEXT: advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.000000e+00) offset 0
// CHECK-NEXT: advx.leaf @b : tensor<3xf32> slot 1 parameter = constant(0.000000e+00) offset 64
advx.program "page" {
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0)
  advx.leaf @b : tensor<3xf32> slot 1 parameter = constant(0.0)
}

// A chain needs two buffers at a time: the third value lies where the first was. A reshape has
// no buffer of its own. An output stays to the end.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: advx.input = "x", advx.offset = 0 : i64
// CHECK-SAME: advx.offset = 20 : i64, advx.output = "y"
// CHECK-SAME: attributes {advx.apart, advx.batch_arena = 60 : i64, advx.state_arena = 128 : i64, advx.step}
func.func @chain(%x: tensor<?x5xf32> {advx.input = "x"})
    -> (tensor<?x1x5xf32> {advx.output = "y"}) attributes {advx.step} {
  // CHECK: advx.exp {{.*}} {advx.offsets = array<i64: [[A:[0-9]+]]>}
  %a = advx.exp %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  // CHECK: advx.concat {{.*}} {advx.offsets = array<i64: [[B:[0-9]+]]>}
  %b = advx.concat %a axis 0 : (tensor<?x5xf32>) -> tensor<?x5xf32>
  // CHECK: advx.reshape {{.*}} {advx.offsets = array<i64: [[B]]>}
  %r = advx.reshape %b shape [1, 5] : (tensor<?x5xf32>) -> tensor<?x1x5xf32>
  // CHECK: advx.transpose {{.*}} {advx.offsets = array<i64: [[A]]>}
  %c = advx.transpose %r permutation [0, 1] : (tensor<?x1x5xf32>) -> tensor<?x1x5xf32>
  return %c : tensor<?x1x5xf32>
}
