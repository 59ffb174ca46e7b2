#include "test/numerics/ops/OpTest.h"

#include "runtime/library/Ops.h"

#include <limits>

using namespace advx::test;
using at::Tensor;

namespace {

const std::vector<std::vector<int64_t>> shapes = {{}, {10}, {3, 5}, {2, 7, 9}, {16, 14, 14}};

/// A batched tensor, a tensor all examples share, a number per example, one number.
enum class Form { BatchedFull, Full, BatchedScalar, Scalar };
constexpr Form forms[] = {Form::BatchedFull, Form::Full, Form::BatchedScalar, Form::Scalar};

/// The largest shape needs no large batch to fill several chunks.
bool isTooLarge(const std::vector<int64_t> &shape, int64_t batch) {
  return shape.size() == 3 && shape[0] == 16 && batch > 16;
}

bool isBatched(Form form) { return form == Form::BatchedFull || form == Form::BatchedScalar; }
bool isFull(Form form) { return form == Form::BatchedFull || form == Form::Full; }

Value makeForm(Form form, const std::vector<int64_t> &shape, int64_t batch, at::ScalarType type,
               bool ties) {
  return randomValue(isFull(form) ? shape : std::vector<int64_t>(), batch, isBatched(form), type,
                     ties);
}

using Unary = std::function<Tensor(const Tensor &)>;
using Binary = std::function<Tensor(const Tensor &, const Tensor &)>;

void unaryCases(OpTest &test, Unary reference, bool positive, bool ties) {
  for (at::ScalarType type : floatTypes)
    for (const std::vector<int64_t> &shape : shapes)
      for (int64_t batch : batchSizes)
        for (bool batched : {false, true}) {
          if (isTooLarge(shape, batch))
            continue;
          Case c;
          c.operands = {randomValue(shape, batch, batched, type, ties)};
          if (positive)
            c.operands[0].data = c.operands[0].data.abs();
          c.resultType = type;
          c.resultBatched = batched;
          c.inPlace = true;
          c.reference = [&](const std::vector<Tensor> &in) { return reference(in[0]); };
          test.check(c);
        }
}

template <Tensor (*Function)(const Tensor &)> void plain(OpTest &test) {
  unaryCases(test, Function, false, true);
}
template <Tensor (*Function)(const Tensor &)> void positive(OpTest &test) {
  unaryCases(test, Function, true, false);
}

/// Every pair of forms whose result has the given shape; `adjust` makes operands fit the function.
void binaryCases(OpTest &test, Binary reference, bool ties, at::ScalarType result,
                 const std::vector<at::ScalarType> &types, std::vector<int64_t> attributes = {},
                 std::function<void(Value &, Value &)> adjust = {}) {
  for (at::ScalarType type : types)
    for (const std::vector<int64_t> &shape : shapes)
      for (int64_t batch : batchSizes)
        for (Form left : forms)
          for (Form right : forms) {
            bool isScalar = !isFull(left) && !isFull(right);
            if ((isScalar && !shape.empty()) || isTooLarge(shape, batch))
              continue;
            Case c;
            c.operands = {makeForm(left, shape, batch, type, ties),
                          makeForm(right, shape, batch, type, ties)};
            if (adjust)
              adjust(c.operands[0], c.operands[1]);
            c.attributes = attributes;
            c.resultType = result == at::kFloat ? type : result;
            c.resultBatched = isBatched(left) || isBatched(right);
            c.inPlace = true;
            int64_t rank = int64_t(shape.size());
            c.reference = [&](const std::vector<Tensor> &in) {
              return reference(aligned(c.operands[0], in[0], rank),
                               aligned(c.operands[1], in[1], rank));
            };
            test.check(c);
          }
}

const std::vector<at::ScalarType> floats = {at::kFloat, at::kDouble};

template <typename Function> void arithmetic(OpTest &test, Function function, bool ties = false) {
  binaryCases(test, function, ties, at::kFloat, floats);
}

/// NaN on either side gives NaN.
void nanCases(OpTest &test, Binary reference) {
  double nan = std::numeric_limits<double>::quiet_NaN();
  Tensor a = at::tensor({nan, 1.0, nan, 2.0}, at::kDouble);
  Tensor b = at::tensor({1.0, nan, nan, 3.0}, at::kDouble);
  for (at::ScalarType type : floatTypes) {
    Case c;
    c.operands = {{a.to(type), false}, {b.to(type), false}};
    c.resultType = type;
    c.reference = [&](const std::vector<Tensor> &in) { return reference(in[0], in[1]); };
    test.check(c);
  }
}

void add(OpTest &t) {
  arithmetic(t, [](const Tensor &a, const Tensor &b) { return a + b; });
  Case mixed;
  mixed.operands = {{at::ones({3}, at::kFloat), false}, {at::ones({3}, at::kDouble), false}};
  t.checkError(mixed, {3}, "operands differ in type");
}
void sub(OpTest &t) {
  arithmetic(t, [](const Tensor &a, const Tensor &b) { return a - b; });
}
void mul(OpTest &t) {
  arithmetic(t, [](const Tensor &a, const Tensor &b) { return a * b; });
}
void div(OpTest &t) {
  binaryCases(
      t, [](const Tensor &a, const Tensor &b) { return a / b; }, false, at::kFloat, floats, {},
      [](Value &, Value &b) { b.data = b.data.abs() + 0.5; });
}
void power(OpTest &t) {
  auto reference = [](const Tensor &a, const Tensor &b) { return at::pow(a, b); };
  binaryCases(t, reference, false, at::kFloat, floats, {},
              [](Value &a, Value &) { a.data = a.data.abs() + 0.1; });
  binaryCases(t, reference, false, at::kFloat, floats, {},
              [](Value &, Value &b) { b.data.fill_(2); });
}
void maximum(OpTest &t) {
  auto reference = [](const Tensor &a, const Tensor &b) { return at::maximum(a, b); };
  arithmetic(t, reference, true);
  nanCases(t, reference);
}
void minimum(OpTest &t) {
  auto reference = [](const Tensor &a, const Tensor &b) { return at::minimum(a, b); };
  arithmetic(t, reference, true);
  nanCases(t, reference);
}

void compare(OpTest &t) {
  using Function = Tensor (*)(const Tensor &, const Tensor &);
  const Function predicates[] = {at::eq, at::ne, at::lt, at::le, at::gt, at::ge};
  for (int64_t predicate = 0; predicate < 6; ++predicate)
    binaryCases(t, predicates[predicate], true, at::kBool, {at::kFloat, at::kDouble, at::kLong},
                {predicate});
}

void logicalAnd(OpTest &t) {
  binaryCases(t, [](const Tensor &a, const Tensor &b) { return at::logical_and(a, b); }, true,
              at::kBool, {at::kBool});
}
void logicalOr(OpTest &t) {
  binaryCases(t, [](const Tensor &a, const Tensor &b) { return at::logical_or(a, b); }, true,
              at::kBool, {at::kBool});
}
void logicalNot(OpTest &t) {
  for (int64_t batch : batchSizes) {
    Case c;
    c.operands = {randomValue({5, 3}, batch, true, at::kBool, true)};
    c.resultType = at::kBool;
    c.resultBatched = true;
    c.reference = [](const std::vector<Tensor> &in) { return at::logical_not(in[0]); };
    t.check(c);
  }
}

void select(OpTest &t) {
  for (at::ScalarType type : {at::kFloat, at::kDouble, at::kLong, at::kBool})
    for (const std::vector<int64_t> &shape : {shapes[0], shapes[2], shapes[4]})
      for (int64_t batch : {1, 7, 16})
        for (Form condition : forms)
          for (Form yes : forms)
            for (Form no : forms) {
              if (!isFull(condition) && !isFull(yes) && !isFull(no) && !shape.empty())
                continue;
              Case c;
              c.operands = {makeForm(condition, shape, batch, at::kBool, true),
                            makeForm(yes, shape, batch, type, true),
                            makeForm(no, shape, batch, type, true)};
              c.resultType = type;
              c.resultBatched = isBatched(condition) || isBatched(yes) || isBatched(no);
              int64_t rank = int64_t(shape.size());
              c.reference = [&](const std::vector<Tensor> &in) {
                return at::where(aligned(c.operands[0], in[0], rank),
                                 aligned(c.operands[1], in[1], rank),
                                 aligned(c.operands[2], in[2], rank));
              };
              t.check(c);
            }
}

void cast(OpTest &t) {
  // Between two of f32, and beyond its ends, to even.
  double inf = std::numeric_limits<double>::infinity();
  Case ends;
  ends.operands = {
      {at::tensor({1 + 0x1p-24, 1 + 0x3p-24, 0x1p128, 0x1.ffffffp127, -0x1p-150, 0x3p-150, -inf},
                  at::kDouble),
       false}};
  Tensor rounded = at::tensor({1.0, 1 + 0x1p-22, inf, inf, 0.0, 0x1p-148, -inf}, at::kDouble);
  t.expect(at::equal(t.run(ends, {7}).to(at::kDouble), rounded), "rounds once, to even");
  for (at::ScalarType to : floatTypes)
    for (at::ScalarType from : {at::kBool, at::kLong, at::kFloat, at::kDouble})
      for (int64_t batch : batchSizes) {
        Case c;
        c.operands = {randomValue({3, 4}, batch, true, from, true)};
        c.resultType = to;
        c.resultBatched = true;
        c.reference = [](const std::vector<Tensor> &in) { return in[0].to(at::kDouble); };
        t.check(c);
      }
}

void fill(OpTest &t) {
  for (at::ScalarType type : {at::kFloat, at::kDouble, at::kLong, at::kBool})
    for (const std::vector<int64_t> &shape : shapes) {
      Case c;
      c.numbers = {type == at::kBool ? 1.0 : type == at::kLong ? -3.0 : 0.1};
      c.resultType = type;
      c.reference = [&](const std::vector<Tensor> &) {
        return at::full(shape, c.numbers[0], at::TensorOptions(at::kDouble));
      };
      t.check(c);
    }
}

void constantList(OpTest &t) {
  for (at::ScalarType type : {at::kFloat, at::kDouble, at::kLong}) {
    Case c;
    c.numbers = {0, -2, 3, 1e6};
    c.resultType = type;
    c.reference = [&](const std::vector<Tensor> &) { return at::tensor(c.numbers, at::kDouble); };
    t.check(c);
  }
}

} // namespace

