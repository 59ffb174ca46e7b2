//===- Expressions.cpp - Checked expressions to SSA ------------------------===//

#include "compiler/lower/BodyBuilder.h"
#include "compiler/source/Source.h"
#include "dialect/IR/AdvxOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"

#include <cassert>

using namespace mlir;
namespace ops = mlir::advx;

namespace advx::lower {

using sema::Expr;

Location BodyBuilder::location(Span span) const {
  if (!span.isValid())
    return builder.getUnknownLoc();
  LineColumn place = sources.lineColumn(span.file, span.begin);
  return FileLineColLoc::get(builder.getStringAttr(sources.file(span.file).path), place.line,
                             place.column);
}

Type BodyBuilder::type(const sema::Type &type) const {
  using Element = sema::Type::Element;
  if (type.isNumber())
    return type.element == Element::Bool ? Type(builder.getI1Type()) : builder.getF64Type();
  Type element = type.element == Element::Real   ? Type(floatType)
                 : type.element == Element::Bool ? Type(builder.getI1Type())
                                                 : Type(builder.getI64Type());
  if (type.anyShape)
    return UnrankedTensorType::get(element);
  return RankedTensorType::get(type.shape, element);
}

Value BodyBuilder::constant(double value, Location location) {
  return builder.create<arith::ConstantOp>(location, builder.getF64FloatAttr(value));
}

Value BodyBuilder::toTensor(Value value, Location location) {
  if (isa<TensorType>(value.getType()))
    return value;
  auto scalar = RankedTensorType::get({}, floatType);
  if (value.getType().isInteger(1)) {
    Value number = builder.create<arith::UIToFPOp>(location, builder.getF64Type(), value);
    Value one = builder.create<ops::SplatOp>(location, scalar, number);
    Value zero = builder.create<ops::ConstantOp>(location, scalar, 0.0);
    return builder.create<ops::CompareOp>(location, ops::ComparePredicate::ne, one, zero);
  }
  return builder.create<ops::SplatOp>(location, scalar, value);
}

Value BodyBuilder::convert(Value value, Type wanted, Location location) {
  if (!isa<TensorType>(wanted))
    return value;
  Value tensor = toTensor(value, location);
  // A scalar stands for a constant tensor of the parameter's shape.
  auto to = dyn_cast<RankedTensorType>(wanted);
  auto from = dyn_cast<RankedTensorType>(tensor.getType());
  if (to && from && from.getRank() == 0 && to.getRank() != 0)
    return builder.create<ops::BroadcastOp>(location, tensor, to.getShape(), ArrayRef<int64_t>{});
  return tensor;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static arith::CmpFPredicate comparison(int64_t predicate) {
  static const arith::CmpFPredicate table[] = {
      arith::CmpFPredicate::OEQ, arith::CmpFPredicate::UNE, arith::CmpFPredicate::OLT,
      arith::CmpFPredicate::OLE, arith::CmpFPredicate::OGT, arith::CmpFPredicate::OGE};
  return table[predicate];
}

template <typename OpTy> static Value create(OpBuilder &b, Location l, ArrayRef<Value> args) {
  if constexpr (OpTy::template hasTrait<OpTrait::OneOperand>())
    return b.create<OpTy>(l, args[0]);
  else
    return b.create<OpTy>(l, args[0], args[1]);
}

using Creator = Value (*)(OpBuilder &, Location, ArrayRef<Value>);

Value BodyBuilder::number(const Expr &e, ArrayRef<Value> args) {
  Location where = location(e.span);
  auto make = llvm::StringSwitch<Creator>(e.name)
                  .Case("neg", create<arith::NegFOp>)
                  .Case("add", create<arith::AddFOp>)
                  .Case("sub", create<arith::SubFOp>)
                  .Case("mul", create<arith::MulFOp>)
                  .Case("div", create<arith::DivFOp>)
                  .Case("pow", create<math::PowFOp>)
                  .Case("maximum", create<arith::MaximumFOp>)
                  .Case("minimum", create<arith::MinimumFOp>)
                  .Case("exp", create<math::ExpOp>)
                  .Case("log", create<math::LogOp>)
                  .Case("sqrt", create<math::SqrtOp>)
                  .Case("abs", create<math::AbsFOp>)
                  .Case("floor", create<math::FloorOp>)
                  .Case("ceil", create<math::CeilOp>)
                  .Case("cos", create<math::CosOp>)
                  .Case("sin", create<math::SinOp>)
                  .Case("tanh", create<math::TanhOp>)
                  .Case("erf", create<math::ErfOp>)
                  .Case("logical_and", create<arith::AndIOp>)
                  .Case("logical_or", create<arith::OrIOp>)
                  .Default(nullptr);
  if (make)
    return make(builder, where, args);
  if (e.name == "compare") {
    // Booleans compare as 0 and 1.
    SmallVector<Value> numbers;
    for (Value arg : args)
      numbers.push_back(
          arg.getType().isInteger(1)
              ? builder.create<arith::UIToFPOp>(where, builder.getF64Type(), arg).getResult()
              : arg);
    return builder.create<arith::CmpFOp>(where, comparison(e.ints.at("predicate")[0]), numbers[0],
                                         numbers[1]);
  }
  if (e.name == "relu")
    return builder.create<arith::MaximumFOp>(where, args[0], constant(0, where));
  if (e.name == "logical_not")
    return negate(args[0], where);
  if (e.name == "select")
    return builder.create<arith::SelectOp>(where, args[0], args[1], args[2]);
  if (e.name == "clip") {
    Value above = builder.create<arith::MaximumFOp>(where, args[0], args[1]);
    return builder.create<arith::MinimumFOp>(where, above, args[2]);
  }
  if (e.name == "sign") {
    Value zero = constant(0, where);
    Value one = constant(1, where);
    Value minus = constant(-1, where);
    Value positive = builder.create<arith::CmpFOp>(where, arith::CmpFPredicate::OGT, args[0], zero);
    Value negative = builder.create<arith::CmpFOp>(where, arith::CmpFPredicate::OLT, args[0], zero);
    Value other = builder.create<arith::SelectOp>(where, negative, minus, zero);
    return builder.create<arith::SelectOp>(where, positive, one, other);
  }
  if (e.name == "cast")
    return args[0].getType().isInteger(1)
               ? builder.create<arith::UIToFPOp>(where, builder.getF64Type(), args[0]).getResult()
               : args[0];
  if (e.name == "stop_gradient")
    return args[0];
  llvm::report_fatal_error(llvm::Twine("no number op '") + e.name + "'");
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Value BodyBuilder::tensorOp(const Expr &e, ArrayRef<Value> args) {
  Location where = location(e.span);
  auto ints = [&](const char *name) -> ArrayRef<int64_t> { return e.ints.at(name); };
  auto flag = [&](const char *name) {
    auto it = e.ints.find(name);
    return it != e.ints.end() && it->second[0] != 0;
  };
  StringRef name = e.name;

  // Ops with numbers among their operands.
  if (name == "batch_norm") {
    auto op = builder.create<ops::BatchNormOp>(where, ops::ModelMode::eval, args[0], args[1],
                                               args[2], args[3], args[4], args[5], args[6]);
    return op.getResult();
  }
  if (name == "dropout") {
    // The example's index and the counters are known once the batch is.
    Value index = builder.create<ops::ConstantOp>(
        where, RankedTensorType::get({}, builder.getI64Type()), 0.0);
    return builder.create<ops::DropoutOp>(where, ops::ModelMode::eval, args[0], args[1], index,
                                          ValueRange{}, e.stream);
  }
  if (name == "constant_list") {
    SmallVector<double> values;
    for (const sema::ExprPtr &arg : e.args)
      values.push_back(arg->value.toDouble());
    return builder.create<ops::ConstantListOp>(
        where, RankedTensorType::get({static_cast<int64_t>(values.size())}, floatType), values);
  }

  if (name == "constant")
    return builder.create<ops::ConstantOp>(where, type(e.type),
                                           static_cast<double>(ints("label")[0]));

  SmallVector<Value> t;
  for (Value arg : args)
    t.push_back(toTensor(arg, where));
  auto make = llvm::StringSwitch<Creator>(name)
                  .Case("neg", create<ops::NegOp>)
                  .Case("exp", create<ops::ExpOp>)
                  .Case("log", create<ops::LogOp>)
                  .Case("sqrt", create<ops::SqrtOp>)
                  .Case("abs", create<ops::AbsOp>)
                  .Case("sign", create<ops::SignOp>)
                  .Case("floor", create<ops::FloorOp>)
                  .Case("ceil", create<ops::CeilOp>)
                  .Case("relu", create<ops::ReluOp>)
                  .Case("tanh", create<ops::TanhOp>)
                  .Case("erf", create<ops::ErfOp>)
                  .Case("add", create<ops::AddOp>)
                  .Case("sub", create<ops::SubOp>)
                  .Case("mul", create<ops::MulOp>)
                  .Case("div", create<ops::DivOp>)
                  .Case("pow", create<ops::PowOp>)
                  .Case("maximum", create<ops::MaximumOp>)
                  .Case("minimum", create<ops::MinimumOp>)
                  .Case("logical_and", create<ops::LogicalAndOp>)
                  .Case("logical_or", create<ops::LogicalOrOp>)
                  .Case("logical_not", create<ops::LogicalNotOp>)
                  .Case("softmax", create<ops::SoftmaxOp>)
                  .Case("log_softmax", create<ops::LogSoftmaxOp>)
                  .Case("log_sum_exp", create<ops::LogSumExpOp>)
                  .Case("argmax", create<ops::ArgmaxOp>)
                  .Case("batch_sum", create<ops::BatchSumOp>)
                  .Case("stop_gradient", create<ops::StopGradientOp>)
                  .Default(nullptr);
  if (make)
    return make(builder, where, t);
  if (name == "compare")
    return builder.create<ops::CompareOp>(
        where, static_cast<ops::ComparePredicate>(ints("predicate")[0]), t[0], t[1]);
  if (name == "select")
    return builder.create<ops::SelectOp>(where, t[0], t[1], t[2]);
  if (name == "clip")
    return builder.create<ops::ClipOp>(where, t[0], t[1], t[2]);
  if (name == "cast")
    return isa<FloatType>(getElementTypeOrSelf(t[0].getType()))
               ? t[0]
               : builder.create<ops::CastOp>(where, t[0], floatType).getResult();
  if (name == "reduce_sum" || name == "reduce_max") {
    bool sum = name == "reduce_sum";
    if (!e.ints.count("axes"))
      return sum ? builder.create<ops::ReduceSumOp>(where, t[0]).getResult()
                 : builder.create<ops::ReduceMaxOp>(where, t[0]).getResult();
    return sum ? builder.create<ops::ReduceSumOp>(where, t[0], ints("axes")).getResult()
               : builder.create<ops::ReduceMaxOp>(where, t[0], ints("axes")).getResult();
  }
  if (name == "norm") {
    int64_t p = ints("p")[0];
    return builder.create<ops::NormOp>(where,
                                       p == 1   ? ops::NormOrder::l1
                                       : p == 2 ? ops::NormOrder::l2
                                                : ops::NormOrder::linf,
                                       t[0]);
  }
  if (name == "normalize")
    return builder.create<ops::NormalizeOp>(where, t[0], ints("axis")[0]);
  if (name == "one_hot")
    return builder.create<ops::OneHotOp>(where, t[0], ints("classes")[0]);
  if (name == "broadcast")
    return builder.create<ops::BroadcastOp>(where, t[0], ints("shape"), ints("axes"));
  if (name == "reshape")
    return builder.create<ops::ReshapeOp>(where, t[0], ints("shape"));
  if (name == "transpose")
    return builder.create<ops::TransposeOp>(where, t[0], ints("permutation"));
  if (name == "slice")
    return builder.create<ops::SliceOp>(where, t[0], ints("axis")[0], ints("begin")[0],
                                        ints("size")[0]);
  if (name == "concat")
    return builder.create<ops::ConcatOp>(where, t, ints("axis")[0]);
  if (name == "matvec")
    return builder.create<ops::MatvecOp>(where, t[0], t[1], flag("transpose"));
  if (name == "matmul")
    return builder.create<ops::MatmulOp>(where, t[0], t[1], flag("transpose_a"),
                                         flag("transpose_b"));
  if (name == "conv2d")
    return builder.create<ops::Conv2dOp>(where, t[0], t[1], ints("stride"), ints("padding"));
  if (name == "max_pool2d")
    return builder.create<ops::MaxPool2dOp>(where, t[0], ints("kernel"), ints("stride"),
                                            ints("padding"));
  if (name == "avg_pool2d")
    return builder.create<ops::AvgPool2dOp>(where, t[0], ints("kernel"), ints("stride"),
                                            ints("padding"));
  if (name == "batch_mean") {
    Value sum = builder.create<ops::BatchSumOp>(where, t[0]);
    Value size = builder.create<ops::BatchSizeOp>(where, builder.getF64Type(), t[0]);
    Value share = builder.create<arith::DivFOp>(where, constant(1, where), size);
    return builder.create<ops::MulOp>(where, sum, toTensor(share, where));
  }
  llvm::report_fatal_error(llvm::Twine("no tensor op '") + name + "'");
}

Value BodyBuilder::call(const Expr &e) {
  Location where = location(e.span);
  SmallVector<Value> args;
  for (auto [arg, param] : llvm::zip(e.args, e.function->params))
    args.push_back(convert(expr(*arg), type(param->type), location(arg->span)));
  auto symbol = FlatSymbolRefAttr::get(builder.getContext(), e.function->symbol);
  // Functions are emitted callees first, so that the result's type is known.
  Type result = results.lookup(e.function);
  Value value = builder.create<func::CallOp>(where, symbol, result, args).getResult(0);
  return convert(value, type(e.type), where);
}

Value BodyBuilder::logits(const Expr &e) {
  Location where = location(e.span);
  Value z = expr(*e.args[0]);
  SmallVector<Value> numbers;
  for (size_t i = 0; i < e.head->numbers.size(); ++i)
    numbers.push_back(expr(*e.args[1 + i]));
  Value label = e.given ? expr(*e.args.back()) : Value();
  return builder.create<ops::LogitsOp>(where, type(e.type), e.head->name,
                                       weights(e.head->model, where), z, numbers, label);
}

Value BodyBuilder::weights(const sema::Model *model, Location where) {
  Value &known = modelWeights[model];
  if (!known) {
    // Where all of the region sees them, loops and what follows.
    Block *block = builder.getInsertionBlock();
    while (isa<scf::ForOp>(block->getParentOp()))
      block = block->getParentOp()->getBlock();
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(block);
    auto network = FlatSymbolRefAttr::get(builder.getContext(), model->name);
    known = builder.create<ops::WeightsOp>(
        where, ops::WeightsType::get(builder.getContext(), network), network);
  }
  return known;
}

Value BodyBuilder::leaf(const sema::Leaf &leaf, Location where) {
  auto type = RankedTensorType::get(leaf.shape, floatType);
  if (const sema::Model *owner = owners.lookup(&leaf))
    return builder.create<ops::WeightOp>(where, type, weights(owner, where), leaf.name);
  return builder.create<ops::LeafValueOp>(where, type, leaf.name);
}

Value BodyBuilder::expr(const Expr &e) {
  if (Value known = emitted.lookup(&e))
    return known;
  Value value = emit(e);
  assert(isa<TensorType>(value.getType()) == e.type.isTensor() && "sema settles types");
  // A local is its value already.
  if (!e.args.empty())
    emitted[&e] = value;
  return value;
}

Value BodyBuilder::emit(const Expr &e) {
  Location where = location(e.span);
  switch (e.kind) {
  case Expr::Kind::Number:
    return constant(e.value.toDouble(), where);
  case Expr::Kind::Bool:
    return builder.create<arith::ConstantOp>(where, builder.getBoolAttr(e.value != Rational(0)));
  case Expr::Kind::Infinity:
    return constant(std::numeric_limits<double>::infinity(), where);
  case Expr::Kind::Setting: {
    Value value = builder.create<ops::SettingValueOp>(where, builder.getF64Type(), e.name);
    if (e.type.element == sema::Type::Element::Bool)
      return builder.create<arith::CmpFOp>(where, arith::CmpFPredicate::UNE, value,
                                           constant(0, where));
    return value;
  }
  case Expr::Kind::Clock:
    return builder.create<ops::ClockOp>(where, builder.getF64Type(), e.name);
  case Expr::Kind::Local: {
    Value value = values.lookup(e.local);
    if (!value)
      llvm::report_fatal_error(llvm::Twine("no value for '") + e.local->name + "'");
    return value;
  }
  case Expr::Kind::Leaf:
    return leaf(*e.leaf, where);
  case Expr::Kind::Op: {
    SmallVector<Value> args;
    if (e.name != "constant_list")
      for (const sema::ExprPtr &arg : e.args)
        args.push_back(expr(*arg));
    return e.type.isNumber() ? number(e, args) : tensorOp(e, args);
  }
  case Expr::Kind::Call:
    return call(e);
  case Expr::Kind::Apply: {
    auto mode = e.mode == sema::Mode::Eval    ? ops::ModelMode::eval
                : e.mode == sema::Mode::Batch ? ops::ModelMode::batch
                                              : ops::ModelMode::train;
    return builder.create<ops::ApplyOp>(where, type(e.type), e.model->name, weights(e.model, where),
                                        expr(*e.args[0]), mode, e.occurrence);
  }
  case Expr::Kind::Logits:
    return logits(e);
  case Expr::Kind::Gradient: {
    Value objective = tensorExpr(*e.args[0]);
    Value wrt = values.lookup(e.local);
    return builder
        .create<ops::GradientOp>(where, TypeRange{wrt.getType()}, objective, ValueRange{wrt})
        .getResult(0);
  }
  case Expr::Kind::LossGradient:
    return lossGradient;
  case Expr::Kind::Objective:
    return builder.create<ops::ObjectiveOp>(where, RankedTensorType::get({}, floatType),
                                            tensorExpr(*e.args[0]));
  case Expr::Kind::Hit:
    return builder.create<ops::HitOp>(where, RankedTensorType::get({}, builder.getI1Type()),
                                      tensorExpr(*e.args[0]));
  }
  llvm_unreachable("expression kind");
}

} // namespace advx::lower
