#ifndef ADVX_RUNTIME_LIBRARY_POOLINGWINDOWS_H
#define ADVX_RUNTIME_LIBRARY_POOLINGWINDOWS_H

#include "runtime/library/OpSupport.h"

#include <algorithm>
#include <limits>

namespace advx::runtime {

/// Where an image of rank 3 has its channels.
enum class Channels { First, Last };

/// What pooling walks along: planes of height times width places with `depth` channels at each. An
/// image whose channels are first is a plane of depth 1 for each channel; one whose channels are
/// last is a single plane.
struct PlaneGeometry {
  int64_t count, depth, inH, inW, outH, outW;

  /// `image` is the side of x, `grid` has one place for each window.
  PlaneGeometry(const AdvxTensor &image, const AdvxTensor &grid, Channels channels) {
    int axis = channels == Channels::First ? 0 : 2, place = channels == Channels::First ? 1 : 0;
    require(image.rank == 3 && grid.rank == 3 && image.dims[axis] == grid.dims[axis] &&
                rowCount(image) == rowCount(grid),
            "wants images with as many channels on both sides");
    count = rowCount(image) * (channels == Channels::First ? image.dims[axis] : 1);
    depth = channels == Channels::First ? 1 : image.dims[axis];
    inH = image.dims[place], inW = image.dims[place + 1];
    outH = grid.dims[place], outW = grid.dims[place + 1];
  }

  int64_t imageSize() const { return inH * inW * depth; }
  int64_t gridSize() const { return outH * outW * depth; }
};

/// The part of a window that lies in the image.
struct Window {
  int64_t rowBegin, rowEnd, columnBegin, columnEnd;
};

/// Windows over an image: attributes {kh, kw, sh, sw, ph, pw}.
struct Windows : PlaneGeometry {
  int64_t kernelH, kernelW, strideH, strideW, padH, padW;

  Windows(const AdvxTensor &image, const AdvxTensor &grid, const int64_t *attributes,
          Channels channels)
      : PlaneGeometry(image, grid, channels), kernelH(attributes[0]), kernelW(attributes[1]),
        strideH(attributes[2]), strideW(attributes[3]), padH(attributes[4]), padW(attributes[5]) {
    require(strideH > 0 && strideW > 0 && (inH + 2 * padH - kernelH) / strideH + 1 == outH &&
                (inW + 2 * padW - kernelW) / strideW + 1 == outW,
            "the sizes do not fit");
    require(2 * padH <= kernelH && 2 * padW <= kernelW, "the padding exceeds half the window");
    require(inH * inW <= std::numeric_limits<int32_t>::max(), "an image has too many places");
  }

  /// Calls body(image, output, window) for each window: the element where its plane of the image
  /// begins, and that where its `depth` channels of the grid begin.
  template <typename Body> void forEach(Body &&body) const {
    parallelFor(0, count, rowsPerChunk(gridSize() * kernelH * kernelW),
                [&](int64_t begin, int64_t end) {
                  for (int64_t plane = begin; plane < end; ++plane)
                    for (int64_t i = 0; i < outH; ++i)
                      for (int64_t j = 0; j < outW; ++j) {
                        int64_t row = i * strideH - padH, column = j * strideW - padW;
                        body(plane * imageSize(), ((plane * outH + i) * outW + j) * depth,
                             Window{std::max<int64_t>(row, 0), std::min(row + kernelH, inH),
                                    std::max<int64_t>(column, 0), std::min(column + kernelW, inW)});
                      }
                });
  }
};

/// Whether all indices are in [0, end).
bool areWithin(const int64_t *indices, int64_t count, int64_t end);

/// Images and grids of windows, for the ops that follow one index per window and channel.
struct Followers : PlaneGeometry {
  Followers(const AdvxTensor &image, const AdvxTensor &grid, const AdvxTensor &indices,
            Channels channels)
      : PlaneGeometry(image, grid, channels) {
    require(indices.dtype == ADVX_I64 && elementCount(indices) == elementCount(grid),
            "wants one index per window");
  }

  /// Calls body(image, output) for each window in order within a plane, as Windows::forEach does;
  /// `beginPlane(image)` before each plane.
  template <typename Begin, typename Body>
  void forEach(const int64_t *indices, Begin &&beginPlane, Body &&body) const {
    parallelFor(0, count, rowsPerChunk(gridSize()), [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        int64_t grid = plane * gridSize();
        require(areWithin(indices + grid, gridSize(), inH * inW), "an index leaves the image");
        beginPlane(plane * imageSize());
        for (int64_t output = grid; output < grid + gridSize(); output += depth)
          body(plane * imageSize(), output);
      }
    });
  }
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_POOLINGWINDOWS_H
