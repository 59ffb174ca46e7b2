//===- Program.h - A compiled program --------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_PROGRAM_H
#define ADVX_RUNTIME_CORE_PROGRAM_H

#include "runtime/core/Manifest.h"

namespace advx::runtime {

/// A compiled program whose manifest is read and whose steps are bound to their
/// functions.
struct Program {
  Manifest manifest;
  AdvxUniformFunction fillUniforms = nullptr;
};

/// Binds the table of a compiled object. A wrong ABI version, a broken manifest
/// or a step without a function is a data error; a processor that lacks what the
/// program was compiled for is an environment error.
Program loadProgram(const AdvxProgram &table);

/// Starts the threads of the kernels; an environment error where the machine has not so many.
void startThreads(int count);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_PROGRAM_H
