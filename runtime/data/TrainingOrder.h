//===- TrainingOrder.h - Which images are in which batch ------------------===//
//
// Each part of the data is an endless row of its images: a permutation of them, then
// another one. A batch takes from each part, in their order, as many as its share says,
// rounded by largest remainders: every part gets the whole images of its share, and what
// is left of the batch goes to the parts with the largest fractions, of equal ones the
// first. Everything follows from the seed and the place in the training, so nothing of
// it is kept in a checkpoint.
//
// Without shares and without a number of images, an epoch is one permutation.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_DATA_TRAININGORDER_H
#define ADVX_RUNTIME_DATA_TRAININGORDER_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace advx::runtime {

/// Images of a batch.
struct Rows {
  std::vector<int64_t> images; ///< places in the file set
  /// What the draws of each have for its index: its place, and where an image comes again in an
  /// epoch a number that no other image of the epoch has.
  std::vector<int64_t> keys;
};

class TrainingOrder {
public:
  /// A data set, or a part of a mixture.
  struct Part {
    std::string name;
    std::vector<int64_t> images; ///< that training may take, by their places in the file set
    int64_t begin = 0, end = 0;  ///< the places of all images of the part
    double share = 1;
  };
  struct Extent {
    int64_t batch;
    std::optional<int64_t> epoch; ///< images; without it once through the first part
    bool dropLast = false;
  };
  /// No part is empty. Throws a usage error where the shares do not add up to 1, or one is less
  /// than an image of a batch.
  TrainingOrder(std::vector<Part> parts, const Extent &extent, uint64_t seed);

  int64_t imagesPerEpoch() const { return perEpoch; }
  int64_t batches() const { return batchCount; }
  /// Images of the batch `batch` of an epoch, from 0.
  int64_t sizeOf(int64_t batch) const;
  /// Images of each part in a batch of `size`.
  std::vector<int64_t> quotas(int64_t size) const;
  Rows rows(int64_t epoch, int64_t batch);

private:
  void take(size_t index, int64_t epoch, int64_t first, int64_t count, Rows &rows);
  /// The images of a part in the order of its pass `pass`.
  const std::vector<int64_t> &pass(size_t index, int64_t pass);

  struct Stream {
    Part part;
    int64_t perEpoch = 0; ///< images that an epoch takes
    int64_t keys = 0;     ///< of images that come again, from here on
    int64_t pass = -1;    ///< whose order is held
    std::vector<int64_t> order;
  };
  std::vector<Stream> streams;
  int64_t batchSize, perEpoch, batchCount;
  uint64_t seed;
  bool isPlain; ///< an epoch is one permutation
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_TRAININGORDER_H
