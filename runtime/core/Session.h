//===- Session.h - The memory of a program, and its steps -----------------===//
//
// Owns the two arenas of a program, runs its steps, and copies values in and out.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_SESSION_H
#define ADVX_RUNTIME_CORE_SESSION_H

#include "runtime/core/Arena.h"
#include "runtime/core/Manifest.h"
#include "runtime/core/OpErrors.h"

namespace advx::runtime {

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

  /// Copies a leaf of state, `leaf.bytes()` bytes.
  void read(const Leaf &leaf, void *to) const;
  void write(const Leaf &leaf, const void *from);

  /// Copies a value of a step for a batch of `batch` examples, `slot.bytes(batch)` bytes. What an
  /// input holds is lost when the step runs; an output is there until the next step runs.
  void read(const Slot &slot, int64_t batch, void *to) const;
  void write(const Slot &slot, int64_t batch, const void *from);
  /// Writes one of the examples of such a batch, `slot.rowBytes()` bytes.
  void writeExample(const Slot &slot, int64_t batch, int64_t example, const void *from);
  /// An output of real numbers as f64, and one of truth values as 0 and 1; in the order of the
  /// examples.
  std::vector<double> reals(const Slot &slot, int64_t batch) const;
  std::vector<char> flags(const Slot &slot, int64_t batch) const;

  /// Sets every byte of both arenas.
  void fill(unsigned char byte);

  /// Runs a step. `context.batch` examples must be in its inputs; too few for its statistics are
  /// a usage error. An error that an op reports is thrown as a data error that names the step.
  void run(const Step &step, AdvxContext context, const double *uniforms);

private:
  Arena &arenaOf(const Slot &slot) { return slot.batched ? batchArena : stateArena; }
  const Arena &arenaOf(const Slot &slot) const { return slot.batched ? batchArena : stateArena; }
  static uint64_t offsetOf(const Slot &slot, int64_t batch);

  int64_t limit;
  Arena stateArena, batchArena;
  OpErrors errors;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_SESSION_H
