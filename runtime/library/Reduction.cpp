// Reductions over axes of one example and over the batch.
//
// Sums run in double with the order fixed by the shape alone: the same bits for any number of
// threads.

#include "runtime/library/OpSupport.h"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace advx::runtime;

namespace {

/// Which elements of one example a reduction over {count, axes...} combines: output k combines
/// input[kept[k] + reduced[j]] for all j, in row-major order of j.
struct ReductionPlan {
  std::vector<int64_t> kept{0}, reduced{0};
  bool contiguous = true;

  ReductionPlan(const AdvxTensor &operand, const int64_t *attributes) {
    std::vector<bool> isReduced(static_cast<size_t>(operand.rank), false);
    for (int64_t i = 0; i < attributes[0]; ++i) {
      int64_t axis = attributes[1 + i];
      require(axis >= 0 && axis < operand.rank, "no such axis");
      isReduced[axis] = true;
    }
    int64_t stride = rowSize(operand);
    for (int32_t axis = 0; axis < operand.rank; ++axis) {
      stride /= std::max<int64_t>(operand.dims[axis], 1);
      append(isReduced[axis] ? reduced : kept, operand.dims[axis], stride);
    }
    for (size_t j = 0; j < reduced.size(); ++j)
      contiguous &= reduced[j] == int64_t(j);
  }

private:
  static void append(std::vector<int64_t> &offsets, int64_t size, int64_t stride) {
    std::vector<int64_t> longer;
    longer.reserve(offsets.size() * size_t(size));
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < size; ++i)
        longer.push_back(offset + i * stride);
    offsets = std::move(longer);
  }
};

/// The plan of a call with {number of axes, axes...}.
ReductionPlan planOf(const OpCall &call) {
  requireLength(call.counts.attributes, "attributes", 1 + call.attributes[0]);
  return {call.tensors[1], call.attributes};
}

constexpr int64_t lanes = 16;

template <typename T> ADVX_CLONES double sumLanes(const T *in, int64_t count) {
  double partial[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int64_t lane = 0; lane < lanes; ++lane)
      partial[lane] += in[i + lane];
  for (int64_t lane = 0; i < count; ++i, ++lane)
    partial[lane] += in[i];
  double sum = 0;
  for (double value : partial)
    sum += value;
  return sum;
}

/// The sum of contiguous elements; long ones in tiles whose sums are added in order.
template <typename T> double sumContiguous(const T *in, int64_t count) {
  constexpr int64_t tile = 65536;
  if (count <= tile)
    return sumLanes(in, count);
  std::vector<double> partial(size_t((count + tile - 1) / tile));
  parallelFor(0, count, tile, [&](int64_t begin, int64_t end) {
    partial[begin / tile] = sumLanes(in + begin, end - begin);
  });
  return sumLanes(partial.data(), int64_t(partial.size()));
}

/// Calls body(row, k) for every output k of every example.
template <typename Body>
void forEachOutput(const AdvxTensor &operand, const ReductionPlan &plan, Body &&body) {
  int64_t outputs = int64_t(plan.kept.size());
  parallelFor(0, rowCount(operand) * outputs, rowsPerChunk(int64_t(plan.reduced.size())),
              [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i)
                  body(i / outputs, i % outputs);
              });
}

/// True if `value` takes the place of `best` as the maximum: the first NaN, else the first maximum.
template <typename T> bool beats(T value, T best) {
  return value > best || (value != value && best == best);
}

/// Index j of the first maximum of base[offsets[j]].
template <typename T> size_t firstMaximum(const T *base, const std::vector<int64_t> &offsets) {
  size_t best = 0;
  for (size_t j = 1; j < offsets.size(); ++j)
    if (beats(base[offsets[j]], base[offsets[best]]))
      best = j;
  return best;
}

template <typename T>
ADVX_CLONES void addRows(double *sums, const T *in, int64_t rows, int64_t stride, int64_t count) {
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < count; ++i)
      sums[i] += in[row * stride + i];
}

} // namespace

