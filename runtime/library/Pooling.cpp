// Pooling over windows of an image. Maximum pooling is three ops: where the maxima are, reading
// there, and adding there.

#include "runtime/library/OpSupport.h"

#include <algorithm>

using namespace advx::runtime;

namespace {

/// Window geometry: attributes {kh, kw, sh, sw, ph, pw}, x[C,H,W], y[C,Ho,Wo].
struct Windows {
  int64_t planes, inH, inW, outH, outW, kernelH, kernelW, strideH, strideW, padH, padW;

  Windows(const AdvxTensor &x, const AdvxTensor &y, const int64_t *attributes) {
    require(x.rank == 3 && y.rank == 3 && x.dims[0] == y.dims[0] && rowCount(x) == rowCount(y),
            "wants images with as many channels on both sides");
    planes = rowCount(x) * x.dims[0];
    inH = x.dims[1], inW = x.dims[2], outH = y.dims[1], outW = y.dims[2];
    kernelH = attributes[0], kernelW = attributes[1], strideH = attributes[2];
    strideW = attributes[3], padH = attributes[4], padW = attributes[5];
    require(strideH > 0 && strideW > 0 && (inH + 2 * padH - kernelH) / strideH + 1 == outH &&
                (inW + 2 * padW - kernelW) / strideW + 1 == outW,
            "the sizes do not fit");
    require(2 * padH <= kernelH && 2 * padW <= kernelW, "the padding exceeds half the window");
  }

  /// Calls body(plane, outputIndex, rowBegin, rowEnd, columnBegin, columnEnd): the part of each
  /// window that lies in the image.
  template <typename Body> void forEach(Body &&body) const {
    parallelFor(0, planes, rowsPerChunk(outH * outW * kernelH * kernelW),
                [&](int64_t begin, int64_t end) {
                  for (int64_t plane = begin; plane < end; ++plane)
                    for (int64_t i = 0; i < outH; ++i)
                      for (int64_t j = 0; j < outW; ++j) {
                        int64_t row = i * strideH - padH, column = j * strideW - padW;
                        body(plane, (plane * outH + i) * outW + j, std::max<int64_t>(row, 0),
                             std::min(row + kernelH, inH), std::max<int64_t>(column, 0),
                             std::min(column + kernelW, inW));
                      }
                });
  }
};

/// Planes of `image` and of `windows`, for the ops that follow indices.
struct Planes {
  int64_t count, imageSize, windowCount;
  Planes(const AdvxTensor &image, const AdvxTensor &windows, const AdvxTensor &indices) {
    require(image.rank == 3 && windows.rank == 3 && image.dims[0] == windows.dims[0] &&
                rowCount(image) == rowCount(windows),
            "wants images with as many channels on both sides");
    require(indices.dtype == ADVX_I64 && elementCount(indices) == elementCount(windows),
            "wants one index per window");
    count = rowCount(image) * image.dims[0];
    imageSize = image.dims[1] * image.dims[2];
    windowCount = windows.dims[1] * windows.dims[2];
  }

  /// Calls body(imagePlaneOffset, windowOffset, index) in order within a plane.
  template <typename Body> void forEach(const int64_t *indices, Body &&body) const {
    parallelFor(0, count, rowsPerChunk(windowCount), [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane)
        for (int64_t k = plane * windowCount; k < (plane + 1) * windowCount; ++k) {
          require(indices[k] >= 0 && indices[k] < imageSize, "an index leaves the image");
          body(plane * imageSize, k, indices[k]);
        }
    });
  }
};

} // namespace

/// i64 y[C,Ho,Wo] <- x[C,H,W] {kh, kw, sh, sw, ph, pw}: row * W + column of each window's first
/// maximum, NaN counting as one
ADVX_OP(max_pool_index) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1];
  Windows windows(x, result, call.attributes);
  require(result.dtype == ADVX_I64, "gives indices");
  withFloat(x, [&](auto zero) {
    using T = decltype(zero);
    windows.forEach([&](int64_t plane, int64_t out, int64_t rowBegin, int64_t rowEnd,
                        int64_t columnBegin, int64_t columnEnd) {
      const T *image = dataOf<T>(x) + plane * windows.inH * windows.inW;
      int64_t best = rowBegin * windows.inW + columnBegin;
      for (int64_t row = rowBegin; row < rowEnd; ++row)
        for (int64_t column = columnBegin; column < columnEnd; ++column) {
          int64_t at = row * windows.inW + column;
          bool isNewNan = image[at] != image[at] && image[best] == image[best];
          if (image[at] > image[best] || isNewNan)
            best = at;
        }
      dataOf<int64_t>(result)[out] = best;
    });
  });
}

/// y[C,Ho,Wo] <- x[C,H,W], i[C,Ho,Wo]: x at the index, plane by plane
ADVX_OP(window_gather) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1], &indices = call.tensors[2];
  Planes planes(x, result, indices);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    planes.forEach(dataOf<int64_t>(indices), [&](int64_t image, int64_t window, int64_t index) {
      dataOf<T>(result)[window] = dataOf<T>(x)[image + index];
    });
  });
}

/// x[C,H,W] <- g[C,Ho,Wo], i[C,Ho,Wo]: 0 plus every g at its index
ADVX_OP(window_scatter) {
  const AdvxTensor &result = call.tensors[0], &g = call.tensors[1], &indices = call.tensors[2];
  Planes planes(result, g, indices);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(dataOf<T>(result), elementCount(result), T(0));
    planes.forEach(dataOf<int64_t>(indices), [&](int64_t image, int64_t window, int64_t index) {
      dataOf<T>(result)[image + index] += dataOf<T>(g)[window];
    });
  });
}

/// y[C,Ho,Wo] <- x[C,H,W] {kh, kw, sh, sw, ph, pw}: the window's sum over kh * kw, padding counted
ADVX_OP(avg_pool2d) {
  const AdvxTensor &result = call.tensors[0], &x = call.tensors[1];
  Windows windows(x, result, call.attributes);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    windows.forEach([&](int64_t plane, int64_t out, int64_t rowBegin, int64_t rowEnd,
                        int64_t columnBegin, int64_t columnEnd) {
      const T *image = dataOf<T>(x) + plane * windows.inH * windows.inW;
      T sum = 0;
      for (int64_t row = rowBegin; row < rowEnd; ++row)
        for (int64_t column = columnBegin; column < columnEnd; ++column)
          sum += image[row * windows.inW + column];
      dataOf<T>(result)[out] = sum / T(windows.kernelH * windows.kernelW);
    });
  });
}

/// gx[C,H,W] <- gy[C,Ho,Wo] {kh, kw, sh, sw, ph, pw}
ADVX_OP(avg_pool2d_grad) {
  const AdvxTensor &result = call.tensors[0], &g = call.tensors[1];
  Windows windows(result, g, call.attributes);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(dataOf<T>(result), elementCount(result), T(0));
    windows.forEach([&](int64_t plane, int64_t out, int64_t rowBegin, int64_t rowEnd,
                        int64_t columnBegin, int64_t columnEnd) {
      T *image = dataOf<T>(result) + plane * windows.inH * windows.inW;
      T share = dataOf<T>(g)[out] / T(windows.kernelH * windows.kernelW);
      for (int64_t row = rowBegin; row < rowEnd; ++row)
        for (int64_t column = columnBegin; column < columnEnd; ++column)
          image[row * windows.inW + column] += share;
    });
  });
}
