//===- AdvxOps.h - The ops of the advx dialect ------------------*- C++ -*-===//

#ifndef ADVX_DIALECT_IR_ADVXOPS_H
#define ADVX_DIALECT_IR_ADVXOPS_H

#include "dialect/IR/AdvxDialect.h"
#include "dialect/IR/AdvxTypes.h"
#include "dialect/IR/Infer.h"
#include "dialect/IR/WeightsType.h"
#include "dialect/Interfaces/ElementwiseOpInterface.h"
#include "dialect/Interfaces/RuntimeOpInterface.h"
#include "dialect/Interfaces/TensorOpInterface.h"
#include "dialect/Interfaces/VjpOpInterface.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/IR/AdvxEnums.h.inc"

namespace mlir::advx {

/// Marks an op that other ops of the tensor tier define; `advx-decompose` replaces
/// it, and later stages refuse it.
template <typename ConcreteOp>
class Composite : public OpTrait::TraitBase<ConcreteOp, Composite> {};

/// Marks an op whose result has a batch axis but is not made of each example alone.
template <typename ConcreteOp>
class MixesExamples : public OpTrait::TraitBase<ConcreteOp, MixesExamples> {};

/// The result types that an op of the dialect has with other operands; its own where they do not
/// follow from the operands. Fails where the operands do not fit, after reporting an error at the
/// location if there is one.
FailureOr<SmallVector<Type>> inferTypes(Operation *op, ValueRange operands,
                                        std::optional<Location> location);

/// Clones an op of the dialect with other operands and infers its result types
/// anew: how a value gains its batch axis. An op whose types do not follow from its
/// operands keeps them. Returns null after reporting an error at the op's location
/// where the operands do not fit.
Operation *cloneAndInfer(OpBuilder &builder, Operation *op, ValueRange operands);

} // namespace mlir::advx

#define GET_OP_CLASSES
#include "dialect/IR/AdvxOps.h.inc"

#endif // ADVX_DIALECT_IR_ADVXOPS_H
