#include "runtime/library/ConvolutionShape.h"

using namespace advx::runtime;

namespace {

/// The shape from its three tensors and {strideH, strideW, padH, padW}.
ConvolutionShape shapeOf(const AdvxTensor &x, const AdvxTensor &w, const AdvxTensor &y,
                         const int64_t *attributes, bool channelsLast) {
  require(x.rank == 3 && y.rank == 3 && w.rank == 4 && !w.batched,
          "wants images x and y, and w[O,C,kh,kw] without batch");
  require(rowCount(x) == rowCount(y), "x and y differ in batch");
  require(x.dtype == y.dtype && x.dtype == w.dtype, "operands differ in type");
  int channel = channelsLast ? 2 : 0, height = channelsLast ? 0 : 1, width = channelsLast ? 1 : 2;
  ConvolutionShape shape{rowCount(x),     x.dims[channel], x.dims[height], x.dims[width],
                         y.dims[channel], y.dims[height],  y.dims[width],  w.dims[2],
                         w.dims[3],       attributes[0],   attributes[1],  attributes[2],
                         attributes[3]};
  shape.channelsLast = channelsLast;
  require(w.dims[0] == shape.outC && w.dims[1] == shape.inC, "the channels do not fit");
  require(shape.strideH > 0 && shape.strideW > 0, "a stride is not positive");
  require((shape.inH + 2 * shape.padH - shape.kernelH) / shape.strideH + 1 == shape.outH &&
              (shape.inW + 2 * shape.padW - shape.kernelW) / shape.strideW + 1 == shape.outW,
          "the sizes do not fit");
  return shape;
}

} // namespace

ConvolutionShape advx::runtime::convolutionShape(const AdvxTensor &x, const AdvxTensor &w,
                                                 const AdvxTensor &y, const int64_t *attributes) {
  return shapeOf(x, w, y, attributes, false);
}

ConvolutionShape advx::runtime::providedShape(const AdvxTensor &x, const AdvxTensor &w,
                                              const AdvxTensor &y, const int64_t *attributes) {
  ConvolutionShape shape = shapeOf(x, w, y, attributes, attributes[4] != 0);
  shape.winograd = attributes[5] != 0;
  return shape;
}

ConvolutionShape advx::runtime::providedForwardShape(const OpCall &call) {
  const AdvxTensor *t = call.tensors;
  ConvolutionShape shape = providedShape(t[1], t[2], t[0], call.attributes);
  shape.hasBias = call.attributes[6] != 0, shape.relu = call.attributes[7] != 0;
  requireLength(call.counts.tensors, "tensors", shape.hasBias ? 4 : 3);
  require(!shape.hasBias || (t[3].rank == 1 && !t[3].batched && t[3].dims[0] == shape.outC &&
                             t[3].dtype == t[0].dtype),
          "wants bias[O] without batch");
  return shape;
}
