// One kernel of each way in which threads need each other, large enough that every thread and
// several turns of every loop take part.

// Warps: maxima that other lanes read, sums over the batch.
func.func @row(%x: tensor<?x3x40xf32> {advx.input = "x"}) -> (tensor<?x3x40xf32> {advx.output = "p"}, tensor<?xf32> {advx.output = "s"}, tensor<3x40xf32> {advx.output = "t"}) attributes {advx.step} {
  %r:3 = advx.cluster row ["x"] (%x) : (tensor<?x3x40xf32>) -> (tensor<?x3x40xf32>, tensor<?xf32>, tensor<3x40xf32>) {
  ^bb0(%a: tensor<?x3x40xf32>):
    %m = advx.reduce_max %a axes [1] : (tensor<?x3x40xf32>) -> tensor<?x3xf32>
    %w = advx.broadcast %m shape [3, 40] axes [0] : (tensor<?x3xf32>) -> tensor<?x3x40xf32>
    %d = advx.sub %a, %w : (tensor<?x3x40xf32>, tensor<?x3x40xf32>) -> tensor<?x3x40xf32>
    %e = advx.exp %d : (tensor<?x3x40xf32>) -> tensor<?x3x40xf32>
    %s = advx.reduce_sum %e : (tensor<?x3x40xf32>) -> tensor<?xf32>
    %t = advx.batch_sum %e : (tensor<?x3x40xf32>) -> tensor<3x40xf32>
    advx.yield %e, %s, %t : tensor<?x3x40xf32>, tensor<?xf32>, tensor<3x40xf32>
  }
  return %r#0, %r#1, %r#2 : tensor<?x3x40xf32>, tensor<?xf32>, tensor<3x40xf32>
}

// Warps: the last that is done with an example is to read what other lanes wrote of it. The sum
// over the batch is added up by other lanes than clear it, and read by other threads than add it.
func.func @last(%x: tensor<?x3x40xf32> {advx.input = "x"}) -> (tensor<?x3x40xf32> {advx.output = "p"}, tensor<40x3xf32> {advx.output = "t"}) attributes {advx.step} {
  %r:2 = advx.cluster row ["x"] (%x) : (tensor<?x3x40xf32>) -> (tensor<?x3x40xf32>, tensor<40x3xf32>) {
  ^bb0(%a: tensor<?x3x40xf32>):
    %m = advx.reduce_max %a axes [0] : (tensor<?x3x40xf32>) -> tensor<?x40xf32>
    %w = advx.broadcast %m shape [3, 40] axes [1] : (tensor<?x40xf32>) -> tensor<?x3x40xf32>
    %d = advx.sub %a, %w : (tensor<?x3x40xf32>, tensor<?x3x40xf32>) -> tensor<?x3x40xf32>
    %s = advx.batch_sum %a : (tensor<?x3x40xf32>) -> tensor<3x40xf32>
    %t = advx.transpose %s permutation [1, 0] : (tensor<3x40xf32>) -> tensor<40x3xf32>
    advx.yield %d, %t : tensor<?x3x40xf32>, tensor<40x3xf32>
  }
  return %r#0, %r#1 : tensor<?x3x40xf32>, tensor<40x3xf32>
}

// What has no batch is reduced by the block before its warps take examples; the place of a maximum
// is two words to exchange.
func.func @prologue(%x: tensor<?x50xf32> {advx.input = "x"}, %y: tensor<9x50xf32> {advx.input = "y"}) -> (tensor<?x50xf32> {advx.output = "p"}, tensor<?xi64> {advx.output = "i"}) attributes {advx.step} {
  %r:2 = advx.cluster row ["x"] (%x, %y) : (tensor<?x50xf32>, tensor<9x50xf32>) -> (tensor<?x50xf32>, tensor<?xi64>) {
  ^bb0(%a: tensor<?x50xf32>, %b: tensor<9x50xf32>):
    %s = advx.reduce_sum %b axes [0] : (tensor<9x50xf32>) -> tensor<50xf32>
    %d = advx.mul %a, %s : (tensor<?x50xf32>, tensor<50xf32>) -> tensor<?x50xf32>
    %i = advx.argmax %d : (tensor<?x50xf32>) -> tensor<?xi64>
    advx.yield %d, %i : tensor<?x50xf32>, tensor<?xi64>
  }
  return %r#0, %r#1 : tensor<?x50xf32>, tensor<?xi64>
}

