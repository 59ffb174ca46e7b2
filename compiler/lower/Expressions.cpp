//===- Expressions.cpp - Checked expressions to SSA ------------------------===//

#include "compiler/lower/BodyBuilder.h"
#include "compiler/source/Source.h"
#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/ErrorHandling.h"

#include <cassert>

using namespace mlir;
namespace ops = mlir::advx;

namespace advx::lower {

using sema::Expr;
using sema::Op;

Location BodyBuilder::location(Span span) const {
  if (!span.isValid())
    return builder.getUnknownLoc();
  LineColumn place = sources.lineColumn(span.file, span.begin);
  return FileLineColLoc::get(builder.getStringAttr(sources.file(span.file).path), place.line,
                             place.column);
}

Type BodyBuilder::type(const sema::Type &type) const {
  using Element = sema::Type::Element;
  if (type.isWeights()) {
    MLIRContext *context = builder.getContext();
    return ops::WeightsType::get(context, FlatSymbolRefAttr::get(context, type.group->model->name));
  }
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

static arith::CmpFPredicate comparisonOfNumbers(sema::Predicate predicate) {
  switch (predicate) {
  case sema::Predicate::Equal:
    return arith::CmpFPredicate::OEQ;
  case sema::Predicate::NotEqual:
    return arith::CmpFPredicate::UNE;
  case sema::Predicate::Less:
    return arith::CmpFPredicate::OLT;
  case sema::Predicate::LessEqual:
    return arith::CmpFPredicate::OLE;
  case sema::Predicate::Greater:
    return arith::CmpFPredicate::OGT;
  case sema::Predicate::GreaterEqual:
    return arith::CmpFPredicate::OGE;
  }
  llvm_unreachable("comparison");
}

static ops::ComparePredicate comparisonOfTensors(sema::Predicate predicate) {
  switch (predicate) {
  case sema::Predicate::Equal:
    return ops::ComparePredicate::eq;
  case sema::Predicate::NotEqual:
    return ops::ComparePredicate::ne;
  case sema::Predicate::Less:
    return ops::ComparePredicate::lt;
  case sema::Predicate::LessEqual:
    return ops::ComparePredicate::le;
  case sema::Predicate::Greater:
    return ops::ComparePredicate::gt;
  case sema::Predicate::GreaterEqual:
    return ops::ComparePredicate::ge;
  }
  llvm_unreachable("comparison");
}

template <typename OpTy> static Value create(OpBuilder &b, Location l, ArrayRef<Value> args) {
  if constexpr (OpTy::template hasTrait<OpTrait::OneOperand>())
    return b.create<OpTy>(l, args[0]);
  else
    return b.create<OpTy>(l, args[0], args[1]);
}

Value BodyBuilder::number(const Expr &e, ArrayRef<Value> args) {
  Location where = location(e.span);
  switch (e.op) {
#define ADVX_FUNCTION(Name, name, Host, real)                                                      \
  case Op::Name:                                                                                   \
    return create<Host>(builder, where, args);
#define ADVX_EXPR_OP(Name, name)
#include "compiler/sema/types/Ops.def"
  case Op::Compare: {
    // Booleans compare as 0 and 1.
    SmallVector<Value> numbers;
    for (Value arg : args)
      numbers.push_back(
          arg.getType().isInteger(1)
              ? builder.create<arith::UIToFPOp>(where, builder.getF64Type(), arg).getResult()
              : arg);
    return builder.create<arith::CmpFOp>(where, comparisonOfNumbers(e.predicate()), numbers[0],
                                         numbers[1]);
  }
  case Op::Relu:
    return builder.create<arith::MaximumFOp>(where, args[0], constant(0, where));
  case Op::LogicalNot:
    return negate(args[0], where);
  case Op::Select:
    return builder.create<arith::SelectOp>(where, args[0], args[1], args[2]);
  case Op::Clip: {
    Value above = builder.create<arith::MaximumFOp>(where, args[0], args[1]);
    return builder.create<arith::MinimumFOp>(where, above, args[2]);
  }
  case Op::Sign: {
    Value zero = constant(0, where);
    Value one = constant(1, where);
    Value minus = constant(-1, where);
    Value positive = builder.create<arith::CmpFOp>(where, arith::CmpFPredicate::OGT, args[0], zero);
    Value negative = builder.create<arith::CmpFOp>(where, arith::CmpFPredicate::OLT, args[0], zero);
    Value other = builder.create<arith::SelectOp>(where, negative, minus, zero);
    return builder.create<arith::SelectOp>(where, positive, one, other);
  }
  case Op::Cast:
    return args[0].getType().isInteger(1)
               ? builder.create<arith::UIToFPOp>(where, builder.getF64Type(), args[0]).getResult()
               : args[0];
  case Op::StopGradient:
    return args[0];
#define ADVX_EXPR_OP(Name, name)
#define ADVX_TENSOR_OP(Name, name) case Op::Name:
#include "compiler/sema/types/Ops.def"
    break;
  }
  llvm::report_fatal_error(llvm::Twine("no number op '") + sema::opName(e.op) + "'");
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

  // Ops with numbers among their operands.
  if (e.op == Op::BatchNorm)
    return builder
        .create<ops::BatchNormOp>(where, ops::ModelMode::eval, args[0], args[1], args[2], args[3],
                                  args[4], args[5], args[6])
        .getResult();
  if (e.op == Op::Dropout) {
    // The example's index and the counters are known once the batch is.
    Value index = builder.create<ops::ConstantOp>(
        where, RankedTensorType::get({}, builder.getI64Type()), 0.0);
    return builder.create<ops::DropoutOp>(where, ops::ModelMode::eval, args[0], args[1], index,
                                          ValueRange{}, e.stream);
  }

  SmallVector<Value> t;
  for (Value arg : args)
    t.push_back(toTensor(arg, where));
  switch (e.op) {
#define ADVX_FUNCTION(Name, name, Host, real)                                                      \
  case Op::Name:                                                                                   \
    return create<ops::Name##Op>(builder, where, t);
#define ADVX_TENSOR_FUNCTION(Name, name)                                                           \
  case Op::Name:                                                                                   \
    return create<ops::Name##Op>(builder, where, t);
#define ADVX_NUMBER_FUNCTION(Name, name, Host, real)                                               \
  case Op::Name:                                                                                   \
    break;
#define ADVX_EXPR_OP(Name, name)
#include "compiler/sema/types/Ops.def"
  case Op::LogicalNot:
    return builder.create<ops::LogicalNotOp>(where, t[0]);
  case Op::Sign:
    return builder.create<ops::SignOp>(where, t[0]);
  case Op::Relu:
    return builder.create<ops::ReluOp>(where, t[0]);
  case Op::StopGradient: {
    auto constant = builder.create<ops::StopGradientOp>(where, t[0]);
    if (!e.stream.empty())
      constant->setAttr(ops::kPointAttr, builder.getStringAttr(e.stream));
    return constant;
  }
  case Op::Constant:
    return builder.create<ops::ConstantOp>(where, type(e.type),
                                           static_cast<double>(ints("label")[0]));
  case Op::ConstantList: {
    std::vector<double> values = e.listed();
    return builder.create<ops::ConstantListOp>(
        where, RankedTensorType::get({static_cast<int64_t>(values.size())}, floatType), values);
  }
  case Op::Compare:
    return builder.create<ops::CompareOp>(where, comparisonOfTensors(e.predicate()), t[0], t[1]);
  case Op::Select:
    return builder.create<ops::SelectOp>(where, t[0], t[1], t[2]);
  case Op::Clip:
    return builder.create<ops::ClipOp>(where, t[0], t[1], t[2]);
  case Op::Cast:
    return isa<FloatType>(getElementTypeOrSelf(t[0].getType()))
               ? t[0]
               : builder.create<ops::CastOp>(where, t[0], floatType).getResult();
  case Op::ReduceSum:
    // A weight whose shape is not known yet has no axes to name.
    return e.ints.count("axes") ? builder.create<ops::ReduceSumOp>(where, t[0], ints("axes"))
                                : builder.create<ops::ReduceSumOp>(where, t[0]);
  case Op::ReduceMax:
    return builder.create<ops::ReduceMaxOp>(where, t[0], ints("axes"));
  case Op::Norm: {
    int64_t p = ints("p")[0];
    return builder.create<ops::NormOp>(where,
                                       p == 1   ? ops::NormOrder::l1
                                       : p == 2 ? ops::NormOrder::l2
                                                : ops::NormOrder::linf,
                                       t[0]);
  }
  case Op::Normalize:
    return builder.create<ops::NormalizeOp>(where, t[0], ints("axis")[0]);
  case Op::OneHot:
    return builder.create<ops::OneHotOp>(where, t[0], ints("classes")[0]);
  case Op::Broadcast:
    return builder.create<ops::BroadcastOp>(where, t[0], ints("shape"), ints("axes"));
  case Op::Reshape:
    return builder.create<ops::ReshapeOp>(where, t[0], ints("shape"));
  case Op::Transpose:
    return builder.create<ops::TransposeOp>(where, t[0], ints("permutation"));
  case Op::Slice:
    return builder.create<ops::SliceOp>(where, t[0], ints("axis")[0], ints("begin")[0],
                                        ints("size")[0]);
  case Op::Concat:
    return builder.create<ops::ConcatOp>(where, t, ints("axis")[0]);
  case Op::PadSlice:
    return builder.create<ops::PadSliceOp>(where, t[0], ints("axis")[0], ints("begin")[0],
                                           ints("size")[0]);
  case Op::Reverse:
    return builder.create<ops::ReverseOp>(where, t[0], ints("axis")[0]);
  case Op::Shift:
    return builder.create<ops::ShiftOp>(where, t[0], t[1], ints("axis")[0]);
  case Op::Iota:
    return builder.create<ops::IotaOp>(where, type(e.type));
  case Op::Sorted:
    return builder.create<ops::SortedOp>(where, t[0], t[1], ints("count")[0], flag("ascending"));
  case Op::Cumsum:
    return builder.create<ops::CumsumOp>(where, t[0], ints("axis")[0], /*fromEnd=*/false);
  case Op::Matvec:
    return builder.create<ops::MatvecOp>(where, t[0], t[1], flag("transpose"));
  case Op::Matmul:
    return builder.create<ops::MatmulOp>(where, t[0], t[1], flag("transpose_a"),
                                         flag("transpose_b"));
  case Op::Conv2d:
    return builder.create<ops::Conv2dOp>(where, t[0], t[1], ints("stride"), ints("padding"));
  case Op::MaxPool2d:
    return builder.create<ops::MaxPool2dOp>(where, t[0], ints("kernel"), ints("stride"),
                                            ints("padding"));
  case Op::AvgPool2d:
    return builder.create<ops::AvgPool2dOp>(where, t[0], ints("kernel"), ints("stride"),
                                            ints("padding"));
  case Op::BatchMean: {
    Value sum = builder.create<ops::BatchSumOp>(where, t[0]);
    Value size = builder.create<ops::BatchSizeOp>(where, builder.getF64Type(), t[0]);
    Value share = builder.create<arith::DivFOp>(where, constant(1, where), size);
    return builder.create<ops::MulOp>(where, sum, toTensor(share, where));
  }
  case Op::BatchNorm:
  case Op::Dropout:
    break; // above
  }
  llvm::report_fatal_error(llvm::Twine("no tensor op '") + sema::opName(e.op) + "'");
}

Value BodyBuilder::call(const Expr &e) {
  Location where = location(e.span);
  SmallVector<Value> args;
  for (auto [arg, param] : llvm::zip(e.args, e.function->params))
    args.push_back(convert(expr(*arg), type(param->type), location(arg->span)));
  auto symbol = FlatSymbolRefAttr::get(builder.getContext(), e.function->symbol);
  // Functions are emitted callees first, so that the result's type is known.
  Type result = results.lookup(e.function);
  auto call = builder.create<func::CallOp>(where, symbol, result, args);
  if (!e.stream.empty())
    call->setAttr(ops::kDrawAttr, builder.getStringAttr(e.stream));
  Value value = call.getResult(0);
  return convert(value, type(e.type), where);
}

std::string distributionHead(const sema::Head &head) { return head.name + ".distribution."; }

Value BodyBuilder::logits(const Expr &e) {
  Location where = location(e.span);
  Value z = expr(*e.args[0]);
  SmallVector<Value> numbers;
  for (size_t i = 0; i < e.head->numbers.size(); ++i)
    numbers.push_back(expr(*e.args[1 + i]));
  Value label = e.given ? expr(*e.args.back()) : Value();
  // At the weights of the features.
  auto apply = z.getDefiningOp<ops::ApplyOp>();
  const bool isDistribution = e.given && !e.args.back()->type.isLabel();
  return builder.create<ops::LogitsOp>(where, type(e.type),
                                       isDistribution ? distributionHead(*e.head) : e.head->name,
                                       apply.getWeights(), z, numbers, label);
}

Value BodyBuilder::leaf(const sema::Leaf &leaf, Location where) {
  auto type = RankedTensorType::get(leaf.shape, floatType);
  if (const sema::Model *owner = owners.lookup(&leaf))
    return weight(weights(owner, where), leaf, where);
  return builder.create<ops::LeafValueOp>(where, type, leaf.name);
}

Value BodyBuilder::expr(const Expr &e) {
  if (Value known = emitted.lookup(&e))
    return known;
  Value value = emit(e);
  assert(isa<TensorType>(value.getType()) == e.type.isTensor() &&
         isa<ops::WeightsType>(value.getType()) == e.type.isWeights() && "sema settles types");
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
  case Expr::Kind::State:
    return builder.create<ops::LeafValueOp>(where, type(e.type), e.state->name);
  case Expr::Kind::Op: {
    SmallVector<Value> args;
    if (e.op != Op::ConstantList)
      for (const sema::ExprPtr &arg : e.args)
        args.push_back(expr(*arg));
    return e.type.isNumber() ? number(e, args) : tensorOp(e, args);
  }
  case Expr::Kind::Call:
    return call(e);
  case Expr::Kind::Apply:
    return features(e);
  case Expr::Kind::Logits:
    return logits(e);
  case Expr::Kind::Gradient:
    return gradient(e);
  case Expr::Kind::Weights:
    return weights(e.type.group->model, where);
  case Expr::Kind::Weight:
    return weight(expr(*e.args[0]), *e.leaf, where);
  case Expr::Kind::Bundle: {
    auto next = e.args.begin();
    return bundle(*e.type.group, where, [&](const sema::Leaf &, RankedTensorType type) {
      return convert(expr(**next++), type, where);
    });
  }
  case Expr::Kind::LossGradient:
    return lossGradient;
  case Expr::Kind::WeightSum:
    return weightSum(e);
  case Expr::Kind::Objective:
    return builder.create<ops::ObjectiveOp>(where, RankedTensorType::get({}, floatType),
                                            e.args[0]->type.isWeights() ? expr(*e.args[0])
                                                                        : tensorExpr(*e.args[0]));
  case Expr::Kind::Hit:
    return builder.create<ops::HitOp>(where, RankedTensorType::get({}, builder.getI1Type()),
                                      tensorExpr(*e.args[0]));
  }
  llvm_unreachable("expression kind");
}

} // namespace advx::lower