/// result <- operand {number of axes, axes...}: the axes are dropped
ADVX_OP(reduce_sum) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  ReductionPlan plan = planOf(call);
  int64_t size = rowSize(operand), outputs = int64_t(plan.kept.size());
  require(elementCount(result) == rowCount(operand) * outputs, "wrong result shape");
  withType(operand, [&](auto zero) {
    using T = decltype(zero);
    withType(result, [&](auto target) {
      using R = decltype(target);
      forEachOutput(operand, plan, [&](int64_t row, int64_t k) {
        const T *base = dataOf<T>(operand) + row * size + plan.kept[k];
        double sum = 0;
        if (plan.contiguous)
          sum = sumContiguous(base, int64_t(plan.reduced.size()));
        else
          for (int64_t offset : plan.reduced)
            sum += base[offset];
        dataOf<R>(result)[row * outputs + k] = static_cast<R>(sum);
      });
    });
  });
}

/// result <- operand {number of axes, axes...}; NaN if one is
ADVX_OP(reduce_max) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  ReductionPlan plan = planOf(call);
  int64_t size = rowSize(operand), outputs = int64_t(plan.kept.size());
  require(elementCount(result) == rowCount(operand) * outputs && !plan.reduced.empty(),
          "wrong result shape");
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    forEachOutput(operand, plan, [&](int64_t row, int64_t k) {
      const T *base = dataOf<T>(operand) + row * size + plan.kept[k];
      dataOf<T>(result)[row * outputs + k] = base[plan.reduced[firstMaximum(base, plan.reduced)]];
    });
  });
}

/// i1 result of the operand's shape <- operand {number of axes, axes...}: 1 at the maximum that
/// comes first in row-major order
ADVX_OP(first_max_mask) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  ReductionPlan plan = planOf(call);
  int64_t size = rowSize(operand);
  require(result.dtype == ADVX_BOOL && elementCount(result) == elementCount(operand) &&
              !plan.reduced.empty(),
          "wrong result shape");
  std::memset(result.data, 0, size_t(elementCount(result)));
  withFloat(operand, [&](auto zero) {
    using T = decltype(zero);
    forEachOutput(operand, plan, [&](int64_t row, int64_t k) {
      int64_t base = row * size + plan.kept[k];
      size_t best = firstMaximum(dataOf<T>(operand) + base, plan.reduced);
      dataOf<uint8_t>(result)[base + plan.reduced[best]] = 1;
    });
  });
}

/// i64 result[] <- operand[n]: the lowest index of the maximum
ADVX_OP(argmax) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  const int64_t axes[] = {1, 0};
  require(operand.rank == 1 && operand.dims[0] > 0 && result.dtype == ADVX_I64,
          "wants a vector and gives an index");
  ReductionPlan plan(operand, axes);
  withFloat(operand, [&](auto zero) {
    using T = decltype(zero);
    forEachOutput(operand, plan, [&](int64_t row, int64_t) {
      const T *base = dataOf<T>(operand) + row * operand.dims[0];
      dataOf<int64_t>(result)[row] = int64_t(firstMaximum(base, plan.reduced));
    });
  });
}

/// result (one example's shape) <- operand (batched)
ADVX_OP(batch_sum) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  int64_t size = rowSize(operand), rows = rowCount(operand);
  require(elementCount(result) == size && result.dtype == operand.dtype, "wrong result shape");
  constexpr int64_t columns = 512;
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    if (size == 1) {
      *dataOf<T>(result) = static_cast<T>(sumContiguous(dataOf<T>(operand), rows));
      return;
    }
    parallelFor(0, size, columns, [&](int64_t begin, int64_t end) {
      double sums[columns] = {};
      addRows(sums, dataOf<T>(operand) + begin, rows, size, end - begin);
      for (int64_t i = begin; i < end; ++i)
        dataOf<T>(result)[i] = static_cast<T>(sums[i - begin]);
    });
  });
}

/// result (batched) <- operand (one example's shape), like (only its batch counts)
ADVX_OP(batch_broadcast) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  require(result.dtype == operand.dtype && rowSize(result) == elementCount(operand),
          "operand and result differ in shape");
  int64_t bytes = rowSize(result) * elementBytes(result);
  parallelFor(0, rowCount(result), rowsPerChunk(rowSize(result)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      std::memcpy(dataOf<char>(result) + row * bytes, operand.data, size_t(bytes));
  });
}
