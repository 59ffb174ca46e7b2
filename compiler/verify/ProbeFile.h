#ifndef ADVX_VERIFY_PROBEFILE_H
#define ADVX_VERIFY_PROBEFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <map>
#include <string>
#include <vector>

namespace advx::verify {

/// A tensor of a probe file, widened; truth values are 0 and 1.
struct ProbedTensor {
  std::string dtype; ///< As safetensors spells it.
  std::vector<int64_t> shape;
  std::vector<double> values;
};

/// What `EXE probe` wrote: tensors named STEP/LEAF and STEP/OUTPUT.
using ProbeFile = std::map<std::string, ProbedTensor>;

/// Reads a file that our own runtime wrote; anything else is an error.
llvm::Expected<ProbeFile> readProbeFile(llvm::StringRef path);

/// How far one probe is from another.
struct Difference {
  double largest = 0; ///< Infinite where shapes, infinities or NaNs differ.
  std::string where;  ///< The tensor; empty where nothing differs.
};

/// The largest difference between values of two probes, each relative to the largest magnitude of
/// its tensor in `reference`, or to 0.01 if that is larger.
///
/// The points that attacks found may have `strayed` of their entries (0 to 1) elsewhere: where a
/// gradient is zero but for rounding its sign is arbitrary, and one step along it is not small.
Difference compareProbes(const ProbeFile &reference, const ProbeFile &other, double strayed);

} // namespace advx::verify

#endif // ADVX_VERIFY_PROBEFILE_H
