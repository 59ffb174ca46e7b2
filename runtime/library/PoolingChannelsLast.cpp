// Pooling of images whose channels are last. The operands, attributes and results are those of
// Pooling.cpp in the other order of axes; an index stays row * W + column, and a tie belongs to the
// first place of the window. Inner loops run over the channels of one place.

#include "runtime/library/OpSupport.h"

#include <algorithm>
#include <limits>

using namespace advx::runtime;

namespace {

/// Window geometry: attributes {kh, kw, sh, sw, ph, pw}, x[H,W,C], y[Ho,Wo,C].
struct Windows {
  int64_t examples, channels, inH, inW, outH, outW;
  int64_t kernelH, kernelW, strideH, strideW, padH, padW;

  Windows(const AdvxTensor &x, const AdvxTensor &y, const int64_t *attributes) {
    require(x.rank == 3 && y.rank == 3 && x.dims[2] == y.dims[2] && rowCount(x) == rowCount(y),
            "wants images with as many channels on both sides");
    examples = rowCount(x), channels = x.dims[2];
    inH = x.dims[0], inW = x.dims[1], outH = y.dims[0], outW = y.dims[1];
    kernelH = attributes[0], kernelW = attributes[1], strideH = attributes[2];
    strideW = attributes[3], padH = attributes[4], padW = attributes[5];
    require(strideH > 0 && strideW > 0 && (inH + 2 * padH - kernelH) / strideH + 1 == outH &&
                (inW + 2 * padW - kernelW) / strideW + 1 == outW,
            "the sizes do not fit");
    require(2 * padH <= kernelH && 2 * padW <= kernelW, "the padding exceeds half the window");
    require(inH * inW <= std::numeric_limits<int32_t>::max(), "an image has too many places");
  }

  int64_t imageSize() const { return inH * inW * channels; }
  int64_t windowsSize() const { return outH * outW * channels; }

  /// Calls body(example, output, rowBegin, rowEnd, columnBegin, columnEnd): the part of each window
  /// that lies in the image; `output` is the first of the window's channels.
  template <typename Body> void forEach(Body &&body) const {
    parallelFor(0, examples, rowsPerChunk(windowsSize() * kernelH * kernelW),
                [&](int64_t begin, int64_t end) {
                  for (int64_t n = begin; n < end; ++n)
                    for (int64_t i = 0; i < outH; ++i)
                      for (int64_t j = 0; j < outW; ++j) {
                        int64_t row = i * strideH - padH, column = j * strideW - padW;
                        body(n, ((n * outH + i) * outW + j) * channels, std::max<int64_t>(row, 0),
                             std::min(row + kernelH, inH), std::max<int64_t>(column, 0),
                             std::min(column + kernelW, inW));
                      }
                });
  }
};

/// Channels that are compared at once; what is best so far stays in registers.
constexpr int64_t maximumLanes = 16;

/// The places of the first maxima of one window in up to 16 channels. They are as wide as a float
/// while they are chosen, so that comparing and choosing are one vector each.
template <typename T, bool IsWhole>
[[gnu::always_inline]] inline void
firstMaximaOf(const T *image, int64_t channels, int64_t count, int64_t width, int64_t rowBegin,
              int64_t rowEnd, int64_t columnBegin, int64_t columnEnd, int64_t *out) {
  int64_t lanes = IsWhole ? maximumLanes : count;
  T best[maximumLanes];
  int32_t places[maximumLanes];
  int64_t first = rowBegin * width + columnBegin;
  std::fill_n(places, maximumLanes, static_cast<int32_t>(first));
  std::copy_n(image + first * channels, lanes, best);
  for (int64_t row = rowBegin; row < rowEnd; ++row)
    for (int64_t column = columnBegin; column < columnEnd; ++column) {
      int64_t place = row * width + column;
      auto at = static_cast<int32_t>(place);
      const T *values = image + place * channels;
    // Unrolled, the loop would not become vectors.
#pragma GCC unroll 1
      for (int64_t lane = 0; lane < lanes; ++lane) {
        T value = values[lane];
        // A first NaN wins as well: it is not <= anything, and neither is anything <= it.
        bool isBetter = !(value <= best[lane]) & (best[lane] == best[lane]);
        best[lane] = isBetter ? value : best[lane];
        places[lane] = isBetter ? at : places[lane];
      }
    }
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane] = places[lane];
}

template <typename T>
ADVX_CLONES void firstMaxima(const T *image, int64_t channels, int64_t width, int64_t rowBegin,
                             int64_t rowEnd, int64_t columnBegin, int64_t columnEnd, int64_t *out) {
  int64_t c = 0;
  for (; c + maximumLanes <= channels; c += maximumLanes)
    firstMaximaOf<T, true>(image + c, channels, maximumLanes, width, rowBegin, rowEnd, columnBegin,
                           columnEnd, out + c);
  if (c < channels)
    firstMaximaOf<T, false>(image + c, channels, channels - c, width, rowBegin, rowEnd, columnBegin,
                            columnEnd, out + c);
}

ADVX_CLONES bool allWithin(const int64_t *indices, int64_t count, int64_t end) {
  uint64_t outside = 0;
  for (int64_t i = 0; i < count; ++i)
    outside |= uint64_t(indices[i] < 0) | uint64_t(indices[i] >= end);
  return outside == 0;
}

/// Images and grids of windows, for the ops that follow indices.
struct Followers {
  int64_t examples, channels, places, windows;

