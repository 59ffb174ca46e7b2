// Functions that processors lack are polynomials in f32 and stay vectors; in f64 they are calls.
// RUN: advx-opt %s --advx-kernels | FileCheck %s
// RUN: advx-opt %s --advx-partitioned-to-host | advx-translate --emit=obj -o %t.o
// RUN: llvm-nm --undefined-only %t.o | FileCheck %s --check-prefix=NEEDED

// CHECK-LABEL: llvm.func @kernel.0.elementwise(
// CHECK-NOT:     {{math\.(exp|log|tanh|erf|powf)|llvm\.call|vector\.(extract|insert)}}
// CHECK-COUNT-5: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT:     {{math\.(exp|log|tanh|erf|powf)|llvm\.call|vector\.(extract|insert)}}
// CHECK:         llvm.return

// NEEDED-NOT: {{(exp|log|tanh|erf|pow)f}}
// NEEDED:     U exp{{$}}
// NEEDED-NOT: {{(exp|log|tanh|erf|pow)f}}
func.func @functions(%x: tensor<?x33xf32> {advx.input = "x"}, %y: tensor<?x33xf64> {advx.input = "y"}) -> (tensor<?x33xf32> {advx.output = "u"}, tensor<?x33xf64> {advx.output = "v"}) attributes {advx.step} {
  %r = advx.cluster elementwise ["batch", "x"] (%x) : (tensor<?x33xf32>) -> tensor<?x33xf32> {
  ^bb0(%a: tensor<?x33xf32>):
    %e = advx.exp %a : (tensor<?x33xf32>) -> tensor<?x33xf32>
    %l = advx.log %e : (tensor<?x33xf32>) -> tensor<?x33xf32>
    %t = advx.tanh %l : (tensor<?x33xf32>) -> tensor<?x33xf32>
    %f = advx.erf %t : (tensor<?x33xf32>) -> tensor<?x33xf32>
    %p = advx.pow %f, %a : (tensor<?x33xf32>, tensor<?x33xf32>) -> tensor<?x33xf32>
    advx.yield %p : tensor<?x33xf32>
  }
  %s = advx.cluster elementwise ["batch", "y"] (%y) : (tensor<?x33xf64>) -> tensor<?x33xf64> {
  ^bb0(%a: tensor<?x33xf64>):
    %e = advx.exp %a : (tensor<?x33xf64>) -> tensor<?x33xf64>
    advx.yield %e : tensor<?x33xf64>
  }
  return %r, %s : tensor<?x33xf32>, tensor<?x33xf64>
}
