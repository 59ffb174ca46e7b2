// The provider `advx`: convolutions of channels-last images in f32 by one small kernel, for shapes
// that have too few input channels to fill vectors with.
//
// All three products have the form out[p][n] = sum over k of a[rows[p] + steps[k]] b[k][n], with
// two tables of offsets into an image and n, dense, in vector lanes:
//
//   forward          p output places    k taps            n output channels
//   input gradient   p output places    k output channels n taps; then each place's taps are added
//                                                         to the pixels they come from
//   weight gradient  p taps             k output places   n output channels
//
// Sums run over k in order, so bits depend neither on threads nor on how p is cut.

#include "runtime/library/ConvolutionShape.h"
#include "runtime/library/LibraryScratch.h"

#include <algorithm>
#include <cstring>

using namespace advx::runtime;

namespace {

constexpr int64_t lanes = 16;
typedef float Lanes __attribute__((vector_size(64), aligned(4), may_alias));

constexpr int64_t roundUp(int64_t n) { return (n + lanes - 1) / lanes * lanes; }

struct Product {
  const float *a;
  const int64_t *rows, *steps;
  int64_t depth;    ///< number of k
  const float *b;   ///< [depth][width]
  int64_t width;    ///< number of n, a multiple of `lanes`
  const float *add; ///< [width], where the sums start, or null for 0
  bool relu;
  float *out; ///< [p][width]
};

/// `Places` rows from row p on and `Vectors` vectors from column n on; with `more` added to what is
/// there.
template <int Places, int Vectors>
[[gnu::always_inline]] inline void block(const Product &m, int64_t p, int64_t n, bool more) {
  Lanes sums[Places][Vectors];
  const float *from[Places];
  for (int i = 0; i < Places; ++i) {
    from[i] = m.a + m.rows[p + i];
    for (int v = 0; v < Vectors; ++v) {
      int64_t at = n + v * lanes;
      if (more)
        sums[i][v] = *(const Lanes *)(m.out + (p + i) * m.width + at);
      else if (m.add)
        sums[i][v] = *(const Lanes *)(m.add + at);
      else
        sums[i][v] = Lanes{};
    }
  }
  for (int64_t k = 0; k < m.depth; ++k) {
    const float *row = m.b + k * m.width + n;
    int64_t step = m.steps[k];
    Lanes factors[Vectors];
    for (int v = 0; v < Vectors; ++v)
      factors[v] = *(const Lanes *)(row + v * lanes);
    for (int i = 0; i < Places; ++i)
      for (int v = 0; v < Vectors; ++v)
        sums[i][v] += from[i][step] * factors[v];
  }
  for (int i = 0; i < Places; ++i)
    for (int v = 0; v < Vectors; ++v) {
      Lanes sum = sums[i][v];
      if (m.relu)
        sum = Lanes{} > sum ? Lanes{} : sum; // as `rectified` of each lane: NaN stays
      *(Lanes *)(m.out + (p + i) * m.width + n + v * lanes) = sum;
    }
}

template <int Vectors>
[[gnu::always_inline]] inline void column(const Product &m, int64_t count, int64_t n, bool more) {
  int64_t p = 0;
  for (; p + 8 <= count; p += 8)
    block<8, Vectors>(m, p, n, more);
  if (count - p >= 4) {
    block<4, Vectors>(m, p, n, more);
    p += 4;
  }
  if (count - p >= 2) {
    block<2, Vectors>(m, p, n, more);
    p += 2;
  }
  if (count - p >= 1)
    block<1, Vectors>(m, p, n, more);
}

/// All of `count` rows.
ADVX_CLONES void multiply(const Product &m, int64_t count, bool more) {
  int64_t n = 0;
  for (; n + 2 * lanes <= m.width; n += 2 * lanes)
    column<2>(m, count, n, more);
  if (n < m.width)
    column<1>(m, count, n, more);
}

/// Offsets of one shape and room for one example. Each thread keeps its own.
struct Tables {
  LibraryScratch placeMemory, tapMemory, channelMemory, imageMemory, rowsMemory, packedMemory;
  int64_t *places = nullptr;   ///< of each output place's first tap in the padded image
  int64_t *taps = nullptr;     ///< of each tap (a, b, c) from the first
  int64_t *channels = nullptr; ///< of each output channel
  int64_t *outputs = nullptr;  ///< of each output place in y
  int64_t tapCount, placeCount, paddedH, paddedW;
  /// For each pixel the places and taps that meet there, as offsets into [place][width]; pixels at
  /// the border have fewer and then offsets of a zero behind the last place.
  LibraryScratch meetingMemory;
  int32_t *meetings = nullptr;
  int64_t meetingCount = 0; ///< of each pixel
  ConvolutionShape shape{}, meetingShape{};

