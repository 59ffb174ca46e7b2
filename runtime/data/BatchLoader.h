//===- BatchLoader.h - The next batch, while a step runs --------------------===//

#ifndef ADVX_RUNTIME_DATA_BATCHLOADER_H
#define ADVX_RUNTIME_DATA_BATCHLOADER_H

#include "runtime/data/BatchInputs.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace advx::runtime {

/// Gathers batches in a thread of its own, so that a step waits for no more than the copy of one
/// that is ready. Where the machine has not come to run that thread, whoever needs the batch
/// gathers it. What a step sees does not depend on it.
class BatchLoader {
public:
  /// All are borrowed. Throws an environment error where the machine starts no more threads.
  BatchLoader(const Step &step, const DataDescription &description, const Images &images);
  ~BatchLoader();
  BatchLoader(const BatchLoader &) = delete;
  BatchLoader &operator=(const BatchLoader &) = delete;

  /// Begins to gather the examples `rows`; what was gathered before is gone.
  void prepare(Rows rows);
  /// Waits until they are there, and writes them into the inputs of the step; more than once if
  /// need be. An error of the gathering is thrown here.
  void fill(Session &session);

private:
  void work();
  /// Gathers what was asked for; without the lock meanwhile.
  void gather(std::unique_lock<std::mutex> &lock);

  const Step &step;
  const DataDescription &description;
  const Images &images;
  BatchInputs inputs;
  Rows wanted;
  double gathered = 0; ///< seconds that gathering what was asked for took
  std::exception_ptr problem;
  enum class State { Ready, Asked, Gathering };
  State state = State::Ready;
  bool isEnding = false;
  std::mutex mutex;
  std::condition_variable changed;
  std::thread thread;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_BATCHLOADER_H
