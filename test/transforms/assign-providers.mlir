// RUN: advx-opt %s --advx-assign-providers | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: advx-opt %s --advx-assign-providers=aten=true | FileCheck %s --check-prefixes=CHECK,ATEN

// CHECK-LABEL: func.func @by_shape
func.func @by_shape(%x: tensor<?x8x8x1xf32>, %y: tensor<?x8x8x16xf32>, %z: tensor<?x1x8x8xf32>, %w: tensor<16x1x3x3xf32>, %v: tensor<16x16x3x3xf32>) {
  // CHECK: advx.conv2d {{.*}}channels_last {algorithm = "direct", provider = "advx"}
  %a = advx.conv2d %x, %w stride [1, 1] padding [1, 1] channels_last : (tensor<?x8x8x1xf32>, tensor<16x1x3x3xf32>) -> tensor<?x8x8x16xf32>
  // CHECK: advx.conv2d_input_grad {{.*}}provider = "advx"
  %b = advx.conv2d_input_grad %y, %w stride [1, 1] padding [1, 1] input [8, 8] channels_last : (tensor<?x8x8x16xf32>, tensor<16x1x3x3xf32>) -> tensor<?x8x8x1xf32>
  // CHECK: advx.conv2d_weight_grad {{.*}}provider = "onednn"
  %c = advx.conv2d_weight_grad %y, %y stride [1, 1] padding [1, 1] kernel [3, 3] channels_last : (tensor<?x8x8x16xf32>, tensor<?x8x8x16xf32>) -> tensor<16x16x3x3xf32>
  // CHECK: advx.conv2d {{.*}}padding [1, 1] {algorithm = "direct", provider = "onednn"}
  %d = advx.conv2d %z, %w stride [1, 1] padding [1, 1] : (tensor<?x1x8x8xf32>, tensor<16x1x3x3xf32>) -> tensor<?x16x8x8xf32>
  // What the user chose stays.
  // CHECK: advx.conv2d {{.*}}{algorithm = "winograd", provider = "onednn"}
  %e = advx.conv2d %y, %v stride [1, 1] padding [1, 1] channels_last {algorithm = "winograd", provider = "onednn"} : (tensor<?x8x8x16xf32>, tensor<16x16x3x3xf32>) -> tensor<?x8x8x16xf32>
  return
}

// CHECK-LABEL: func.func @by_type
func.func @by_type(%x: tensor<?x8x8x1xf64>, %w: tensor<16x1x3x3xf64>, %m: tensor<4x5xf64>, %n: tensor<4x5xf32>, %u: tensor<?x4xf32>, %v: tensor<?x5xf32>) {
  // CHECK: advx.conv2d {{.*}}{algorithm = "direct", provider = "plain"}
  %a = advx.conv2d %x, %w stride [1, 1] padding [1, 1] channels_last : (tensor<?x8x8x1xf64>, tensor<16x1x3x3xf64>) -> tensor<?x8x8x16xf64>
  // CHECK: advx.matmul {{.*}}provider = "plain"
  %b = advx.matmul %m, %m transpose_b : (tensor<4x5xf64>, tensor<4x5xf64>) -> tensor<4x4xf64>
  // CHECK: advx.matvec {{.*}}{algorithm = "sgemm", provider = "onednn"}
  %c = advx.matvec %n, %v : (tensor<4x5xf32>, tensor<?x5xf32>) -> tensor<?x4xf32>
  // CHECK: advx.outer {{.*}}{algorithm = "sgemm", provider = "onednn"}
  %d = advx.outer %u, %v : (tensor<?x4xf32>, tensor<?x5xf32>) -> tensor<4x5xf32>
  return
}

