//===- CallTest.cpp - Calls of compiled code that the runtime refuses ------===//

#include "runtime/abi/OpForms.h"
#include "runtime/core/OpErrors.h"
#include "runtime/library/Ops.h"

#include <gtest/gtest.h>

using advx::runtime::Fault;
using advx::runtime::OpErrors;

namespace {

namespace abi = advx::abi;

/// Two numbers, of which an op may make one from the other.
struct Numbers {
  double result = 0, operand = 3;
  AdvxTensor tensors[2] = {{&result, 1, nullptr, 0, ADVX_F64, 0, 0},
                           {&operand, 1, nullptr, 0, ADVX_F64, 0, 0}};
  OpErrors errors;
  AdvxContext context{0, 0, 0, 0, 1, &errors};
};

TEST(Calls, OfAnOpAsItTakesThem) {
  Numbers numbers;
  AdvxCounts counts{2, 0, 0, 0};
  advx_op_neg(&numbers.context, numbers.tensors, nullptr, nullptr, nullptr, &counts);
  EXPECT_FALSE(numbers.errors.take());
  EXPECT_EQ(numbers.result, -3);
}

TEST(Calls, OfAnOpWithAnotherCount) {
  Numbers numbers;
  AdvxCounts counts{2, 1, 0, 0};
  advx_op_neg(&numbers.context, numbers.tensors, nullptr, nullptr, nullptr, &counts);
  EXPECT_EQ(numbers.errors.take(), "the call of advx_op_neg has 1 attributes, not 0");
  EXPECT_EQ(numbers.errors.fault(), Fault::Defect);
  EXPECT_EQ(numbers.result, 0) << "the op ran";
}

TEST(Calls, OfAnOpThatReadsMoreThanThereIs) {
  Numbers numbers;
  int64_t attributes[] = {3, 0};
  AdvxCounts counts{2, 2, 0, 0};
  advx_op_concat(&numbers.context, numbers.tensors, attributes, nullptr, nullptr, &counts);
  EXPECT_EQ(numbers.errors.take(), "the call of advx_op_concat has 2 tensors, not 4");
  EXPECT_EQ(numbers.errors.fault(), Fault::Defect);
  EXPECT_EQ(numbers.result, 0) << "the op ran";
}

void negate(int64_t, int64_t, void *const *buffers, int64_t, const double *, char *) {
  *static_cast<double *>(buffers[0]) = -*static_cast<double *>(buffers[1]);
}

TEST(Calls, OfAKernel) {
  Numbers numbers;
  void *buffers[] = {&numbers.result, &numbers.operand};
  AdvxKernel kernel{"negate", 0, 1, 1, 0, 0, 16, 2, 0, negate, nullptr};
  AdvxCounts counts{2, 0, 1, 0};
  advx_launch_kernel(&numbers.context, &kernel, buffers, nullptr, &counts);
  EXPECT_EQ(numbers.errors.take(), "the launch of negate has 1 numbers, not 0");
  EXPECT_EQ(numbers.errors.fault(), Fault::Defect);
  counts = {1, 0, 0, 0};
  advx_launch_kernel(&numbers.context, &kernel, buffers, nullptr, &counts);
  EXPECT_EQ(numbers.errors.take(), "the launch of negate has 1 tensors, not 2");
  EXPECT_EQ(numbers.result, 0) << "the kernel ran";
  counts = {2, 0, 0, 0};
  advx_launch_kernel(&numbers.context, &kernel, buffers, nullptr, &counts);
  EXPECT_FALSE(numbers.errors.take());
  EXPECT_EQ(numbers.result, -3);
}

TEST(Calls, AreKnownByName) {
  ASSERT_NE(abi::findForm("advx_op_concat"), nullptr);
  EXPECT_EQ(abi::findForm("advx_op_"), nullptr);
  EXPECT_EQ(abi::findForm("concat"), nullptr);
  const abi::OpForm &concat = *abi::findForm("advx_op_concat");
  EXPECT_EQ(abi::wrongCount(concat, {5, 2, 0, 0}), "");
  EXPECT_EQ(abi::wrongCount(concat, {1, 2, 0, 0}), "has 1 tensors, not 2 or more");
  EXPECT_EQ(abi::wrongCount(concat, {5, 2, 0, 1}), "has 1 counters, not 0");
}

} // namespace
