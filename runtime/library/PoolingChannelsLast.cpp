// Pooling of images whose channels are last. The operands, attributes and results are those of
// Pooling.cpp in the other order of axes; an index stays row * W + column, and a tie belongs to the
// first place of the window, and a NaN to the last. Inner loops run over the channels of one place.

#include "runtime/library/PoolingWindows.h"

using namespace advx::runtime;

namespace {

/// Channels that are compared at once; what is best so far stays in registers.
constexpr int64_t maximumLanes = 16;

/// The places of the first maxima of one window in up to 16 channels. They are as wide as a float
/// while they are chosen, so that comparing and choosing are one vector each.
template <typename T, bool IsWhole>
[[gnu::always_inline]] inline void firstMaximaOf(const T *image, int64_t channels, int64_t count,
                                                 int64_t width, const Window &window,
                                                 int64_t *out) {
  int64_t lanes = IsWhole ? maximumLanes : count;
  T best[maximumLanes];
  int32_t places[maximumLanes];
  int64_t first = window.rowBegin * width + window.columnBegin;
  std::fill_n(places, maximumLanes, static_cast<int32_t>(first));
  std::copy_n(image + first * channels, lanes, best);
  for (int64_t row = window.rowBegin; row < window.rowEnd; ++row)
    for (int64_t column = window.columnBegin; column < window.columnEnd; ++column) {
      int64_t place = row * width + column;
      auto at = static_cast<int32_t>(place);
      const T *values = image + place * channels;
    // Unrolled, the loop would not become vectors.
#pragma GCC unroll 1
      for (int64_t lane = 0; lane < lanes; ++lane) {
        T value = values[lane];
        // Nothing is larger than a NaN, so one that has won stays, but for a later one.
        bool isBetter = (value > best[lane]) | (value != value);
        best[lane] = isBetter ? value : best[lane];
        places[lane] = isBetter ? at : places[lane];
      }
    }
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane] = places[lane];
}

template <typename T>
ADVX_CLONES void firstMaxima(const T *image, int64_t channels, int64_t width, const Window &window,
                             int64_t *out) {
  int64_t c = 0;
  for (; c + maximumLanes <= channels; c += maximumLanes)
    firstMaximaOf<T, true>(image + c, channels, maximumLanes, width, window, out + c);
  if (c < channels)
    firstMaximaOf<T, false>(image + c, channels, channels - c, width, window, out + c);
}

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
  Windows windows(x, result, call.attributes, Channels::Last);
  require(result.dtype == ADVX_I64, "gives indices");
  withFloat(x, [&](auto zero) {
    using T = decltype(zero);
    windows.forEach([&](int64_t begin, int64_t out, const Window &window) {
      firstMaxima(dataOf<T>(x) + begin, windows.depth, windows.inW, window,
                  dataOf<int64_t>(result) + out);
    });
  });
}

ADVX_OP(window_gather_channels_last) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1], &indices = call.tensors[2];
  Followers followers(x, result, indices, Channels::Last);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    const int64_t *index = dataOf<int64_t>(indices);
    followers.forEach(
        index, [](int64_t) {},
        [&](int64_t image, int64_t out) {
          gatherChannels(dataOf<T>(result) + out, dataOf<T>(x) + image, index + out,
                         followers.depth);
        });
  });
}

ADVX_OP(window_scatter_channels_last) {
  const AdvxTensor &result = call.tensors[0], &g = call.tensors[1], &indices = call.tensors[2];
  Followers followers(result, g, indices, Channels::Last);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    const int64_t *index = dataOf<int64_t>(indices);
    T *to = dataOf<T>(result);
    followers.forEach(
        index, [&](int64_t image) { std::fill_n(to + image, followers.imageSize(), T(0)); },
        [&](int64_t image, int64_t out) {
          scatterChannels(to + image, dataOf<T>(g) + out, index + out, followers.depth);
        });
  });
}

ADVX_OP(avg_pool2d_channels_last) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1];
  Windows windows(x, result, call.attributes, Channels::Last);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    windows.forEach([&](int64_t begin, int64_t out, const Window &window) {
      const T *image = dataOf<T>(x) + begin;
      T *sums = dataOf<T>(result) + out;
      std::fill_n(sums, windows.depth, T(0));
      for (int64_t row = window.rowBegin; row < window.rowEnd; ++row)
        for (int64_t column = window.columnBegin; column < window.columnEnd; ++column)
          addTo(sums, image + (row * windows.inW + column) * windows.depth, windows.depth);
      for (int64_t c = 0; c < windows.depth; ++c)
        sums[c] /= T(windows.kernelH * windows.kernelW);
    });
  });
}

ADVX_OP(avg_pool2d_grad_channels_last) {
  const AdvxTensor &result = call.tensors[0], &g = call.tensors[1];
  Windows windows(result, g, call.attributes, Channels::Last);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(dataOf<T>(result), elementCount(result), T(0));
    windows.forEach([&](int64_t begin, int64_t out, const Window &window) {
      T *image = dataOf<T>(result) + begin;
      for (int64_t row = window.rowBegin; row < window.rowEnd; ++row)
        for (int64_t column = window.columnBegin; column < window.columnEnd; ++column)
          addShare(image + (row * windows.inW + column) * windows.depth, dataOf<T>(g) + out,
                   T(windows.kernelH * windows.kernelW), windows.depth);
    });
  });
}
