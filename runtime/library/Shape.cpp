// Ops that move elements without computing: every one is a copy between two strided layouts.

#include "runtime/library/OpSupport.h"

#include <cstring>
#include <vector>

using namespace advx::runtime;

namespace {

/// A walk over the same index space in two buffers; strides in elements.
struct StridedCopy {
  std::vector<int64_t> sizes, targetStrides, sourceStrides;

  void addAxis(int64_t size, int64_t targetStride, int64_t sourceStride) {
    if (size == 1)
      return;
    // An axis that continues the one before it in both buffers becomes part of it.
    if (!sizes.empty() && targetStrides.back() == size * targetStride &&
        sourceStrides.back() == size * sourceStride) {
      sizes.back() *= size;
      targetStrides.back() = targetStride;
      sourceStrides.back() = sourceStride;
      return;
    }
    sizes.push_back(size);
    targetStrides.push_back(targetStride);
    sourceStrides.push_back(sourceStride);
  }

  template <typename T> void run(T *target, const T *source) {
    if (sizes.empty())
      addAxisUnmerged();
    size_t inner = sizes.size() - 1;
    int64_t outerCount = 1;
    for (size_t axis = 0; axis < inner; ++axis)
      outerCount *= sizes[axis];
    int64_t count = sizes[inner], to = targetStrides[inner], from = sourceStrides[inner];
    parallelFor(0, outerCount, rowsPerChunk(count), [&](int64_t begin, int64_t end) {
      for (int64_t outer = begin; outer < end; ++outer) {
        T *out = target;
        const T *in = source;
        for (int64_t rest = outer, axis = int64_t(inner) - 1; axis >= 0; --axis) {
          out += rest % sizes[axis] * targetStrides[axis];
          in += rest % sizes[axis] * sourceStrides[axis];
          rest /= sizes[axis];
        }
        if (to == 1 && from == 1)
          std::memcpy(out, in, size_t(count) * sizeof(T));
        else
          for (int64_t i = 0; i < count; ++i)
            out[i * to] = in[i * from];
      }
    });
  }

private:
  void addAxisUnmerged() {
    sizes.push_back(1);
    targetStrides.push_back(1);
    sourceStrides.push_back(1);
  }
};

/// Row-major strides of one example.
std::vector<int64_t> stridesOf(const AdvxTensor &tensor) {
  std::vector<int64_t> strides(static_cast<size_t>(tensor.rank));
  int64_t stride = 1;
  for (int32_t axis = tensor.rank - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= tensor.dims[axis];
  }
  return strides;
}

/// Starts a copy with the batch axis of `result`, which `operand` may lack.
StridedCopy startCopy(const AdvxTensor &result, const AdvxTensor &operand) {
  require(result.dtype == operand.dtype, "operand and result differ in type");
  require(!operand.batched || (result.batched && result.batch == operand.batch),
          "operand and result differ in batch");
  StridedCopy copy;
  copy.addAxis(rowCount(result), rowStride(result), rowStride(operand));
  return copy;
}

/// Runs `copy` on elements that are only moved, so on integers of their width.
void runCopy(StridedCopy &copy, const AdvxTensor &result, int64_t resultOffset,
             const AdvxTensor &operand, int64_t operandOffset) {
  switch (elementBytes(result)) {
  case 1:
    return copy.run(dataOf<uint8_t>(result) + resultOffset,
                    dataOf<const uint8_t>(operand) + operandOffset);
  case 4:
    return copy.run(dataOf<uint32_t>(result) + resultOffset,
                    dataOf<const uint32_t>(operand) + operandOffset);
  default:
    return copy.run(dataOf<uint64_t>(result) + resultOffset,
                    dataOf<const uint64_t>(operand) + operandOffset);
  }
}

/// Same elements in the same order.
void copyAll(const OpCall &call) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  require(result.dtype == operand.dtype && elementCount(result) == elementCount(operand),
          "operand and result differ in size");
  if (result.data == operand.data)
    return;
  int64_t bytes = elementBytes(result);
  parallelFor(0, elementCount(result), 8 * chunkElements, [&](int64_t begin, int64_t end) {
    std::memcpy(dataOf<char>(result) + begin * bytes, dataOf<char>(operand) + begin * bytes,
                size_t((end - begin) * bytes));
  });
}

} // namespace

ADVX_OP(copy) { copyAll(call); }

ADVX_OP(stop_gradient) { copyAll(call); }

/// result <- operand with as many elements per example
ADVX_OP(reshape) { copyAll(call); }

