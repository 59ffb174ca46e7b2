// RUN: advx-opt --advx-plan %s | FileCheck %s

// A carried value has one home. The start is copied there (the input keeps its place); the
// elementwise end of the body is made in the home as far back as the old value is not read.
// What is read from outside stays for all runs: the bias and the loop's temporaries differ.
// CHECK-LABEL: func.func @chain_into_home
func.func @chain_into_home(%x: tensor<?x4xf32> {advx.input = "x"}, %b: tensor<4xf32> {advx.input = "b"})
    -> (tensor<?x4xf32> {advx.output = "out"}) attributes {advx.step} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %n = arith.constant 10 : index
  // CHECK: advx.exp {{.*}} {advx.offsets = array<i64: [[BIAS:[0-9]+]]>}
  %bias = advx.exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %r = scf.for %k = %zero to %n step %one iter_args(%a = %x) -> (tensor<?x4xf32>) {
    // CHECK: advx.concat {{.*}} {advx.offsets = array<i64: [[TEMPORARY:[0-9]+]]>}
    %t = advx.concat %a axis 0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
    // CHECK-NOT: advx.offsets = array<i64: [[BIAS]]>
    // CHECK: advx.neg {{.*}} {advx.offsets = array<i64: [[TEMPORARY]]>}
    %g = advx.neg %t : (tensor<?x4xf32>) -> tensor<?x4xf32>
    // CHECK: advx.add {{.*}} {advx.offsets = array<i64: [[HOME:[0-9]+]]>}
    %u = advx.add %a, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    // CHECK: advx.maximum {{.*}} {advx.offsets = array<i64: [[HOME]]>}
    %v = advx.maximum %u, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    // CHECK: advx.minimum {{.*}} {advx.offsets = array<i64: [[HOME]]>}
    %w = advx.minimum %v, %bias : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    scf.yield %w : tensor<?x4xf32>
    // CHECK: } {advx.offsets = array<i64: [[HOME]]>}
  }
  return %r : tensor<?x4xf32>
}

// Two places that exchange their values: each old value is kept by a copy first.
// CHECK-LABEL: func.func @exchange
func.func @exchange(%x: tensor<4xf32> {advx.input = "x"}, %y: tensor<4xf32> {advx.input = "y"})
    -> (tensor<4xf32> {advx.output = "p"}, tensor<4xf32> {advx.output = "q"}) attributes {advx.step} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %n = arith.constant 3 : index
  // CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}})
  // CHECK-DAG: %[[CB:.*]] = advx.copy %[[B]]
  // CHECK-DAG: %[[CA:.*]] = advx.copy %[[A]]
  // CHECK: scf.yield %[[CB]], %[[CA]]
  %r:2 = scf.for %k = %zero to %n step %one iter_args(%a = %x, %b = %y) -> (tensor<4xf32>, tensor<4xf32>) {
    scf.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  }
  return %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
}

// The start of a loop that nobody else reads is made in the home.
// CHECK-LABEL: func.func @start_in_home
func.func @start_in_home(%x: tensor<4xf32> {advx.input = "x"})
    -> (tensor<4xf32> {advx.output = "out"}) attributes {advx.step} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %n = arith.constant 3 : index
  // CHECK: advx.exp {{.*}} {advx.offsets = array<i64: [[HOME:[0-9]+]]>}
  %e = advx.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %r = scf.for %k = %zero to %n step %one iter_args(%a = %e) -> (tensor<4xf32>) {
    // CHECK: advx.concat
    %t = advx.concat %a axis 0 : (tensor<4xf32>) -> tensor<4xf32>
    scf.yield %t : tensor<4xf32>
    // CHECK: } {advx.offsets = array<i64: [[HOME]]>}
  }
  return %r : tensor<4xf32>
}
