#include "compiler/codegen/host/CallArrays.h"

#include "compiler/codegen/plan/Layout.h"
#include "dialect/IR/AdvxTypes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace advx::codegen {
namespace {

// The words of a tensor's record. That of an address ends before the dtype; the axes of a
// descriptor are read where they are.
enum Word { offsetWord, batchedWord, dtypeWord, rankWord, axesWord };

void appendRecord(llvm::SmallVectorImpl<int64_t> &records, const Place &place, bool describes) {
  records.append({place.offset, mlir::advx::isBatched(place.type)});
  if (!describes)
    return;
  llvm::ArrayRef<int64_t> axes = mlir::advx::exampleShape(place.type);
  records.append({dtypeOf(place.type.getElementType()), static_cast<int64_t>(axes.size())});
  llvm::append_range(records, axes);
}

/// Writes the function that fills an array from records: a loop over its entries.
class Filler {
public:
  Filler(LLVM::LLVMFuncOp function, ModuleParts &parts)
      : parts(parts), loc(function.getLoc()), builder(function.getContext()),
        i64(builder.getI64Type()) {
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
    Block &entry = function.front();
    array = entry.getArgument(0);
    records = entry.getArgument(1);
    count = entry.getArgument(2);
    arenas = {entry.getArgument(3), entry.getArgument(4), entry.getArgument(5),
              entry.getArgument(6)};
  }

  /// `writeEntry` fills the entry at an address from a record, and gives the record's length.
  void fillEach(Type entryType, llvm::function_ref<Value(Value entry, Value record)> writeEntry) {
    Value zero = integer(0), one = integer(1);
    auto loop = builder.create<scf::ForOp>(loc, zero, count, one, ValueRange{records});
    OpBuilder::InsertionGuard guard(builder);
    builder.create<LLVM::ReturnOp>(loc, ValueRange{});
    builder.setInsertionPointToStart(loop.getBody());
    Value entry = element(entryType, array, loop.getInductionVar());
    Value record = loop.getRegionIterArg(0);
    Value length = writeEntry(entry, record);
    builder.create<scf::YieldOp>(loc, element(i64, record, length));
  }

  Value integer(int64_t value) { return codegen::integer(builder, loc, 64, value); }
  Value element(Type type, Value array, Value index) {
    return builder.create<LLVM::GEPOp>(loc, parts.pointer(), type, array, ValueRange{index});
  }
  Value word(Value record, Word index) {
    return builder.create<LLVM::LoadOp>(loc, i64, element(i64, record, integer(index)));
  }
  Value half(Value word) { return builder.create<LLVM::TruncOp>(loc, builder.getI32Type(), word); }

  /// Whether a record's tensor is one of the batch.
  Value isBatched(Value record) {
    return builder.create<LLVM::ICmpOp>(loc, LLVM::ICmpPredicate::ne, word(record, batchedWord),
                                        integer(0));
  }
  Value choose(Value condition, Value ifTrue, Value ifFalse) {
    return builder.create<LLVM::SelectOp>(loc, condition, ifTrue, ifFalse);
  }
  Value addressOf(Value record, Value batched) {
    Value scale = choose(batched, arenas.padded, integer(1));
    Value distance = builder.create<LLVM::MulOp>(loc, word(record, offsetWord), scale);
    Value base = choose(batched, arenas.batch, arenas.state);
    return element(builder.getI8Type(), base, distance);
  }

  ModuleParts &parts;
  Location loc;
  OpBuilder builder;
  Type i64;
  Value array, records, count;
  Arenas arenas;
};

/// void (array, records, count, state, batch, examples, padded)
LLVM::LLVMFuncOp declare(ModuleParts &parts, llvm::StringRef name) {
  Type pointer = parts.pointer();
  Type i64 = IntegerType::get(pointer.getContext(), 64);
  return parts.helper(name, {pointer, pointer, i64, pointer, pointer, i64, i64});
}

} // namespace

void CallArrays::fill(OpBuilder &builder, Location loc, Kind kind, Value array,
                      llvm::ArrayRef<Place> places, const Arenas &arenas) {
  bool describes = kind == Kind::Descriptors;
  llvm::SmallVector<int64_t> records;
  for (const Place &place : places)
    appendRecord(records, place, describes);
  Value arguments[] = {array,
                       parts.integers(builder, loc, records, "advx_places_"),
                       integer(builder, loc, 64, static_cast<int64_t>(places.size())),
                       arenas.state,
                       arenas.batch,
                       arenas.examples,
                       arenas.padded};
  builder.create<LLVM::CallOp>(loc, describes ? describer() : addresser(), arguments);
}

LLVM::LLVMFuncOp CallArrays::describer() {
  if (describe)
    return describe;
  describe = declare(parts, "advx_describe");
  Filler filler(describe, parts);
  OpBuilder &builder = filler.builder;
  LLVM::LLVMStructType tensorType = abiStruct<AdvxTensorField>().type(builder.getContext());
  filler.fillEach(tensorType, [&](Value entry, Value record) -> Value {
    Location loc = filler.loc;
    Value batched = filler.isBatched(record);
    Value rank = filler.word(record, rankWord);
    Value axes = filler.integer(axesWord);
    using Field = AdvxTensorField;
    Value tensor =
        AbiValue<Field>()
            .set(Field::data, filler.addressOf(record, batched))
            .set(Field::batch, filler.choose(batched, filler.arenas.examples, filler.integer(1)))
            .set(Field::dims, filler.element(filler.i64, record, axes))
            .set(Field::rank, filler.half(rank))
            .set(Field::dtype, filler.half(filler.word(record, dtypeWord)))
            .set(Field::batched, filler.half(filler.word(record, batchedWord)))
            .set(Field::reserved, filler.half(filler.integer(0)))
            .build(builder, loc);
    builder.create<LLVM::StoreOp>(loc, tensor, entry);
    return builder.create<LLVM::AddOp>(loc, rank, axes);
  });
  return describe;
}

LLVM::LLVMFuncOp CallArrays::addresser() {
  if (address)
    return address;
  address = declare(parts, "advx_address");
  Filler filler(address, parts);
  filler.fillEach(parts.pointer(), [&](Value entry, Value record) -> Value {
    Value place = filler.addressOf(record, filler.isBatched(record));
    filler.builder.create<LLVM::StoreOp>(filler.loc, place, entry);
    return filler.integer(dtypeWord);
  });
  return address;
}

} // namespace advx::codegen
