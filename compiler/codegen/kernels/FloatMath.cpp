#include "compiler/codegen/kernels/FloatMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;

namespace advx::codegen {
namespace {

Type withElement(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? VectorType::get(vector.getShape(), element) : element;
}

Value constantOf(OpBuilder &builder, Location loc, Type type, Attribute value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return builder.create<arith::ConstantOp>(loc, DenseElementsAttr::get(vector, value));
  return builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(value));
}

/// Short names for f32 arithmetic on values of one shape.
struct Single {
  OpBuilder &builder;
  Location loc;
  Type type, words;

  Single(OpBuilder &builder, Location loc, Value like)
      : builder(builder), loc(loc), type(like.getType()),
        words(withElement(type, builder.getI32Type())) {}

  Value number(float value) {
    return constantOf(builder, loc, type, builder.getF32FloatAttr(value));
  }
  Value word(int32_t value) {
    return constantOf(builder, loc, words, builder.getI32IntegerAttr(value));
  }
  Value add(Value a, Value b) { return builder.create<arith::AddFOp>(loc, a, b); }
  Value sub(Value a, Value b) { return builder.create<arith::SubFOp>(loc, a, b); }
  Value mul(Value a, Value b) { return builder.create<arith::MulFOp>(loc, a, b); }
  Value div(Value a, Value b) { return builder.create<arith::DivFOp>(loc, a, b); }
  Value fma(Value a, Value b, Value c) { return builder.create<math::FmaOp>(loc, a, b, c); }
  Value choose(Value condition, Value a, Value b) {
    return builder.create<arith::SelectOp>(loc, condition, a, b);
  }
  Value compare(arith::CmpFPredicate predicate, Value a, Value b) {
    return builder.create<arith::CmpFOp>(loc, predicate, a, b);
  }
  Value bits(Value a) { return builder.create<arith::BitcastOp>(loc, words, a); }
  Value fromBits(Value a) { return builder.create<arith::BitcastOp>(loc, type, a); }
  Value addWords(Value a, Value b) { return builder.create<arith::AddIOp>(loc, a, b); }
  Value subWords(Value a, Value b) { return builder.create<arith::SubIOp>(loc, a, b); }
  Value andWords(Value a, Value b) { return builder.create<arith::AndIOp>(loc, a, b); }
  Value orWords(Value a, Value b) { return builder.create<arith::OrIOp>(loc, a, b); }
  /// c[0] x^n + … + c[n]
  Value polynomial(Value x, llvm::ArrayRef<float> c) {
    Value sum = number(c.front());
    for (float coefficient : c.drop_front())
      sum = fma(sum, x, number(coefficient));
    return sum;
  }
};

bool isSingle(Value x) { return getElementTypeOrSelf(x.getType()).isF32(); }

constexpr float kInfinity = std::numeric_limits<float>::infinity();

} // namespace

Value splatLike(OpBuilder &builder, Location loc, Value x, double value) {
  Type element = getElementTypeOrSelf(x.getType());
  return constantOf(builder, loc, x.getType(), builder.getFloatAttr(element, value));
}

/// x = n ln 2 + r, |r| <= ln 2 / 2; e^r by Cephes' polynomial, 2^n in two factors, so that
/// neither leaves the range of exponents.
Value emitExp(OpBuilder &builder, Location loc, Value x) {
  if (!isSingle(x))
    return builder.create<math::ExpOp>(loc, x);
  Single f(builder, loc, x);
  using P = arith::CmpFPredicate;
  Value high = f.number(89.0f), low = f.number(-104.0f);
  // A NaN becomes the upper bound here and is put back at the end.
  Value bounded = f.choose(f.compare(P::OLT, x, high), x, high);
  bounded = f.choose(f.compare(P::OGT, bounded, low), bounded, low);
  // Adding and taking away 1.5 * 2^23 rounds, and leaves n in the low bits in between.
  Value magic = f.number(12582912.0f);
  Value shifted = f.fma(bounded, f.number(1.44269504088896341f), magic);
  Value n = f.sub(shifted, magic);
  Value r = f.fma(n, f.number(-0.693359375f), bounded);
  r = f.fma(n, f.number(2.12194440e-4f), r);
  Value p = f.polynomial(r, {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
                             1.6666665459e-1f, 5.0000001201e-1f});
  p = f.add(f.fma(p, f.mul(r, r), r), f.number(1.0f));
  Value whole = f.subWords(f.bits(shifted), f.bits(magic));
  Value half = builder.create<arith::ShRSIOp>(loc, whole, f.word(1));
  auto power = [&](Value exponent) {
    Value biased = f.addWords(exponent, f.word(127));
    return f.fromBits(builder.create<arith::ShLIOp>(loc, biased, f.word(23)));
  };
  Value result = f.mul(f.mul(p, power(half)), power(f.subWords(whole, half)));
  result = f.choose(f.compare(P::OGT, x, f.number(88.7228394f)), f.number(kInfinity), result);
  return f.choose(f.compare(P::UNO, x, x), x, result);
}