  /// Whether `kept` has the sizes of `s`; makes it so.
  static bool hadSizes(ConvolutionShape &kept, ConvolutionShape s) {
    s.batch = 0, s.hasBias = s.relu = false;
    if (kept.key() == s.key())
      return true;
    kept = s;
    return false;
  }

  static int64_t *reserve(LibraryScratch &memory, int64_t count) {
    return static_cast<int64_t *>(memory.reserve(count * int64_t(sizeof(int64_t))));
  }

  void fill(const ConvolutionShape &s) {
    if (hadSizes(shape, s))
      return;
    paddedH = s.inH + 2 * s.padH, paddedW = s.inW + 2 * s.padW;
    tapCount = s.kernelH * s.kernelW * s.inC, placeCount = s.outH * s.outW;
    places = reserve(placeMemory, 2 * placeCount);
    outputs = places + placeCount;
    taps = reserve(tapMemory, tapCount);
    channels = reserve(channelMemory, s.outC);
    for (int64_t i = 0, place = 0; i < s.outH; ++i)
      for (int64_t j = 0; j < s.outW; ++j, ++place) {
        places[place] = (i * s.strideH * paddedW + j * s.strideW) * s.inC;
        outputs[place] = place * s.outC;
      }
    for (int64_t a = 0, tap = 0; a < s.kernelH; ++a)
      for (int64_t b = 0; b < s.kernelW; ++b)
        for (int64_t c = 0; c < s.inC; ++c)
          taps[tap++] = (a * paddedW + b) * s.inC + c;
    for (int64_t o = 0; o < s.outC; ++o)
      channels[o] = o;
  }

  void fillMeetings(const ConvolutionShape &s, int64_t width) {
    if (hadSizes(meetingShape, s))
      return;
    int64_t rows = (s.kernelH + s.strideH - 1) / s.strideH;
    int64_t columns = (s.kernelW + s.strideW - 1) / s.strideW;
    meetingCount = rows * columns;
    meetings = static_cast<int32_t *>(
        meetingMemory.reserve(s.inH * s.inW * meetingCount * int64_t(sizeof(int32_t))));
    int32_t *to = meetings;
    for (int64_t h = 0; h < s.inH; ++h)
      for (int64_t v = 0; v < s.inW; ++v, to += meetingCount) {
        // The last places whose windows may reach the pixel, and those before them.
        int64_t lastI = (h + s.padH) / s.strideH, lastJ = (v + s.padW) / s.strideW;
        for (int64_t at = 0; at < meetingCount; ++at) {
          int64_t i = lastI - at / columns, j = lastJ - at % columns;
          int64_t a = h + s.padH - i * s.strideH, b = v + s.padW - j * s.strideW;
          bool meets =
              i >= 0 && i < s.outH && j >= 0 && j < s.outW && a < s.kernelH && b < s.kernelW;
          int64_t offset = placeCount * width;
          if (meets)
            offset = (i * s.outW + j) * width + (a * s.kernelW + b) * s.inC;
          to[at] = static_cast<int32_t>(offset);
        }
      }
  }

