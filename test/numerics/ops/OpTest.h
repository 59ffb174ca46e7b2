#ifndef ADVX_TEST_NUMERICS_OPS_OPTEST_H
#define ADVX_TEST_NUMERICS_OPS_OPTEST_H

#include "runtime/abi/advx_abi.h"

#include <ATen/ATen.h>
#include <functional>
#include <string>
#include <vector>

/// Compares every runtime op with LibTorch. To add an op: write a function that takes an OpTest and
/// calls `check` for each case, and list it in the table that main.cpp shows.
namespace advx::test {

/// A tensor and whether its leading axis is the batch.
struct Value {
  at::Tensor data;
  bool batched;
  int64_t exampleRank() const { return data.dim() - (batched ? 1 : 0); }
};

/// One call of an op and what it should give.
struct Case {
  std::vector<Value> operands;
  std::vector<int64_t> attributes;
  std::vector<double> numbers;
  std::vector<int64_t> counters;
  at::ScalarType resultType = at::kFloat;
  bool resultBatched = false;
  /// The result from the operands with floats converted to f64, so that f32 is held to the truth
  /// and not to another rounding.
  std::function<at::Tensor(const std::vector<at::Tensor> &)> reference;
  /// Also run with the result in the first operand's buffer.
  bool inPlace = false;
};

class OpTest {
public:
  OpTest(std::string name, AdvxOp op) : name(std::move(name)), op(op) {}

  /// Runs the case with 1, 2 and 3 threads: same bits, no error, and the reference's numbers to
  /// 1e-10 (f64) or `tolerance` (f32) of the largest; integers and booleans exactly.
  void check(const Case &original);

  /// Runs the case and wants the op to record an error that contains `message`.
  void checkError(const Case &theCase, at::IntArrayRef resultShape, const std::string &message);

  /// Counts a condition that no case expresses.
  void expect(bool condition, const std::string &what);

  /// Runs the op once; the result has the given shape.
  at::Tensor run(const Case &theCase, at::IntArrayRef resultShape, std::string *error = nullptr);

  /// Rewrites each case before it is checked: the same cases for another form of the op.
  std::function<Case(const Case &)> adapt;
  /// What f32 results may be off, of the largest.
  double tolerance = 1e-5;

  const std::string name;
  int passed = 0, failed = 0;
  /// Keys random draws.
  AdvxContext context{};

private:
  void execute(const Case &theCase, at::Tensor &result, std::string &error);

  AdvxOp op;
};

struct OpEntry {
  const char *name;
  AdvxOp op;
  void (*cases)(OpTest &);
};

std::vector<OpEntry> elementwiseOps();
std::vector<OpEntry> shapeOps();
std::vector<OpEntry> reductionOps();
std::vector<OpEntry> orderOps();
std::vector<OpEntry> linearOps();
std::vector<OpEntry> imageOps();
std::vector<OpEntry> randomOps();
std::vector<OpEntry> providedOps();

/// Batch sizes of the cases: one, odd, a whole tile, and one more than many tiles.
constexpr int64_t batchSizes[] = {1, 7, 16, 129};
constexpr at::ScalarType floatTypes[] = {at::kFloat, at::kDouble};

/// Normal numbers; with `ties`, rounded to halves so that equal values are common.
at::Tensor randomTensor(std::vector<int64_t> shape, at::ScalarType type, bool ties = false);
Value randomValue(std::vector<int64_t> exampleShape, int64_t batch, bool batched,
                  at::ScalarType type, bool ties = false);

/// A batched scalar as a column that broadcasts against examples of `exampleRank` axes.
at::Tensor aligned(const Value &value, const at::Tensor &data, int64_t exampleRank);

} // namespace advx::test

#endif // ADVX_TEST_NUMERICS_OPS_OPTEST_H