/// x = 2^e m, m in [sqrt(1/2), sqrt(2)); log m by Cephes' polynomial.
Value emitLog(OpBuilder &builder, Location loc, Value x) {
  if (!isSingle(x))
    return builder.create<math::LogOp>(loc, x);
  Single f(builder, loc, x);
  using P = arith::CmpFPredicate;
  // Numbers without a leading 1 get one by a factor of 2^23.
  Value small = f.compare(P::OLT, x, f.number(1.17549435e-38f));
  Value normal = f.choose(small, f.mul(x, f.number(8388608.0f)), x);
  Value bits = f.bits(normal);
  // Taking the bits of sqrt(1/2) away carries into the exponent exactly where m < sqrt(1/2).
  Value root = f.word(0x3f3504f3);
  Value offset = f.subWords(bits, root);
  Value e = builder.create<arith::ShRSIOp>(loc, offset, f.word(23));
  Value m = f.fromBits(f.addWords(f.andWords(offset, f.word(0x007fffff)), root));
  Value exponent = builder.create<arith::SIToFPOp>(loc, f.type, e);
  exponent = f.choose(small, f.sub(exponent, f.number(23.0f)), exponent);
  Value r = f.sub(m, f.number(1.0f));
  Value z = f.mul(r, r);
  Value p = f.polynomial(r, {7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f,
                             -1.2420140846e-1f, 1.4249322787e-1f, -1.6668057665e-1f,
                             2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f});
  Value y = f.mul(f.mul(p, r), z);
  y = f.fma(exponent, f.number(-2.12194440e-4f), y);
  y = f.fma(z, f.number(-0.5f), y);
  Value result = f.fma(exponent, f.number(0.693359375f), f.add(r, y));
  result = f.choose(f.compare(P::OEQ, x, f.number(kInfinity)), x, result);
  result = f.choose(f.compare(P::OEQ, x, f.number(0.0f)), f.number(-kInfinity), result);
  // Below 0, and for NaN.
  Value valid = f.compare(P::OGE, x, f.number(0.0f));
  return f.choose(valid, result, f.number(std::numeric_limits<float>::quiet_NaN()));
}

/// Near 0 by Cephes' polynomial, elsewhere 1 - 2 / (e^2|x| + 1) with the sign of x.
Value emitTanh(OpBuilder &builder, Location loc, Value x) {
  if (!isSingle(x)) {
    // No intrinsic: one call of the C library a lane.
    auto call = [&](Value scalar) -> Value {
      auto module = builder.getBlock()->getParent()->getParentOfType<ModuleOp>();
      auto function = module.lookupSymbol<LLVM::LLVMFuncOp>("tanh");
      if (!function) {
        OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
        Type f64 = builder.getF64Type();
        function = top.create<LLVM::LLVMFuncOp>(module.getLoc(), "tanh",
                                                LLVM::LLVMFunctionType::get(f64, {f64}));
      }
      return builder.create<LLVM::CallOp>(loc, function, ValueRange{scalar}).getResult();
    };
    auto vector = dyn_cast<VectorType>(x.getType());
    if (!vector)
      return call(x);
    Value result = splatLike(builder, loc, x, 0.0);
    for (int64_t lane = 0; lane < vector.getNumElements(); ++lane)
      result = builder.create<vector::InsertOp>(
          loc, call(builder.create<vector::ExtractOp>(loc, x, lane)), result, lane);
    return result;
  }
  Single f(builder, loc, x);
  using P = arith::CmpFPredicate;
  Value size = builder.create<math::AbsFOp>(loc, x);
  Value z = f.mul(x, x);
  Value p = f.polynomial(z, {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f,
                             1.33314422036e-1f, -3.33332819422e-1f});
  Value near = f.fma(f.mul(p, z), x, x);
  Value e = emitExp(builder, loc, f.add(size, size));
  Value far = f.sub(f.number(1.0f), f.div(f.number(2.0f), f.add(e, f.number(1.0f))));
  far = builder.create<math::CopySignOp>(loc, far, x);
  return f.choose(f.compare(P::OLT, size, f.number(0.625f)), near, far);
}

Value emitPow(OpBuilder &builder, Location loc, Value x, Value y) {
  Value two = splatLike(builder, loc, y, 2.0);
  Value square = builder.create<arith::MulFOp>(loc, x, x);
  Value isTwo = builder.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OEQ, y, two);
  Value general = builder.create<math::PowFOp>(loc, x, y);
  return builder.create<arith::SelectOp>(loc, isTwo, square, general);
}

} // namespace advx::codegen
