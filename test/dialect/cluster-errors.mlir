// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @argument_types(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // expected-error @below {{has arguments of other types than its operands}}
  %r = advx.cluster elementwise ["batch"] (%x) : (tensor<?x3xf32>) -> tensor<?x3xf32> {
  ^bb0(%a: tensor<?x4xf32>):
    %b = advx.slice %a axis 0 begin 0 size 3 : (tensor<?x4xf32>) -> tensor<?x3xf32>
    advx.yield %b : tensor<?x3xf32>
  }
  return %r : tensor<?x3xf32>
}

// -----

func.func @yielded_types(%x: tensor<?x3xf32>) -> tensor<?xf32> {
  // expected-error @below {{must yield values of its results' types}}
  %r = advx.cluster row ["batch"] (%x) : (tensor<?x3xf32>) -> tensor<?xf32> {
  ^bb0(%a: tensor<?x3xf32>):
    %b = advx.relu %a : (tensor<?x3xf32>) -> tensor<?x3xf32>
    advx.yield %b : tensor<?x3xf32>
  }
  return %r : tensor<?xf32>
}

// -----

func.func @impure(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %r = advx.cluster elementwise ["batch"] (%x) : (tensor<?x3xf32>) -> tensor<?x3xf32> {
  ^bb0(%a: tensor<?x3xf32>):
    // expected-error @below {{has no place in a cluster}}
    %b = advx.copy %a : tensor<?x3xf32>
    advx.yield %b : tensor<?x3xf32>
  }
  return %r : tensor<?x3xf32>
}

// -----

func.func @full_with_batch(%x: tensor<?x3xf32>) -> tensor<3xf32> {
  // expected-error @below {{is full, but a value in it has a batch axis}}
  %r = advx.cluster full ["batch"] (%x) : (tensor<?x3xf32>) -> tensor<3xf32> {
  ^bb0(%a: tensor<?x3xf32>):
    %b = advx.relu %a : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %c = advx.batch_sum %b : (tensor<?x3xf32>) -> tensor<3xf32>
    advx.yield %c : tensor<3xf32>
  }
  return %r : tensor<3xf32>
}

// -----

func.func @channel_result(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // expected-error @below {{reduces over the batch, but a result has a batch axis}}
  %r = advx.cluster channel ["batch reduced"] (%x) : (tensor<?x3xf32>) -> tensor<?x3xf32> {
  ^bb0(%a: tensor<?x3xf32>):
    %b = advx.relu %a : (tensor<?x3xf32>) -> tensor<?x3xf32>
    advx.yield %b : tensor<?x3xf32>
  }
  return %r : tensor<?x3xf32>
}
