#ifndef ADVX_PIPELINE_STATISTICS_H
#define ADVX_PIPELINE_STATISTICS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

/// What `advx build --stats` prints.
namespace advx::pipeline {

/// The time that each pass took, in the order of their runs; runs of one pass in a row are one.
class PassTimes {
public:
  /// Instruments a pass manager; this object must outlive it.
  std::unique_ptr<mlir::PassInstrumentation> instrument();

  void print(llvm::raw_ostream &out) const;

private:
  class Clock;
  struct Entry {
    std::string pass;
    double milliseconds;
  };
  std::vector<Entry> entries;
};

/// A table of the steps of a partitioned module: runtime calls, kernels, and the arithmetic and
/// memory traffic of both, for each example of the batch; what a loop repeats is counted once, in
/// lines of its own.
void printStepStatistics(mlir::ModuleOp module, llvm::raw_ostream &out);

} // namespace advx::pipeline

#endif // ADVX_PIPELINE_STATISTICS_H
