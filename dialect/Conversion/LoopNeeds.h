#ifndef ADVX_DIALECT_CONVERSION_LOOPNEEDS_H
#define ADVX_DIALECT_CONVERSION_LOOPNEEDS_H

//===- LoopNeeds.h - What a loop of the page carries once it has the batch -===//
//
// A loop is emitted once, so what it carries is found before. The page cannot say it: functions,
// networks and objectives are inlined, one time with what depends on the example and another time
// with what does not, so it is found for each loop where it stands.
//
//===----------------------------------------------------------------------===//

#include "dialect/Conversion/StepWeights.h"
#include "dialect/IR/AdvxOps.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>
#include <tuple>
#include <vector>

namespace mlir::advx {

/// What a loop has to carry.
struct LoopNeeds {
  std::vector<bool> dependent; ///< For each carried value, whether it depends on the example.
  llvm::DenseSet<StringAttr> statistics; ///< Leaves that a training forward in it may update.
  bool takesGradient = false; ///< A solver's own, not one inside its objective or condition.
};

/// Finds what loops need by following their values; emits nothing.
class LoopAnalysis {
public:
  LoopAnalysis(SymbolTable &symbols, ProgramOp program);

  /// Where a loop stands.
  struct Place {
    const IRMapping &values; ///< What the values before the loop have been emitted as.
    AdversaryOp adversary;   ///< Whose solver the loop is in, if any.
    ArrayRef<Value> scope;   ///< x, y and the variables of earlier problems, emitted.
    /// Ops of the objective that have been emitted for all its points.
    const DenseMap<Operation *, Value> &shared;
    ModelMode mode;
    bool insideObjective;
    StepWeights &weights;
    /// The features of an emitted input at emitted weights, where this forward has been emitted
    /// already; or null.
    llvm::function_ref<Value(ApplyOp, Value, Value)> forward;
  };

  LoopNeeds needs(scf::ForOp loop, const Place &place);

private:
  class Dependence;
  class Effects;

  /// Which results of a block that is inlined for such arguments depend on the example.
  const std::vector<bool> &results(Block &block, const std::vector<bool> &arguments,
                                   const Place &place);

  SymbolTable &symbols;
  llvm::DenseSet<StringAttr> tables; ///< State with a row for each example.
  std::map<std::tuple<Operation *, Block *, std::vector<bool>>, std::vector<bool>> known;
};

} // namespace mlir::advx

#endif // ADVX_DIALECT_CONVERSION_LOOPNEEDS_H
