#ifndef ADVX_RUNTIME_LIBRARY_ELEMENTWISEPLAN_H
#define ADVX_RUNTIME_LIBRARY_ELEMENTWISEPLAN_H

#include "runtime/library/OpSupport.h"

#include <algorithm>
#include <array>

namespace advx::runtime {

/// How an elementwise op walks its operands: `rows` times `columns` result elements in row-major
/// order, operand k lying at row * rowStride[k] + column * step[k], where a step is 0 or 1.
///
/// An operand has the result's example shape or rank 0, with or without a batch axis. Where every
/// operand is laid out like the result or constant, the rows fold into one long row.
template <size_t N> struct ElementwisePlan {
  int64_t rows = 1, columns = 1;
  std::array<int64_t, N> rowStride{}, step{};

  ElementwisePlan(const AdvxTensor &result, const AdvxTensor *operands) {
    int64_t size = rowSize(result), batch = rowCount(result);
    bool foldable = true;
    for (size_t k = 0; k < N; ++k) {
      const AdvxTensor &operand = operands[k];
      bool isScalar = operand.rank == 0;
      require(!operand.batched || (result.batched && operand.batch == result.batch),
              "an operand's batch differs from the result's");
      require(isScalar || rowSize(operand) == size, "an operand's shape differs from the result's");
      foldable &= size == 1 || bool(operand.batched) != isScalar || batch == 1;
      if (size == 1) {
        step[k] = operand.batched ? 1 : 0;
      } else {
        step[k] = isScalar ? 0 : 1;
        rowStride[k] = runtime::rowStride(operand);
      }
    }
    rows = foldable ? 1 : batch;
    columns = foldable ? batch * size : size;
  }

  /// Calls body(resultOffset, operandOffsets, count) for pieces that lie in one row.
  template <typename Body> void run(Body &&body) const {
    parallelFor(0, rows * columns, chunkElements, [&](int64_t begin, int64_t end) {
      while (begin < end) {
        int64_t row = begin / columns, column = begin % columns;
        int64_t count = std::min(end - begin, columns - column);
        std::array<int64_t, N> offsets;
        for (size_t k = 0; k < N; ++k)
          offsets[k] = row * rowStride[k] + column * step[k];
        body(begin, offsets, count);
        begin += count;
      }
    });
  }
};

/// out[i] <- function(lhs[i], rhs[i]) along one piece of a plan, where a step of 0 repeats an
/// operand.
template <typename T, typename R, typename Function>
ADVX_CLONES void pairLoop(R *out, const T *lhs, int64_t lhsStep, const T *rhs, int64_t rhsStep,
                          int64_t count, Function function) {
  if (lhsStep && rhsStep) {
    ADVX_INDEPENDENT
    for (int64_t i = 0; i < count; ++i)
      out[i] = function(lhs[i], rhs[i]);
  } else if (lhsStep) {
    T value = *rhs;
    ADVX_INDEPENDENT
    for (int64_t i = 0; i < count; ++i)
      out[i] = function(lhs[i], value);
  } else if (rhsStep) {
    T value = *lhs;
    ADVX_INDEPENDENT
    for (int64_t i = 0; i < count; ++i)
      out[i] = function(value, rhs[i]);
  } else {
    R value = function(*lhs, *rhs);
    for (int64_t i = 0; i < count; ++i)
      out[i] = value;
  }
}

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_ELEMENTWISEPLAN_H
