#ifndef ADVX_RUNTIME_LIBRARY_OPSUPPORT_H
#define ADVX_RUNTIME_LIBRARY_OPSUPPORT_H

#include "runtime/abi/OpForms.h"
#include "runtime/core/Tensor.h"
#include "runtime/core/ThreadPool.h"
#include "runtime/library/Ops.h"

#include <stdexcept>
#include <string>

namespace advx::runtime {

/// The arguments of one op; see AdvxOp.
struct OpCall {
  AdvxContext *context;
  const AdvxTensor *tensors;
  const int64_t *attributes;
  const double *numbers;
  const int64_t *counters;
  const AdvxCounts &counts;
};

/// Thrown for a call that no compiler should make.
struct WrongCall : std::logic_error {
  using std::logic_error::logic_error;
};

/// Runs `body` and records what it throws as the op's error, a WrongCall as a defect of the
/// compiler's. So is a call whose counts are not those of the op, which is not run.
void runOp(const abi::OpForm &form, void (*body)(const OpCall &), const OpCall &call);

/// For an array whose length the call chooses (`atLeast` in ops.def): throws WrongCall unless it
/// has the `wanted` entries that the op reads. `what` is the array: "tensors".
void requireLength(int32_t given, const char *what, int64_t wanted);

/// Throws with `message` unless `condition` holds.
inline void require(bool condition, const char *message) {
  if (!condition)
    throw std::invalid_argument(message);
}

/// Throws: the op knows no operand of this type.
[[noreturn]] void unsupported(const AdvxTensor &tensor);

/// Calls `body` with a zero of the tensor's float type.
template <typename Body> void withFloat(const AdvxTensor &tensor, Body &&body) {
  if (tensor.dtype == ADVX_F32)
    body(float());
  else if (tensor.dtype == ADVX_F64)
    body(double());
  else
    unsupported(tensor);
}

/// Calls `body` with a zero of the tensor's type, booleans being uint8_t.
template <typename Body> void withType(const AdvxTensor &tensor, Body &&body) {
  if (tensor.dtype == ADVX_I64)
    body(int64_t());
  else if (tensor.dtype == ADVX_BOOL)
    body(uint8_t());
  else
    withFloat(tensor, body);
}

/// max(x, 0), which is NaN where x is: a run that diverged shows it. In this order of operands it
/// is one instruction of x86-64.
template <typename T> T rectified(T x) { return T(0) > x ? T(0) : x; }

/// Elements of work in one chunk of a cheap loop: enough to pay for handing it to a thread.
constexpr int64_t chunkElements = 16384;

/// Rows in one chunk when a row costs `rowWork` elements.
inline int64_t rowsPerChunk(int64_t rowWork) {
  return rowWork >= chunkElements ? 1 : chunkElements / (rowWork > 0 ? rowWork : 1);
}

} // namespace advx::runtime

/// Defines `advx_op_<mnemonic>`; the body that follows sees `call`.
#define ADVX_OP(mnemonic)                                                                          \
  static void mnemonic##Body(const advx::runtime::OpCall &call);                                   \
  extern "C" void advx_op_##mnemonic(AdvxContext *context, const AdvxTensor *tensors,              \
                                     const int64_t *attributes, const double *numbers,             \
                                     const int64_t *counters, const AdvxCounts *counts) {          \
    advx::runtime::runOp(advx::abi::forms::mnemonic, mnemonic##Body,                               \
                         {context, tensors, attributes, numbers, counters, *counts});              \
  }                                                                                                \
  static void mnemonic##Body(const advx::runtime::OpCall &call)

/// A loop function compiled for each level of x86-64 and chosen when the program loads. The levels
/// give the same bits: the library is compiled without contraction to fused multiply-add.
/// Sanitizers cannot run inside the resolvers.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ADVX_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define ADVX_CLONES
#endif

/// Before a loop whose iterations touch the same index of buffers that may be one buffer.
#if defined(__clang__)
#define ADVX_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define ADVX_INDEPENDENT _Pragma("GCC ivdep")
#endif

#endif // ADVX_RUNTIME_LIBRARY_OPSUPPORT_H