// Where the runtime has ATen it computes f64, but for small weights.
// CHECK-LABEL: func.func @f64
func.func @f64(%x: tensor<?x8x8x16xf64>, %w: tensor<16x16x3x3xf64>, %s: tensor<7x16x3x3xf64>, %m: tensor<32x32xf64>, %n: tensor<32x31xf64>, %u: tensor<?x32xf64>, %v: tensor<?x31xf64>) {
  // PLAIN: advx.conv2d {{.*}}{algorithm = "direct", provider = "plain"}
  // ATEN:  advx.conv2d {{.*}}{algorithm = "im2col", provider = "aten"}
  %a = advx.conv2d %x, %w stride [1, 1] padding [1, 1] channels_last : (tensor<?x8x8x16xf64>, tensor<16x16x3x3xf64>) -> tensor<?x8x8x16xf64>
  // PLAIN: advx.conv2d_input_grad {{.*}}provider = "plain"
  // ATEN:  advx.conv2d_input_grad {{.*}}provider = "aten"
  %b = advx.conv2d_input_grad %x, %w stride [1, 1] padding [1, 1] input [8, 8] channels_last : (tensor<?x8x8x16xf64>, tensor<16x16x3x3xf64>) -> tensor<?x8x8x16xf64>
  // PLAIN: advx.conv2d_weight_grad {{.*}}provider = "plain"
  // ATEN:  advx.conv2d_weight_grad {{.*}}provider = "aten"
  %c = advx.conv2d_weight_grad %x, %x stride [1, 1] padding [1, 1] kernel [3, 3] channels_last : (tensor<?x8x8x16xf64>, tensor<?x8x8x16xf64>) -> tensor<16x16x3x3xf64>
  // 7 x 16 x 3 x 3 is less than 1024.
  // CHECK: advx.conv2d {{.*}}provider = "plain"
  %d = advx.conv2d %x, %s stride [1, 1] padding [1, 1] channels_last : (tensor<?x8x8x16xf64>, tensor<7x16x3x3xf64>) -> tensor<?x8x8x7xf64>
  // PLAIN: advx.matvec {{.*}}provider = "plain"
  // ATEN:  advx.matvec {{.*}}{algorithm = "gemm", provider = "aten"}
  %e = advx.matvec %m, %u : (tensor<32x32xf64>, tensor<?x32xf64>) -> tensor<?x32xf64>
  // CHECK: advx.matvec {{.*}}provider = "plain"
  %f = advx.matvec %n, %v : (tensor<32x31xf64>, tensor<?x31xf64>) -> tensor<?x32xf64>
  // PLAIN: advx.outer {{.*}}provider = "plain"
  // ATEN:  advx.outer {{.*}}provider = "aten"
  %g = advx.outer %u, %u : (tensor<?x32xf64>, tensor<?x32xf64>) -> tensor<32x32xf64>
  // CHECK: advx.outer {{.*}}provider = "plain"
  %h = advx.outer %u, %v : (tensor<?x32xf64>, tensor<?x31xf64>) -> tensor<32x31xf64>
  // PLAIN: advx.matmul {{.*}}provider = "plain"
  // ATEN:  advx.matmul {{.*}}provider = "aten"
  %i = advx.matmul %m, %m transpose_b : (tensor<32x32xf64>, tensor<32x32xf64>) -> tensor<32x32xf64>
  return
}

// A kernel computes what lies in its cluster.
// CHECK-LABEL: func.func @cluster
// CHECK-NOT:   provider
func.func @cluster(%n: tensor<4x5xf32>, %v: tensor<?x5xf32>) -> tensor<?x4xf32> {
  %r = advx.cluster row ["batch", "class 4"] (%n, %v) : (tensor<4x5xf32>, tensor<?x5xf32>) -> tensor<?x4xf32> {
  ^bb0(%a: tensor<4x5xf32>, %b: tensor<?x5xf32>):
    %c = advx.matvec %a, %b : (tensor<4x5xf32>, tensor<?x5xf32>) -> tensor<?x4xf32>
    advx.yield %c : tensor<?x4xf32>
  }
  return %r : tensor<?x4xf32>
}
