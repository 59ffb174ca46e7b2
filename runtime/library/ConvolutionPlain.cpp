// Convolutions as products with patches, by plain loops: -O0 calls nothing else, so that it is
// independent of the libraries that other levels call, whatever the type. They are also the
// provider `plain`. Products are added in f64 and rounded once.
//
// The patches of an example are a matrix with one row per tap (input channel, kernel row, kernel
// column) and one column per output place, holding the input that the tap sees there. Then
// y = w patches, the gradient of the patches is w^T gy, and that of w is the sum of gy patches^T.

#include "runtime/library/ConvolutionPlain.h"

#include "runtime/library/LibraryScratch.h"

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

/// sums[n] += a b with a[l] at l * step and b[k, n] dense, in the order of l.
template <typename T>
ADVX_CLONES void addProduct(double *__restrict sums, const T *a, int64_t step,
                            const T *__restrict b, int64_t n, int64_t k) {
  int64_t l = 0;
  for (; l + 4 <= k; l += 4) { // four at once leave the sums in registers for longer
    const T *row = b + l * n;
    double s0 = a[l * step], s1 = a[(l + 1) * step];
    double s2 = a[(l + 2) * step], s3 = a[(l + 3) * step];
    for (int64_t j = 0; j < n; ++j)
      sums[j] =
          (((sums[j] + s0 * row[j]) + s1 * row[n + j]) + s2 * row[2 * n + j]) + s3 * row[3 * n + j];
  }
  for (; l < k; ++l)
    for (int64_t j = 0; j < n; ++j)
      sums[j] += double(a[l * step]) * b[l * n + j];
}

/// The calling thread's room for `count` sums.
double *sumBuffer(int64_t count) {
  thread_local LibraryScratch scratch;
  return static_cast<double *>(scratch.reserve(count * int64_t(sizeof(double))));
}

/// out[m, n] <- a b, each row starting from starts[i] (null: 0).
template <typename T>
void product(T *out, const T *a, int64_t rowStep, int64_t columnStep, const T *b, int64_t m,
             int64_t n, int64_t k, const T *starts) {
  double *sums = sumBuffer(n);
  for (int64_t i = 0; i < m; ++i) {
    std::fill_n(sums, n, starts ? double(starts[i]) : 0.0);
    addProduct(sums, a + i * rowStep, columnStep, b, n, k);
    std::transform(sums, sums + n, out + i * n, [](double sum) { return T(sum); });
  }
}

/// One example's image as [C, H, W]: itself, or a copy in `scratch` where its channels are last.
template <typename T>
const T *channelsFirst(const ConvolutionShape &s, const T *image, int64_t channels, int64_t places,
                       LibraryScratch &scratch) {
  if (!s.channelsLast)
    return image;
  T *copy = static_cast<T *>(scratch.reserve(channels * places * int64_t(sizeof(T))));
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < places; ++i)
      copy[c * places + i] = image[i * channels + c];
  return copy;
}

/// The way back: where to write [C, H, W], and bringing it to the image once written.
template <typename T> struct ChannelsFirstResult {
  T *planes, *image;
  int64_t channels, places;

  ChannelsFirstResult(const ConvolutionShape &s, T *image, int64_t channels, int64_t places)
      : planes(image), image(image), channels(channels), places(places) {
    thread_local LibraryScratch scratch;
    if (s.channelsLast)
      planes = static_cast<T *>(scratch.reserve(channels * places * int64_t(sizeof(T))));
  }
  void finish() const {
    if (planes == image)
      return;
    for (int64_t i = 0; i < places; ++i)
      for (int64_t c = 0; c < channels; ++c)
        image[i * channels + c] = planes[c * places + i];
  }
};

LibraryScratch &imageScratch() {
  thread_local LibraryScratch scratch;
  return scratch;
}
LibraryScratch &cotangentScratch() {
  thread_local LibraryScratch scratch;
  return scratch;
}

/// The calling thread's room for the patches of one example.
template <typename T> T *patchBuffer(const ConvolutionShape &s) {
  thread_local LibraryScratch scratch;
  return static_cast<T *>(scratch.reserve(s.patchSize() * int64_t(sizeof(T))));
}

template <typename T>
void plainForward(const ConvolutionShape &s, const T *x, const T *w, const T *bias, T *y) {
  int64_t taps = s.weightSize() / s.outC, places = s.outH * s.outW;
  parallelFor(0, s.batch, 1, [&](int64_t n, int64_t) {
    T *patches = patchBuffer<T>(s);
    const T *in = channelsFirst(s, x + n * s.inputSize(), s.inC, s.inH * s.inW, imageScratch());
    ChannelsFirstResult<T> out(s, y + n * s.outputSize(), s.outC, places);
    gatherPatches(s, in, patches, places, 1);
    product(out.planes, w, taps, 1, patches, s.outC, places, taps, bias);
    for (int64_t i = 0; s.relu && i < s.outputSize(); ++i)
      out.planes[i] = rectified(out.planes[i]);
    out.finish();
  });
}

