// Convolutions as products with patches, and the choice between them and oneDNN. The plain loops
// here serve f64 and the shapes that oneDNN has no fast implementation for.
//
// The patches of an example are a matrix with one row per tap (input channel, kernel row, kernel
// column) and one column per output place, holding the input that the tap sees there. Then
// y = w patches, the gradient of the patches is w^T gy, and that of w is the sum of gy patches^T.

#include "runtime/library/Convolution.h"

#include "runtime/library/LibraryScratch.h"
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

/// Calls body(tap, input, place, count) for every run of output places in one row at which a tap
/// lies in the image; the inputs it sees there start at `input` and are strideW apart.
template <typename Body> void forEachRun(const ConvolutionShape &s, Body &&body) {
  for (int64_t tap = 0; tap < s.inC * s.kernelH * s.kernelW; ++tap) {
    int64_t b = tap % s.kernelW, a = tap / s.kernelW % s.kernelH;
    int64_t channel = tap / s.kernelW / s.kernelH;
    Range rows(s.outH, s.inH, s.strideH, s.padH, a);
    Range columns(s.outW, s.inW, s.strideW, s.padW, b);
    int64_t count = columns.last - columns.first;
    for (int64_t i = rows.first; i < rows.last && count > 0; ++i) {
      int64_t row = channel * s.inH + i * s.strideH - s.padH + a;
      body(tap, row * s.inW + columns.first * s.strideW - s.padW + b, i * s.outW + columns.first,
           count);
    }
  }
}

/// The patches of one example, element (tap, place) at tap * tapStep + place * placeStep.
template <typename T>
void gatherPatches(const ConvolutionShape &s, const T *x, T *patches, int64_t tapStep,
                   int64_t placeStep) {
  std::fill_n(patches, s.patchSize(), T(0));
  forEachRun(s, [&](int64_t tap, int64_t input, int64_t place, int64_t count) {
    T *out = patches + tap * tapStep + place * placeStep;
    for (int64_t j = 0; j < count; ++j)
      out[j * placeStep] = x[input + j * s.strideW];
  });
}

/// Adds each patch element, one row per tap, to the input it came from.
template <typename T> void scatterPatches(const ConvolutionShape &s, const T *patches, T *x) {
  forEachRun(s, [&](int64_t tap, int64_t input, int64_t place, int64_t count) {
    const T *in = patches + tap * s.outH * s.outW + place;
    for (int64_t j = 0; j < count; ++j)
      x[input + j * s.strideW] += in[j];
  });
}

/// out[m, n] += a b with a[i, l] at i * rowStep + l * columnStep and b[k, n] dense.
template <typename T>
ADVX_CLONES void addProduct(T *__restrict out, const T *a, int64_t rowStep, int64_t columnStep,
                            const T *b, int64_t m, int64_t n, int64_t k) {
  for (int64_t i = 0; i < m; ++i)
    for (int64_t l = 0; l < k; ++l) {
      T scale = a[i * rowStep + l * columnStep];
      for (int64_t j = 0; j < n; ++j)
        out[i * n + j] += scale * b[l * n + j];
    }
}

/// The calling thread's room for the patches of one example.
template <typename T> T *patchBuffer(const ConvolutionShape &s) {
  thread_local LibraryScratch scratch;
  return static_cast<T *>(scratch.reserve(s.patchSize() * int64_t(sizeof(T))));
}

template <typename T> void plainForward(const ConvolutionShape &s, const T *x, const T *w, T *y) {
  int64_t taps = s.weightSize() / s.outC, places = s.outH * s.outW;
  parallelFor(0, s.batch, 1, [&](int64_t n, int64_t) {
    T *patches = patchBuffer<T>(s), *out = y + n * s.outputSize();
    gatherPatches(s, x + n * s.inputSize(), patches, places, 1);
    std::fill_n(out, s.outputSize(), T(0));
    addProduct(out, w, taps, 1, patches, s.outC, places, taps);
  });
}

template <typename T>
void plainInputGradient(const ConvolutionShape &s, const T *gy, const T *w, T *gx) {
  int64_t taps = s.weightSize() / s.outC, places = s.outH * s.outW;
  parallelFor(0, s.batch, 1, [&](int64_t n, int64_t) {
    T *patches = patchBuffer<T>(s), *in = gx + n * s.inputSize();
    std::fill_n(patches, s.patchSize(), T(0));
    addProduct(patches, w, 1, taps, gy + n * s.outputSize(), taps, places, s.outC);
    std::fill_n(in, s.inputSize(), T(0));
    scatterPatches(s, patches, in);
  });
}

/// Visits the examples in order; threads share the output channels.
template <typename T>
void plainWeightGradient(const ConvolutionShape &s, const T *x, const T *gy, T *gw) {
  int64_t taps = s.weightSize() / s.outC, places = s.outH * s.outW;
  constexpr int64_t channels = 16;
  T *patches = patchBuffer<T>(s);
  std::fill_n(gw, s.weightSize(), T(0));
  for (int64_t n = 0; n < s.batch; ++n) {
    gatherPatches(s, x + n * s.inputSize(), patches, 1, taps);
    parallelFor(0, s.outC, channels, [&](int64_t begin, int64_t end) {
      addProduct(gw + begin * taps, gy + n * s.outputSize() + begin * places, places, 1, patches,
                 end - begin, taps, places);
    });
  }
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
