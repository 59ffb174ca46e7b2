#ifndef ADVX_RUNTIME_LIBRARY_OPS_H
#define ADVX_RUNTIME_LIBRARY_OPS_H

#include "runtime/abi/advx_abi.h"

/// Declares every op of runtime/abi/ops.def.
#ifdef __cplusplus
extern "C" {
#endif

#define ADVX_RUNTIME_OP(name, ...)                                                                 \
  void advx_op_##name(AdvxContext *context, const AdvxTensor *tensors, const int64_t *attributes,  \
                      const double *numbers, const int64_t *counters, const AdvxCounts *counts);
#include "runtime/abi/ops.def"

#ifdef __cplusplus
}
#endif

#endif /* ADVX_RUNTIME_LIBRARY_OPS_H */
