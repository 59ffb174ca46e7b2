// Arithmetic on floats: one operand or two.

#include "runtime/library/ElementwisePlan.h"

#include <cmath>

using namespace advx::runtime;

namespace {

template <typename T, typename Function>
ADVX_CLONES void unaryLoop(T *out, const T *in, int64_t count, Function function) {
  ADVX_INDEPENDENT
  for (int64_t i = 0; i < count; ++i)
    out[i] = function(in[i]);
}

/// result[...] <- operand[...]
template <typename Function> void unary(const OpCall &call, Function function) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  require(elementCount(result) == elementCount(operand), "operand and result differ in shape");
  require(result.dtype == operand.dtype, "operand and result differ in type");
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    parallelFor(0, elementCount(result), chunkElements, [&](int64_t begin, int64_t end) {
      unaryLoop(dataOf<T>(result) + begin, dataOf<T>(operand) + begin, end - begin, function);
    });
  });
}

/// result <- lhs, rhs by the elementwise rule
template <typename Function> void binary(const OpCall &call, Function function) {
  const AdvxTensor &result = call.tensors[0], &lhs = call.tensors[1], &rhs = call.tensors[2];
  require(result.dtype == lhs.dtype && result.dtype == rhs.dtype, "operands differ in type");
  ElementwisePlan<2> plan(result, &lhs);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    plan.run([&](int64_t offset, std::array<int64_t, 2> in, int64_t count) {
      pairLoop(dataOf<T>(result) + offset, dataOf<T>(lhs) + in[0], plan.step[0],
               dataOf<T>(rhs) + in[1], plan.step[1], count, function);
    });
  });
}

} // namespace

ADVX_OP(neg) {
  unary(call, [](auto x) { return -x; });
}

ADVX_OP(exp) {
  unary(call, [](auto x) { return std::exp(x); });
}

ADVX_OP(log) {
  unary(call, [](auto x) { return std::log(x); });
}

ADVX_OP(sqrt) {
  unary(call, [](auto x) { return std::sqrt(x); });
}

ADVX_OP(abs) {
  unary(call, [](auto x) { return std::abs(x); });
}

/// 0 at 0.
ADVX_OP(sign) {
  unary(call, [](auto x) { return decltype(x)((x > 0) - (x < 0)); });
}

ADVX_OP(floor) {
  unary(call, [](auto x) { return std::floor(x); });
}

ADVX_OP(ceil) {
  unary(call, [](auto x) { return std::ceil(x); });
}

ADVX_OP(relu) {
  unary(call, [](auto x) { return rectified(x); });
}

ADVX_OP(tanh) {
  unary(call, [](auto x) { return std::tanh(x); });
}

ADVX_OP(erf) {
  unary(call, [](auto x) { return std::erf(x); });
}

ADVX_OP(add) {
  binary(call, [](auto a, auto b) { return a + b; });
}

ADVX_OP(sub) {
  binary(call, [](auto a, auto b) { return a - b; });
}

ADVX_OP(mul) {
  binary(call, [](auto a, auto b) { return a * b; });
}

ADVX_OP(div) {
  binary(call, [](auto a, auto b) { return a / b; });
}

ADVX_OP(pow) {
  binary(call, [](auto a, auto b) { return b == 2 ? a * a : std::pow(a, b); });
}

/// NaN if either is.
ADVX_OP(maximum) {
  binary(call, [](auto a, auto b) { return bool(int(a >= b) | int(a != a)) ? a : b; });
}

/// NaN if either is.
ADVX_OP(minimum) {
  binary(call, [](auto a, auto b) { return bool(int(a <= b) | int(a != a)) ? a : b; });
}
