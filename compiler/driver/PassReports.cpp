//===- PassReports.cpp - What passes say, as the user reads it -------------===//

#include "compiler/driver/PassReports.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace advx::driver {

std::string placeOf(Location location) {
  if (auto place = location->findInstanceOf<FileLineColLoc>())
    return (place.getFilename().getValue() + ":" + Twine(place.getLine()) + ":" +
            Twine(place.getColumn()) + ": ")
        .str();
  return {};
}

void reportPasses(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == DiagnosticSeverity::Remark) {
    llvm::errs() << placeOf(diagnostic.getLocation()) << "remark: " << diagnostic << "\n";
    for (const Diagnostic &note : diagnostic.getNotes())
      llvm::errs() << "  " << placeOf(note.getLocation()) << "note: " << note << "\n";
    return;
  }
  llvm::errs() << "advx: internal error: ";
  if (!isa<UnknownLoc>(diagnostic.getLocation()))
    llvm::errs() << diagnostic.getLocation() << ": ";
  llvm::errs() << diagnostic << "\n";
}

} // namespace advx::driver
