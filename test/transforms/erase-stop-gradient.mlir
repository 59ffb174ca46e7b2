// RUN: advx-opt %s --advx-erase-stop-gradient --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @erase
// CHECK-SAME:    %[[X:[a-z0-9]+]]
// CHECK-NOT:     advx.stop_gradient
// CHECK:         advx.neg %[[X]]
func.func @erase(%x: tensor<?xf32>) -> tensor<?xf32> {
  %s = advx.stop_gradient %x : (tensor<?xf32>) -> tensor<?xf32>
  %r = advx.neg %s : (tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

func.func @too_early(%x: tensor<?xf32>) -> tensor<?xf32> {
  %s = advx.stop_gradient %x : (tensor<?xf32>) -> tensor<?xf32>
  // expected-error @+1 {{still needs to know where its derivative stops}}
  %g = advx.gradient %s wrt(%x) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %g : tensor<?xf32>
}
