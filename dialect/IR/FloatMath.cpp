//===- FloatMath.cpp - Functions that processors lack -----------------------===//

#include "dialect/IR/FloatMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

namespace mlir::advx {
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

/// Short names for arithmetic on floats of one type and shape, and on words of their size.
struct Floats {
  OpBuilder &builder;
  Location loc;
  Type element, wordElement, type, words;

  Floats(OpBuilder &builder, Location loc, Type element, Value shapedLike)
      : builder(builder), loc(loc), element(element),
        wordElement(builder.getIntegerType(element.getIntOrFloatBitWidth())),
        type(withElement(shapedLike.getType(), element)),
        words(withElement(shapedLike.getType(), wordElement)) {}

  Value number(double value) {
    return constantOf(builder, loc, type, builder.getFloatAttr(element, value));
  }
  Value word(int64_t value) {
    return constantOf(builder, loc, words, builder.getIntegerAttr(wordElement, value));
  }
  Value add(Value a, Value b) { return builder.create<arith::AddFOp>(loc, a, b); }
  Value sub(Value a, Value b) { return builder.create<arith::SubFOp>(loc, a, b); }
  Value mul(Value a, Value b) { return builder.create<arith::MulFOp>(loc, a, b); }
  Value div(Value a, Value b) { return builder.create<arith::DivFOp>(loc, a, b); }
  Value fma(Value a, Value b, Value c) { return builder.create<math::FmaOp>(loc, a, b, c); }
  Value floor(Value a) { return builder.create<math::FloorOp>(loc, a); }
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
  Value shiftUp(Value a, int64_t by) { return builder.create<arith::ShLIOp>(loc, a, word(by)); }
  Value shiftDown(Value a, int64_t by) { return builder.create<arith::ShRSIOp>(loc, a, word(by)); }
  /// c[0] x^n + … + c[n]
  Value polynomial(Value x, llvm::ArrayRef<double> c) {
    Value sum = number(c.front());
    for (double coefficient : c.drop_front())
      sum = fma(sum, x, number(coefficient));
    return sum;
  }
};

/// Numbers and words of f32 in x's shape.
Floats singles(OpBuilder &builder, Location loc, Value x) {
  return {builder, loc, builder.getF32Type(), x};
}

bool isSingle(Value x) { return getElementTypeOrSelf(x.getType()).isF32(); }

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A positive f32 as 2^e m, e a word and m in [sqrt(1/2), sqrt(2)); anything for others.
struct Split {
  Value exponent, mantissa;
};

Split splitExponent(Floats &f, Value x) {
  // Numbers without a leading 1 get one by a factor of 2^23.
  Value small = f.compare(arith::CmpFPredicate::OLT, x, f.number(1.17549435e-38f));
  Value normal = f.choose(small, f.mul(x, f.number(8388608.0f)), x);
  // Taking the bits of sqrt(1/2) away carries into the exponent exactly where m < sqrt(1/2).
  Value root = f.word(0x3f3504f3);
  Value offset = f.subWords(f.bits(normal), root);
  Value exponent = f.shiftDown(offset, 23);
  exponent = f.choose(small, f.subWords(exponent, f.word(23)), exponent);
  return {exponent, f.fromBits(f.addWords(f.andWords(offset, f.word(0x007fffff)), root))};
}

/// A function of the C library that has no intrinsic: one call a lane.
Value callLibrary(OpBuilder &builder, Location loc, StringRef name, Value x) {
  auto call = [&](Value scalar) -> Value {
    auto module = builder.getBlock()->getParent()->getParentOfType<ModuleOp>();
    auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
    if (!function) {
      OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
      Type f64 = builder.getF64Type();
      function = top.create<LLVM::LLVMFuncOp>(module.getLoc(), name,
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
  Floats f = singles(builder, loc, x);
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
  Value half = f.shiftDown(whole, 1);
  auto power = [&](Value exponent) {
    return f.fromBits(f.shiftUp(f.addWords(exponent, f.word(127)), 23));
  };
  // Too large a product is infinite.
  Value result = f.mul(f.mul(p, power(half)), power(f.subWords(whole, half)));
  return f.choose(f.compare(P::UNO, x, x), x, result);
}

/// x = 2^e m, m in [sqrt(1/2), sqrt(2)); log m by Cephes' polynomial.
Value emitLog(OpBuilder &builder, Location loc, Value x) {
  if (!isSingle(x))
    return builder.create<math::LogOp>(loc, x);
  Floats f = singles(builder, loc, x);
  using P = arith::CmpFPredicate;
  auto [whole, m] = splitExponent(f, x);
  Value exponent = builder.create<arith::SIToFPOp>(loc, f.type, whole);
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
  return f.choose(valid, result, f.number(kNaN));
}

/// Near 0 by Cephes' polynomial, elsewhere 1 - 2 / (e^2|x| + 1) with the sign of x.
Value emitTanh(OpBuilder &builder, Location loc, Value x) {
  if (!isSingle(x))
    return callLibrary(builder, loc, "tanh", x);
  Floats f = singles(builder, loc, x);
  using P = arith::CmpFPredicate;
  Value size = builder.create<math::AbsFOp>(loc, x);
  Value z = f.mul(x, x);
  Value p = f.polynomial(z, {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f,
                             1.33314422036e-1f, -3.33332819422e-1f});
  Value near = f.fma(f.mul(p, z), x, x);
  Value e = emitExp(builder, loc, f.add(size, size));
  Value far = f.sub(f.number(1.0f), f.div(f.number(2.0f), f.add(e, f.number(1.0f))));
  Value result = f.choose(f.compare(P::OLT, size, f.number(0.625f)), near, far);
  // The polynomial loses the sign of -0.
  return builder.create<math::CopySignOp>(loc, result, x);
}

/// Near 0 by Juffa's polynomial x + x q(x^2), elsewhere 1 - e^p(|x|) with the sign of x.
Value emitErf(OpBuilder &builder, Location loc, Value x) {
  if (!isSingle(x))
    return callLibrary(builder, loc, "erf", x);
  Floats f = singles(builder, loc, x);
  Value size = builder.create<math::AbsFOp>(loc, x);
  Value z = f.mul(x, x);
  Value q = f.polynomial(z, {-5.96761703e-4f, 4.99119423e-3f, -2.67681349e-2f, 1.12819925e-1f,
                             -3.76125336e-1f, 1.28379166e-1f});
  Value near = f.fma(q, x, x);
  Value high = f.fma(f.number(-1.72853470e-5f), size, f.number(3.83197126e-4f));
  Value low = f.fma(f.number(-3.88396438e-3f), size, f.number(2.42546219e-2f));
  Value p = f.fma(high, z, low);
  for (double coefficient : {-1.06777877e-1f, -6.34846687e-1f, -1.28717512e-1f})
    p = f.fma(p, size, f.number(coefficient));
  p = f.fma(p, size, builder.create<arith::NegFOp>(loc, size));
  Value far = f.sub(f.number(1.0f), emitExp(builder, loc, p));
  far = builder.create<math::CopySignOp>(loc, far, x);
  return f.choose(f.compare(arith::CmpFPredicate::OGT, size, f.number(0.927734375f)), far, near);
}

namespace {

/// log2 of x >= 0 in f64, to 2^-39 of it.
Value emitWideLog2(Floats &f, Floats &wide, Value x) {
  OpBuilder &builder = f.builder;
  using P = arith::CmpFPredicate;
  auto [exponent, mantissa] = splitExponent(f, x);
  Value m = builder.create<arith::ExtFOp>(f.loc, wide.type, mantissa);
  // log m = 2 artanh s, s = (m - 1) / (m + 1), by its series; |s| <= 0.172.
  Value one = wide.number(1.0);
  Value s = wide.div(wide.sub(m, one), wide.add(m, one));
  Value series = wide.polynomial(
      wide.mul(s, s), {1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0});
  Value whole = builder.create<arith::SIToFPOp>(f.loc, wide.type, exponent);
  Value result = wide.fma(wide.mul(s, wide.number(2.8853900817779268)), series, whole);
  // infinity and NaN stay what they are.
  Value finite = f.compare(P::OLT, x, f.number(kInfinity));
  result = wide.choose(finite, result, builder.create<arith::ExtFOp>(f.loc, wide.type, x));
  return wide.choose(f.compare(P::OEQ, x, f.number(0.0)), wide.number(-kInfinity), result);
}

/// 2^t as f32; NaN becomes anything.
Value emitNarrowExp2(Floats &f, Floats &wide, Value t) {
  using P = arith::CmpFPredicate;
  // Beyond these bounds the result is infinite or 0 in f32.
  Value high = wide.number(160.0), low = wide.number(-160.0);
  t = wide.choose(wide.compare(P::OLT, t, high), t, high);
  t = wide.choose(wide.compare(P::OGT, t, low), t, low);
  // As in emitExp, with 52 bits.
  Value magic = wide.number(6755399441055744.0);
  Value shifted = wide.add(t, magic);
  Value r = wide.mul(wide.sub(t, wide.sub(shifted, magic)), wide.number(0.69314718055994531));
  Value p = wide.polynomial(r, {1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                                1.0 / 24, 1.0 / 6, 1.0 / 2, 1.0, 1.0});
  Value whole = wide.subWords(wide.bits(shifted), wide.bits(magic));
  Value power = wide.fromBits(wide.shiftUp(wide.addWords(whole, wide.word(1023)), 52));
  return f.builder.create<arith::TruncFOp>(f.loc, f.type, wide.mul(p, power));
}

/// 2^(y log2 |x|), in f64 since an error of the logarithm counts up to 128 times; the sign, and
/// the cases without a logarithm, as C has them.
Value emitSinglePow(OpBuilder &builder, Location loc, Value x, Value y) {
  Floats f = singles(builder, loc, x);
  Floats wide(builder, loc, builder.getF64Type(), x);
  using P = arith::CmpFPredicate;
  auto both = [&](Value a, Value b) -> Value { return builder.create<arith::AndIOp>(loc, a, b); };
  Value size = builder.create<math::AbsFOp>(loc, x);
  Value t = wide.mul(builder.create<arith::ExtFOp>(loc, wide.type, y), emitWideLog2(f, wide, size));
  // 1 to any power, and anything to the power of 0, is 1, even of NaN.
  Value isOne = builder.create<arith::OrIOp>(loc, f.compare(P::OEQ, y, f.number(0.0)),
                                             f.compare(P::OEQ, size, f.number(1.0)));
  t = wide.choose(isOne, wide.number(0.0), t);
  Value result = emitNarrowExp2(f, wide, t);
  Value nan = f.number(kNaN);
  result = f.choose(wide.compare(P::UNO, t, t), nan, result);
  Value half = f.mul(y, f.number(0.5));
  Value isWhole = f.compare(P::OEQ, f.floor(y), y);
  Value isOdd = both(isWhole, f.compare(P::UNE, f.floor(half), half));
  result = f.choose(isOdd, builder.create<math::CopySignOp>(loc, result, x), result);
  // Roots of negative numbers; infinity has the sign of none.
  Value isNegative =
      both(f.compare(P::OLT, x, f.number(0.0)), f.compare(P::OGT, x, f.number(-kInfinity)));
  return f.choose(both(isNegative, f.compare(P::UNE, f.floor(y), y)), nan, result);
}

} // namespace

Value emitPow(OpBuilder &builder, Location loc, Value x, Value y) {
  Value two = splatLike(builder, loc, y, 2.0);
  Value square = builder.create<arith::MulFOp>(loc, x, x);
  Value isTwo = builder.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OEQ, y, two);
  Value general = isSingle(x) ? emitSinglePow(builder, loc, x, y)
                              : builder.create<math::PowFOp>(loc, x, y).getResult();
  return builder.create<arith::SelectOp>(loc, isTwo, square, general);
}

} // namespace mlir::advx
