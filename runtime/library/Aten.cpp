// The provider `aten`: f64, and what oneDNN only has a reference implementation for.
//
// As with oneDNN the batch is cut into tiles, each computed on one thread; tiles depend on the
// shape alone and weight gradients are added in tile order, so the number of threads changes no
// bit.

#include "runtime/library/Aten.h"

#include "runtime/core/ThreadPool.h"
#include "runtime/library/LibraryScratch.h"

#include <algorithm>
#include <stdexcept>

using namespace advx::runtime;

namespace {

/// Throws what ATen said.
void check(const char *refusal) {
  if (refusal)
    throw std::runtime_error(std::string("ATen: ") + refusal);
}

/// Examples in a tile: ATen holds the patches of all of them at once, and they shall stay in cache.
int64_t tileExamplesFor(const ConvolutionShape &s, size_t numberBytes) {
  constexpr int64_t budgetBytes = int64_t(1) << 20, most = 16;
  return std::clamp<int64_t>(
      budgetBytes / std::max<int64_t>(s.patchSize() * int64_t(numberBytes), 1), 1, most);
}

/// Calls body(tap, channel) for the places of w[outC, taps, inC] and w[outC, inC, taps].
template <typename Body> void forEachWeight(const ConvolutionShape &s, Body &&body) {
  int64_t taps = s.kernelH * s.kernelW;
  for (int64_t o = 0; o < s.outC; ++o)
    for (int64_t c = 0; c < s.inC; ++c)
      for (int64_t tap = 0; tap < taps; ++tap)
        body((o * taps + tap) * s.inC + c, (o * s.inC + c) * taps + tap);
}

/// The weights as ATen wants them beside images of the shape's layout.
template <typename T> const T *entered(const ConvolutionShape &s, const T *w) {
  if (!s.channelsLast)
    return w;
  thread_local LibraryScratch scratch;
  T *copy = static_cast<T *>(scratch.reserve(s.weightSize() * int64_t(sizeof(T))));
  forEachWeight(s, [&](int64_t last, int64_t first) { copy[last] = w[first]; });
  return copy;
}

/// Calls body(tile, first example) for every tile of the batch, in parallel.
template <typename T, typename Body> void forEachTile(const ConvolutionShape &s, Body &&body) {
  parallelFor(0, s.batch, tileExamplesFor(s, sizeof(T)), [&](int64_t begin, int64_t end) {
    ConvolutionShape tile = s;
    tile.batch = end - begin;
    body(tile, begin);
  });
}

template <typename T>
void forward(const ConvolutionShape &s, int32_t dtype, const T *x, const T *w, const T *bias,
             T *y) {
  const AtenProducts &products = aten();
  w = entered(s, w);
  forEachTile<T>(s, [&](const ConvolutionShape &tile, int64_t begin) {
    T *out = y + begin * s.outputSize();
    check(products.forward(tile, dtype, x + begin * s.inputSize(), w, bias, out));
    for (int64_t i = 0; s.relu && i < tile.batch * s.outputSize(); ++i)
      out[i] = rectified(out[i]);
  });
}

template <typename T>
void inputGradient(const ConvolutionShape &s, int32_t dtype, const T *gy, const T *w, T *gx) {
  const AtenProducts &products = aten();
  w = entered(s, w);
  forEachTile<T>(s, [&](const ConvolutionShape &tile, int64_t begin) {
    check(products.inputGradient(tile, dtype, gy + begin * s.outputSize(), w,
                                 gx + begin * s.inputSize()));
  });
}

template <typename T>
void weightGradient(const ConvolutionShape &s, int32_t dtype, const T *x, const T *gy, T *gw) {
  const AtenProducts &products = aten();
  // A group is a run of tiles with one partial sum, so that partial sums together stay within the
  // budget.
  constexpr int64_t budgetBytes = int64_t(64) << 20;
  int64_t size = s.weightSize(), tileExamples = tileExamplesFor(s, sizeof(T));
  int64_t tiles = (s.batch + tileExamples - 1) / tileExamples;
  int64_t mostGroups =
      std::clamp<int64_t>(budgetBytes / std::max<int64_t>(size * sizeof(T), 1), 2, 16);
  int64_t groupExamples =
      std::max<int64_t>((tiles + mostGroups - 1) / mostGroups, 1) * tileExamples;
  int64_t groups = (s.batch + groupExamples - 1) / groupExamples;
  thread_local LibraryScratch partialScratch;
  T *partials = static_cast<T *>(partialScratch.reserve(groups * size * int64_t(sizeof(T))));

  parallelFor(0, s.batch, groupExamples, [&](int64_t groupBegin, int64_t groupEnd) {
    thread_local LibraryScratch tileScratch;
    T *partial = partials + groupBegin / groupExamples * size;
    T *next = static_cast<T *>(tileScratch.reserve(size * int64_t(sizeof(T))));
    for (int64_t begin = groupBegin; begin < groupEnd; begin += tileExamples) {
      ConvolutionShape tile = s;
      tile.batch = std::min(tileExamples, groupEnd - begin);
      bool isFirst = begin == groupBegin;
      check(products.weightGradient(tile, dtype, x + begin * s.inputSize(),
                                    gy + begin * s.outputSize(), isFirst ? partial : next));
      for (int64_t i = 0; !isFirst && i < size; ++i)
        partial[i] += next[i];
    }
  });
  for (int64_t group = 1; group < groups; ++group)
    for (int64_t i = 0; i < size; ++i)
      partials[i] += partials[group * size + i];
  if (groups == 0)
    std::fill_n(gw, size, T(0));
  else if (s.channelsLast)
    forEachWeight(s, [&](int64_t last, int64_t first) { gw[first] = partials[last]; });
  else
    std::copy_n(partials, size, gw);
}

/// Rows of a product in one chunk.
constexpr int64_t productRows = 64;

void multiply(const MatrixProduct &p) {
  const AtenProducts &products = aten();
  int64_t bytes = elementBytes(p.dtype);
  parallelFor(0, p.m, productRows, [&](int64_t begin, int64_t end) {
    MatrixProduct rows = p;
    rows.m = end - begin;
    rows.out = static_cast<char *>(p.out) + begin * p.n * bytes;
    rows.a.data =
        static_cast<const char *>(p.a.data) + begin * (p.a.transposed ? 1 : p.a.leading) * bytes;
    check(products.multiply(rows));
  });
}

} // namespace

