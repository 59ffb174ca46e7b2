//===- Tables.h - State of the page with a row for each example -----------===//
//
// A state per slot has a row for each place of a batch: the i-th example of whichever batch takes
// row i, and a last, smaller batch the first rows. A state per example has a row for each image of
// the training files. Steps take the rows of their batch and give new ones.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_TRAIN_TABLES_H
#define ADVX_RUNTIME_TRAIN_TABLES_H

#include "runtime/core/Safetensors.h"
#include "runtime/core/Session.h"
#include "runtime/core/Settings.h"

namespace advx::runtime {

class Tables {
public:
  /// `slots` places of a batch, `examples` images of the training files. The manifest is borrowed.
  Tables(const Manifest &manifest, const Settings &settings, int64_t slots, int64_t examples);

  /// Copies the rows of a batch into the inputs of a step, and its outputs back. `examples` are
  /// the `count` images of the batch, by their place in the files.
  void give(Session &session, const Step &step, const int64_t *examples, int64_t count) const;
  void take(const Session &session, const Step &step, const int64_t *examples, int64_t count);

  /// The tables as tensors of a file, the rows along their first axis; borrowed.
  std::vector<TensorToWrite> tensors() const;
  /// Reads all tables. One that is missing or has another shape is a data error.
  void load(const SafetensorsFile &file);
  /// The name of the first table with an entry that is not finite; empty if there is none.
  std::string nonFinite() const;

private:
  struct Kept {
    const Table *table;
    int64_t count;
    std::vector<char> bytes;
    char *row(int64_t number) { return bytes.data() + size_t(number) * table->rowBytes(); }
    const char *row(int64_t number) const {
      return bytes.data() + size_t(number) * table->rowBytes();
    }
    std::vector<int64_t> shape() const;
  };
  std::vector<Kept> all;
  std::vector<char> rows; ///< of a batch, on their way to where their images have them
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_TABLES_H
