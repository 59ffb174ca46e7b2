#ifndef ADVX_RUNTIME_TRAIN_RESUME_H
#define ADVX_RUNTIME_TRAIN_RESUME_H

#include "runtime/train/Checkpoint.h"
#include "runtime/train/TrainOptions.h"

namespace advx::runtime {

/// What a run's numbers depend on besides its settings, its seed and its data: every text that
/// was read, by hash, and how it was compiled. Names are as messages show them.
std::map<std::string, std::string> programIdentity(const Manifest &manifest);

/// Gives `settings` what the command line says and, for a resumed run (`past`
/// not null), what the run was started with where the command line is silent.
/// Returns the seed. A resumed run that would differ from what it was started
/// with (program, initial weights, seed, horizon or any setting) is a usage error that says how.
uint64_t configure(const Manifest &manifest, const TrainOptions &options, const TrainingState *past,
                   Settings &settings);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_RESUME_H