void advx::runtime::atenForwardCall(const OpCall &call, const ConvolutionShape &shape) {
  const AdvxTensor &y = call.tensors[0], &x = call.tensors[1], &w = call.tensors[2];
  withFloat(y, [&](auto zero) {
    using T = decltype(zero);
    forward(shape, y.dtype, dataOf<T>(x), dataOf<T>(w), biasOf<T>(call, shape), dataOf<T>(y));
  });
}

void advx::runtime::atenInputGradientCall(const OpCall &call, const ConvolutionShape &shape) {
  const AdvxTensor &gx = call.tensors[0], &gy = call.tensors[1], &w = call.tensors[2];
  withFloat(gx, [&](auto zero) {
    using T = decltype(zero);
    inputGradient(shape, gx.dtype, dataOf<T>(gy), dataOf<T>(w), dataOf<T>(gx));
  });
}

void advx::runtime::atenWeightGradientCall(const OpCall &call, const ConvolutionShape &shape) {
  const AdvxTensor &gw = call.tensors[0], &x = call.tensors[1], &gy = call.tensors[2];
  withFloat(gw, [&](auto zero) {
    using T = decltype(zero);
    weightGradient(shape, gw.dtype, dataOf<T>(x), dataOf<T>(gy), dataOf<T>(gw));
  });
}

/// y <- x, w[O,C,kh,kw], optional bias[O] {sh, sw, ph, pw, channels last, winograd, has bias, relu}
ADVX_OP(conv2d_aten) { atenForwardCall(call, providedForwardShape(call)); }

/// gx <- gy, w[O,C,kh,kw] {sh, sw, ph, pw, channels last, winograd}
ADVX_OP(conv2d_input_grad_aten) {
  const AdvxTensor *t = call.tensors;
  atenInputGradientCall(call, providedShape(t[0], t[2], t[1], call.attributes));
}

/// gw[O,C,kh,kw] <- x, gy {sh, sw, ph, pw, channels last, winograd}: sum over the batch
ADVX_OP(conv2d_weight_grad_aten) {
  const AdvxTensor *t = call.tensors;
  atenWeightGradientCall(call, providedShape(t[1], t[0], t[2], call.attributes));
}

ADVX_OP(matvec_aten) { multiply(matvecProduct(call)); }
ADVX_OP(outer_aten) { multiply(outerProduct(call)); }
ADVX_OP(matmul_aten) { multiply(matmulProduct(call)); }