// More channels than a block takes at once; the second sum needs the first.
func.func @channel(%x: tensor<?x4x70xf32> {advx.input = "x"}) -> (tensor<70xf32> {advx.output = "s"}, tensor<70xf32> {advx.output = "t"}) attributes {advx.step} {
  %r:2 = advx.cluster channel ["x"] (%x) : (tensor<?x4x70xf32>) -> (tensor<70xf32>, tensor<70xf32>) {
  ^bb0(%a: tensor<?x4x70xf32>):
    %p = advx.reduce_sum %a axes [0] : (tensor<?x4x70xf32>) -> tensor<?x70xf32>
    %s = advx.batch_sum %p : (tensor<?x70xf32>) -> tensor<70xf32>
    %b = advx.broadcast %s shape [4, 70] axes [1] : (tensor<70xf32>) -> tensor<4x70xf32>
    %d = advx.sub %a, %b : (tensor<?x4x70xf32>, tensor<4x70xf32>) -> tensor<?x4x70xf32>
    %q = advx.mul %d, %d : (tensor<?x4x70xf32>, tensor<?x4x70xf32>) -> tensor<?x4x70xf32>
    %u = advx.reduce_sum %q axes [0] : (tensor<?x4x70xf32>) -> tensor<?x70xf32>
    %t = advx.batch_sum %u : (tensor<?x70xf32>) -> tensor<70xf32>
    advx.yield %s, %t : tensor<70xf32>, tensor<70xf32>
  }
  return %r#0, %r#1 : tensor<70xf32>, tensor<70xf32>
}

// One pass only, so nothing but its own barriers is between one group of channels and the next.
func.func @pass(%x: tensor<?x70xf32> {advx.input = "x"}) -> (tensor<70xf32> {advx.output = "s"}) attributes {advx.step} {
  %r = advx.cluster channel ["x"] (%x) : (tensor<?x70xf32>) -> tensor<70xf32> {
  ^bb0(%a: tensor<?x70xf32>):
    %s = advx.batch_sum %a : (tensor<?x70xf32>) -> tensor<70xf32>
    advx.yield %s : tensor<70xf32>
  }
  return %r : tensor<70xf32>
}

// One block: row after row through the same slots, and a number that all rows come to.
func.func @full(%x: tensor<6x300xf32> {advx.input = "x"}) -> (tensor<6x300xf32> {advx.output = "p"}, tensor<f32> {advx.output = "s"}) attributes {advx.step} {
  %r:2 = advx.cluster full ["x"] (%x) : (tensor<6x300xf32>) -> (tensor<6x300xf32>, tensor<f32>) {
  ^bb0(%a: tensor<6x300xf32>):
    %m = advx.reduce_max %a axes [1] : (tensor<6x300xf32>) -> tensor<6xf32>
    %w = advx.broadcast %m shape [6, 300] axes [0] : (tensor<6xf32>) -> tensor<6x300xf32>
    %d = advx.sub %a, %w : (tensor<6x300xf32>, tensor<6x300xf32>) -> tensor<6x300xf32>
    %s = advx.reduce_sum %d : (tensor<6x300xf32>) -> tensor<f32>
    %q = advx.mul %d, %s : (tensor<6x300xf32>, tensor<f32>) -> tensor<6x300xf32>
    advx.yield %q, %s : tensor<6x300xf32>, tensor<f32>
  }
  return %r#0, %r#1 : tensor<6x300xf32>, tensor<f32>
}
