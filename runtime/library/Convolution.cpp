// Convolutions: plain loops, and the choice between them and oneDNN. The plain loops serve f64 and
// the shapes that oneDNN has no fast implementation for.

#include "runtime/library/Convolution.h"

#include "runtime/library/OpSupport.h"

#include <algorithm>

using namespace advx::runtime;

namespace {

/// The output places [first, last) whose input place i * stride - pad + tap lies in [0, size).
struct Range {
  int64_t first, last;
  Range(int64_t outputs, int64_t size, int64_t stride, int64_t pad, int64_t tap) {
    int64_t low = pad - tap, high = size - 1 + pad - tap;
    first = low > 0 ? (low + stride - 1) / stride : 0;
    last = high < 0 ? 0 : std::min(outputs, high / stride + 1);
  }
};

template <typename T>
ADVX_CLONES void addScaled(T *out, int64_t outStep, const T *in, int64_t inStep, T scale,
                           int64_t count) {
  if (outStep == 1 && inStep == 1)
    for (int64_t i = 0; i < count; ++i)
      out[i] += scale * in[i];
  else
    for (int64_t i = 0; i < count; ++i)
      out[i * outStep] += scale * in[i * inStep];
}

/// Calls body(weightIndex, inputOffset, outputOffset, count) for every run of places in one row of
/// one input channel and one output channel that one tap connects. Input places are strideW apart.
template <typename Body>
void forEachRun(const ConvolutionShape &s, int64_t o, int64_t c, Body &&body) {
  for (int64_t a = 0; a < s.kernelH; ++a) {
    Range rows(s.outH, s.inH, s.strideH, s.padH, a);
    for (int64_t b = 0; b < s.kernelW; ++b) {
      Range columns(s.outW, s.inW, s.strideW, s.padW, b);
      int64_t tap = ((o * s.inC + c) * s.kernelH + a) * s.kernelW + b;
      for (int64_t i = rows.first; i < rows.last && columns.first < columns.last; ++i) {
        int64_t in = (c * s.inH + i * s.strideH - s.padH + a) * s.inW + columns.first * s.strideW -
                     s.padW + b;
        int64_t out = (o * s.outH + i) * s.outW + columns.first;
        body(tap, in, out, columns.last - columns.first);
      }
    }
  }
}

template <typename T> void plainForward(const ConvolutionShape &s, const T *x, const T *w, T *y) {
  parallelFor(0, s.batch, 1, [&](int64_t n, int64_t) {
    const T *in = x + n * s.inputSize();
    T *out = y + n * s.outputSize();
    std::fill_n(out, s.outputSize(), T(0));
    for (int64_t o = 0; o < s.outC; ++o)
      for (int64_t c = 0; c < s.inC; ++c)
        forEachRun(s, o, c, [&](int64_t tap, int64_t from, int64_t to, int64_t count) {
          addScaled(out + to, 1, in + from, s.strideW, w[tap], count);
        });
  });
}

template <typename T>
void plainInputGradient(const ConvolutionShape &s, const T *gy, const T *w, T *gx) {
  parallelFor(0, s.batch, 1, [&](int64_t n, int64_t) {
    const T *out = gy + n * s.outputSize();
    T *in = gx + n * s.inputSize();
    std::fill_n(in, s.inputSize(), T(0));
    for (int64_t o = 0; o < s.outC; ++o)
      for (int64_t c = 0; c < s.inC; ++c)
        forEachRun(s, o, c, [&](int64_t tap, int64_t to, int64_t from, int64_t count) {
          addScaled(in + to, s.strideW, out + from, 1, w[tap], count);
        });
  });
}

/// One output channel's weights are one chunk, which visits the examples in order.
template <typename T>
void plainWeightGradient(const ConvolutionShape &s, const T *x, const T *gy, T *gw) {
  std::fill_n(gw, s.weightSize(), T(0));
  parallelFor(0, s.outC, 1, [&](int64_t o, int64_t) {
    for (int64_t n = 0; n < s.batch; ++n) {
      const T *in = x + n * s.inputSize(), *out = gy + n * s.outputSize();
      for (int64_t c = 0; c < s.inC; ++c)
        forEachRun(s, o, c, [&](int64_t tap, int64_t xAt, int64_t gAt, int64_t count) {
          T sum = 0;
          for (int64_t j = 0; j < count; ++j)
            sum += in[xAt + j * s.strideW] * out[gAt + j];
          gw[tap] += sum;
        });
    }
  });
}

/// The shape from its three tensors and {strideH, strideW, padH, padW}.
ConvolutionShape shapeOf(const AdvxTensor &x, const AdvxTensor &w, const AdvxTensor &y,
                         const int64_t *attributes) {
  require(x.rank == 3 && y.rank == 3 && w.rank == 4 && !w.batched,
          "wants x[C,H,W], w[O,C,kh,kw] without batch, y[O,H,W]");
  require(rowCount(x) == rowCount(y), "x and y differ in batch");
  require(x.dtype == y.dtype && x.dtype == w.dtype, "operands differ in type");
  ConvolutionShape shape{rowCount(x),   x.dims[0],     x.dims[1],    x.dims[2], y.dims[0],
                         y.dims[1],     y.dims[2],     w.dims[2],    w.dims[3], attributes[0],
                         attributes[1], attributes[2], attributes[3]};
  require(w.dims[0] == shape.outC && w.dims[1] == shape.inC, "the channels do not fit");
  require(shape.strideH > 0 && shape.strideW > 0, "a stride is not positive");
  require((shape.inH + 2 * shape.padH - shape.kernelH) / shape.strideH + 1 == shape.outH &&
              (shape.inW + 2 * shape.padW - shape.kernelW) / shape.strideW + 1 == shape.outW,
          "the sizes do not fit");
  return shape;
}

} // namespace

