#include "test/numerics/ops/OpTest.h"

#include "runtime/core/OpErrors.h"
#include "runtime/core/ThreadPool.h"

#include <cstdio>
#include <sstream>

using namespace advx::test;
using advx::runtime::OpErrors;
using advx::runtime::ThreadPool;

namespace {

int32_t typeOf(const at::Tensor &tensor) {
  switch (tensor.scalar_type()) {
  case at::kFloat:
    return ADVX_F32;
  case at::kDouble:
    return ADVX_F64;
  case at::kLong:
    return ADVX_I64;
  default:
    return ADVX_BOOL;
  }
}

AdvxTensor describeTensor(const at::Tensor &tensor, bool batched) {
  AdvxTensor out{};
  out.data = tensor.data_ptr();
  out.batched = batched;
  out.batch = batched ? tensor.size(0) : 1;
  out.dims = tensor.sizes().data() + (batched ? 1 : 0);
  out.rank = static_cast<int32_t>(tensor.dim() - (batched ? 1 : 0));
  out.dtype = typeOf(tensor);
  return out;
}

/// A result buffer whose content shows where nothing was written.
at::Tensor spoiled(at::IntArrayRef shape, at::ScalarType type) {
  at::Tensor tensor = at::empty(shape, at::TensorOptions(type));
  std::memset(tensor.data_ptr(), 0xCB, tensor.nbytes());
  return tensor;
}

bool sameBits(const at::Tensor &a, const at::Tensor &b) {
  return a.nbytes() == b.nbytes() && std::memcmp(a.data_ptr(), b.data_ptr(), a.nbytes()) == 0;
}

/// Empty if `result` is `expected` to the tolerance of its type.
std::string difference(const at::Tensor &result, const at::Tensor &expected, double forF32) {
  if (!result.is_floating_point())
    return at::equal(result, expected) ? "" : "differs";
  double tolerance = result.scalar_type() == at::kFloat ? forF32 : 1e-10;
  at::Tensor got = result.to(at::kDouble), want = expected.to(at::kDouble);
  at::Tensor nan = want.isnan();
  if (!at::equal(got.isnan(), nan))
    return "NaN in other places";
  got = at::nan_to_num(got.masked_fill(nan, 0)), want = at::nan_to_num(want.masked_fill(nan, 0));
  if (got.numel() == 0)
    return "";
  at::Tensor error = (got - want).abs() / (want.abs() + want.abs().max() + 1e-300);
  double worst = error.max().item<double>();
  if (worst <= tolerance)
    return "";
  std::ostringstream text;
  text << "relative difference " << worst;
  return text.str();
}

} // namespace

at::Tensor advx::test::randomTensor(std::vector<int64_t> shape, at::ScalarType type, bool ties) {
  at::Tensor tensor = at::randn(shape, at::TensorOptions(at::kDouble));
  if (ties)
    tensor = (tensor * 2).round() / 2;
  return tensor.to(type);
}

Value advx::test::randomValue(std::vector<int64_t> exampleShape, int64_t batch, bool batched,
                              at::ScalarType type, bool ties) {
  if (batched)
    exampleShape.insert(exampleShape.begin(), batch);
  return {randomTensor(exampleShape, type, ties), batched};
}

at::Tensor advx::test::aligned(const Value &value, const at::Tensor &data, int64_t exampleRank) {
  at::Tensor out = data;
  if (value.batched && value.exampleRank() == 0)
    for (int64_t axis = 0; axis < exampleRank; ++axis)
      out = out.unsqueeze(-1);
  return out;
}

void OpTest::execute(const Case &theCase, at::Tensor &result, std::string &error) {
  std::vector<AdvxTensor> tensors{describeTensor(result, theCase.resultBatched)};
  for (const Value &operand : theCase.operands)
    tensors.push_back(describeTensor(operand.data, operand.batched));
  OpErrors errors;
  context.runtime = &errors;
  context.batch = theCase.resultBatched ? result.size(0) : 1;
  AdvxCounts counts{int32_t(tensors.size()), int32_t(theCase.attributes.size()),
                    int32_t(theCase.numbers.size()), int32_t(theCase.counters.size())};
  op(&context, tensors.data(), theCase.attributes.data(), theCase.numbers.data(),
     theCase.counters.data(), &counts);
  error = errors.take().value_or("");
}

at::Tensor OpTest::run(const Case &theCase, at::IntArrayRef resultShape, std::string *error) {
  at::Tensor result = spoiled(resultShape, theCase.resultType);
  std::string message;
  execute(theCase, result, message);
  if (error)
    *error = message;
  else
    expect(message.empty(), message);
  return result;
}

void OpTest::expect(bool condition, const std::string &what) {
  ++(condition ? passed : failed);
  if (!condition)
    std::printf("  %s: %s\n", name.c_str(), what.c_str());
}

void OpTest::check(const Case &original) {
  const Case theCase = adapt ? adapt(original) : original;
  std::vector<at::Tensor> exact;
  std::ostringstream title;
  for (const Value &operand : theCase.operands) {
    const at::Tensor &data = operand.data;
    exact.push_back(data.is_floating_point() ? data.to(at::kDouble) : data);
    title << (operand.batched ? "batched" : "") << data.sizes() << " ";
  }
  for (int64_t attribute : theCase.attributes)
    title << attribute << ",";
  at::Tensor expected = theCase.reference(exact).to(theCase.resultType).contiguous();

  at::Tensor first;
  for (int threads = 1; threads <= 3; ++threads) {
    ThreadPool::instance().setThreadCount(threads);
    at::Tensor result = spoiled(expected.sizes(), theCase.resultType);
    std::string error;
    execute(theCase, result, error);
    if (!error.empty())
      return expect(false, title.str() + ": " + error);
    if (threads == 1)
      first = result;
    else if (!sameBits(first, result))
      return expect(false,
                    title.str() + ": other bits with " + std::to_string(threads) + " threads");
  }
  if (theCase.inPlace && theCase.operands[0].data.sizes() == expected.sizes() &&
      theCase.operands[0].data.scalar_type() == theCase.resultType) {
    Case aliased = theCase;
    aliased.operands[0].data = theCase.operands[0].data.clone();
    std::string error;
    execute(aliased, aliased.operands[0].data, error);
    if (!error.empty() || !sameBits(first, aliased.operands[0].data))
      return expect(false, title.str() + ": other bits in place " + error);
  }
  std::string problem = difference(first, expected, tolerance);
  expect(problem.empty(), title.str() + ": " + problem);
}

void OpTest::checkError(const Case &theCase, at::IntArrayRef resultShape,
                        const std::string &message) {
  std::string error;
  run(theCase, resultShape, &error);
  expect(error.find(message) != std::string::npos,
         "wanted an error with '" + message + "', got '" + error + "'");
}