  /// The image with its padding: itself where there is none.
  const float *padded(const ConvolutionShape &s, const float *x) {
    if (s.padH == 0 && s.padW == 0)
      return x;
    float *image = imageMemory.floats(paddedH * paddedW * s.inC);
    std::fill_n(image, paddedH * paddedW * s.inC, 0.0f);
    for (int64_t h = 0; h < s.inH; ++h)
      std::memcpy(image + ((h + s.padH) * paddedW + s.padW) * s.inC, x + h * s.inW * s.inC,
                  size_t(s.inW * s.inC) * sizeof(float));
    return image;
  }
};

Tables &threadTables() {
  thread_local Tables tables;
  return tables;
}

/// w[o, c, a, b] as rows of whole vectors: [tap (a, b, c)][o], or [o][tap].
const float *packWeight(const ConvolutionShape &s, const float *w, bool tapsInLanes,
                        LibraryScratch &memory) {
  int64_t taps = s.kernelH * s.kernelW * s.inC, area = s.kernelH * s.kernelW;
  int64_t rows = tapsInLanes ? s.outC : taps, width = roundUp(tapsInLanes ? taps : s.outC);
  float *packed = memory.floats(rows * width);
  std::fill_n(packed, rows * width, 0.0f);
  for (int64_t o = 0; o < s.outC; ++o)
    for (int64_t c = 0; c < s.inC; ++c)
      for (int64_t at = 0; at < area; ++at) {
        int64_t tap = at * s.inC + c;
        packed[tapsInLanes ? o * width + tap : tap * width + o] = w[(o * s.inC + c) * area + at];
      }
  return packed;
}

/// Rows of whole vectors without what fills up the last one.
void copyRows(float *to, const float *from, int64_t rows, int64_t width, int64_t fromWidth) {
  for (int64_t i = 0; i < rows; ++i)
    std::memcpy(to + i * width, from + i * fromWidth, size_t(width) * sizeof(float));
}

/// x[pixel][c] = the sum of taps[meetings[pixel][i] + c]. Pixel by pixel, so that nothing is read
/// that has just been written; with the number of meetings known, pixels overlap.
template <int Count, int Channels>
void gather(const float *__restrict taps, const int32_t *__restrict meetings, int64_t count,
            int64_t pixels, int64_t channels, float *__restrict x) {
  int64_t known = Count ? Count : count;
  channels = Channels ? Channels : channels;
  for (int64_t pixel = 0; pixel < pixels; ++pixel, meetings += known)
    for (int64_t c = 0; c < channels; ++c) {
      float sum = 0;
      for (int64_t i = 0; i < known; ++i)
        sum += taps[meetings[i] + c];
      x[pixel * channels + c] = sum;
    }
}

void gatherTaps(const Tables &t, const ConvolutionShape &s, const float *taps, float *x) {
  auto run = s.inC != 1            ? gather<0, 0>
             : t.meetingCount == 4 ? gather<4, 1>
             : t.meetingCount == 9 ? gather<9, 1>
                                   : gather<0, 1>;
  run(taps, t.meetings, t.meetingCount, s.inH * s.inW, s.inC, x);
}

/// Examples in one chunk of work; a chunk fills the tables once.
constexpr int64_t chunkExamples = 8;

void thinForward(const ConvolutionShape &s, const float *x, const float *w, const float *bias,
                 float *y) {
  thread_local LibraryScratch weightMemory, biasMemory;
  const float *packed = packWeight(s, w, false, weightMemory);
  int64_t width = roundUp(s.outC);
  float *start = nullptr;
  if (bias) {
    start = biasMemory.floats(width);
    std::fill(std::copy_n(bias, s.outC, start), start + width, 0.0f);
  }
  parallelFor(0, s.batch, chunkExamples, [&](int64_t begin, int64_t end) {
    Tables &t = threadTables();
    t.fill(s);
    for (int64_t n = begin; n < end; ++n) {
      float *to = y + n * s.outputSize();
      bool isWhole = width == s.outC;
      float *rows = isWhole ? to : t.rowsMemory.floats(t.placeCount * width);
      multiply({t.padded(s, x + n * s.inputSize()), t.places, t.taps, t.tapCount, packed, width,
                start, s.relu, rows},
               t.placeCount, false);
      if (!isWhole)
        copyRows(to, rows, t.placeCount, s.outC, width);
    }
  });
}

void thinInputGradient(const ConvolutionShape &s, const float *gy, const float *w, float *gx) {
  thread_local LibraryScratch weightMemory;
  const float *packed = packWeight(s, w, true, weightMemory);
  int64_t width = roundUp(s.kernelH * s.kernelW * s.inC);
  parallelFor(0, s.batch, chunkExamples, [&](int64_t begin, int64_t end) {
    Tables &t = threadTables();
    t.fill(s);
    t.fillMeetings(s, width);
    float *taps = t.rowsMemory.floats(t.placeCount * width + s.inC);
    std::fill_n(taps + t.placeCount * width, s.inC, 0.0f);
    for (int64_t n = begin; n < end; ++n) {
      multiply({gy + n * s.outputSize(), t.outputs, t.channels, s.outC, packed, width, nullptr,
                false, taps},
               t.placeCount, false);
      gatherTaps(t, s, taps, gx + n * s.inputSize());
    }
  });
}

void thinWeightGradient(const ConvolutionShape &s, const float *x, const float *gy, float *gw) {
  // A chunk adds its examples in order; chunks are added in order. Their length depends on the
  // batch alone.
  int64_t chunk = std::max(chunkExamples, (s.batch + 63) / 64);
  int64_t chunks = (s.batch + chunk - 1) / chunk, width = roundUp(s.outC);
  int64_t taps = s.kernelH * s.kernelW * s.inC, area = s.kernelH * s.kernelW;
  thread_local LibraryScratch partialMemory;
  float *partials = partialMemory.floats(chunks * taps * width);
  parallelFor(0, s.batch, chunk, [&](int64_t begin, int64_t end) {
    Tables &t = threadTables();
    t.fill(s);
    for (int64_t n = begin; n < end; ++n) {
      const float *rows = gy + n * s.outputSize();
      if (width != s.outC) {
        float *wide = t.packedMemory.floats(t.placeCount * width);
        std::fill_n(wide, t.placeCount * width, 0.0f);
        for (int64_t i = 0; i < t.placeCount; ++i)
          std::copy_n(rows + i * s.outC, s.outC, wide + i * width);
        rows = wide;
      }
      multiply({t.padded(s, x + n * s.inputSize()), t.taps, t.places, t.placeCount, rows, width,
                nullptr, false, partials + begin / chunk * taps * width},
               t.tapCount, n != begin);
    }
  });
  for (int64_t o = 0; o < s.outC; ++o)
    for (int64_t tap = 0; tap < taps; ++tap) {
      float sum = 0;
      for (int64_t i = 0; i < chunks; ++i)
        sum += partials[(i * taps + tap) * width + o];
      gw[(o * s.inC + tap % s.inC) * area + tap / s.inC] = sum;
    }
}

} // namespace

