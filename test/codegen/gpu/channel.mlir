// RUN: advx-opt %s --advx-gpu-kernels | FileCheck %s

// A block takes 32 channels, a lane each; its eight warps take turns at the examples and add up in
// f64. Every thread then adds the eight sums of its channel.
func.func @mean(%x: tensor<?x4x4x40xf32>, %n: f64) -> tensor<40xf32> attributes {advx.step} {
  %r = advx.cluster channel ["batch reduced", "image 4 reduced", "feature 40"] (%x, %n) : (tensor<?x4x4x40xf32>, f64) -> tensor<40xf32> {
  ^bb0(%a: tensor<?x4x4x40xf32>, %k: f64):
    %s = advx.reduce_sum %a axes [0, 1] : (tensor<?x4x4x40xf32>) -> tensor<?x40xf32>
    %t = advx.batch_sum %s : (tensor<?x40xf32>) -> tensor<40xf32>
    %f = advx.splat %k : (f64) -> tensor<f32>
    %m = advx.mul %t, %f : (tensor<40xf32>, tensor<f32>) -> tensor<40xf32>
    advx.yield %m : tensor<40xf32>
  }
  return %r : tensor<40xf32>
}

// CHECK:       llvm.mlir.global internal @channel_0_shared() {{.*}} : !llvm.array<2048 x i8>
// CHECK:       gpu.func @channel_0({{.*}}) kernel
// CHECK:         scf.for
// CHECK:           scf.if
// CHECK:             scf.for
// CHECK:               llvm.load {{.*}} : !llvm.ptr<1> -> f32
// CHECK:           nvvm.barrier0
// CHECK:           scf.for
// CHECK:             llvm.load {{.*}} : !llvm.ptr<3> -> f64
// CHECK:             arith.addf {{.*}} : f64
// CHECK:           nvvm.barrier0
// CHECK:           scf.if
// CHECK:             llvm.store {{.*}} : f32, !llvm.ptr<1>
// CHECK-NOT:     atomic
