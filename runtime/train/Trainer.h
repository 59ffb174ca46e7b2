//===- Trainer.h - From initial weights to a finished run -----------------===//
//
// A run directory holds run.json, metrics.jsonl, checkpoints/{last,best,final}
// and, when the run is complete, summary.json. A run that ends at any moment
// goes on from checkpoints/last as if it had not ended, to the last bit.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_TRAIN_TRAINER_H
#define ADVX_RUNTIME_TRAIN_TRAINER_H

#include "runtime/core/Error.h"
#include "runtime/core/Program.h"
#include "runtime/train/TrainOptions.h"

namespace advx::runtime {

/// Trains, evaluates and records. Returns Success or Interrupted; throws Error
/// for all else, with run.json marked as failed where it exists.
ExitCode train(const Program &program, const TrainOptions &options);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_TRAINER_H