/// result <- operand {one result axis per operand axis, in the operand's order}
ADVX_OP(broadcast) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  requireLength(call.counts.attributes, "attributes", operand.rank);
  std::vector<int64_t> to = stridesOf(result), from = stridesOf(operand);
  std::vector<int64_t> source(to.size(), 0);
  for (int32_t axis = 0; axis < operand.rank; ++axis) {
    int64_t target = call.attributes[axis];
    require(target >= 0 && target < result.rank && result.dims[target] == operand.dims[axis],
            "an operand axis does not fit the result axis it goes to");
    source[target] = from[axis];
  }
  StridedCopy copy = startCopy(result, operand);
  for (int32_t axis = 0; axis < result.rank; ++axis)
    copy.addAxis(result.dims[axis], to[axis], source[axis]);
  runCopy(copy, result, 0, operand, 0);
}

/// result <- operand {permutation}: result axis i is operand axis permutation[i]
ADVX_OP(transpose) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  require(result.rank == operand.rank, "operand and result differ in rank");
  requireLength(call.counts.attributes, "attributes", result.rank);
  std::vector<int64_t> to = stridesOf(result), from = stridesOf(operand);
  StridedCopy copy = startCopy(result, operand);
  for (int32_t axis = 0; axis < result.rank; ++axis) {
    int64_t source = call.attributes[axis];
    require(source >= 0 && source < operand.rank && operand.dims[source] == result.dims[axis],
            "the permutation does not lead to the result's shape");
    copy.addAxis(result.dims[axis], to[axis], from[source]);
  }
  runCopy(copy, result, 0, operand, 0);
}

/// result <- operand {axis, begin}: as many places along axis as the result has
ADVX_OP(slice) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  int64_t axis = call.attributes[0], begin = call.attributes[1];
  require(result.rank == operand.rank && axis >= 0 && axis < result.rank && begin >= 0 &&
              begin + result.dims[axis] <= operand.dims[axis],
          "the slice leaves its operand");
  std::vector<int64_t> to = stridesOf(result), from = stridesOf(operand);
  StridedCopy copy = startCopy(result, operand);
  for (int32_t i = 0; i < result.rank; ++i)
    copy.addAxis(result.dims[i], to[i], from[i]);
  runCopy(copy, result, 0, operand, begin * from[axis]);
}

/// result <- operand {axis, begin}: zero but for the operand at `begin` along axis
ADVX_OP(pad_slice) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  int64_t axis = call.attributes[0], begin = call.attributes[1];
  require(result.rank == operand.rank && axis >= 0 && axis < result.rank && begin >= 0 &&
              begin + operand.dims[axis] <= result.dims[axis],
          "the operand leaves the result");
  std::memset(result.data, 0, size_t(elementCount(result) * elementBytes(result)));
  std::vector<int64_t> to = stridesOf(result), from = stridesOf(operand);
  StridedCopy copy = startCopy(result, operand);
  for (int32_t i = 0; i < result.rank; ++i)
    copy.addAxis(operand.dims[i], to[i], from[i]);
  runCopy(copy, result, begin * to[axis], operand, 0);
}

/// result <- operand {axis}: the last place along axis first
ADVX_OP(reverse) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  int64_t axis = call.attributes[0];
  require(result.rank == operand.rank && axis >= 0 && axis < result.rank &&
              rowSize(result) == rowSize(operand),
          "operand and result differ in shape");
  if (rowSize(operand) == 0)
    return;
  std::vector<int64_t> to = stridesOf(result), from = stridesOf(operand);
  StridedCopy copy = startCopy(result, operand);
  for (int32_t i = 0; i < result.rank; ++i)
    copy.addAxis(result.dims[i], to[i], i == axis ? -from[i] : from[i]);
  runCopy(copy, result, 0, operand, (operand.dims[axis] - 1) * from[axis]);
}

/// result <- operands... {number of operands, axis}
ADVX_OP(concat) {
  const AdvxTensor &result = call.tensors[0];
  requireLength(call.counts.tensors, "tensors", 1 + call.attributes[0]);
  int64_t axis = call.attributes[1], begin = 0;
  require(axis >= 0 && axis < result.rank, "no such axis");
  std::vector<int64_t> to = stridesOf(result);
  for (int64_t k = 0; k < call.attributes[0]; ++k) {
    const AdvxTensor &operand = call.tensors[1 + k];
    require(operand.rank == result.rank && begin + operand.dims[axis] <= result.dims[axis],
            "the operands do not fit the result");
    std::vector<int64_t> from = stridesOf(operand);
    StridedCopy copy = startCopy(result, operand);
    for (int32_t i = 0; i < result.rank; ++i)
      copy.addAxis(operand.dims[i], to[i], from[i]);
    runCopy(copy, result, begin * to[axis], operand, 0);
    begin += operand.dims[axis];
  }
  require(begin == result.dims[axis], "the operands do not fill the result");
}
