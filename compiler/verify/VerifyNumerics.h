#ifndef ADVX_VERIFY_VERIFYNUMERICS_H
#define ADVX_VERIFY_VERIFYNUMERICS_H

#include "compiler/codegen/host/Link.h"
#include "compiler/pipeline/Pipeline.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <optional>
#include <string>

/// Whether the passes after `differentiated` keep the numbers of a page. The program after each of
/// them is made an executable as -O 0 makes it, one runtime call for each tensor op, and so is that
/// of `differentiated` itself; all run `probe`, and what they write is compared. The executable of
/// -O 2 itself comes last.
namespace advx::verify {

struct Request {
  std::string runtime; ///< Folder of advx-link.json.
  double tolerance;    ///< Of a difference relative to the largest magnitude of its tensor.
  double strayed;      ///< See compareProbes.
  int seeds;           ///< A program differs if it does with each of so many.
  /// What the stages are made of. Tests give passes with faults.
  std::function<void(pipeline::Stage, mlir::OpPassManager &, const pipeline::Options &)> addPasses =
      pipeline::addPassesTo;
};

/// Limits for f64, where a difference is a fault, and for f32, where it may be rounding.
Request requestFor(bool f64, std::string runtime);

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
  std::optional<codegen::LinkError> environment;
};

/// Takes a module at the stage `problem` through -O 2 and compares; it is changed. Prints a line
/// for each program that is compared.
Result verifyNumerics(mlir::ModuleOp module, const Request &request, llvm::raw_ostream &out);

} // namespace advx::verify

#endif // ADVX_VERIFY_VERIFYNUMERICS_H
