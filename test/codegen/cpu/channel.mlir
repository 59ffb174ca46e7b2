// Channel kernels: a tile is as many channels as there are lanes, 24 channels are a whole vector
// and half of one, so the lanes past the last channel are masked: no float is loaded, stored or
// carried as a scalar.
// RUN: advx-opt %s --advx-kernels | FileCheck %s --implicit-check-not="{{-> f(32|64)|: f(32|64),}}"

// CHECK-LABEL: func.func @whole(
// CHECK-COUNT-2: {advx.kernel = @kernel.1.channel}

// Two tiles, and no batch that could be cut into them: this is what threads share.
// CHECK-LABEL: llvm.func @kernel.0.channel(
// CHECK-SAME:    advx.kernel_info = array<i64: 0, 1, 2,
// CHECK:         scf.for %[[TILE:.*]] = %arg0 to %arg1
// CHECK:           %[[CHANNEL:.*]] = arith.muli %[[TILE]], %c16
// CHECK:           %[[EXISTS:.*]] = arith.cmpi slt, {{.*}} : vector<16xi64>

// A pass over the batch: the axes of the image are one loop of 25, an example's sum is f32, that
// of all examples f64.
// CHECK:           scf.for %[[ROW:.*]] = %c0{{.*}} to %arg3
// CHECK:             %[[SUM:.*]] = scf.for {{.*}} to %c25{{.*}} step %c1{{.*}} iter_args({{.*}}) -> (vector<16xf32>)
// CHECK:               llvm.intr.masked.load {{.*}}, %[[EXISTS]],
// CHECK-NEXT:          arith.addf {{.*}} : vector<16xf32>
// CHECK-NEXT:          scf.yield
// CHECK:             %[[WIDE:.*]] = arith.extf %[[SUM]] : vector<16xf32> to vector<16xf64>
// CHECK-NEXT:        arith.addf {{.*}}, %[[WIDE]] : vector<16xf64>
// CHECK:           %[[MEAN:.*]] = arith.truncf {{.*}} : vector<16xf64> to vector<16xf32>

// The second sum needs the first one of its channels, which is in a register.
// CHECK:           scf.for {{.*}} = %c0{{.*}} to %arg3
// CHECK:             scf.for {{.*}} to %c25
// CHECK:               %[[X:.*]] = llvm.intr.masked.load {{.*}}, %[[EXISTS]],
// CHECK:               arith.subf %[[X]], %[[MEAN]]
// CHECK-NOT:       scf.for
// CHECK:           llvm.intr.masked.store %[[MEAN]], {{.*}}, %[[EXISTS]]
// CHECK:           llvm.intr.masked.load {{.*}}, %[[EXISTS]],
// CHECK:           llvm.intr.masked.store {{.*}}, %[[EXISTS]]
// CHECK:           llvm.return
func.func @rest(%x: tensor<?x5x5x24xf32>, %g: tensor<24xf32>) -> (tensor<24xf32>, tensor<24xf32>) {
  %r:2 = advx.cluster channel ["batch reduced", "image reduced", "feature 24"] (%x, %g) : (tensor<?x5x5x24xf32>, tensor<24xf32>) -> (tensor<24xf32>, tensor<24xf32>) {
  ^bb0(%a: tensor<?x5x5x24xf32>, %w: tensor<24xf32>):
    %s = advx.reduce_sum %a axes [0, 1] : (tensor<?x5x5x24xf32>) -> tensor<?x24xf32>
    %t = advx.batch_sum %s : (tensor<?x24xf32>) -> tensor<24xf32>
    %b = advx.broadcast %t shape [5, 5, 24] axes [2] : (tensor<24xf32>) -> tensor<5x5x24xf32>
    %d = advx.sub %a, %b : (tensor<?x5x5x24xf32>, tensor<5x5x24xf32>) -> tensor<?x5x5x24xf32>
    %q = advx.mul %d, %d : (tensor<?x5x5x24xf32>, tensor<?x5x5x24xf32>) -> tensor<?x5x5x24xf32>
    %u = advx.reduce_sum %q axes [0, 1] : (tensor<?x5x5x24xf32>) -> tensor<?x24xf32>
    %v = advx.batch_sum %u : (tensor<?x24xf32>) -> tensor<24xf32>
    %m = advx.mul %v, %w : (tensor<24xf32>, tensor<24xf32>) -> tensor<24xf32>
    advx.yield %t, %m : tensor<24xf32>, tensor<24xf32>
  }
  return %r#0, %r#1 : tensor<24xf32>, tensor<24xf32>
}

// Where channels fill their vectors nothing is masked.
// CHECK-LABEL: llvm.func @kernel.1.channel(
// CHECK:         llvm.load {{.*}} -> vector<16xf32>
// CHECK-NOT:     masked
// CHECK:         llvm.store {{.*}} : vector<16xf32>
// CHECK:         llvm.return
// CHECK-NOT:   llvm.func
func.func @whole(%x: tensor<?x32xf32>, %y: tensor<?x32xf32>) -> (tensor<32xf32>, tensor<32xf32>) {
  %r = advx.cluster channel ["batch reduced", "feature 32"] (%x) : (tensor<?x32xf32>) -> tensor<32xf32> {
  ^bb0(%a: tensor<?x32xf32>):
    %t = advx.batch_sum %a : (tensor<?x32xf32>) -> tensor<32xf32>
    advx.yield %t : tensor<32xf32>
  }
  %s = advx.cluster channel ["batch reduced", "other 32"] (%y) : (tensor<?x32xf32>) -> tensor<32xf32> {
  ^bb0(%b: tensor<?x32xf32>):
    %u = advx.batch_sum %b : (tensor<?x32xf32>) -> tensor<32xf32>
    advx.yield %u : tensor<32xf32>
  }
  return %r, %s : tensor<32xf32>, tensor<32xf32>
}