/// y[O,Ho,Wo] <- x[C,H,W], w[O,C,kh,kw] {sh, sw, ph, pw}
ADVX_OP(conv2d) {
  const AdvxTensor &y = call.tensors[0], &x = call.tensors[1], &w = call.tensors[2];
  ConvolutionShape shape = shapeOf(x, w, y, call.attributes);
  if (y.dtype == ADVX_F32 &&
      dnnlForward(shape, dataOf<float>(x), dataOf<float>(w), dataOf<float>(y)))
    return;
  withFloat(y, [&](auto zero) {
    using T = decltype(zero);
    plainForward(shape, dataOf<T>(x), dataOf<T>(w), dataOf<T>(y));
  });
}

/// gx[C,H,W] <- gy[O,Ho,Wo], w[O,C,kh,kw] {sh, sw, ph, pw}
ADVX_OP(conv2d_input_grad) {
  const AdvxTensor &gx = call.tensors[0], &gy = call.tensors[1], &w = call.tensors[2];
  ConvolutionShape shape = shapeOf(gx, w, gy, call.attributes);
  if (gx.dtype == ADVX_F32 &&
      dnnlInputGradient(shape, dataOf<float>(gy), dataOf<float>(w), dataOf<float>(gx)))
    return;
  withFloat(gx, [&](auto zero) {
    using T = decltype(zero);
    plainInputGradient(shape, dataOf<T>(gy), dataOf<T>(w), dataOf<T>(gx));
  });
}

/// gw[O,C,kh,kw] (no batch) <- x[C,H,W], gy[O,Ho,Wo] {sh, sw, ph, pw}: sum over the batch
ADVX_OP(conv2d_weight_grad) {
  const AdvxTensor &gw = call.tensors[0], &x = call.tensors[1], &gy = call.tensors[2];
  ConvolutionShape shape = shapeOf(x, gw, gy, call.attributes);
  if (gw.dtype == ADVX_F32 &&
      dnnlWeightGradient(shape, dataOf<float>(x), dataOf<float>(gy), dataOf<float>(gw)))
    return;
  withFloat(gw, [&](auto zero) {
    using T = decltype(zero);
    plainWeightGradient(shape, dataOf<T>(x), dataOf<T>(gy), dataOf<T>(gw));
  });
}
