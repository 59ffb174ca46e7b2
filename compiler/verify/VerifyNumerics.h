#ifndef ADVX_VERIFY_VERIFYNUMERICS_H
#define ADVX_VERIFY_VERIFYNUMERICS_H

#include "compiler/link/Link.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/verify/Snapshots.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>

/// Whether the passes from `instantiated` to `host` keep the numbers of a page.
///
/// A few of them no program runs without: they instantiate, decompose, differentiate, plan, write
/// kernels and lower. The program of these alone, one runtime call for each tensor op, is the
/// reference. Every other pass is compared with it: the program that the pass leaves goes on by the
/// required passes alone, before `planned` without kernels, from `kernels` on with them. All run
/// `probe`, and what they write is compared; the executable of -O 2 itself comes last. What a
/// required pass itself gets wrong is in every program, and left to the tests against PyTorch.
namespace advx::verify {

struct Request {
  std::string runtime; ///< Folder of advx-link.json.
  double tolerance;    ///< Of a difference relative to the largest magnitude of its tensor.
  double strayed;      ///< See compareProbes.
  int seeds;           ///< A program differs if it does with each of so many.
  /// What the stages are made of. Tests give passes with faults.
  AddPasses addPasses = pipeline::addPassesTo;
};

/// Limits for a module that rounds to f64 alone, where a difference is a fault, and for one that
/// has a narrower float type as well, where it may be rounding.
Request requestFor(mlir::ModuleOp module, std::string runtime);

struct Result {
  enum Kind {
    agrees,      ///< All programs compute the same.
    differs,     ///< The program of `stage` is the first that computes something else.
    passFails,   ///< A pass refuses the program; it has said why.
    cannotProbe, ///< The first program does not run: `reason` is what it said.
    machineFails ///< `environment` says what the machine lacks.
  };
  Kind kind = agrees;
  std::string stage;
  std::string reason;
  std::optional<link::LinkError> environment;
};

/// Takes a module at the stage `problem` through -O 2 and compares; it is changed. Prints a line
/// for each program that is compared.
Result verifyNumerics(mlir::ModuleOp module, const Request &request, llvm::raw_ostream &out);

} // namespace advx::verify

#endif // ADVX_VERIFY_VERIFYNUMERICS_H
