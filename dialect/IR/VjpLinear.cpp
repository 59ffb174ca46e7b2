//===- VjpLinear.cpp - Derivatives of bilinear ops and of windows -----------===//

#include "dialect/IR/VjpBuilder.h"

using namespace mlir;
using namespace mlir::advx;

using Cotangents = ArrayRef<Value>;
using Needed = ArrayRef<bool>;
using Result = MutableArrayRef<Value>;

void MatvecOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                        Result out) {
  VjpBuilder b(builder, location);
  if (needed[0])
    out[0] =
        getTranspose() ? b.make<OuterOp>(getVector(), g[0]) : b.make<OuterOp>(g[0], getVector());
  if (needed[1])
    out[1] = b.make<MatvecOp>(getMatrix(), g[0], !getTranspose());
}

void OuterOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                       Result out) {
  VjpBuilder b(builder, location);
  if (needed[0])
    out[0] = b.make<MatvecOp>(g[0], getRhs(), false);
  if (needed[1])
    out[1] = b.make<MatvecOp>(g[0], getLhs(), true);
}

// C = op(A) op(B): d op(A) = G op(B)^T and d op(B) = op(A)^T G, transposed once more
// where op transposes.
void MatmulOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                        Result out) {
  VjpBuilder b(builder, location);
  bool ta = getTransposeA(), tb = getTransposeB();
  if (needed[0])
    out[0] = ta ? b.make<MatmulOp>(getRhs(), g[0], tb, true)
                : b.make<MatmulOp>(g[0], getRhs(), false, !tb);
  if (needed[1])
    out[1] = tb ? b.make<MatmulOp>(g[0], getLhs(), true, ta)
                : b.make<MatmulOp>(getLhs(), g[0], !ta, false);
}

//===----------------------------------------------------------------------===//
// Convolutions: <g, conv(x, w)> is linear in each of g, x and w.
//===----------------------------------------------------------------------===//

/// `[H, W]` of an image in the op's layout.
template <typename Op> static SmallVector<int64_t> imageSize(Op op, Value image) {
  return ImageAxes(op.getChannelsLast()).size(exampleShape(image.getType()));
}

/// The three derivatives of the trilinear form, each a convolution.
template <typename Op> static Value byInput(Op op, VjpBuilder b, Value g, Value w, Value x) {
  return b.make<Conv2dInputGradOp>(g, w, op.getStride(), op.getPadding(), imageSize(op, x),
                                   op.getChannelsLast());
}
template <typename Op> static Value byWeight(Op op, VjpBuilder b, Value x, Value g, Value w) {
  return b.make<Conv2dWeightGradOp>(x, g, op.getStride(), op.getPadding(),
                                    exampleShape(w.getType()).drop_front(2), op.getChannelsLast());
}
template <typename Op> static Value byOutput(Op op, VjpBuilder b, Value x, Value w) {
  return b.make<Conv2dOp>(x, w, op.getStride(), op.getPadding(), op.getChannelsLast());
}

void Conv2dOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                        Result out) {
  // Epilogues are fused into differentiated functions only.
  if (getBias() || getRelu())
    llvm::report_fatal_error("advx.conv2d with an epilogue has no derivative");
  VjpBuilder b(builder, location);
  if (needed[0])
    out[0] = byInput(*this, b, g[0], getWeight(), getInput());
  if (needed[1])
    out[1] = byWeight(*this, b, getInput(), g[0], getWeight());
}

// The result is an input x, so its cotangent stands where x does.
void Conv2dInputGradOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                                 Result out) {
  VjpBuilder b(builder, location);
  if (needed[0])
    out[0] = byOutput(*this, b, g[0], getWeight());
  if (needed[1])
    out[1] = byWeight(*this, b, g[0], getCotangent(), getWeight());
}

// The result is a weight w, so its cotangent stands where w does.
void Conv2dWeightGradOp::buildVjp(OpBuilder &builder, Location location, Cotangents g,
                                  Needed needed, Result out) {
  VjpBuilder b(builder, location);
  if (needed[0])
    out[0] = byInput(*this, b, getCotangent(), g[0], getInput());
  if (needed[1])
    out[1] = byOutput(*this, b, getInput(), g[0]);
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

void WindowGatherOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed,
                              Result out) {
  out[0] =
      VjpBuilder(builder, location)
          .make<WindowScatterOp>(g[0], getIndex(), imageSize(*this, getInput()), getChannelsLast());
}

void WindowScatterOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed,
                               Result out) {
  out[0] = VjpBuilder(builder, location).make<WindowGatherOp>(g[0], getIndex(), getChannelsLast());
}

void AvgPool2dOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed,
                           Result out) {
  out[0] = VjpBuilder(builder, location)
               .make<AvgPool2dGradOp>(g[0], getKernel(), getStride(), getPadding(),
                                      imageSize(*this, getInput()), getChannelsLast());
}

void AvgPool2dGradOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed,
                               Result out) {
  out[0] = VjpBuilder(builder, location)
               .make<AvgPool2dOp>(g[0], getKernel(), getStride(), getPadding(), getChannelsLast());
}
