//===- Statements.cpp - Variables, conditions and loops to SSA -------------===//

#include "compiler/lower/BodyBuilder.h"
#include "dialect/IR/AdvxOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace advx::lower {

using sema::Stmt;

Value BodyBuilder::negate(Value value, Location location) {
  if (isa<TensorType>(value.getType()))
    return builder.create<mlir::advx::LogicalNotOp>(location, value);
  Value one = builder.create<arith::ConstantOp>(location, builder.getBoolAttr(true));
  return builder.create<arith::XOrIOp>(location, value, one);
}

Value BodyBuilder::both(Value a, Value b, Location location) {
  if (!a)
    return b;
  if (!b)
    return a;
  if (!isa<TensorType>(a.getType()) && !isa<TensorType>(b.getType()))
    return builder.create<arith::AndIOp>(location, a, b);
  return builder.create<mlir::advx::LogicalAndOp>(location, toTensor(a, location),
                                                  toTensor(b, location));
}

Value BodyBuilder::either(Value a, Value b, Location location) {
  if (!a)
    return b;
  if (!isa<TensorType>(a.getType()) && !isa<TensorType>(b.getType()))
    return builder.create<arith::OrIOp>(location, a, b);
  return builder.create<mlir::advx::LogicalOrOp>(location, toTensor(a, location),
                                                 toTensor(b, location));
}

Value BodyBuilder::choose(Value condition, Value a, Value b, Location location) {
  bool numbers = !isa<TensorType>(condition.getType()) && !isa<TensorType>(a.getType()) &&
                 !isa<TensorType>(b.getType());
  if (numbers)
    return builder.create<arith::SelectOp>(location, condition, a, b);
  return builder.create<mlir::advx::SelectOp>(location, toTensor(condition, location),
                                              toTensor(a, location), toTensor(b, location));
}

Value BodyBuilder::draw(const Stmt &stmt) {
  Value a = expr(*stmt.args[0]);
  Value b = expr(*stmt.args[1]);
  return builder.create<mlir::advx::DrawOp>(
      location(stmt.span), type(stmt.local->type), builder.getStringAttr(stmt.local->name),
      builder.getStringAttr(stmt.name), a, b, stmt.perBatch ? builder.getUnitAttr() : UnitAttr(),
      stmt.ofPage ? builder.getUnitAttr() : UnitAttr());
}

void BodyBuilder::assign(const Stmt &stmt) {
  Location where = location(stmt.span);
  Value next = expr(*stmt.value);
  Value effect = both(condition, frozen ? negate(frozen, where) : Value(), where);
  Value before = values.lookup(stmt.local);
  if (effect && stmt.local->type.isWeights())
    next =
        bundle(*stmt.local->type.group, where, [&, changed = next](const sema::Leaf &leaf, Type) {
          return choose(effect, weight(changed, leaf, where), weight(before, leaf, where), where);
        });
  else if (effect)
    next = choose(effect, next, before, where);
  // A number is every entry of a variable that is a tensor.
  values[stmt.local] = convert(next, type(stmt.local->type), where);
  emitted.clear();
}

namespace {

/// What the statements of a loop change.
struct Changes {
  llvm::SetVector<const sema::Local *> assigned; ///< In order.
  bool stops = false;                            ///< It has a `stop when`,
  bool stopsSome = false;                        ///< one that an example may meet before others.

  void collect(const std::vector<Stmt> &stmts, bool underTensor) {
    for (const Stmt &stmt : stmts) {
      if (stmt.kind == Stmt::Kind::Solve)
        continue; // its variables are its own
      bool tensor = underTensor || (stmt.value && stmt.value->type.isTensor());
      if (stmt.kind == Stmt::Kind::Assign)
        assigned.insert(stmt.local);
      if (stmt.kind == Stmt::Kind::StopWhen) {
        stops = true;
        stopsSome |= tensor;
      }
      bool inside = stmt.kind == Stmt::Kind::If ? tensor : underTensor;
      collect(stmt.body, inside);
      collect(stmt.orElse, inside);
    }
  }
};

} // namespace

