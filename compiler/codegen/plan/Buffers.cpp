#include "compiler/codegen/plan/Buffers.h"

#include "compiler/codegen/plan/Layout.h"
#include "compiler/codegen/plan/Plan.h"
#include "dialect/IR/AdvxOps.h"

using namespace mlir;

namespace advx::codegen {

bool isAlias(Operation *op) { return isa<mlir::advx::ReshapeOp, mlir::advx::StopGradientOp>(op); }

namespace {

/// The value whose memory `value` is, before any merging.
Value aliasRoot(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isAlias(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Some operands are named only for the length of their batch, which the context has.
bool readsMemory(OpOperand &operand) {
  return !isAlias(operand.getOwner()) && mlir::advx::readsElements(operand);
}

/// Whether the op may make the result in the memory of the operand. The runtime promises so
/// for an elementwise op and operands of the result's type.
bool mayMakeIn(Operation *op, unsigned result, unsigned operand) {
  if (auto cluster = dyn_cast<mlir::advx::ClusterOp>(op))
    return cluster.mayOverwrite(result, operand);
  return isa<mlir::advx::ElementwiseOpInterface>(op) &&
         op->getOperand(operand).getType() == op->getResult(result).getType();
}

int leafOfArgument(func::FuncOp step, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &step.front())
    return -1;
  auto leaf = step.getArgAttrOfType<IntegerAttr>(argument.getArgNumber(), kStateAttr);
  return leaf ? static_cast<int>(leaf.getInt()) : -1;
}

int leafOfResult(func::FuncOp step, unsigned result) {
  auto leaf = step.getResultAttrOfType<IntegerAttr>(result, kStateAttr);
  return leaf ? static_cast<int>(leaf.getInt()) : -1;
}

void replaceByCopy(OpOperand &operand) {
  OpBuilder builder(operand.getOwner());
  Value copy = builder.create<mlir::advx::CopyOp>(operand.getOwner()->getLoc(),
                                                  operand.get().getType(), operand.get());
  operand.set(copy);
}

} // namespace

void Buffers::insertCopies(func::FuncOp step) {
  step.walk([](scf::ForOp loop) {
    for (OpOperand &operand : loop.getBody()->getTerminator()->getOpOperands()) {
      auto argument = dyn_cast<BlockArgument>(aliasRoot(operand.get()));
      if (bufferType(operand.get().getType()) && argument &&
          argument.getOwner() == loop.getBody() &&
          argument.getArgNumber() != operand.getOperandNumber() + 1)
        replaceByCopy(operand);
    }
  });

  Operation *end = step.front().getTerminator();
  llvm::SmallDenseSet<int> changed;
  for (OpOperand &operand : end->getOpOperands()) {
    int leaf = leafOfResult(step, operand.getOperandNumber());
    if (leaf >= 0 && leafOfArgument(step, aliasRoot(operand.get())) != leaf)
      changed.insert(leaf);
  }
  for (OpOperand &operand : end->getOpOperands()) {
    int old = leafOfArgument(step, aliasRoot(operand.get()));
    if (old >= 0 && old != leafOfResult(step, operand.getOperandNumber()) && changed.count(old))
      replaceByCopy(operand);
  }
}

Buffers::Buffers(func::FuncOp step) : step(step) {
  for (BlockArgument argument : step.getArguments()) {
    if (!bufferType(argument.getType()))
      continue;
    define(argument, &step.front(), 0);
    of(argument).leaf = leafOfArgument(step, argument);
  }
  number(step.front());
  visit(step.front());

  // What the caller fills before the step keeps its place: a batch may be replayed.
  for (BlockArgument argument : step.getArguments())
    if (bufferType(argument.getType()))
      of(argument).end = last;
}

int Buffers::find(int id) {
  while (parent[id] != id)
    id = parent[id] = parent[parent[id]];
  return id;
}

int Buffers::idOf(Value value) { return find(ids.lookup(value)); }

Buffer &Buffers::of(Value value) { return buffers[idOf(value)]; }

std::vector<Buffer *> Buffers::all() {
  std::vector<Buffer *> result;
  for (size_t id = 0; id < buffers.size(); ++id)
    if (find(id) == static_cast<int>(id))
      result.push_back(&buffers[id]);
  return result;
}

void Buffers::define(Value value, Block *block, int64_t position) {
  auto type = bufferType(value.getType());
  Buffer buffer;
  buffer.block = block;
  buffer.begin = buffer.end = position;
  buffer.batched = mlir::advx::isBatched(type);
  buffer.size = mlir::advx::exampleBytes(type);
  ids[value] = static_cast<int>(buffers.size());
  parent.push_back(static_cast<int>(buffers.size()));
  buffers.push_back(std::move(buffer));
}

void Buffers::number(Block &block) {
  for (Operation &op : block) {
    beginOf[&op] = ++last;
    opAt[last] = &op;
    if (auto loop = dyn_cast<scf::ForOp>(op))
      number(*loop.getBody());
    endOf[&op] = last;
  }
}

void Buffers::visit(Block &block) {
  for (Operation &op : block) {
    int64_t position = beginOf[&op];
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      for (auto [argument, result] : llvm::zip(loop.getRegionIterArgs(), loop.getResults())) {
        if (!bufferType(result.getType()))
          continue;
        define(result, &block, position);
        ids[argument] = ids[result];
      }
      visit(*loop.getBody());
      loops.push_back(loop);
      for (Value result : loop.getResults())
        if (bufferType(result.getType()))
          of(result).end = std::max(of(result).end, endOf[loop]);
    } else if (isAlias(&op)) {
      ids[op.getResult(0)] = ids[op.getOperand(0)];
    } else {
      for (Value result : op.getResults())
        if (bufferType(result.getType()))
          define(result, &block, position);
    }
    for (OpOperand &operand : op.getOpOperands())
      if (bufferType(operand.get().getType()) && readsMemory(operand))
        read(operand);
  }
}

void Buffers::read(OpOperand &operand) {
  Buffer &buffer = of(operand.get());
  buffer.reads.push_back(&operand);
  // A loop reads what it takes from outside in each of its runs; as the operand of a
  // loop a value is read when the loop begins.
  Operation *user = operand.getOwner();
  int64_t position = beginOf[user];
  Operation *around = buffer.block->findAncestorOpInBlock(*user);
  if (around != user)
    position = endOf[around];
  buffer.end = std::max(buffer.end, position);
}

void Buffers::merge(int into, int from) {
  Buffer &target = buffers[into];
  Buffer &source = buffers[from];
  target.begin = std::min(target.begin, source.begin);
  target.end = std::max(target.end, source.end);
  target.reads.append(source.reads);
  parent[from] = into;
}

int64_t Buffers::lastReadIn(const Buffer &buffer, Block *block) {
  int64_t position = -1;
  for (OpOperand *read : buffer.reads) {
    Operation *around = block->findAncestorOpInBlock(*read->getOwner());
    if (around)
      position = std::max(position, around == read->getOwner() ? beginOf[around] : endOf[around]);
  }
  return position;
}

bool Buffers::mayOverwrite(int home, const Buffer &old, int value, Block *block) {
  int64_t begin = buffers[value].begin;
  Operation *op = opAt.lookup(begin);
  OpResult made;
  if (op)
    for (OpResult result : op->getResults()) {
      if (!bufferType(result.getType()))
        continue;
      // Two results of one op never lie in one place, even if nobody reads the first.
      if (idOf(result) == home)
        return false;
      if (idOf(result) == value)
        made = result;
    }
  int64_t lastRead = lastReadIn(old, block);
  if (lastRead != begin)
    return lastRead < begin;
  return made && op->getBlock() == block && llvm::all_of(old.reads, [&](OpOperand *read) {
           return read->getOwner() != op ||
                  mayMakeIn(op, made.getResultNumber(), read->getOperandNumber());
         });
}

void Buffers::makeIn(int home, Value value, Block *block) {
  const Buffer old = buffers[home];
  while (true) {
    const Buffer &made = buffers[idOf(value)];
    if (made.block != block || made.leaf >= 0 || !mayOverwrite(home, old, idOf(value), block))
      return;
    merge(home, idOf(value));
    auto result = dyn_cast<OpResult>(aliasRoot(value));
    if (!result)
      return;
    Operation *op = result.getOwner();
    value = nullptr;
    for (OpOperand &operand : op->getOpOperands()) {
      if (!bufferType(operand.get().getType()) || idOf(operand.get()) == home ||
          !mayMakeIn(op, result.getResultNumber(), operand.getOperandNumber()))
        continue;
      int earlier = idOf(operand.get());
      if (buffers[earlier].end == beginOf[op] && mayOverwrite(home, old, earlier, block))
        value = operand.get();
    }
    if (!value)
      return;
  }
}

void Buffers::coalesceInPlace(OpResult result) {
  Operation *op = result.getOwner();
  const Buffer &made = buffers[idOf(result)];
  if (made.block != op->getBlock() || made.begin != beginOf[op] || made.leaf >= 0)
    return;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!bufferType(operand.get().getType()) ||
        !mayMakeIn(op, result.getResultNumber(), operand.getOperandNumber()))
      continue;
    int home = idOf(operand.get());
    const Buffer &old = buffers[home];
    if (home != idOf(result) && old.block == op->getBlock() && old.leaf < 0 &&
        old.end == beginOf[op] && mayOverwrite(home, old, idOf(result), op->getBlock()))
      return merge(home, idOf(result));
  }
}

