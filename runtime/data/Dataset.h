//===- Dataset.h - The splits of a data set -------------------------------===//
//
// `train` and `test` are file sets; `valid` is drawn by the seed from `train`,
// which then lacks it. An example's index is its place in its file set, so it
// names the example whatever the splits. Of a mixture all splits are the first part's;
// the images of the other parts follow its own in the file set of training.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_DATA_DATASET_H
#define ADVX_RUNTIME_DATA_DATASET_H

#include "runtime/data/Images.h"
#include "runtime/data/TrainingOrder.h"

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

  /// What training takes its batches from, the first `limit` images of each part; their shares are
  /// yet to be set. Reads the files of all parts on first use, and is the only one that does.
  std::vector<TrainingOrder::Part> trainingParts(const std::optional<int64_t> &limit);

  /// Of each file set that has been read ("train", "test", "train.2" of the second part of a
  /// mixture): changes with any pixel or label, as a CRC-32 of both.
  std::map<std::string, std::string> fingerprints() const;

private:
  const Images &files(bool test);
  static std::string fingerprint(const Images &images, int64_t begin, int64_t end);

  const DataDescription &description;
  std::string directory;
  uint64_t seed;
  int64_t valid;
  Images loaded[2];
  bool isLoaded[2] = {false, false};
  std::vector<int64_t> ends; ///< of each part in loaded[0], as far as they have been read
  Split splits[3];
  bool isSplit[3] = {false, false, false};
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_DATASET_H
