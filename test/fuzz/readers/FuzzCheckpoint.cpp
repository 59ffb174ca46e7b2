//===- FuzzCheckpoint.cpp - Checkpoints of any bytes are read or refused ----===//
//
// The input is a safetensors file. Every tensor that its header promises can be read, and a
// training state that is accepted survives being written.
//
//===----------------------------------------------------------------------===//

#include "test/fuzz/readers/MemoryFile.h"

#include "runtime/core/Error.h"
#include "runtime/core/Safetensors.h"
#include "runtime/train/Checkpoint.h"

#include <cstdlib>

using namespace advx::runtime;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static MemoryFile checkpoint;
  checkpoint.fill(bytes, size);
  try {
    SafetensorsFile file(checkpoint.path());
    uint64_t total = 0;
    for (const auto &[name, tensor] : file.tensors()) {
      std::vector<char> data(tensor.bytes);
      file.read(tensor, data.data());
      total += tensor.bytes;
    }
    if (total > size)
      std::abort();
    std::optional<TrainingState> training = readTrainingState(file);
    if (!training)
      return 0;
    const Position &position = training->position;
    if (position.epoch < 0 || position.batch < 0 || position.iteration < 0 || training->events < 0)
      std::abort();
    checkPosition(*training, 3, 7, 1, file.path());
    if (position.epoch > 3 || position.batch > 7 || position.iteration > 21)
      std::abort();
  } catch (const Error &) {
  }
  return 0;
}
