// RUN: advx-opt %s --advx-differentiate --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// What computes a derivative is blamed on the line that it differentiates.

// CHECK-LABEL: func.func @located
func.func @located(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: advx.exp {{.*}} loc("page.advx":12:3)
  // CHECK: advx.neg {{.*}} loc("page.advx":13:5)
  // CHECK: advx.neg {{.*}} loc("page.advx":13:5)
  // CHECK: advx.mul {{.*}} loc("page.advx":12:3)
  %a = advx.exp %x : (tensor<?xf32>) -> tensor<?xf32> loc("page.advx":12:3)
  %e = advx.neg %a : (tensor<?xf32>) -> tensor<?xf32> loc("page.advx":13:5)
  %g = advx.gradient %e wrt(%x) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32> loc("page.advx":14:7)
  return %g : tensor<?xf32>
}
