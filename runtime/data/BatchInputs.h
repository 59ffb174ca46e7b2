#ifndef ADVX_RUNTIME_DATA_BATCHINPUTS_H
#define ADVX_RUNTIME_DATA_BATCHINPUTS_H

#include "runtime/core/Session.h"
#include "runtime/data/Images.h"

namespace advx::runtime {

/// Examples as a step takes them: images in numbers of the data's range, labels, places in the file
/// set.
class BatchInputs {
public:
  /// Gathers the examples `rows[0 … count)` for `step`, in place of those it held.
  void gather(const Step &step, const DataDescription &description, const Images &images,
              const int64_t *rows, int64_t count);
  /// Copies them into the inputs of the step.
  void write(Session &session, const Step &step) const;

private:
  Buffer images;
  std::vector<int64_t> labels, rows;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_BATCHINPUTS_H
