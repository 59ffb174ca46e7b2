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
      builder.getStringAttr(stmt.name), a, b, stmt.perBatch ? builder.getUnitAttr() : UnitAttr());
}

void BodyBuilder::assign(const Stmt &stmt) {
  Location where = location(stmt.span);
  Value old = values.lookup(stmt.local);
  Value next = expr(*stmt.value);
  Value effect = both(condition, frozen ? negate(frozen, where) : Value(), where);
  if (effect)
    next = choose(effect, next, old, where);
  // A variable that once depends on the example stays a tensor.
  if (isa<TensorType>(old.getType()))
    next = toTensor(next, where);
  values[stmt.local] = next;
  emitted.clear();
}

/// The variables from outside that the statements assign, in order.
static void collectAssigned(const std::vector<Stmt> &stmts,
                            llvm::SetVector<const sema::Local *> &assigned, bool &stops) {
  for (const Stmt &stmt : stmts) {
    if (stmt.kind == Stmt::Kind::Assign)
      assigned.insert(stmt.local);
    if (stmt.kind == Stmt::Kind::StopWhen)
      stops = true;
    collectAssigned(stmt.body, assigned, stops);
    collectAssigned(stmt.orElse, assigned, stops);
  }
}

void BodyBuilder::repeat(const Stmt &stmt) {
  Location where = location(stmt.span);
  llvm::SetVector<const sema::Local *> assigned;
  bool stops = false;
  collectAssigned(stmt.body, assigned, stops);
  llvm::SmallVector<const sema::Local *> carried;
  for (const sema::Local *local : assigned)
    if (values.count(local))
      carried.push_back(local);
  if (stops && !frozen) {
    Value zero = toTensor(constant(0, where), where);
    frozen =
        builder.create<mlir::advx::CompareOp>(where, mlir::advx::ComparePredicate::ne, zero, zero);
  }

  Value count = expr(*stmt.value);
  Value whole = builder.create<arith::FPToSIOp>(where, builder.getI64Type(), count);
  Value upper = builder.create<arith::IndexCastOp>(where, builder.getIndexType(), whole);
  Value zero = builder.create<arith::ConstantIndexOp>(where, 0);
  Value one = builder.create<arith::ConstantIndexOp>(where, 1);

  llvm::DenseMap<const sema::Local *, Value> outside = values;
  Value frozenOutside = frozen;
  // A variable may start as a number and become a tensor in the loop; its type
  // is found by emitting the body until the types of a pass agree. What is known of the loops
  // inside stays known.
  LoopTypes &types = loops->enter();
  LoopTypes *around = std::exchange(loops, &types);
  while (true) {
    types.next = 0;
    SmallVector<Value> inits;
    for (auto [i, local] : llvm::enumerate(carried)) {
      Value &init = outside[local];
      if (types.tensors.contains(i))
        init = toTensor(init, where);
      inits.push_back(init);
    }
    if (frozenOutside)
      inits.push_back(frozenOutside);
    auto loop = builder.create<scf::ForOp>(where, zero, upper, one, inits);
    OpBuilder::InsertionGuard guard(builder);
    Block *body = loop.getBody();
    if (!body->empty() && body->back().hasTrait<OpTrait::IsTerminator>())
      body->back().erase();
    builder.setInsertionPointToEnd(body);
    for (auto [i, local] : llvm::enumerate(carried))
      values[local] = loop.getRegionIterArg(i);
    if (frozenOutside)
      frozen = loop.getRegionIterArgs().back();
    if (stmt.local) {
      Value counter =
          builder.create<arith::IndexCastOp>(where, builder.getI64Type(), loop.getInductionVar());
      values[stmt.local] = builder.create<arith::SIToFPOp>(where, builder.getF64Type(), counter);
    }
    emitted.clear(); // variables are what the loop carries
    statements(stmt.body);
    emitted.clear();

    bool agree = true;
    SmallVector<Value> yields;
    for (auto [i, local] : llvm::enumerate(carried)) {
      Value next = values.lookup(local);
      yields.push_back(next);
      if (isa<TensorType>(next.getType()) && !isa<TensorType>(inits[i].getType())) {
        agree = false;
        types.tensors.insert(i);
      }
    }
    if (frozenOutside)
      yields.push_back(frozen);
    values = outside;
    frozen = frozenOutside;
    if (!agree) {
      loop.erase();
      continue;
    }
    builder.create<scf::YieldOp>(where, yields);
    for (auto [i, local] : llvm::enumerate(carried))
      values[local] = loop.getResult(i);
    if (frozenOutside)
      frozen = loop.getResults().back();
    loops = around;
    return;
  }
}

Value BodyBuilder::statements(const std::vector<Stmt> &stmts) {
  for (const Stmt &stmt : stmts) {
    Location where = location(stmt.span);
    switch (stmt.kind) {
    case Stmt::Kind::Let:
    case Stmt::Kind::Var: {
      Value value = expr(*stmt.value);
      values[stmt.local] = stmt.local->type.isTensor() && !stmt.local->type.anyShape
                               ? toTensor(value, where)
                               : value;
      break;
    }
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
    case Stmt::Kind::StopWhen: {
      Value stop = both(condition, toTensor(expr(*stmt.value), where), where);
      frozen =
          frozen ? builder.create<mlir::advx::LogicalOrOp>(where, frozen, stop).getResult() : stop;
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
