#ifndef ADVX_RUNTIME_LIBRARY_CONVOLUTION_H
#define ADVX_RUNTIME_LIBRARY_CONVOLUTION_H

#include <cstdint>
#include <tuple>

namespace advx::runtime {

/// The sizes of a two-dimensional cross-correlation: y[o, i, j] is the sum over c, a, b of
/// w[o, c, a, b] x[c, i * strideH - padH + a, j * strideW - padW + b], x being 0 outside. Tensors
/// are dense: x[batch, inC, inH, inW], w[outC, inC, kernelH, kernelW], y[batch, outC, outH, outW].
struct ConvolutionShape {
  int64_t batch, inC, inH, inW, outC, outH, outW;
  int64_t kernelH, kernelW, strideH, strideW, padH, padW;

  int64_t inputSize() const { return inC * inH * inW; }
  int64_t outputSize() const { return outC * outH * outW; }
  int64_t weightSize() const { return outC * inC * kernelH * kernelW; }

  /// Elements of one example's patches: what every tap sees at every output place.
  int64_t patchSize() const { return inC * kernelH * kernelW * outH * outW; }

  auto key() const {
    return std::tie(batch, inC, inH, inW, outC, outH, outW, kernelH, kernelW, strideH, strideW,
                    padH, padW);
  }
  bool operator<(const ConvolutionShape &other) const { return key() < other.key(); }
};

/// The three products by oneDNN. False if it only has its reference implementation for the shape;
/// nothing is written then. Throws if oneDNN fails.
bool dnnlForward(const ConvolutionShape &shape, const float *x, const float *w, float *y);
bool dnnlInputGradient(const ConvolutionShape &shape, const float *gy, const float *w, float *gx);
bool dnnlWeightGradient(const ConvolutionShape &shape, const float *x, const float *gy, float *gw);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_CONVOLUTION_H
