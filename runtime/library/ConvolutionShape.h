#ifndef ADVX_RUNTIME_LIBRARY_CONVOLUTIONSHAPE_H
#define ADVX_RUNTIME_LIBRARY_CONVOLUTIONSHAPE_H

#include "runtime/library/OpSupport.h"

#include <cstdint>
#include <tuple>

namespace advx::runtime {

/// The sizes of a two-dimensional cross-correlation: y[o, i, j] is the sum over c, a, b of
/// w[o, c, a, b] x[c, i * strideH - padH + a, j * strideW - padW + b], x being 0 outside. Tensors
/// are dense: x[batch, inC, inH, inW], w[outC, inC, kernelH, kernelW], y[batch, outC, outH, outW];
/// with `channelsLast` x[batch, inH, inW, inC] and y[batch, outH, outW, outC].
struct ConvolutionShape {
  int64_t batch, inC, inH, inW, outC, outH, outW;
  int64_t kernelH, kernelW, strideH, strideW, padH, padW;
  bool channelsLast = false;
  /// Asks for F(4x4, 3x3) or whatever the provider has of the kind; 1e-6 off the direct sum.
  bool winograd = false;
  /// Of a forward: y gains bias[outC], then what is below 0 becomes 0.
  bool hasBias = false, relu = false;

  int64_t inputSize() const { return inC * inH * inW; }
  int64_t outputSize() const { return outC * outH * outW; }
  int64_t weightSize() const { return outC * inC * kernelH * kernelW; }

  /// Elements of one example's patches: what every tap sees at every output place.
  int64_t patchSize() const { return inC * kernelH * kernelW * outH * outW; }

  auto key() const {
    return std::tie(batch, inC, inH, inW, outC, outH, outW, kernelH, kernelW, strideH, strideW,
                    padH, padW, channelsLast, winograd, hasBias, relu);
  }
  bool operator<(const ConvolutionShape &other) const { return key() < other.key(); }
};

/// The shape of a call from x, w and y (or their gradients). Attributes are {strideH, strideW,
/// padH, padW}, and with a provider {channelsLast, winograd} after them, and for a forward then
/// {hasBias, relu}. Throws where these do not fit.
ConvolutionShape convolutionShape(const AdvxTensor &x, const AdvxTensor &w, const AdvxTensor &y,
                                  const int64_t *attributes);
ConvolutionShape providedShape(const AdvxTensor &x, const AdvxTensor &w, const AdvxTensor &y,
                               const int64_t *attributes);
ConvolutionShape providedForwardShape(const OpCall &call);

/// The bias of a forward call, or null.
template <typename T> const T *biasOf(const OpCall &call, const ConvolutionShape &shape) {
  return shape.hasBias ? dataOf<T>(call.tensors[3]) : nullptr;
}

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_CONVOLUTIONSHAPE_H