void BodyBuilder::repeat(const Stmt &stmt) {
  Location where = location(stmt.span);
  Changes changes;
  changes.collect(stmt.body, condition && isa<TensorType>(condition.getType()));
  SmallVector<const sema::Local *> carried;
  for (const sema::Local *local : changes.assigned)
    if (values.count(local))
      carried.push_back(local);
  // The mask is a tensor from the start where the loop makes it one.
  if (changes.stopsSome && !frozen) {
    Value zero = toTensor(constant(0, where), where);
    frozen =
        builder.create<mlir::advx::CompareOp>(where, mlir::advx::ComparePredicate::ne, zero, zero);
  } else if (changes.stopsSome) {
    frozen = toTensor(frozen, where);
  } else if (changes.stops && !frozen) {
    frozen = builder.create<arith::ConstantOp>(where, builder.getBoolAttr(false));
  }

  Value count = expr(*stmt.value);
  Value whole = builder.create<arith::FPToSIOp>(where, builder.getI64Type(), count);
  Value upper = builder.create<arith::IndexCastOp>(where, builder.getIndexType(), whole);
  Value zero = builder.create<arith::ConstantIndexOp>(where, 0);
  Value one = builder.create<arith::ConstantIndexOp>(where, 1);

  llvm::DenseMap<const sema::Local *, Value> outside = values;
  SmallVector<Value> inits;
  for (const sema::Local *local : carried)
    inits.push_back(values.lookup(local));
  if (frozen)
    inits.push_back(frozen);
  auto loop = builder.create<scf::ForOp>(where, zero, upper, one, inits);
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *body = loop.getBody();
    if (!body->empty() && body->back().hasTrait<OpTrait::IsTerminator>())
      body->back().erase();
    builder.setInsertionPointToEnd(body);
    for (auto [local, value] : llvm::zip(carried, loop.getRegionIterArgs()))
      values[local] = value;
    if (frozen)
      frozen = loop.getRegionIterArgs().back();
    if (stmt.local) {
      Value counter =
          builder.create<arith::IndexCastOp>(where, builder.getI64Type(), loop.getInductionVar());
      values[stmt.local] = builder.create<arith::SIToFPOp>(where, builder.getF64Type(), counter);
    }
    emitted.clear(); // variables are what the loop carries
    statements(stmt.body);
    emitted.clear();
    SmallVector<Value> yields;
    for (const sema::Local *local : carried)
      yields.push_back(values.lookup(local));
    if (frozen)
      yields.push_back(frozen);
    builder.create<scf::YieldOp>(where, yields);
  }
  values = std::move(outside);
  for (auto [local, value] : llvm::zip(carried, loop.getResults()))
    values[local] = value;
  if (frozen)
    frozen = loop.getResults().back();
}

Value BodyBuilder::statements(const std::vector<Stmt> &stmts) {
  for (const Stmt &stmt : stmts) {
    Location where = location(stmt.span);
    switch (stmt.kind) {
    case Stmt::Kind::Let:
    case Stmt::Kind::Var:
      values[stmt.local] = convert(expr(*stmt.value), type(stmt.local->type), where);
      break;
    case Stmt::Kind::Assign:
      assign(stmt);
      break;
    case Stmt::Kind::Draw:
      values[stmt.local] = draw(stmt);
      break;
    case Stmt::Kind::If: {
      Value outer = condition;
      Value taken = expr(*stmt.value);
      condition = both(outer, taken, where);
      statements(stmt.body);
      if (!stmt.orElse.empty()) {
        condition = both(outer, negate(taken, where), where);
        statements(stmt.orElse);
      }
      condition = outer;
      break;
    }
    case Stmt::Kind::Repeat:
      repeat(stmt);
      break;
    case Stmt::Kind::StopWhen:
      frozen = either(frozen, both(condition, expr(*stmt.value), where), where);
      break;
    case Stmt::Kind::Solve: {
      // A program of its own: whom it stops, and under what it runs, is no matter of what is
      // around.
      Value outerCondition = std::exchange(condition, Value());
      Value outerFrozen = std::exchange(frozen, Value());
      values[stmt.local] = convert(statements(stmt.body), type(stmt.local->type), where);
      condition = outerCondition;
      frozen = outerFrozen;
      emitted.clear();
      break;
    }
    case Stmt::Kind::Return:
      return expr(*stmt.value);
    }
  }
  return Value();
}

Value BodyBuilder::block(const sema::Block &block) {
  statements(block.stmts);
  return expr(*block.value);
}

} // namespace advx::lower
