// Pooling over windows of an image. Maximum pooling is three ops: where the maxima are, reading
// there, and adding there.

#include "runtime/library/PoolingWindows.h"

using namespace advx::runtime;

/// i64 y[C,Ho,Wo] <- x[C,H,W] {kh, kw, sh, sw, ph, pw}: row * W + column of each window's first
/// maximum; of its last NaN where it has one, as PyTorch has it
ADVX_OP(max_pool_index) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1];
  Windows windows(x, result, call.attributes, Channels::First);
  require(result.dtype == ADVX_I64, "gives indices");
  withFloat(x, [&](auto zero) {
    using T = decltype(zero);
    windows.forEach([&](int64_t begin, int64_t out, const Window &window) {
      const T *image = dataOf<T>(x) + begin;
      int64_t best = window.rowBegin * windows.inW + window.columnBegin;
      for (int64_t row = window.rowBegin; row < window.rowEnd; ++row)
        for (int64_t column = window.columnBegin; column < window.columnEnd; ++column) {
          int64_t at = row * windows.inW + column;
          if (image[at] > image[best] || image[at] != image[at])
            best = at;
        }
      dataOf<int64_t>(result)[out] = best;
    });
  });
}

/// y[C,Ho,Wo] <- x[C,H,W], i[C,Ho,Wo]: x at the index, plane by plane
ADVX_OP(window_gather) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1], &indices = call.tensors[2];
  Followers followers(x, result, indices, Channels::First);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    const int64_t *index = dataOf<int64_t>(indices);
    followers.forEach(
        index, [](int64_t) {},
        [&](int64_t image, int64_t out) {
          dataOf<T>(result)[out] = dataOf<T>(x)[image + index[out]];
        });
  });
}

/// x[C,H,W] <- g[C,Ho,Wo], i[C,Ho,Wo]: 0 plus every g at its index
ADVX_OP(window_scatter) {
  const AdvxTensor &result = call.tensors[0], &g = call.tensors[1], &indices = call.tensors[2];
  Followers followers(result, g, indices, Channels::First);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    const int64_t *index = dataOf<int64_t>(indices);
    T *to = dataOf<T>(result);
    followers.forEach(
        index, [&](int64_t image) { std::fill_n(to + image, followers.imageSize(), T(0)); },
        [&](int64_t image, int64_t out) { to[image + index[out]] += dataOf<T>(g)[out]; });
  });
}

/// y[C,Ho,Wo] <- x[C,H,W] {kh, kw, sh, sw, ph, pw}: the window's sum over kh * kw, padding counted
ADVX_OP(avg_pool2d) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1];
  Windows windows(x, result, call.attributes, Channels::First);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    windows.forEach([&](int64_t begin, int64_t out, const Window &window) {
      const T *image = dataOf<T>(x) + begin;
      T sum = 0;
      for (int64_t row = window.rowBegin; row < window.rowEnd; ++row)
        for (int64_t column = window.columnBegin; column < window.columnEnd; ++column)
          sum += image[row * windows.inW + column];
      dataOf<T>(result)[out] = sum / T(windows.kernelH * windows.kernelW);
    });
  });
}

/// gx[C,H,W] <- gy[C,Ho,Wo] {kh, kw, sh, sw, ph, pw}
ADVX_OP(avg_pool2d_grad) {
  const AdvxTensor &result = call.tensors[0], &g = call.tensors[1];
  Windows windows(result, g, call.attributes, Channels::First);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(dataOf<T>(result), elementCount(result), T(0));
    windows.forEach([&](int64_t begin, int64_t out, const Window &window) {
      T *image = dataOf<T>(result) + begin;
      T share = dataOf<T>(g)[out] / T(windows.kernelH * windows.kernelW);
      for (int64_t row = window.rowBegin; row < window.rowEnd; ++row)
        for (int64_t column = window.columnBegin; column < window.columnEnd; ++column)
          image[row * windows.inW + column] += share;
    });
  });
}
