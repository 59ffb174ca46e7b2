#include "test/numerics/ops/OpTest.h"

#include "runtime/library/Ops.h"

using namespace advx::test;
using at::Tensor;

namespace {

struct Sizes {
  int64_t m, n;
};
constexpr Sizes sizes[] = {{1, 1}, {10, 100}, {3, 17}, {100, 1568}};

void matvec(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (Sizes size : sizes)
      for (int64_t batch : batchSizes)
        for (bool batched : {false, true})
          for (bool transpose : {false, true}) {
            Case c;
            c.operands = {randomValue({size.m, size.n}, 1, false, type),
                          randomValue({transpose ? size.m : size.n}, batch, batched, type)};
            c.attributes = {transpose};
            c.resultType = type;
            c.resultBatched = batched;
            c.reference = [&](const std::vector<Tensor> &in) {
              return at::matmul(in[1], transpose ? in[0] : in[0].t());
            };
            t.check(c);
          }
}

void outer(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (Sizes size : sizes)
      for (int64_t batch : batchSizes)
        for (bool batched : {false, true}) {
          Case c;
          c.operands = {randomValue({size.m}, batch, batched, type),
                        randomValue({size.n}, batch, batched, type)};
          c.resultType = type;
          c.reference = [&](const std::vector<Tensor> &in) {
            return batched ? at::matmul(in[0].t(), in[1]) : at::outer(in[0], in[1]);
          };
          t.check(c);
        }
}

void matmul(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (bool transposeA : {false, true})
      for (bool transposeB : {false, true})
        for (auto [m, n, k] : {std::tuple(1, 1, 1), std::tuple(5, 7, 3), std::tuple(129, 33, 65)}) {
          Case c;
          c.operands = {{randomTensor({transposeA ? k : m, transposeA ? m : k}, type), false},
                        {randomTensor({transposeB ? n : k, transposeB ? k : n}, type), false}};
          c.attributes = {transposeA, transposeB};
          c.resultType = type;
          c.reference = [&](const std::vector<Tensor> &in) {
            return at::matmul(transposeA ? in[0].t() : in[0], transposeB ? in[1].t() : in[1]);
          };
          t.check(c);
        }
}

} // namespace

std::vector<OpEntry> advx::test::linearOps() {
  return {{"matvec", advx_op_matvec, matvec},
          {"outer", advx_op_outer, outer},
          {"matmul", advx_op_matmul, matmul}};
}
