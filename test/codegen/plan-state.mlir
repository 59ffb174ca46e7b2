// RUN: advx-opt --advx-plan %s | FileCheck %s

advx.program "page" {
  advx.leaf @a : tensor<3xf32> slot 0 parameter = constant(0.0)
  advx.leaf @b : tensor<3xf32> slot 1 parameter = constant(0.0)
}

// The new value of a leaf is made in the leaf when its old value is read for the last time there.
// CHECK-LABEL: func.func @in_place
// CHECK-SAME: advx.state_arena = 192
func.func @in_place(%a: tensor<3xf32> {advx.state = 0 : i64}, %g: tensor<3xf32> {advx.input = "g"})
    -> (tensor<3xf32> {advx.state = 0 : i64}) attributes {advx.step} {
  // CHECK: advx.sub {{.*}} {advx.offsets = array<i64: 0>}
  %new = advx.sub %a, %g : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %new : tensor<3xf32>
}

// Not where the old value is read later.
// CHECK-LABEL: func.func @read_later
func.func @read_later(%a: tensor<3xf32> {advx.state = 0 : i64}, %g: tensor<3xf32> {advx.input = "g"})
    -> (tensor<3xf32> {advx.state = 0 : i64}, tensor<3xf32> {advx.output = "old"}) attributes {advx.step} {
  // CHECK: advx.sub {{.*}} {advx.offsets = array<i64: [[NEW:[1-9][0-9]*]]>}
  %new = advx.sub %a, %g : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  // CHECK: advx.exp {{.*}} {advx.offsets = array<i64: [[OLD:[1-9][0-9]*]]>}
  %old = advx.exp %a : (tensor<3xf32>) -> tensor<3xf32>
  return %new, %old : tensor<3xf32>, tensor<3xf32>
}

// Leaves that exchange their values.
// CHECK-LABEL: func.func @exchange
func.func @exchange(%a: tensor<3xf32> {advx.state = 0 : i64}, %b: tensor<3xf32> {advx.state = 1 : i64})
    -> (tensor<3xf32> {advx.state = 0 : i64}, tensor<3xf32> {advx.state = 1 : i64}) attributes {advx.step} {
  // CHECK: advx.copy %arg1 {advx.offsets = array<i64: {{[1-9][0-9]+}}>}
  // CHECK: advx.copy %arg0 {advx.offsets = array<i64: {{[1-9][0-9]+}}>}
  return %b, %a : tensor<3xf32>, tensor<3xf32>
}
