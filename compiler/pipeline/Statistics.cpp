//===- Statistics.cpp - What a build came to --------------------------------===//

#include "compiler/pipeline/Statistics.h"

#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/Cost.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace advx::pipeline {

class PassTimes::Clock : public PassInstrumentation {
public:
  explicit Clock(PassTimes &times) : times(times) {}

  void runBeforePass(Pass *, Operation *) override { starts.push_back(Now::now()); }
  void runAfterPass(Pass *pass, Operation *) override {
    std::chrono::duration<double, std::milli> taken = Now::now() - starts.back();
    starts.pop_back();
    // What only runs others (adaptors) has no argument.
    if (pass->getArgument().empty())
      return;
    // A pass on functions runs once a function.
    if (!times.entries.empty() && times.entries.back().pass == pass->getArgument())
      times.entries.back().milliseconds += taken.count();
    else
      times.entries.push_back({pass->getArgument().str(), taken.count()});
  }
  void runAfterPassFailed(Pass *, Operation *) override { starts.pop_back(); }

private:
  using Now = std::chrono::steady_clock;
  PassTimes &times;
  std::vector<Now::time_point> starts;
};

std::unique_ptr<PassInstrumentation> PassTimes::instrument() {
  return std::make_unique<Clock>(*this);
}

void PassTimes::print(llvm::raw_ostream &out) const {
  out << "pass                                   ms\n";
  for (const Entry &entry : entries)
    out << llvm::left_justify(entry.pass, 30) << llvm::format("%11.2f\n", entry.milliseconds);
}

namespace {

/// One line of the table: the ops of one block.
struct Line {
  std::string name;
  int64_t calls = 0, kernels = 0, ops = 0;
  mlir::advx::Amount callFlops, kernelFlops, callBytes, kernelBytes;
};

void addBlock(Block &block, const std::string &name, std::vector<Line> &lines) {
  size_t place = lines.size();
  lines.push_back({});
  lines[place].name = name;
  int64_t loops = 0;
  for (Operation &op : block) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      addBlock(*loop.getBody(), name + " loop" + (loops ? " " + std::to_string(loops + 1) : ""),
               lines);
      ++loops;
      continue;
    }
    mlir::advx::OpCost cost = mlir::advx::costOf(&op);
    Line &line = lines[place];
    if (auto cluster = dyn_cast<mlir::advx::ClusterOp>(op)) {
      ++line.kernels;
      line.ops += static_cast<int64_t>(cluster.getBody().front().getOperations().size()) - 1;
      line.kernelFlops += cost.flops;
      line.kernelBytes += cost.bytes;
    } else if (cost.bytes.perExample + cost.bytes.once > 0) {
      ++line.calls;
      ++line.ops;
      line.callFlops += cost.flops;
      line.callBytes += cost.bytes;
    }
  }
}

} // namespace

void printStepStatistics(ModuleOp module, llvm::raw_ostream &out) {
  std::vector<Line> lines;
  for (auto step : module.getOps<func::FuncOp>())
    if (step->hasAttr("advx.step"))
      addBlock(step.getBody().front(), step.getSymName().str(), lines);
  out << "                                                      FLOP/example          "
         "bytes/example\n"
      << "step                        ops   calls kernels     calls   kernels     calls   "
         "kernels\n";
  for (const Line &line : lines)
    out << llvm::left_justify(line.name, 24)
        << llvm::format("%7lld %7lld %7lld %9lld %9lld %9lld %9lld\n",
                        static_cast<long long>(line.ops), static_cast<long long>(line.calls),
                        static_cast<long long>(line.kernels),
                        static_cast<long long>(line.callFlops.perExample),
                        static_cast<long long>(line.kernelFlops.perExample),
                        static_cast<long long>(line.callBytes.perExample),
                        static_cast<long long>(line.kernelBytes.perExample));
}

} // namespace advx::pipeline
