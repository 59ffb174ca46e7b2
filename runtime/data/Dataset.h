//===- Dataset.h - The splits of a data set -------------------------------===//
//
// `train` and `test` are file sets; `valid` is drawn by the seed from `train`,
// which then lacks it. An example's index is its place in its file set, so it
// names the example whatever the splits.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_DATA_DATASET_H
#define ADVX_RUNTIME_DATA_DATASET_H

#include "runtime/data/Images.h"

#include <map>
#include <string>

namespace advx::runtime {

/// Some examples of a file set, in the order of their indices.
struct Split {
  const Images *images = nullptr;
  std::vector<int64_t> indices;
  uint64_t code = 0; ///< AdvxContext::split

  int64_t count() const { return int64_t(indices.size()); }
};

class Dataset {
public:
  /// `description` is borrowed. `valid` examples of train are set apart by `seed`.
  Dataset(const DataDescription &description, std::string directory, uint64_t seed, int64_t valid);

  /// "train", "valid" or "test"; reads its files on first use. Files that are
  /// damaged or do not fit the program (image shape, labels outside the classes,
  /// no examples left) are data errors.
  const Split &split(const std::string &name);

  /// Of each file set that a split has been read from ("train", "test"): changes with any pixel
  /// or label, as a CRC-32 of both.
  std::map<std::string, std::string> fingerprints() const;

private:
  const Images &files(bool test);

  const DataDescription &description;
  std::string directory;
  uint64_t seed;
  int64_t valid;
  Images loaded[2];
  bool isLoaded[2] = {false, false};
  Split splits[3];
  bool isSplit[3] = {false, false, false};
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_DATASET_H
