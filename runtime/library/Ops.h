#ifndef ADVX_RUNTIME_LIBRARY_OPS_H
#define ADVX_RUNTIME_LIBRARY_OPS_H

#include "runtime/abi/advx_abi.h"

/// Every tensor op that compiled code may call. What each takes is written at its definition, as
/// results <- operands {attributes}; [n] marks the shape of one example. The result of an
/// elementwise op may lie in the buffer of an operand of its own size and type; other results
/// overlap no operand.
// clang-format off
#define ADVX_FOR_EACH_OP(X)                                                                        \
  X(neg) X(exp) X(log) X(sqrt) X(abs) X(sign) X(floor) X(ceil) X(relu) X(tanh) X(erf)              \
  X(add) X(sub) X(mul) X(div) X(pow) X(maximum) X(minimum)                                         \
  X(compare) X(logical_and) X(logical_or) X(logical_not) X(select) X(cast)                         \
  X(splat) X(constant) X(constant_list) X(copy) X(stop_gradient)                                   \
  X(reshape) X(broadcast) X(transpose) X(slice) X(pad_slice) X(concat)                             \
  X(reduce_sum) X(reduce_max) X(first_max_mask) X(argmax) X(batch_sum) X(batch_broadcast)          \
  X(matvec) X(outer) X(matmul)                                                                     \
  X(conv2d) X(conv2d_input_grad) X(conv2d_weight_grad)                                             \
  X(max_pool_index) X(window_gather) X(window_scatter) X(avg_pool2d) X(avg_pool2d_grad)            \
  X(one_hot) X(random_uniform) X(random_normal)

/// The same ops as providers compute them, and with channels-last images.
#define ADVX_FOR_EACH_PROVIDED_OP(X)                                                               \
  X(conv2d_plain) X(conv2d_input_grad_plain) X(conv2d_weight_grad_plain)                           \
  X(conv2d_onednn) X(conv2d_input_grad_onednn) X(conv2d_weight_grad_onednn)                        \
  X(conv2d_advx) X(conv2d_input_grad_advx) X(conv2d_weight_grad_advx)                              \
  X(conv2d_aten) X(conv2d_input_grad_aten) X(conv2d_weight_grad_aten)                              \
  X(matvec_plain) X(outer_plain) X(matmul_plain)                                                   \
  X(matvec_onednn) X(outer_onednn) X(matmul_onednn)                                                \
  X(matvec_aten) X(outer_aten) X(matmul_aten)                                                      \
  X(max_pool_index_channels_last) X(window_gather_channels_last) X(window_scatter_channels_last)   \
  X(avg_pool2d_channels_last) X(avg_pool2d_grad_channels_last)
// clang-format on

#ifdef __cplusplus
extern "C" {
#endif

#define ADVX_DECLARE_OP(mnemonic)                                                                  \
  void advx_op_##mnemonic(AdvxContext *context, const AdvxTensor *tensors,                         \
                          const int64_t *attributes, const double *numbers,                        \
                          const int64_t *counters);
ADVX_FOR_EACH_OP(ADVX_DECLARE_OP)
ADVX_FOR_EACH_PROVIDED_OP(ADVX_DECLARE_OP)
#undef ADVX_DECLARE_OP

#ifdef __cplusplus
}
#endif

#endif /* ADVX_RUNTIME_LIBRARY_OPS_H */
