//===- Session.h - A program in memory ------------------------------------===//
//
// Checks that the compiled program fits this runtime and this machine, owns the
// two arenas, and runs steps.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_SESSION_H
#define ADVX_RUNTIME_CORE_SESSION_H

#include "runtime/core/Manifest.h"
#include "runtime/core/Memory.h"
#include "runtime/core/OpErrors.h"

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

/// Bytes of the two arenas for batches of up to `batch` examples.
struct MemoryPlan {
  size_t state;
  size_t batch;
};

MemoryPlan planMemory(const Manifest &manifest, int64_t batch);

/// Refuses a batch that is too small for the statistics that the step takes of it; `which` names
/// the batch.
void requireEnoughExamples(const Step &step, int64_t batch, const std::string &which);

class Session {
public:
  /// Room for batches of up to `batch` examples; the state is all zeros.
  Session(const Manifest &manifest, int64_t batch);
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  int64_t maximumBatch() const { return limit; }
  char *state() { return stateArena.data(); }
  const char *state() const { return stateArena.data(); }

  /// Where a value of a step lies when the batch has `batch` examples.
  char *address(const Slot &slot, int64_t batch);

  /// Runs a step. `context.batch` examples must be in its inputs; too few for its statistics are
  /// a usage error. An error that an op reports is thrown as a data error that names the step.
  void run(const Step &step, AdvxContext context, const double *uniforms);

private:
  int64_t limit;
  Buffer stateArena, batchArena;
  OpErrors errors;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_SESSION_H
