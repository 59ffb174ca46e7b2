// Comparisons, booleans, selection, conversion and constants.

#include "runtime/library/ElementwisePlan.h"

#include <cstring>

using namespace advx::runtime;

namespace {

/// The predicates of `compare`, in the order of its attribute.
enum Predicate : int64_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };

/// i1 result <- lhs, rhs of type T by the elementwise rule
template <typename T, typename Function> void pairs(const OpCall &call, Function function) {
  const AdvxTensor &result = call.tensors[0], &lhs = call.tensors[1], &rhs = call.tensors[2];
  require(result.dtype == ADVX_BOOL && lhs.dtype == rhs.dtype, "operands differ in type");
  ElementwisePlan<2> plan(result, &lhs);
  plan.run([&](int64_t offset, std::array<int64_t, 2> in, int64_t count) {
    pairLoop(dataOf<uint8_t>(result) + offset, dataOf<T>(lhs) + in[0], plan.step[0],
             dataOf<T>(rhs) + in[1], plan.step[1], count, function);
  });
}

template <typename T>
ADVX_CLONES void selectLoop(T *out, const uint8_t *condition, int64_t conditionStep, const T *yes,
                            int64_t yesStep, const T *no, int64_t noStep, int64_t count) {
  if (conditionStep && yesStep && noStep) {
    ADVX_INDEPENDENT
    for (int64_t i = 0; i < count; ++i)
      out[i] = condition[i] ? yes[i] : no[i];
  } else if (conditionStep && yesStep) {
    T value = *no;
    ADVX_INDEPENDENT
    for (int64_t i = 0; i < count; ++i)
      out[i] = condition[i] ? yes[i] : value;
  } else if (conditionStep && noStep) {
    T value = *yes;
    ADVX_INDEPENDENT
    for (int64_t i = 0; i < count; ++i)
      out[i] = condition[i] ? value : no[i];
  } else {
    for (int64_t i = 0; i < count; ++i)
      out[i] = condition[i * conditionStep] ? yes[i * yesStep] : no[i * noStep];
  }
}

template <typename T, typename S> ADVX_CLONES void castLoop(T *out, const S *in, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    out[i] = static_cast<T>(in[i]);
}

void fill(const AdvxTensor &result, double value) {
  withType(result, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(dataOf<T>(result), elementCount(result), static_cast<T>(value));
  });
}

} // namespace

/// i1 <- a, b (float, i64 or i1) {predicate}
ADVX_OP(compare) {
  withType(call.tensors[1], [&](auto zero) {
    using T = decltype(zero);
    switch (call.attributes[0]) {
    case Equal:
      return pairs<T>(call, [](T a, T b) { return uint8_t(a == b); });
    case NotEqual:
      return pairs<T>(call, [](T a, T b) { return uint8_t(a != b); });
    case Less:
      return pairs<T>(call, [](T a, T b) { return uint8_t(a < b); });
    case LessEqual:
      return pairs<T>(call, [](T a, T b) { return uint8_t(a <= b); });
    case Greater:
      return pairs<T>(call, [](T a, T b) { return uint8_t(a > b); });
    case GreaterEqual:
      return pairs<T>(call, [](T a, T b) { return uint8_t(a >= b); });
    default:
      throw std::invalid_argument("unknown predicate");
    }
  });
}

ADVX_OP(logical_and) {
  pairs<uint8_t>(call, [](uint8_t a, uint8_t b) { return uint8_t(a & b); });
}

ADVX_OP(logical_or) {
  pairs<uint8_t>(call, [](uint8_t a, uint8_t b) { return uint8_t(a | b); });
}

ADVX_OP(logical_not) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  require(result.dtype == ADVX_BOOL && operand.dtype == ADVX_BOOL, "the operand is not i1");
  for (int64_t i = 0, count = elementCount(result); i < count; ++i)
    dataOf<uint8_t>(result)[i] = dataOf<uint8_t>(operand)[i] ^ 1;
}

/// result <- condition (i1), yes, no by the elementwise rule
ADVX_OP(select) {
  const AdvxTensor &result = call.tensors[0], &condition = call.tensors[1];
  const AdvxTensor &yes = call.tensors[2], &no = call.tensors[3];
  require(condition.dtype == ADVX_BOOL, "the condition is not i1");
  require(result.dtype == yes.dtype && result.dtype == no.dtype, "operands differ in type");
  ElementwisePlan<3> plan(result, &condition);
  withType(result, [&](auto zero) {
    using T = decltype(zero);
    plan.run([&](int64_t offset, std::array<int64_t, 3> in, int64_t count) {
      selectLoop(dataOf<T>(result) + offset, dataOf<uint8_t>(condition) + in[0], plan.step[0],
                 dataOf<T>(yes) + in[1], plan.step[1], dataOf<T>(no) + in[2], plan.step[2], count);
    });
  });
}

/// float result <- operand of any type, of the same shape; rounded once, to even
ADVX_OP(cast) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  require(elementCount(result) == elementCount(operand), "operand and result differ in shape");
  withFloat(result, [&](auto target) {
    using T = decltype(target);
    withType(operand, [&](auto source) {
      using S = decltype(source);
      parallelFor(0, elementCount(result), chunkElements, [&](int64_t begin, int64_t end) {
        castLoop(dataOf<T>(result) + begin, dataOf<S>(operand) + begin, end - begin);
      });
    });
  });
}

/// result <- (numbers: value), rounded once
ADVX_OP(splat) { fill(call.tensors[0], call.numbers[0]); }

/// result <- (numbers: value)
ADVX_OP(constant) { fill(call.tensors[0], call.numbers[0]); }

/// result[n] <- (numbers: n values)
ADVX_OP(constant_list) {
  requireLength(call.counts.numbers, "numbers", elementCount(call.tensors[0]));
  withType(call.tensors[0], [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0, count = elementCount(call.tensors[0]); i < count; ++i)
      dataOf<T>(call.tensors[0])[i] = static_cast<T>(call.numbers[i]);
  });
}

/// result[n] <- : the numbers 0 to n - 1
ADVX_OP(iota) {
  withFloat(call.tensors[0], [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0, count = elementCount(call.tensors[0]); i < count; ++i)
      dataOf<T>(call.tensors[0])[i] = static_cast<T>(i);
  });
}
