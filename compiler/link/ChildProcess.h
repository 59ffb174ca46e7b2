#ifndef ADVX_COMPILER_LINK_CHILDPROCESS_H
#define ADVX_COMPILER_LINK_CHILDPROCESS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace advx::link {

/// What came of a program: whether it ended with status 0, and what it printed or, where it could
/// not be run, why.
struct Outcome {
  bool succeeded = false;
  std::string said;
  bool lacksFolder = false; ///< There was no room for temporary files; the program was not run.
};

/// Runs a program to its end, without input. Its temporary files go to a folder that is removed
/// with it.
///
/// A signal that asks this process to end (SIGHUP, SIGINT, SIGTERM) takes effect when the program
/// and all that it started have ended: until then they may still make files that this process is
/// to remove. They have mostly received the signal too, as a terminal sends it to all.
Outcome runProgram(llvm::StringRef program, llvm::ArrayRef<std::string> arguments);

} // namespace advx::link

#endif