template <typename T>
void plainInputGradient(const ConvolutionShape &s, const T *gy, const T *w, T *gx) {
  int64_t taps = s.weightSize() / s.outC, places = s.outH * s.outW;
  parallelFor(0, s.batch, 1, [&](int64_t n, int64_t) {
    T *patches = patchBuffer<T>(s);
    const T *g = channelsFirst(s, gy + n * s.outputSize(), s.outC, places, cotangentScratch());
    ChannelsFirstResult<T> in(s, gx + n * s.inputSize(), s.inC, s.inH * s.inW);
    product<T>(patches, w, 1, taps, g, taps, places, s.outC, nullptr);
    std::fill_n(in.planes, s.inputSize(), T(0));
    scatterPatches(s, patches, in.planes);
    in.finish();
  });
}

/// Visits the examples in order; threads share the output channels.
template <typename T>
void plainWeightGradient(const ConvolutionShape &s, const T *x, const T *gy, T *gw) {
  int64_t taps = s.weightSize() / s.outC, places = s.outH * s.outW;
  constexpr int64_t channels = 16;
  T *patches = patchBuffer<T>(s);
  double *sums = sumBuffer(s.weightSize());
  std::fill_n(sums, s.weightSize(), 0.0);
  for (int64_t n = 0; n < s.batch; ++n) {
    const T *in = channelsFirst(s, x + n * s.inputSize(), s.inC, s.inH * s.inW, imageScratch());
    const T *g = channelsFirst(s, gy + n * s.outputSize(), s.outC, places, cotangentScratch());
    gatherPatches(s, in, patches, 1, taps);
    parallelFor(0, s.outC, channels, [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o)
        addProduct(sums + o * taps, g + o * places, 1, patches, taps, places);
    });
  }
  std::transform(sums, sums + s.weightSize(), gw, [](double sum) { return T(sum); });
}

} // namespace

void advx::runtime::plainForwardCall(const OpCall &call, const ConvolutionShape &shape) {
  const AdvxTensor &y = call.tensors[0], &x = call.tensors[1], &w = call.tensors[2];
  withFloat(y, [&](auto zero) {
    using T = decltype(zero);
    plainForward(shape, dataOf<T>(x), dataOf<T>(w), biasOf<T>(call, shape), dataOf<T>(y));
  });
}

void advx::runtime::plainInputGradientCall(const OpCall &call, const ConvolutionShape &shape) {
  const AdvxTensor &gx = call.tensors[0], &gy = call.tensors[1], &w = call.tensors[2];
  withFloat(gx, [&](auto zero) {
    using T = decltype(zero);
    plainInputGradient(shape, dataOf<T>(gy), dataOf<T>(w), dataOf<T>(gx));
  });
}

void advx::runtime::plainWeightGradientCall(const OpCall &call, const ConvolutionShape &shape) {
  const AdvxTensor &gw = call.tensors[0], &x = call.tensors[1], &gy = call.tensors[2];
  withFloat(gw, [&](auto zero) {
    using T = decltype(zero);
    plainWeightGradient(shape, dataOf<T>(x), dataOf<T>(gy), dataOf<T>(gw));
  });
}

/// y[O,Ho,Wo] <- x[C,H,W], w[O,C,kh,kw] {sh, sw, ph, pw}
ADVX_OP(conv2d) {
  const AdvxTensor &y = call.tensors[0], &x = call.tensors[1], &w = call.tensors[2];
  plainForwardCall(call, convolutionShape(x, w, y, call.attributes));
}

/// gx[C,H,W] <- gy[O,Ho,Wo], w[O,C,kh,kw] {sh, sw, ph, pw}
ADVX_OP(conv2d_input_grad) {
  const AdvxTensor &gx = call.tensors[0], &gy = call.tensors[1], &w = call.tensors[2];
  plainInputGradientCall(call, convolutionShape(gx, w, gy, call.attributes));
}

/// gw[O,C,kh,kw] (no batch) <- x[C,H,W], gy[O,Ho,Wo] {sh, sw, ph, pw}: sum over the batch
ADVX_OP(conv2d_weight_grad) {
  const AdvxTensor &gw = call.tensors[0], &x = call.tensors[1], &gy = call.tensors[2];
  plainWeightGradientCall(call, convolutionShape(x, gw, gy, call.attributes));
}

// The provider `plain`: the same operands and attributes as every provider gets.

ADVX_OP(conv2d_plain) { plainForwardCall(call, providedForwardShape(call)); }

ADVX_OP(conv2d_input_grad_plain) {
  const AdvxTensor *t = call.tensors;
  plainInputGradientCall(call, providedShape(t[0], t[2], t[1], call.attributes));
}

ADVX_OP(conv2d_weight_grad_plain) {
  const AdvxTensor *t = call.tensors;
  plainWeightGradientCall(call, providedShape(t[1], t[0], t[2], call.attributes));
}