std::vector<OpEntry> advx::test::elementwiseOps() {
  return {{"neg", advx_op_neg, plain<at::neg>},
          {"exp", advx_op_exp, plain<at::exp>},
          {"log", advx_op_log, positive<at::log>},
          {"sqrt", advx_op_sqrt, positive<at::sqrt>},
          {"abs", advx_op_abs, plain<at::abs>},
          {"sign", advx_op_sign, plain<at::sign>},
          {"floor", advx_op_floor, plain<at::floor>},
          {"ceil", advx_op_ceil, plain<at::ceil>},
          {"relu", advx_op_relu, plain<at::relu>},
          {"tanh", advx_op_tanh, plain<at::tanh>},
          {"erf", advx_op_erf, plain<at::erf>},
          {"add", advx_op_add, add},
          {"sub", advx_op_sub, sub},
          {"mul", advx_op_mul, mul},
          {"div", advx_op_div, div},
          {"pow", advx_op_pow, power},
          {"maximum", advx_op_maximum, maximum},
          {"minimum", advx_op_minimum, minimum},
          {"compare", advx_op_compare, compare},
          {"logical_and", advx_op_logical_and, logicalAnd},
          {"logical_or", advx_op_logical_or, logicalOr},
          {"logical_not", advx_op_logical_not, logicalNot},
          {"select", advx_op_select, select},
          {"cast", advx_op_cast, cast},
          {"splat", advx_op_splat, fill},
          {"constant", advx_op_constant, fill},
          {"constant_list", advx_op_constant_list, constantList}};
}