/// y <- x, w[O,C,kh,kw], optional bias[O] {sh, sw, ph, pw, channels last, winograd, has bias, relu}
ADVX_OP(conv2d_advx) {
  ConvolutionShape shape = providedForwardShape(call);
  const AdvxTensor &y = call.tensors[0];
  require(y.dtype == ADVX_F32 && shape.channelsLast, "wants f32 and channels last");
  thinForward(shape, dataOf<float>(call.tensors[1]), dataOf<float>(call.tensors[2]),
              biasOf<float>(call, shape), dataOf<float>(y));
}

/// gx <- gy, w[O,C,kh,kw] {sh, sw, ph, pw, channels last, winograd}
ADVX_OP(conv2d_input_grad_advx) {
  const AdvxTensor &gx = call.tensors[0], &gy = call.tensors[1], &w = call.tensors[2];
  ConvolutionShape shape = providedShape(gx, w, gy, call.attributes);
  require(gx.dtype == ADVX_F32 && shape.channelsLast, "wants f32 and channels last");
  thinInputGradient(shape, dataOf<float>(gy), dataOf<float>(w), dataOf<float>(gx));
}

/// gw[O,C,kh,kw] <- x, gy {sh, sw, ph, pw, channels last, winograd}: sum over the batch
ADVX_OP(conv2d_weight_grad_advx) {
  const AdvxTensor &gw = call.tensors[0], &x = call.tensors[1], &gy = call.tensors[2];
  ConvolutionShape shape = providedShape(x, gw, gy, call.attributes);
  require(gw.dtype == ADVX_F32 && shape.channelsLast, "wants f32 and channels last");
  thinWeightGradient(shape, dataOf<float>(x), dataOf<float>(gy), dataOf<float>(gw));
}
