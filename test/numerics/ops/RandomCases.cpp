#include "test/numerics/ops/OpTest.h"

#include "runtime/core/Philox.h"
#include "runtime/library/Ops.h"

#include <cmath>
#include <numeric>

using namespace advx::test;
using namespace advx::runtime;
using at::Tensor;

namespace {

/// The known answers that Random123 publishes for philox4x32-10.
void knownAnswers(OpTest &t) {
  constexpr uint32_t ones = 0xFFFFFFFFu;
  t.expect(philox({0, 0, 0, 0}, 0, 0) ==
               PhiloxBlock{0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u},
           "Philox of zeros");
  t.expect(philox({ones, ones, ones, ones}, ones, ones) ==
               PhiloxBlock{0x408F276Du, 0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu},
           "Philox of ones");
  t.expect(philox({0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u}, 0xA4093822u, 0x299F31D0u) ==
               PhiloxBlock{0xD16CFE09u, 0x94FDCCEBu, 0x5001E420u, 0x24126EA1u},
           "Philox of pi");
  t.expect(streamHash("") == 0xCBF29CE484222325u && streamHash("a") == 0xAF63DC4C8601EC8Cu,
           "FNV-1a");
}

Case draw(std::vector<int64_t> index, bool batched, at::ScalarType type,
          std::vector<int64_t> counters = {}, std::string_view stream = "start") {
  Case c;
  Tensor tensor = at::tensor(index, at::TensorOptions(at::kLong));
  c.operands = {{batched ? tensor : tensor.reshape({}), batched}};
  c.attributes = {static_cast<int64_t>(streamHash(stream)), int64_t(counters.size())};
  c.counters = std::move(counters);
  c.resultType = type;
  c.resultBatched = batched;
  return c;
}

/// A draw depends on every part of its key and on nothing else.
void keyCases(OpTest &t) {
  std::vector<int64_t> all(129);
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = static_cast<int64_t>((i * 37) % 1000);
  t.context = AdvxContext{42, 0, 3, 0, 129, nullptr};
  Tensor whole = t.run(draw(all, true, at::kDouble, {5}), {129, 3, 5});

  // One example alone gets what it gets in a batch.
  for (int64_t row : {0, 7, 128})
    t.expect(at::equal(t.run(draw({all[row]}, true, at::kDouble, {5}), {1, 3, 5})[0], whole[row]),
             "a draw depends on its place in the batch");
  // Elements are numbered in row-major order: a longer example starts alike.
  t.expect(at::equal(t.run(draw(all, true, at::kDouble, {5}), {129, 17}).narrow(1, 0, 15),
                     whole.reshape({129, 15})),
           "a draw depends on the shape");
  t.expect(at::equal(t.run(draw({all[3]}, false, at::kDouble, {5}), {3, 5}), whole[3]),
           "a draw without batch differs");

  auto differs = [&](const Case &c, const char *what) {
    Tensor other = t.run(c, {129, 3, 5});
    t.expect(!(other == whole).any().item<bool>(), std::string("a draw ignores the ") + what);
  };
  differs(draw(all, true, at::kDouble, {6}), "loop counter");
  differs(draw(all, true, at::kDouble, {5, 0}), "second loop counter");
  differs(draw(all, true, at::kDouble, {5}, "other"), "stream");
  AdvxContext original = t.context;
  t.context.seed = 43;
  differs(draw(all, true, at::kDouble, {5}), "seed");
  t.context = original;
  t.context.split = 2;
  differs(draw(all, true, at::kDouble, {5}), "split");
  t.context = original;
  t.context.epoch = 4;
  differs(draw(all, true, at::kDouble, {5}), "epoch");
  t.context = original;
  t.context.replay = 1;
  differs(draw(all, true, at::kDouble, {5}), "replay");
  Case held = draw(all, true, at::kDouble, {5});
  held.attributes.push_back(1);
  t.expect(at::equal(t.run(held, {129, 3, 5}), whole), "a draw that is held depends on the replay");
  t.context = original;
  // Exchanging two counters, or moving a step from one to the other, is another draw.
  Tensor first = t.run(draw(all, true, at::kDouble, {1, 2}), {129, 3, 5});
  t.expect(!at::equal(first, t.run(draw(all, true, at::kDouble, {2, 1}), {129, 3, 5})) &&
               !at::equal(first, t.run(draw(all, true, at::kDouble, {0, 3}), {129, 3, 5})),
           "loop counters are confused");
}

void distribution(OpTest &t, double mean, double variance, std::vector<double> numbers = {}) {
  std::vector<int64_t> all(129);
  std::iota(all.begin(), all.end(), 0);
  t.context = AdvxContext{1, 0, 0, 0, 129, nullptr};
  auto drawAll = [&](at::ScalarType type) {
    Case c = draw(all, true, type);
    c.numbers = numbers;
    return c;
  };
  Tensor f64 = t.run(drawAll(at::kDouble), {129, 785});
  Tensor f32 = t.run(drawAll(at::kFloat), {129, 785});
  // 101,265 numbers: four standard errors of the mean, and a wide band for the variance.
  double error = 4 * std::sqrt(variance / double(f64.numel()));
  t.expect(std::abs(f64.mean().item<double>() - mean) < error, "the mean is off");
  t.expect(std::abs(f64.var(false).item<double>() / variance - 1) < 0.03, "the variance is off");
  Tensor neighbours = (f64.narrow(1, 0, 784) - mean) * (f64.narrow(1, 1, 784) - mean);
  t.expect(std::abs(neighbours.mean().item<double>()) < 4 * variance / std::sqrt(101136.0),
           "neighbours are correlated");
  t.expect((f32.to(at::kDouble) - f64).abs().max().item<double>() < 1e-6,
           "f32 is not the f64 draw rounded");
  // Any number of threads draws the same.
  Case c = drawAll(at::kFloat);
  c.reference = [&](const std::vector<Tensor> &) { return f32; };
  t.check(c);
}

void randomUniform(OpTest &t) {
  knownAnswers(t);
  keyCases(t);
  distribution(t, 0.5, 1.0 / 12);
  t.context = AdvxContext{1, 0, 0, 0, 1, nullptr};
  for (at::ScalarType type : floatTypes) {
    Tensor x = t.run(draw({0}, true, type), {1, 100000});
    t.expect((x >= 0).all().item<bool>() && (x < 1).all().item<bool>(), "leaves [0, 1)");
  }
  DrawStream leaf = initialStateStream(9, "z.conv1.weight");
  t.expect(leaf.uniform(4) == leaf.uniformPair(2).first &&
               leaf.uniform(5) == leaf.uniformPair(2).second && leaf.uniform(4) != leaf.uniform(5),
           "elements of an initial state");
  t.expect(uniformAs<float>(1 - 0x1p-53) < 1.0f, "the largest f32 uniform reaches 1");
}

void randomNormal(OpTest &t) {
  keyCases(t);
  distribution(t, 0, 1);
}

void randomBeta(OpTest &t) {
  for (auto [a, b] : {std::pair(1.0, 1.0), {0.2, 0.2}, {2.0, 5.0}}) {
    const double sum = a + b;
    distribution(t, a / sum, a * b / (sum * sum * (sum + 1)), {a, b});
  }
  // The shares of numbers below 1/4 and 1/2 are those of the distribution function where it has a
  // short form: x^2 (3 - 2 x) for the shapes 2 and 2.
  Case c = draw({0}, true, at::kDouble);
  c.numbers = {2, 2};
  Tensor x = t.run(c, {1, 100000});
  for (double bound : {0.25, 0.5}) {
    double share = (x < bound).to(at::kDouble).mean().item<double>();
    double wanted = bound * bound * (3 - 2 * bound);
    t.expect(std::abs(share - wanted) < 4 * std::sqrt(wanted * (1 - wanted) / 100000),
             "the share below " + std::to_string(bound) + " is off");
  }
  for (double bad : {0.0, -1.0, std::nan("")}) {
    c.numbers = {1, bad};
    t.expect(at::isnan(t.run(c, {1, 4})).all().item<bool>(), "a shape that is not above 0 draws");
  }
}

} // namespace

std::vector<OpEntry> advx::test::randomOps() {
  return {{"random_uniform", advx_op_random_uniform, randomUniform},
          {"random_normal", advx_op_random_normal, randomNormal},
          {"random_beta", advx_op_random_beta, randomBeta}};
}
