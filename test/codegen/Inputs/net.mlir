module {
  advx.program "net" {
    advx.setting "rate" real = "1/2" line 1
    advx.setting "steps" int = "3" line 2
    advx.leaf @z.w : tensor<3x4xf32> slot 0 parameter = constant(0.0)
    advx.leaf @z.b : tensor<3xf32> slot 1 parameter = constant(0.0)
  }
  func.func @fill_uniforms(%epoch: f64, %iteration: f64, %epochs: f64, %iterations: f64, %rate: f64, %steps: f64) -> (f64, f64, f64, f64) attributes {advx.uniforms} {
    %page_rate = arith.constant 0.5 : f64
    %page_steps = arith.constant 3.0 : f64
    %rate_unset = arith.cmpf uno, %rate, %rate : f64
    %rate_used = arith.select %rate_unset, %page_rate, %rate : f64
    %steps_unset = arith.cmpf uno, %steps, %steps : f64
    %steps_used = arith.select %steps_unset, %page_steps, %steps : f64
    %progress = arith.divf %epoch, %epochs : f64
    %decay = math.exp %progress : f64
    %scheduled = arith.mulf %rate_used, %decay : f64
    return %rate_used, %steps_used, %scheduled, %steps_used : f64, f64, f64, f64
  }
  func.func @train_step(%w: tensor<3x4xf32> {advx.state = 0 : i64}, %b: tensor<3xf32> {advx.state = 1 : i64},
                        %x: tensor<?x4xf32> {advx.input = "x"}, %y: tensor<?xi64> {advx.input = "y"})
      -> (tensor<3x4xf32> {advx.state = 0 : i64}, tensor<f32> {advx.output = "loss"}, tensor<?x4xf32> {advx.output = "adversarial"}) attributes {advx.step} {
    %rate = advx.uniform 0 : f64
    %steps = advx.uniform 1 : f64
    %whole = arith.fptosi %steps : f64 to i64
    %n = arith.index_cast %whole : i64 to index
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %mask = advx.one_hot %y classes 3 : (tensor<?xi64>) -> tensor<?x3xi1>
    %target = advx.cast %mask to f32 : (tensor<?x3xi1>) -> tensor<?x3xf32>
    %r = advx.splat %rate : (f64) -> tensor<f32>
    %adv = scf.for %k = %zero to %n step %one iter_args(%xk = %x) -> (tensor<?x4xf32>) {
      %z0 = advx.matvec %w, %xk : (tensor<3x4xf32>, tensor<?x4xf32>) -> tensor<?x3xf32>
      %d0 = advx.sub %z0, %target : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
      %g0 = advx.matvec %w, %d0 transpose : (tensor<3x4xf32>, tensor<?x3xf32>) -> tensor<?x4xf32>
      %s0 = advx.sign %g0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
      %m0 = advx.mul %s0, %r : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
      %n0 = advx.add %xk, %m0 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
      scf.yield %n0 : tensor<?x4xf32>
    }
    %z = advx.matvec %w, %adv : (tensor<3x4xf32>, tensor<?x4xf32>) -> tensor<?x3xf32>
    %zb = advx.add %z, %b : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
    %d = advx.sub %zb, %target : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
    %dw = advx.outer %d, %adv : (tensor<?x3xf32>, tensor<?x4xf32>) -> tensor<3x4xf32>
    %sq = advx.mul %d, %d : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
    %e = advx.reduce_sum %sq : (tensor<?x3xf32>) -> tensor<?xf32>
    %sum = advx.batch_sum %e : (tensor<?xf32>) -> tensor<f32>
    %count = advx.batch_size %x : (tensor<?x4xf32>) -> f64
    %c = advx.splat %count : (f64) -> tensor<f32>
    %loss = advx.div %sum, %c : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %step = advx.mul %dw, %r : (tensor<3x4xf32>, tensor<f32>) -> tensor<3x4xf32>
    %new = advx.sub %w, %step : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    return %new, %loss, %adv : tensor<3x4xf32>, tensor<f32>, tensor<?x4xf32>
  }
}