void Buffers::coalesceLoop(scf::ForOp loop) {
  Operation *yield = loop.getBody()->getTerminator();
  for (auto [index, result] : llvm::enumerate(loop.getResults())) {
    if (!bufferType(result.getType()))
      continue;
    int home = idOf(result);

    // The start value, if only this loop reads it.
    int start = idOf(loop.getInitArgs()[index]);
    if (start != home && buffers[start].leaf < 0 && buffers[start].block == loop->getBlock() &&
        buffers[start].end == beginOf[loop] &&
        llvm::count_if(
            buffers[start].reads, [&](OpOperand *read) { return read->getOwner() == loop; }) == 1)
      merge(home, start);

    // The yielded value, if it is made in the loop after the old one was last read. A
    // place that hands on its own value has nothing to copy either.
    Value yielded = yield->getOperand(index);
    if (idOf(yielded) != home)
      makeIn(home, yielded, loop.getBody());
  }
}

void Buffers::coalesce() {
  for (scf::ForOp loop : loops)
    coalesceLoop(loop);
  // Merging only moves others into these.
  llvm::DenseSet<int> arguments;
  for (BlockArgument argument : step.getArguments())
    if (bufferType(argument.getType()))
      arguments.insert(idOf(argument));
  auto isArgument = [&](Value value) { return arguments.contains(idOf(value)); };

  Operation *end = step.front().getTerminator();
  llvm::DenseMap<int, int> leafIds;
  for (BlockArgument argument : step.getArguments())
    if (bufferType(argument.getType()) && of(argument).leaf >= 0)
      leafIds[of(argument).leaf] = idOf(argument);
  for (OpOperand &operand : end->getOpOperands()) {
    int leaf = leafOfResult(step, operand.getOperandNumber());
    if (leaf < 0)
      continue;
    auto known = leafIds.find(leaf);
    if (known != leafIds.end()) {
      if (idOf(operand.get()) != known->second && !isArgument(operand.get()))
        makeIn(known->second, operand.get(), &step.front());
    } else if (of(operand.get()).leaf < 0 && !isArgument(operand.get())) {
      of(operand.get()).leaf = leaf;
    }
  }

  step.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (OpResult result : op->getResults())
      if (!isAlias(op) && !isa<scf::ForOp>(op) && bufferType(result.getType()))
        coalesceInPlace(result);
    return isa<mlir::advx::ClusterOp>(op) ? WalkResult::skip() : WalkResult::advance();
  });
}

} // namespace advx::codegen