  Followers(const AdvxTensor &image, const AdvxTensor &grid, const AdvxTensor &indices) {
    require(image.rank == 3 && grid.rank == 3 && image.dims[2] == grid.dims[2] &&
                rowCount(image) == rowCount(grid),
            "wants images with as many channels on both sides");
    require(indices.dtype == ADVX_I64 && elementCount(indices) == elementCount(grid),
            "wants one index per window");
    examples = rowCount(image), channels = image.dims[2];
    places = image.dims[0] * image.dims[1], windows = grid.dims[0] * grid.dims[1];
  }

  /// Calls body(example's image, window, count): `count` indices of one window, one a channel, from
  /// the element `window` of the grid on. `begin` is called before each example.
  template <typename Begin, typename Body>
  void forEach(const int64_t *indices, Begin &&beginExample, Body &&body) const {
    parallelFor(0, examples, rowsPerChunk(windows * channels), [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        int64_t image = n * places * channels, grid = n * windows * channels;
        require(allWithin(indices + grid, windows * channels, places), "an index leaves the image");
        beginExample(image, places * channels);
        for (int64_t w = 0; w < windows; ++w)
          body(image, grid + w * channels, channels);
      }
    });
  }
};

template <typename T>
ADVX_CLONES void gatherChannels(T *to, const T *image, const int64_t *indices, int64_t channels) {
  for (int64_t c = 0; c < channels; ++c)
    to[c] = image[indices[c] * channels + c];
}

/// Different channels are different elements, so the order of additions is that of the windows.
template <typename T>
ADVX_CLONES void scatterChannels(T *image, const T *from, const int64_t *indices,
                                 int64_t channels) {
  ADVX_INDEPENDENT
  for (int64_t c = 0; c < channels; ++c)
    image[indices[c] * channels + c] += from[c];
}

template <typename T> ADVX_CLONES void addTo(T *to, const T *from, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    to[i] += from[i];
}

template <typename T> ADVX_CLONES void addShare(T *to, const T *from, T divisor, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    to[i] += from[i] / divisor;
}

} // namespace

ADVX_OP(max_pool_index_channels_last) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1];
  Windows windows(x, result, call.attributes);
  require(result.dtype == ADVX_I64, "gives indices");
  withFloat(x, [&](auto zero) {
    using T = decltype(zero);
    windows.forEach([&](int64_t n, int64_t out, int64_t rowBegin, int64_t rowEnd,
                        int64_t columnBegin, int64_t columnEnd) {
      firstMaxima(dataOf<T>(x) + n * windows.imageSize(), windows.channels, windows.inW, rowBegin,
                  rowEnd, columnBegin, columnEnd, dataOf<int64_t>(result) + out);
    });
  });
}

ADVX_OP(window_gather_channels_last) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1], &indices = call.tensors[2];
  Followers followers(x, result, indices);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    const int64_t *index = dataOf<int64_t>(indices);
    followers.forEach(
        index, [](int64_t, int64_t) {},
        [&](int64_t image, int64_t window, int64_t count) {
          gatherChannels(dataOf<T>(result) + window, dataOf<T>(x) + image, index + window, count);
        });
  });
}

ADVX_OP(window_scatter_channels_last) {
  const AdvxTensor &result = call.tensors[0], &g = call.tensors[1], &indices = call.tensors[2];
  Followers followers(result, g, indices);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    const int64_t *index = dataOf<int64_t>(indices);
    T *to = dataOf<T>(result);
    followers.forEach(
        index, [&](int64_t image, int64_t count) { std::fill_n(to + image, count, T(0)); },
        [&](int64_t image, int64_t window, int64_t count) {
          scatterChannels(to + image, dataOf<T>(g) + window, index + window, count);
        });
  });
}

ADVX_OP(avg_pool2d_channels_last) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1];
  Windows windows(x, result, call.attributes);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    windows.forEach([&](int64_t n, int64_t out, int64_t rowBegin, int64_t rowEnd,
                        int64_t columnBegin, int64_t columnEnd) {
      const T *image = dataOf<T>(x) + n * windows.imageSize();
      T *sums = dataOf<T>(result) + out;
      std::fill_n(sums, windows.channels, T(0));
      for (int64_t row = rowBegin; row < rowEnd; ++row)
        for (int64_t column = columnBegin; column < columnEnd; ++column)
          addTo(sums, image + (row * windows.inW + column) * windows.channels, windows.channels);
      for (int64_t c = 0; c < windows.channels; ++c)
        sums[c] /= T(windows.kernelH * windows.kernelW);
    });
  });
}

ADVX_OP(avg_pool2d_grad_channels_last) {
  const AdvxTensor &result = call.tensors[0], &g = call.tensors[1];
  Windows windows(result, g, call.attributes);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(dataOf<T>(result), elementCount(result), T(0));
    windows.forEach([&](int64_t n, int64_t out, int64_t rowBegin, int64_t rowEnd,
                        int64_t columnBegin, int64_t columnEnd) {
      T *image = dataOf<T>(result) + n * windows.imageSize();
      for (int64_t row = rowBegin; row < rowEnd; ++row)
        for (int64_t column = columnBegin; column < columnEnd; ++column)
          addShare(image + (row * windows.inW + column) * windows.channels, dataOf<T>(g) + out,
                   T(windows.kernelH * windows.kernelW), windows.channels);
    });
  });
}
