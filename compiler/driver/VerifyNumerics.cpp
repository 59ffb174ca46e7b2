//===- VerifyNumerics.cpp - build --verify-numerics ------------------------===//

#include "compiler/verify/VerifyNumerics.h"
#include "compiler/driver/PassReports.h"
#include "compiler/driver/Session.h"
#include "compiler/lower/Lower.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace advx::driver {

namespace {

/// Tells what stopped a comparison; true if nothing did.
bool report(const verify::Result &result, bool f64, Session &session) {
  switch (result.kind) {
  case verify::Result::agrees:
    return true;
  case verify::Result::differs:
    llvm::outs().flush();
    llvm::errs() << "advx: internal error: in " << (f64 ? "f64" : "f32") << ", `" << result.stage
                 << "` changes what the page computes\n";
    if (!f64)
      llvm::errs()
          << "  note: f64 agrees; gradients that are zero but for rounding, as those of the "
             "direction of one number, make a page differ in f32 alone\n";
    session.internalFailure();
    break;
  case verify::Result::passFails:
    session.internalFailure();
    break;
  case verify::Result::cannotProbe:
    session
        .environmentError(diag::Code::CannotProbe,
                          "the program cannot be run for a comparison: " + result.reason)
        .help("see to what it says; files that the page names `from` must be there");
    break;
  case verify::Result::machineFails:
    session.linkFailure(*result.environment);
    break;
  }
  return false;
}

void compare(Session &session) {
  if (!session.load())
    return;
  std::unique_ptr<sema::Experiment> experiment =
      sema::check(*session.program, session.request.experiment, session.engine);
  if (session.engine.hasErrors() || !experiment)
    return;
  for (bool f64 : {true, false}) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    lower::loadDialects(context);
    ScopedDiagnosticHandler handler(&context, reportPasses);
    lower::Options options;
    options.f64 = f64;
    OwningOpRef<ModuleOp> module =
        lower::lowerExperiment(*experiment, session.sources, context, options);
    verify::Request request = verify::requestFor(*module, session.installation.runtime);
    llvm::outs() << (f64 ? "f64" : "f32") << ", relative differences up to "
                 << llvm::format("%.0e", request.tolerance) << " pass\n";
    if (!report(verify::verifyNumerics(*module, request, llvm::outs()), f64, session))
      return;
  }
}

} // namespace

int verifyNumerics(const PageRequest &request, const Installation &installation) {
  Session session(request, installation);
  compare(session);
  llvm::outs().flush();
  return session.finish();
}

} // namespace advx::driver
