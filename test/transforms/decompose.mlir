// RUN: advx-opt %s --advx-decompose --cse --advx-verify-stage=stage=decomposed | FileCheck %s

// CHECK-LABEL: func.func @log_softmax
// CHECK-SAME:    %[[X:[a-z0-9]+]]
// CHECK:         %[[MAX:.*]] = advx.reduce_max %[[X]]
// CHECK:         %[[STOP:.*]] = advx.stop_gradient %[[MAX]]
// CHECK:         %[[SHIFT:.*]] = advx.sub %[[X]], %[[STOP]]
// CHECK:         %[[EXP:.*]] = advx.exp %[[SHIFT]]
// CHECK:         %[[SUM:.*]] = advx.reduce_sum %[[EXP]]
// CHECK:         %[[LOG:.*]] = advx.log %[[SUM]]
// CHECK:         %[[R:.*]] = advx.sub %[[SHIFT]], %[[LOG]]
// CHECK:         return %[[R]]
func.func @log_softmax(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %r = advx.log_softmax %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
  return %r : tensor<?x10xf32>
}

// One set of exponentials serves both.
// CHECK-LABEL: func.func @softmax_family
// CHECK-COUNT-1: advx.exp
// CHECK-NOT:     advx.exp
// CHECK:         return
func.func @softmax_family(%x: tensor<?x10xf32>) -> (tensor<?x10xf32>, tensor<?x10xf32>) {
  %a = advx.softmax %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
  %b = advx.log_softmax %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
  return %a, %b : tensor<?x10xf32>, tensor<?x10xf32>
}

// An infinite maximum is not taken away.
// CHECK-LABEL: func.func @log_sum_exp
// CHECK-SAME:    %[[X:[a-z0-9]+]]
// CHECK:         %[[STOP:.*]] = advx.stop_gradient
// CHECK:         %[[SIZE:.*]] = advx.abs %[[STOP]]
// CHECK:         %[[INFINITE:.*]] = advx.compare eq %[[SIZE]]
// CHECK:         %[[MAX:.*]] = advx.select %[[INFINITE]], {{.*}}, %[[STOP]]
// CHECK:         advx.sub %[[X]], %[[MAX]]
// CHECK:         advx.add %[[MAX]]
func.func @log_sum_exp(%x: tensor<?x10xf32>) -> tensor<?xf32> {
  %c = advx.log_sum_exp %x : (tensor<?x10xf32>) -> tensor<?xf32>
  return %c : tensor<?xf32>
}

