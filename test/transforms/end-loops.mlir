// RUN: advx-opt %s --advx-end-loops --split-input-file | FileCheck %s

// What a solver's `stop when` leaves: a truth value of each example that stays true, and
// values that it keeps.
// CHECK-LABEL: func.func @frozen
// CHECK:         scf.for
// CHECK:           %[[STOPPED:.*]] = advx.logical_or
// CHECK:           advx.end_loop %[[STOPPED]] : tensor<?xi1>
// CHECK-NEXT:      scf.yield
func.func @frozen(%x: tensor<?x4xf32>, %hit: tensor<?xi1>, %none: tensor<?xi1>,
                  %n: index) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %x, %stopped = %none)
      -> (tensor<?x4xf32>, tensor<?xi1>) {
    %s = advx.logical_or %stopped, %hit : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    %goes = advx.logical_not %s : (tensor<?xi1>) -> tensor<?xi1>
    %new = advx.exp %v : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %kept = advx.select %goes, %new, %v : (tensor<?xi1>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    scf.yield %kept, %s : tensor<?x4xf32>, tensor<?xi1>
  }
  return %r#0 : tensor<?x4xf32>
}

// -----

// Two nested tests: a value is kept if both say so, or if one of the selects does.
// CHECK-LABEL: func.func @nested
// CHECK:           advx.end_loop
func.func @nested(%x: tensor<?x4xf32>, %hit: tensor<?xi1>, %none: tensor<?xi1>,
                  %n: index) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%stopped = %none, %v = %x)
      -> (tensor<?xi1>, tensor<?x4xf32>) {
    %goes = advx.logical_not %stopped : (tensor<?xi1>) -> tensor<?xi1>
    %both = advx.logical_and %hit, %goes : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    %new = advx.exp %v : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %inner = advx.select %both, %new, %v : (tensor<?xi1>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %kept = advx.select %stopped, %v, %inner : (tensor<?xi1>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %s = advx.logical_or %hit, %stopped : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    scf.yield %s, %kept : tensor<?xi1>, tensor<?x4xf32>
  }
  return %r#1 : tensor<?x4xf32>
}

// -----

// A second value goes on changing.
// CHECK-LABEL: func.func @counts
// CHECK-NOT:     advx.end_loop
func.func @counts(%x: tensor<?xf32>, %hit: tensor<?xi1>, %none: tensor<?xi1>,
                  %n: index) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %x, %w = %x, %stopped = %none)
      -> (tensor<?xf32>, tensor<?xf32>, tensor<?xi1>) {
    %s = advx.logical_or %stopped, %hit : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    %new = advx.exp %v : (tensor<?xf32>) -> tensor<?xf32>
    %kept = advx.select %s, %v, %new : (tensor<?xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %other = advx.exp %w : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %kept, %other, %s : tensor<?xf32>, tensor<?xf32>, tensor<?xi1>
  }
  return %r#0, %r#1 : tensor<?xf32>, tensor<?xf32>
}

// -----

// An example may start again: what is true everywhere does not stay so.
// CHECK-LABEL: func.func @resumes
// CHECK-NOT:     advx.end_loop
func.func @resumes(%x: tensor<?xf32>, %hit: tensor<?xi1>, %none: tensor<?xi1>,
                   %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %x, %stopped = %none)
      -> (tensor<?xf32>, tensor<?xi1>) {
    %s = advx.logical_and %stopped, %hit : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    %new = advx.exp %v : (tensor<?xf32>) -> tensor<?xf32>
    %kept = advx.select %stopped, %v, %new : (tensor<?xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %kept, %s : tensor<?xf32>, tensor<?xi1>
  }
  return %r#0 : tensor<?xf32>
}

// -----

// The two change places.
// CHECK-LABEL: func.func @swaps
// CHECK-NOT:     advx.end_loop
func.func @swaps(%x: tensor<?xf32>, %y: tensor<?xf32>, %hit: tensor<?xi1>, %none: tensor<?xi1>,
                 %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %x, %w = %y, %stopped = %none)
      -> (tensor<?xf32>, tensor<?xf32>, tensor<?xi1>) {
    %s = advx.logical_or %stopped, %hit : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    %a = advx.select %s, %w, %v : (tensor<?xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %b = advx.select %s, %v, %w : (tensor<?xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %a, %b, %s : tensor<?xf32>, tensor<?xf32>, tensor<?xi1>
  }
  return %r#0 : tensor<?xf32>
}

// -----

// What one truth value does not keep, two may: the loop ends where both are true.
// CHECK-LABEL: func.func @together
// CHECK:         %[[TOOK:.*]] = advx.constant 1.0
// CHECK:         scf.for
// CHECK:           %[[STOPPED:.*]] = advx.logical_or
// CHECK:           %[[DONE:.*]] = advx.logical_and %[[STOPPED]], %[[TOOK]]
// CHECK:           advx.end_loop %[[DONE]] : tensor<?xi1>
func.func @together(%x: tensor<?xf32>, %hit: tensor<?xi1>, %none: tensor<?xi1>,
                    %n: index) -> (tensor<?xf32>, tensor<?xi1>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %false = advx.constant 0.0 : tensor<i1>
  %true = advx.constant 1.0 : tensor<i1>
  %r:4 = scf.for %i = %c0 to %n step %c1
      iter_args(%v = %x, %first = %none, %stopped = %none, %took = %false)
      -> (tensor<?xf32>, tensor<?xi1>, tensor<?xi1>, tensor<i1>) {
    %s = advx.logical_or %stopped, %hit : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    %new = advx.exp %v : (tensor<?xf32>) -> tensor<?xf32>
    %kept = advx.select %s, %v, %new : (tensor<?xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %same = advx.compare eq %v, %new : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xi1>
    %known = advx.select %took, %first, %same : (tensor<i1>, tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    scf.yield %kept, %known, %s, %true : tensor<?xf32>, tensor<?xi1>, tensor<?xi1>, tensor<i1>
  }
  return %r#0, %r#1 : tensor<?xf32>, tensor<?xi1>
}
