// RUN: advx-opt --advx-partitioned-to-host %s > %t
// RUN: FileCheck %s < %t
// RUN: FileCheck %s --check-prefix=PLACES < %t

// A record for each tensor of a call, results first: its offset, whether it is one of the batch,
// its dtype (0 f32, 2 i64, 3 bool), its rank, its axes.
advx.program "page" {
  advx.leaf @w : tensor<3x5xf32> slot 0 parameter = constant(0.0)
}

// PLACES: @advx_places_1(dense<[20, 1, 0, 1, 3, 0, 0, 0, 2, 3, 5, 0, 1, 0, 1, 5]> : tensor<16xi64>)
// PLACES: @advx_places_4(dense<[32, 1, 2, 0, 20, 1, 0, 1, 3]> : tensor<9xi64>)

// CHECK: llvm.func internal @step.test
// CHECK-DAG: %[[PRODUCTS:.*]] = llvm.mlir.addressof @advx_places_1
// CHECK-DAG: %[[INDICES:.*]] = llvm.mlir.addressof @advx_places_4
// CHECK-DAG: %[[THREE:.*]] = llvm.mlir.constant(3 : i64)
// CHECK-DAG: %[[TWO:.*]] = llvm.mlir.constant(2 : i64)
// CHECK: llvm.call @advx_describe(%[[TENSORS:.*]], %[[PRODUCTS]], %[[THREE]], %arg1, %arg2, %[[B:.*]], %[[PADDED:[^)]*]])
// CHECK-NEXT: llvm.call @advx_op_matvec(%arg0, %[[TENSORS]]
// CHECK: llvm.call @advx_describe(%[[TENSORS]], %[[INDICES]], %[[TWO]], %arg1, %arg2, %[[B]], %[[PADDED]])
// CHECK-NEXT: llvm.call @advx_op_argmax(%arg0, %[[TENSORS]]
// CHECK-NOT: llvm.call
func.func @test(%w: tensor<3x5xf32> {advx.state = 0 : i64}, %x: tensor<?x5xf32> {advx.input = "x"})
    -> (tensor<?xi64> {advx.output = "y"}) attributes {advx.step} {
  %z = advx.matvec %w, %x : (tensor<3x5xf32>, tensor<?x5xf32>) -> tensor<?x3xf32>
  %y = advx.argmax %z : (tensor<?x3xf32>) -> tensor<?xi64>
  return %y : tensor<?xi64>
}
