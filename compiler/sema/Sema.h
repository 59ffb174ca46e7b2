#ifndef ADVX_SEMA_SEMA_H
#define ADVX_SEMA_SEMA_H

//===- Sema.h - From a file to a checked experiment -----------------------===//
//
//   load()   reads a file, what it imports and an index of the standard library
//   check()  turns one experiment of it into an Experiment (Checked.h)
//
// Findings go to the engine; a function that answers null has reported why.
//
//===----------------------------------------------------------------------===//

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/sema/Checked.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace advx::sema {

class Program;

struct LoadOptions {
  /// Folder of the standard library. Every file below it is in scope unasked;
  /// what the user declares shadows it.
  std::string stdlibDir;
};

/// Parses `userFile` and everything it imports. Never null: a program with
/// errors still answers questions about what could be read.
std::shared_ptr<Program> load(SourceManager &sources, uint32_t userFile, const LoadOptions &options,
                              diag::Engine &engine);

/// Names of the experiments of the user's own file, in the order of the text.
std::vector<std::string> experimentNames(const Program &program);

/// Checks one experiment (an empty name means the only one). Null after an error.
std::unique_ptr<Experiment> check(const Program &program, std::string_view experimentName,
                                  diag::Engine &engine);

/// A name where it is read, and the name that declares it: in the page, an import or the library.
struct Use {
  Span use;
  Span declaration;
};

/// The names that one experiment reads, in the order of the text; what could not be read because
/// of an error is missing.
std::vector<Use> usesOf(const Program &program, std::string_view experimentName,
                        diag::Engine &engine);

/// Checks names and arities in every declaration of the user's file, used or not.
void checkDeclarations(const Program &program, diag::Engine &engine);

/// The user's file with every default of the experiment written out; it compiles
/// to the same experiment. Null text (empty) after an error.
std::string explainExperiment(const Program &program, std::string_view experimentName,
                              diag::Engine &engine);

} // namespace advx::sema

#endif // ADVX_SEMA_SEMA_H
