// RUN: advx-opt --advx-partitioned-to-host %s | FileCheck %s

// A loop that may end looks at each truth value after a run: B bytes, where they are.
// CHECK: llvm.func internal @step.ends
// CHECK:   llvm.call @advx_op_logical_or
// CHECK:   %[[FIRST:.*]] = llvm.load %{{.*}} : !llvm.ptr -> !llvm.ptr
// CHECK:   llvm.getelementptr %[[FIRST]][%{{.*}}] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK:   %[[BYTE:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i8
// CHECK:   llvm.icmp "ne" %[[BYTE]]
func.func @ends(%x: tensor<?xf32> {advx.input = "x"}, %hit: tensor<?xi1> {advx.input = "hit"})
    -> (tensor<?xf32> {advx.output = "out"}) attributes {advx.step} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %n = arith.constant 10 : index
  %r:2 = scf.for %k = %zero to %n step %one iter_args(%v = %x, %stopped = %hit)
      -> (tensor<?xf32>, tensor<?xi1>) {
    %s = advx.logical_or %stopped, %hit : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    %new = advx.exp %v : (tensor<?xf32>) -> tensor<?xf32>
    %kept = advx.select %s, %v, %new : (tensor<?xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    advx.end_loop %s : tensor<?xi1>
    scf.yield %kept, %s : tensor<?xf32>, tensor<?xi1>
  }
  return %r#0 : tensor<?xf32>
}

// A loop that may not is a loop of its count.
// CHECK: llvm.func internal @step.runs
// CHECK-NOT: llvm.load {{.*}} -> i8
func.func @runs(%x: tensor<?xf32> {advx.input = "x"}) -> (tensor<?xf32> {advx.output = "out"})
    attributes {advx.step} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %n = arith.constant 10 : index
  %r = scf.for %k = %zero to %n step %one iter_args(%v = %x) -> (tensor<?xf32>) {
    %new = advx.exp %v : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %new : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}
