// RUN: advx-opt %s --advx-gpu-kernels | FileCheck %s
// RUN: advx-opt %s --advx-gpu-nvvm | FileCheck %s --check-prefix=NVVM

// Four consecutive elements a thread in a grid-stride loop, and one a thread for the rest.
// CHECK-LABEL: func.func @flat
// CHECK:         advx.cluster elementwise {{.*}} {advx.kernel = @kernels::@elementwise_0}
// CHECK:         advx.cluster elementwise {{.*}} {advx.kernel = @kernels::@elementwise_0}
func.func @flat(%x: tensor<?x33xf32>, %y: tensor<?x33xf32>, %n: f64) -> tensor<?x33xf32> attributes {advx.step} {
  %r = advx.cluster elementwise ["batch", "feature 33"] (%x, %y, %n) : (tensor<?x33xf32>, tensor<?x33xf32>, f64) -> tensor<?x33xf32> {
  ^bb0(%a: tensor<?x33xf32>, %b: tensor<?x33xf32>, %k: f64):
    %s = advx.splat %k : (f64) -> tensor<f32>
    %t = advx.mul %a, %s : (tensor<?x33xf32>, tensor<f32>) -> tensor<?x33xf32>
    %u = advx.add %t, %b : (tensor<?x33xf32>, tensor<?x33xf32>) -> tensor<?x33xf32>
    advx.yield %u : tensor<?x33xf32>
  }
  %q = advx.cluster elementwise ["batch", "feature 33"] (%r, %x, %n) : (tensor<?x33xf32>, tensor<?x33xf32>, f64) -> tensor<?x33xf32> {
  ^bb0(%a: tensor<?x33xf32>, %b: tensor<?x33xf32>, %k: f64):
    %s = advx.splat %k : (f64) -> tensor<f32>
    %t = advx.mul %a, %s : (tensor<?x33xf32>, tensor<f32>) -> tensor<?x33xf32>
    %u = advx.add %t, %b : (tensor<?x33xf32>, tensor<?x33xf32>) -> tensor<?x33xf32>
    advx.yield %u : tensor<?x33xf32>
  }
  return %q : tensor<?x33xf32>
}

// One kernel for both clusters. Result, operands, number, length of the batch.
// CHECK:       gpu.module @kernels
// CHECK:         gpu.func @elementwise_0(%{{.*}}: !llvm.ptr<1>, %{{.*}}: !llvm.ptr<1>, %{{.*}}: !llvm.ptr<1>, %{{.*}}: f64, %{{.*}}: i64) kernel
// CHECK-SAME:      advx.launch = {one_block = false, partial_bytes = 0 : i64, rows = 0 : i64, threads = 256 : i64}
// CHECK:           scf.for
// CHECK-COUNT-2:     llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CHECK:             llvm.store {{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
// CHECK:           scf.if
// CHECK-COUNT-2:     llvm.load {{.*}} {alignment = 4 : i64} : !llvm.ptr<1> -> f32
// CHECK:             llvm.store {{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<1>
// CHECK-NOT:     gpu.func

// NVVM:        gpu.module @kernels
// NVVM:          llvm.func @elementwise_0({{.*}}) attributes {{.*}}nvvm.kernel
// NVVM-NOT:      {{(arith|scf|cf|math|vector)\.}}
