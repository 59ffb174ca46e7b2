// RUN: advx-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @neutral
// CHECK-SAME:    %[[X:[a-z0-9]+]]
// CHECK-NEXT:    return %[[X]]
func.func @neutral(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %zero = advx.constant 0.0 : tensor<f32>
  %one = advx.constant 1.0 : tensor<4xf32>
  %ones = advx.batch_broadcast %one, %x : (tensor<4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %a = advx.add %x, %zero : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %b = advx.mul %ones, %a : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %c = advx.div %b, %one : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %d = advx.neg %c : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = advx.neg %d : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %e : tensor<?x4xf32>
}

// A factor of 1 that gives the product its shape stays.
// CHECK-LABEL: func.func @shaping
// CHECK:         advx.mul
func.func @shaping(%x: tensor<?xf32>) -> tensor<?x4xf32> {
  %one = advx.constant 1.0 : tensor<4xf32>
  %a = advx.mul %x, %one : (tensor<?xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// 0 x is not 0 where x is infinite.
// CHECK-LABEL: func.func @times_zero
// CHECK:         advx.mul
func.func @times_zero(%x: tensor<?xf32>) -> tensor<?xf32> {
  %zero = advx.constant 0.0 : tensor<f32>
  %a = advx.mul %x, %zero : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %a : tensor<?xf32>
}

// CHECK-LABEL: func.func @choice
// CHECK-SAME:    %[[C:[a-z0-9]+]]: tensor<?xi1>, %[[X:[a-z0-9]+]]
// CHECK-NEXT:    return %[[X]]
func.func @choice(%c: tensor<?xi1>, %x: tensor<?xf32>) -> tensor<?xf32> {
  %a = advx.select %c, %x, %x : (tensor<?xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %a : tensor<?xf32>
}

// CHECK-LABEL: func.func @shapes
// CHECK-SAME:    %[[X:[a-z0-9]+]]
// CHECK-NEXT:    return %[[X]]
func.func @shapes(%x: tensor<?x4x2xf32>) -> tensor<?x4x2xf32> {
  %a = advx.reshape %x shape [8] : (tensor<?x4x2xf32>) -> tensor<?x8xf32>
  %b = advx.reshape %a shape [4, 2] : (tensor<?x8xf32>) -> tensor<?x4x2xf32>
  %c = advx.transpose %b permutation [0, 1] : (tensor<?x4x2xf32>) -> tensor<?x4x2xf32>
  %d = advx.slice %c axis 0 begin 0 size 4 : (tensor<?x4x2xf32>) -> tensor<?x4x2xf32>
  %e = advx.broadcast %d shape [4, 2] axes [0, 1] : (tensor<?x4x2xf32>) -> tensor<?x4x2xf32>
  %f = advx.reduce_sum %e axes [] : (tensor<?x4x2xf32>) -> tensor<?x4x2xf32>
  return %f : tensor<?x4x2xf32>
}

// CHECK-LABEL: func.func @transposed_matrix
// CHECK-SAME:    %[[W:[a-z0-9]+]]: tensor<100x10xf32>, %[[X:[a-z0-9]+]]
// CHECK-NEXT:    advx.matvec %[[W]], %[[X]] transpose
func.func @transposed_matrix(%w: tensor<100x10xf32>, %x: tensor<?x100xf32>) -> tensor<?x10xf32> {
  %t = advx.transpose %w permutation [1, 0] : (tensor<100x10xf32>) -> tensor<10x100xf32>
  %r = advx.matvec %t, %x : (tensor<10x100xf32>, tensor<?x100xf32>) -> tensor<?x10xf32>
  return %r : tensor<?x10xf32>
}

// A number of examples is read from where the batch enters, not from what is computed.
// CHECK-LABEL: func.func @batch_source
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK-NOT:     advx.exp
// CHECK:         advx.batch_broadcast %{{.*}}, %[[X]]
// CHECK:         advx.batch_size %[[X]]
func.func @batch_source(%x: tensor<?x4xf32>, %w: tensor<4xf32>, %n: index) -> (tensor<?x4xf32>, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%v = %x) -> (tensor<?x4xf32>) {
    %e = advx.exp %v : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %b = advx.batch_broadcast %w, %e : (tensor<4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    scf.yield %b : tensor<?x4xf32>
  }
  %f = advx.exp %r : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = advx.batch_size %f : (tensor<?x4xf32>) -> f64
  return %r, %s : tensor<?x4xf32>, f64
}

// What is the same for every example is computed once.
// CHECK-LABEL: func.func @sink_broadcast
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[W:[a-z0-9]+]]: tensor<4xf32>
// CHECK:         %[[E:.*]] = advx.exp %[[W]] : (tensor<4xf32>)
// CHECK:         advx.mul %[[E]], %[[X]] : (tensor<4xf32>, tensor<?x4xf32>)
func.func @sink_broadcast(%x: tensor<?x4xf32>, %w: tensor<4xf32>) -> tensor<?x4xf32> {
  %b = advx.batch_broadcast %w, %x : (tensor<4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = advx.exp %b : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %r = advx.mul %e, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// A cast that rounds nothing is left out before another; one that rounds stays.
// CHECK-LABEL: func.func @casts
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?xf32>, %[[D:[a-z0-9]+]]: tensor<?xf64>, %[[M:[a-z0-9]+]]: tensor<?xi1>, %[[Y:[a-z0-9]+]]: tensor<?xi64>
// CHECK-DAG:     %[[F:.*]] = advx.cast %[[D]] to f32
// CHECK-DAG:     %[[ROUNDED:.*]] = advx.cast %[[F]] to f64
// CHECK-DAG:     %[[B:.*]] = advx.cast %[[M]] to f64 : (tensor<?xi1>) -> tensor<?xf64>
// CHECK-DAG:     %[[L:.*]] = advx.cast %[[Y]] to f32
// CHECK-DAG:     %[[LABEL:.*]] = advx.cast %[[L]] to f64
// CHECK:         return %[[X]], %[[X]], %[[ROUNDED]], %[[B]], %[[LABEL]]
func.func @casts(%x: tensor<?xf32>, %d: tensor<?xf64>, %m: tensor<?xi1>, %y: tensor<?xi64>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf64>, tensor<?xf64>, tensor<?xf64>) {
  %same = advx.cast %x to f32 : (tensor<?xf32>) -> tensor<?xf32>
  %wide = advx.cast %x to f64 : (tensor<?xf32>) -> tensor<?xf64>
  %back = advx.cast %wide to f32 : (tensor<?xf64>) -> tensor<?xf32>
  %narrow = advx.cast %d to f32 : (tensor<?xf64>) -> tensor<?xf32>
  %rounded = advx.cast %narrow to f64 : (tensor<?xf32>) -> tensor<?xf64>
  %f = advx.cast %m to f32 : (tensor<?xi1>) -> tensor<?xf32>
  %b = advx.cast %f to f64 : (tensor<?xf32>) -> tensor<?xf64>
  %l = advx.cast %y to f32 : (tensor<?xi64>) -> tensor<?xf32>
  %label = advx.cast %l to f64 : (tensor<?xf32>) -> tensor<?xf64>
  return %same, %back, %rounded, %b, %label : tensor<?xf32>, tensor<?xf32>, tensor<?xf64>, tensor<?xf64>, tensor<?xf64>
}
