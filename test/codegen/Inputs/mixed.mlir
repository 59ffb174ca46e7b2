// A training step of two float types: weights, images and their convolution are f32, the head, the
// loss, the running statistics and the momentum f64. mixed.test runs it, and with the types changed
// about.
module {
  advx.program "mixed" {
    advx.leaf @k : tensor<4x1x3x3xf32> slot 0 parameter = constant(0.0)
    advx.leaf @gamma : tensor<4xf32> slot 1 parameter = constant(0.0)
    advx.leaf @beta : tensor<4xf32> slot 2 parameter = constant(0.0)
    advx.leaf @mean : tensor<4xf64> slot 3 buffer = constant(0.0)
    advx.leaf @var : tensor<4xf64> slot 4 buffer = constant(0.0)
    advx.leaf @w : tensor<3x36xf32> slot 5 parameter = constant(0.0)
    advx.leaf @v.k : tensor<4x1x3x3xf64> slot 6 optimizer = constant(0.0)
    advx.leaf @v.w : tensor<3x36xf64> slot 7 optimizer = constant(0.0)
  }
  func.func @train_step(%k: tensor<4x1x3x3xf32> {advx.state = 0 : i64}, %gamma: tensor<4xf32> {advx.state = 1 : i64}, %beta: tensor<4xf32> {advx.state = 2 : i64},
                        %mean: tensor<4xf64> {advx.state = 3 : i64}, %var: tensor<4xf64> {advx.state = 4 : i64}, %w: tensor<3x36xf32> {advx.state = 5 : i64},
                        %v.k: tensor<4x1x3x3xf64> {advx.state = 6 : i64}, %v.w: tensor<3x36xf64> {advx.state = 7 : i64},
                        %x: tensor<?x1x6x6xf32> {advx.input = "x"}, %y: tensor<?xi64> {advx.input = "y"}, %index: tensor<?xi64> {advx.input = "index"})
      -> (tensor<4x1x3x3xf32> {advx.state = 0 : i64}, tensor<4xf64> {advx.state = 3 : i64}, tensor<4xf64> {advx.state = 4 : i64}, tensor<3x36xf32> {advx.state = 5 : i64},
          tensor<4x1x3x3xf64> {advx.state = 6 : i64}, tensor<3x36xf64> {advx.state = 7 : i64},
          tensor<f64> {advx.output = "loss"}, tensor<?x1x6x6xf32> {advx.output = "start"}, tensor<?x1x6x6xf32> {advx.output = "adversarial"}, tensor<?xi1> {advx.output = "correct"})
      attributes {advx.step} {
    %eps = arith.constant 1.0e-5 : f64
    %momentum = arith.constant 0.1 : f64
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %zero = advx.constant 0.0 : tensor<f64>
    %hot = advx.one_hot %y classes 3 : (tensor<?xi64>) -> tensor<?x3xi1>

    // A start near x, drawn in the other type, and two steps along the gradient.
    %draw = advx.random_uniform %index[] stream "start" shape [1, 6, 6] of f64 : (tensor<?xi64>) -> tensor<?x1x6x6xf64>
    %noise = advx.cast %draw to f32 : (tensor<?x1x6x6xf64>) -> tensor<?x1x6x6xf32>
    %start = advx.add %x, %noise : (tensor<?x1x6x6xf32>, tensor<?x1x6x6xf32>) -> tensor<?x1x6x6xf32>
    %step = advx.constant 0.5 : tensor<f32>
    %found = scf.for %i = %c0 to %c2 step %c1 iter_args(%a = %start) -> (tensor<?x1x6x6xf32>) {
      %h0 = advx.conv2d %a, %k stride [1, 1] padding [1, 1] : (tensor<?x1x6x6xf32>, tensor<4x1x3x3xf32>) -> tensor<?x4x6x6xf32>
      %n0:3 = advx.batch_norm batch %h0, %gamma, %beta, %mean, %var, %eps, %momentum : (tensor<?x4x6x6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>, f64, f64) -> (tensor<?x4x6x6xf32>, tensor<4xf64>, tensor<4xf64>)
      %d0 = advx.cast %n0#0 to f64 : (tensor<?x4x6x6xf32>) -> tensor<?x4x6x6xf64>
      %t0 = advx.tanh %d0 : (tensor<?x4x6x6xf64>) -> tensor<?x4x6x6xf64>
      %p0 = advx.avg_pool2d %t0 kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<?x4x6x6xf64>) -> tensor<?x4x3x3xf64>
      %f0 = advx.reshape %p0 shape [36] : (tensor<?x4x3x3xf64>) -> tensor<?x36xf64>
      %wide0 = advx.cast %w to f64 : (tensor<3x36xf32>) -> tensor<3x36xf64>
      %l0 = advx.matvec %wide0, %f0 : (tensor<3x36xf64>, tensor<?x36xf64>) -> tensor<?x3xf64>
      %s0 = advx.log_softmax %l0 : (tensor<?x3xf64>) -> tensor<?x3xf64>
      %chosen0 = advx.select %hot, %s0, %zero : (tensor<?x3xi1>, tensor<?x3xf64>, tensor<f64>) -> tensor<?x3xf64>
      %r0 = advx.reduce_sum %chosen0 : (tensor<?x3xf64>) -> tensor<?xf64>
      %j0 = advx.neg %r0 : (tensor<?xf64>) -> tensor<?xf64>
      %slope = advx.gradient %j0 wrt(%a) : (tensor<?xf64>, tensor<?x1x6x6xf32>) -> tensor<?x1x6x6xf32>
      %up = advx.mul %slope, %step : (tensor<?x1x6x6xf32>, tensor<f32>) -> tensor<?x1x6x6xf32>
      %next = advx.add %a, %up : (tensor<?x1x6x6xf32>, tensor<?x1x6x6xf32>) -> tensor<?x1x6x6xf32>
      scf.yield %next : tensor<?x1x6x6xf32>
    }
    %adversarial = advx.stop_gradient %found : (tensor<?x1x6x6xf32>) -> tensor<?x1x6x6xf32>

    %h1 = advx.conv2d %adversarial, %k stride [1, 1] padding [1, 1] : (tensor<?x1x6x6xf32>, tensor<4x1x3x3xf32>) -> tensor<?x4x6x6xf32>
    %n1:3 = advx.batch_norm train %h1, %gamma, %beta, %mean, %var, %eps, %momentum : (tensor<?x4x6x6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>, f64, f64) -> (tensor<?x4x6x6xf32>, tensor<4xf64>, tensor<4xf64>)
    %d1 = advx.cast %n1#0 to f64 : (tensor<?x4x6x6xf32>) -> tensor<?x4x6x6xf64>
    %t1 = advx.tanh %d1 : (tensor<?x4x6x6xf64>) -> tensor<?x4x6x6xf64>
    %p1 = advx.avg_pool2d %t1 kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<?x4x6x6xf64>) -> tensor<?x4x3x3xf64>
    %f1 = advx.reshape %p1 shape [36] : (tensor<?x4x3x3xf64>) -> tensor<?x36xf64>
    %wide1 = advx.cast %w to f64 : (tensor<3x36xf32>) -> tensor<3x36xf64>
    %l1 = advx.matvec %wide1, %f1 : (tensor<3x36xf64>, tensor<?x36xf64>) -> tensor<?x3xf64>
    %s1 = advx.log_softmax %l1 : (tensor<?x3xf64>) -> tensor<?x3xf64>
    %chosen1 = advx.select %hot, %s1, %zero : (tensor<?x3xi1>, tensor<?x3xf64>, tensor<f64>) -> tensor<?x3xf64>
    %r1 = advx.reduce_sum %chosen1 : (tensor<?x3xf64>) -> tensor<?xf64>
    %j1 = advx.neg %r1 : (tensor<?xf64>) -> tensor<?xf64>
    %sum = advx.batch_sum %j1 : (tensor<?xf64>) -> tensor<f64>
    %size = advx.batch_size %x : (tensor<?x1x6x6xf32>) -> f64
    %examples = advx.splat %size : (f64) -> tensor<f64>
    %loss = advx.div %sum, %examples : (tensor<f64>, tensor<f64>) -> tensor<f64>
    %g:2 = advx.gradient %loss wrt(%k, %w) : (tensor<f64>, tensor<4x1x3x3xf32>, tensor<3x36xf32>) -> (tensor<4x1x3x3xf32>, tensor<3x36xf32>)
    %label = advx.argmax %l1 : (tensor<?x3xf64>) -> tensor<?xi64>
    %correct = advx.compare eq %label, %y : (tensor<?xi64>, tensor<?xi64>) -> tensor<?xi1>

    %decay = advx.constant 0.9 : tensor<f64>
    %rate = advx.constant 0.25 : tensor<f64>
    %g.k = advx.cast %g#0 to f64 : (tensor<4x1x3x3xf32>) -> tensor<4x1x3x3xf64>
    %kept.k = advx.mul %v.k, %decay : (tensor<4x1x3x3xf64>, tensor<f64>) -> tensor<4x1x3x3xf64>
    %next.k = advx.add %kept.k, %g.k : (tensor<4x1x3x3xf64>, tensor<4x1x3x3xf64>) -> tensor<4x1x3x3xf64>
    %move.k = advx.mul %next.k, %rate : (tensor<4x1x3x3xf64>, tensor<f64>) -> tensor<4x1x3x3xf64>
    %by.k = advx.cast %move.k to f32 : (tensor<4x1x3x3xf64>) -> tensor<4x1x3x3xf32>
    %new.k = advx.sub %k, %by.k : (tensor<4x1x3x3xf32>, tensor<4x1x3x3xf32>) -> tensor<4x1x3x3xf32>
    %g.w = advx.cast %g#1 to f64 : (tensor<3x36xf32>) -> tensor<3x36xf64>
    %kept.w = advx.mul %v.w, %decay : (tensor<3x36xf64>, tensor<f64>) -> tensor<3x36xf64>
    %next.w = advx.add %kept.w, %g.w : (tensor<3x36xf64>, tensor<3x36xf64>) -> tensor<3x36xf64>
    %move.w = advx.mul %next.w, %rate : (tensor<3x36xf64>, tensor<f64>) -> tensor<3x36xf64>
    %by.w = advx.cast %move.w to f32 : (tensor<3x36xf64>) -> tensor<3x36xf32>
    %new.w = advx.sub %w, %by.w : (tensor<3x36xf32>, tensor<3x36xf32>) -> tensor<3x36xf32>
    return %new.k, %n1#1, %n1#2, %new.w, %next.k, %next.w, %loss, %start, %adversarial, %correct : tensor<4x1x3x3xf32>, tensor<4xf64>, tensor<4xf64>, tensor<3x36xf32>, tensor<4x1x3x3xf64>, tensor<3x36xf64>, tensor<f64>, tensor<?x1x6x6xf32>, tensor<?x1x6x6xf32>, tensor<?xi1>
  }
}
