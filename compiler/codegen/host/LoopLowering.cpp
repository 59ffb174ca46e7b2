#include "compiler/codegen/host/StepBody.h"
#include "compiler/codegen/plan/Layout.h"

using namespace mlir;

namespace advx::codegen {

LogicalResult StepLowering::lowerLoop(scf::ForOp loop) {
  Location loc = loop.getLoc();
  llvm::SmallVector<Value> starts; // of the numbers that the loop carries
  for (auto [start, result, argument] :
       llvm::zip(loop.getInitArgs(), loop.getResults(), loop.getRegionIterArgs())) {
    auto type = bufferType(start.getType());
    if (!type) {
      starts.push_back(asWord(loc, numbersOf.lookup(start)));
      continue;
    }
    offsets[argument] = offsets.lookup(result);
    if (failed(copy(loc, type, offsets.lookup(result), offsets.lookup(start))))
      return failure();
  }
  auto word = [&](Value index) { return asWord(loc, numbersOf.lookup(index)); };
  Value begin = word(loop.getLowerBound()), limit = word(loop.getUpperBound()),
        step = word(loop.getStep());
  ValueRange results;
  llvm::SmallVector<Value> yielded;
  OpBuilder::InsertPoint after;
  if (loop.getBody()->getOps<mlir::advx::EndLoopOp>().empty()) {
    auto newLoop = builder.create<scf::ForOp>(loc, begin, limit, step, starts);
    results = newLoop.getResults();
    after = builder.saveInsertionPoint();
    // A loop that carries no number comes with its terminator.
    if (starts.empty())
      newLoop.getBody()->getTerminator()->erase();
    builder.setInsertionPointToEnd(newLoop.getBody());
    if (failed(lowerRun(loop, newLoop.getBody()->getArguments(), yielded)))
      return failure();
    builder.create<scf::YieldOp>(loc, yielded);
  } else {
    // The counter, whether the loop is to end, the numbers.
    llvm::SmallVector<Value> carried{
        begin, builder.create<LLVM::ConstantOp>(loc, builder.getBoolAttr(false))};
    carried.append(starts);
    llvm::SmallVector<Location> locations(carried.size(), loc);
    TypeRange types = ValueRange(carried).getTypes();
    auto newLoop = builder.create<scf::WhileOp>(loc, types, carried);
    results = newLoop.getResults().drop_front(2);
    after = builder.saveInsertionPoint();
    Block *test = builder.createBlock(&newLoop.getBefore(), {}, types, locations);
    Value isLeft =
        builder.create<LLVM::ICmpOp>(loc, LLVM::ICmpPredicate::slt, test->getArgument(0), limit);
    Value no = builder.create<LLVM::ConstantOp>(loc, builder.getBoolAttr(false));
    Value goesOn = builder.create<LLVM::SelectOp>(loc, test->getArgument(1), no, isLeft);
    builder.create<scf::ConditionOp>(loc, goesOn, test->getArguments());
    Block *body = builder.createBlock(&newLoop.getAfter(), {}, types, locations);
    llvm::SmallVector<Value> numbers{body->getArgument(0)};
    llvm::append_range(numbers, body->getArguments().drop_front(2));
    if (failed(lowerRun(loop, numbers, yielded)))
      return failure();
    Value next = builder.create<LLVM::AddOp>(loc, body->getArgument(0), step);
    yielded.insert(yielded.begin(), {next, ended.lookup(loop)});
    builder.create<scf::YieldOp>(loc, yielded);
  }
  builder.restoreInsertionPoint(after);
  unsigned number = 0;
  for (Value result : loop.getResults())
    if (!bufferType(result.getType()))
      numbersOf.map(result, asType(loc, results[number++], result.getType()));
  return success();
}

/// One run of the loop, where the builder stands. `numbers` are its counter and what else it
/// carries that is no tensor; `yielded` gets the new ones of the latter.
LogicalResult StepLowering::lowerRun(scf::ForOp loop, ValueRange numbers,
                                     llvm::SmallVectorImpl<Value> &yielded) {
  Location loc = loop.getLoc();
  unsigned number = 0;
  for (Value argument : loop.getBody()->getArguments())
    if (!bufferType(argument.getType()))
      numbersOf.map(argument, asType(loc, numbers[number++], argument.getType()));
  if (failed(lowerBlock(*loop.getBody())))
    return failure();
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  for (auto [value, result] : llvm::zip(yield.getOperands(), loop.getResults())) {
    auto type = bufferType(value.getType());
    if (!type)
      yielded.push_back(asWord(yield.getLoc(), numbersOf.lookup(value)));
    else if (failed(copy(yield.getLoc(), type, offsets.lookup(result), offsets.lookup(value))))
      return failure();
  }
  return success();
}

/// Whether every entry is true: read here, before the loop hands on what it carries.
Value StepLowering::allTrue(mlir::advx::EndLoopOp op) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getDone().getType());
  arrays.fill(builder, loc, CallArrays::Kind::Addresses, bufferArray,
              {{type, offsets.lookup(op.getDone())}}, arenas);
  Value address = builder.create<LLVM::LoadOp>(loc, parts.pointer(), bufferArray);
  auto word = [&](int64_t value) { return integer(builder, loc, 64, value); };
  Value count = word(mlir::advx::exampleElements(type));
  if (mlir::advx::isBatched(type))
    count = builder.create<LLVM::MulOp>(loc, count, arenas.examples);
  Type byte = builder.getI8Type();
  Value yes = builder.create<LLVM::ConstantOp>(loc, builder.getBoolAttr(true));
  auto loop = builder.create<scf::ForOp>(
      loc, word(0), count, word(1), ValueRange{yes},
      [&](OpBuilder &builder, Location loc, Value index, ValueRange all) {
        Value place = builder.create<LLVM::GEPOp>(loc, parts.pointer(), byte, address,
                                                  llvm::ArrayRef<LLVM::GEPArg>{index});
        Value entry = builder.create<LLVM::LoadOp>(loc, byte, place);
        Value isTrue = builder.create<LLVM::ICmpOp>(loc, LLVM::ICmpPredicate::ne, entry,
                                                    codegen::integer(builder, loc, 8, 0));
        Value both = builder.create<LLVM::AndOp>(loc, all[0], isTrue);
        builder.create<scf::YieldOp>(loc, both);
      });
  return loop.getResult(0);
}

} // namespace advx::codegen
