#ifndef ADVX_RUNTIME_DATA_BATCHINPUTS_H
#define ADVX_RUNTIME_DATA_BATCHINPUTS_H

#include "runtime/core/Session.h"
#include "runtime/data/Images.h"
#include "runtime/data/TrainingOrder.h"

namespace advx::runtime {

/// Examples as a step takes them: images in numbers of the data's range, labels, and the index that
/// their draws have.
class BatchInputs {
public:
  /// Gathers the examples `rows` for `step`, in place of those it held.
  void gather(const Step &step, const DataDescription &description, const Images &images,
              const Rows &rows);
  /// Copies them into the inputs of the step.
  void write(Session &session, const Step &step) const;

private:
  Buffer images;
  std::vector<int64_t> labels, keys;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_BATCHINPUTS_H