// CHECK-LABEL: func.func @norms
// CHECK-SAME:    %[[X:[a-z0-9]+]]
// CHECK:         %[[ABS:.*]] = advx.abs %[[X]]
// CHECK:         %[[L1:.*]] = advx.reduce_sum %[[ABS]]
// CHECK:         %[[SQUARE:.*]] = advx.mul %[[X]], %[[X]]
// CHECK:         %[[SUM:.*]] = advx.reduce_sum %[[SQUARE]]
// CHECK:         %[[L2:.*]] = advx.sqrt %[[SUM]]
// CHECK:         %[[LINF:.*]] = advx.reduce_max %[[ABS]]
// CHECK:         return %[[L1]], %[[L2]], %[[LINF]]
func.func @norms(%x: tensor<?x3x4xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %a = advx.norm l1 %x : (tensor<?x3x4xf32>) -> tensor<?xf32>
  %b = advx.norm l2 %x : (tensor<?x3x4xf32>) -> tensor<?xf32>
  %c = advx.norm linf %x : (tensor<?x3x4xf32>) -> tensor<?xf32>
  return %a, %b, %c : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// CHECK-LABEL: func.func @normalize
// CHECK-SAME:    %[[W:[a-z0-9]+]]
// CHECK:         %[[NORM:.*]] = advx.sqrt
// CHECK:         %[[ZERO:.*]] = advx.constant 0.0
// CHECK:         %[[SOME:.*]] = advx.compare ne %[[NORM]], %[[ZERO]]
// CHECK:         %[[LEAST:.*]] = advx.constant 9.9999999999999998E-13 : tensor<f32>
// CHECK:         %[[FLOOR:.*]] = advx.maximum %[[NORM]], %[[LEAST]]
// CHECK:         %[[MASK:.*]] = advx.broadcast %[[SOME]] shape [100, 10] axes [1]
// CHECK:         %[[ALONG:.*]] = advx.broadcast %[[FLOOR]] shape [100, 10] axes [1]
// CHECK:         %[[KEPT:.*]] = advx.select %[[MASK]], %[[W]], %[[ZERO]]
// CHECK:         advx.div %[[KEPT]], %[[ALONG]]
func.func @normalize(%w: tensor<100x10xf32>) -> tensor<100x10xf32> {
  %r = advx.normalize %w axis 0 : (tensor<100x10xf32>) -> tensor<100x10xf32>
  return %r : tensor<100x10xf32>
}

// CHECK-LABEL: func.func @normalize_all
// CHECK-NOT:     advx.broadcast
// CHECK:         return
func.func @normalize_all(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  %r = advx.normalize %x axis -1 : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return %r : tensor<?x3x4xf32>
}

// CHECK-LABEL: func.func @clip
// CHECK-SAME:    %[[X:[a-z0-9]+]]: {{.*}}, %[[LO:[a-z0-9]+]]: {{.*}}, %[[HI:[a-z0-9]+]]:
// CHECK:         %[[ONE:.*]] = advx.compare eq %[[X]], %[[X]]
// CHECK:         %[[VALUE:.*]] = advx.stop_gradient %[[X]]
// CHECK:         %[[Y:.*]] = advx.select %[[ONE]], %[[X]], %[[VALUE]]
// CHECK:         %[[M:.*]] = advx.maximum %[[Y]], %[[LO]]
// CHECK:         advx.minimum %[[M]], %[[HI]]
func.func @clip(%x: tensor<?x4xf32>, %lo: tensor<?x4xf32>, %hi: tensor<f32>) -> tensor<?x4xf32> {
  %r = advx.clip %x, %lo, %hi : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @max_pool
// CHECK-SAME:    %[[X:[a-z0-9]+]]
// CHECK:         %[[I:.*]] = advx.max_pool_index %[[X]] kernel [2, 2] stride [2, 2] padding [0, 0]
// CHECK:         advx.window_gather %[[X]], %[[I]]
func.func @max_pool(%x: tensor<?x3x4x4xf32>) -> tensor<?x3x2x2xf32> {
  %r = advx.max_pool2d %x kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<?x3x4x4xf32>) -> tensor<?x3x2x2xf32>
  return %r : tensor<?x3x2x2xf32>
}

// The keys of all examples are those of each.
// CHECK-LABEL: func.func @sorted
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x5xf32>, %[[K:[a-z0-9]+]]: tensor<5xf32>
// CHECK:         %[[KEYS:.*]] = advx.batch_broadcast %[[K]], %[[X]]
// CHECK:         %[[I:.*]] = advx.order %[[KEYS]] count 2 ascending
// CHECK-DAG:     %[[IMAGE:.*]] = advx.reshape %[[X]] shape [1, 1, 5]
// CHECK-DAG:     %[[PLACES:.*]] = advx.reshape %[[I]] shape [1, 1, 2]
// CHECK:         %[[R:.*]] = advx.window_gather %[[IMAGE]], %[[PLACES]]
// CHECK:         advx.reshape %[[R]] shape [2]
func.func @sorted(%x: tensor<?x5xf32>, %k: tensor<5xf32>) -> tensor<?x2xf32> {
  %r = advx.sorted %x, %k count 2 ascending : (tensor<?x5xf32>, tensor<5xf32>) -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}

// With running statistics nothing mixes examples, and they stay as they are.
// CHECK-LABEL: func.func @batch_norm_eval
// CHECK-SAME:    %[[X:[a-z0-9]+]]: {{.*}}, %[[C:[a-z0-9]+]]: tensor<3xf32>, %[[V:[a-z0-9]+]]: tensor<3xf32>
// CHECK-NOT:     advx.batch_sum
// CHECK:         return %{{.*}}, %[[C]], %[[V]]
func.func @batch_norm_eval(%x: tensor<?x3x4x4xf32>, %c: tensor<3xf32>, %v: tensor<3xf32>, %e: f64) -> (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>) {
  %r:3 = advx.batch_norm eval %x, %c, %c, %c, %v, %e, %e : (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, f64, f64) -> (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>)
  return %r#0, %r#1, %r#2 : tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>
}

// The batch normalises, and the running statistics stay.
// CHECK-LABEL: func.func @batch_norm_batch
// CHECK-SAME:    %[[X:[a-z0-9]+]]: {{.*}}, %[[C:[a-z0-9]+]]: tensor<3xf32>, %[[V:[a-z0-9]+]]: tensor<3xf32>
// CHECK-COUNT-2: advx.batch_sum
// CHECK:         return %{{.*}}, %[[C]], %[[V]]
func.func @batch_norm_batch(%x: tensor<?x3x4x4xf32>, %c: tensor<3xf32>, %v: tensor<3xf32>, %e: f64) -> (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>) {
  %r:3 = advx.batch_norm batch %x, %c, %c, %c, %v, %e, %e : (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, f64, f64) -> (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>)
  return %r#0, %r#1, %r#2 : tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>
}

// The new statistics weigh the unbiased variance, n / (n - 1) with n of 16 places an example.
// CHECK-LABEL: func.func @batch_norm_train
// CHECK-SAME:    %[[X:[a-z0-9]+]]: {{.*}}, %[[C:[a-z0-9]+]]: tensor<3xf32>, %[[V:[a-z0-9]+]]: tensor<3xf32>
// CHECK-DAG:     %[[ONE:.*]] = arith.constant 1.0
// CHECK-DAG:     %[[B:.*]] = advx.batch_size %[[X]]
// CHECK-DAG:     %[[PLACES:.*]] = arith.constant 1.6{{.*}}e+01
// CHECK:         %[[N:.*]] = arith.mulf %[[B]], %[[PLACES]]
// CHECK:         advx.reduce_sum %[[X]] axes [1, 2]
// CHECK:         %[[VAR:.*]] = advx.mul
// CHECK:         %[[REST:.*]] = arith.subf %[[N]], %[[ONE]]
// CHECK:         %[[OTHERS:.*]] = arith.maximumf %[[REST]], %[[ONE]]
// CHECK:         arith.divf %[[N]], %[[OTHERS]]
// CHECK:         advx.mul %[[C]]
// CHECK:         advx.mul %[[V]]
func.func @batch_norm_train(%x: tensor<?x3x4x4xf32>, %c: tensor<3xf32>, %v: tensor<3xf32>, %e: f64) -> (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>) {
  %r:3 = advx.batch_norm train %x, %c, %c, %c, %v, %e, %e : (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, f64, f64) -> (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>)
  return %r#0, %r#1, %r#2 : tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>
}

// Statistics of another type are cast where they normalise, and the batch's where they are updated.
// CHECK-LABEL: func.func @batch_norm_statistics
// CHECK-SAME:    %[[X:[a-z0-9]+]]: {{.*}}, %[[C:[a-z0-9]+]]: tensor<3xf32>, %[[V:[a-z0-9]+]]: tensor<3xf64>
// CHECK:         %[[MEAN:.*]] = advx.cast %[[V]] to f32
// CHECK:         advx.broadcast %[[MEAN]]
// CHECK:         %[[BATCH:.*]] = advx.cast %{{.*}} to f64 : (tensor<3xf32>) -> tensor<3xf64>
// CHECK:         %[[KEPT:.*]] = advx.mul %[[V]], {{.*}} : (tensor<3xf64>, tensor<f64>)
// CHECK:         %[[ADDED:.*]] = advx.mul %[[BATCH]], {{.*}} : (tensor<3xf64>, tensor<f64>)
// CHECK:         advx.add %[[KEPT]], %[[ADDED]]
func.func @batch_norm_statistics(%x: tensor<?x3x4x4xf32>, %c: tensor<3xf32>, %v: tensor<3xf64>, %e: f64) -> (tensor<?x3x4x4xf32>, tensor<?x3x4x4xf32>, tensor<3xf64>, tensor<3xf64>) {
  %r:3 = advx.batch_norm eval %x, %c, %c, %v, %v, %e, %e : (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf64>, tensor<3xf64>, f64, f64) -> (tensor<?x3x4x4xf32>, tensor<3xf64>, tensor<3xf64>)
  %s:3 = advx.batch_norm train %x, %c, %c, %v, %v, %e, %e : (tensor<?x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf64>, tensor<3xf64>, f64, f64) -> (tensor<?x3x4x4xf32>, tensor<3xf64>, tensor<3xf64>)
  return %r#0, %s#0, %s#1, %s#2 : tensor<?x3x4x4xf32>, tensor<?x3x4x4xf32>, tensor<3xf64>, tensor<3xf64>
}

// CHECK-LABEL: func.func @dropout
// CHECK-SAME:    %[[X:[a-z0-9]+]]: {{.*}}, %[[P:[a-z0-9]+]]: f64, %[[I:[a-z0-9]+]]: tensor<?xi64>, %[[K:[a-z0-9]+]]: index
// CHECK:         %[[U:.*]] = advx.random_uniform %[[I]][%[[K]]] stream "d" shape [4] of f32
// CHECK:         %[[KEPT:.*]] = advx.compare ge %[[U]]
// CHECK:         %[[FACTOR:.*]] = advx.select %[[KEPT]]
// CHECK:         advx.mul %[[X]], %[[FACTOR]]
func.func @dropout(%x: tensor<?x4xf32>, %p: f64, %i: tensor<?xi64>, %k: index) -> tensor<?x4xf32> {
  %r = advx.dropout train %x, %p, %i[%k] stream "d" : (tensor<?x4xf32>, f64, tensor<?xi64>, index) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @dropout_eval
// CHECK-SAME:    %[[X:[a-z0-9]+]]
// CHECK-NEXT:    return %[[X]]
func.func @dropout_eval(%x: tensor<?x4xf32>, %p: f64, %i: tensor<?xi64>) -> tensor<?x4xf32> {
  %r = advx.dropout eval %x, %p, %i[] stream "d" : (tensor<?x4xf32>, f64, tensor<?xi64>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
