#ifndef ADVX_RUNTIME_CLI_SWEEPPLAN_H
#define ADVX_RUNTIME_CLI_SWEEPPLAN_H

#include "runtime/core/Manifest.h"
#include "runtime/train/TrainOptions.h"

namespace advx::runtime {

/// The runs of the page's sweep: a cell for each combination of values, the last axis fastest.
class SweepPlan {
public:
  /// `base` is what all cells have in common; its `out` is the folder of the sweep. A page without
  /// a sweep, and a `--set` of what it sweeps, are usage errors. The manifest is borrowed.
  SweepPlan(const Manifest &manifest, TrainOptions base);

  size_t size() const { return count; }
  const std::vector<SweepAxis> &axes() const { return manifest.sweep; }
  /// The value of each axis in a cell.
  std::vector<std::string> values(size_t cell) const;
  /// `s = 5, seed = 2`.
  std::string name(size_t cell) const;
  std::string folder(size_t cell) const;
  /// Where what a cell prints goes.
  std::string log(size_t cell) const;
  /// What trains the cell, or goes on with it.
  TrainOptions options(size_t cell) const;

  /// Writes `sweep.json`, or refuses a folder whose sweep is another one.
  void open() const;
  /// Refuses a folder without a sweep of this page.
  void require() const;

private:
  std::string description() const;
  /// The keys in which `sweep.json` differs, of `page` and `axes` alone or of all.
  std::string differences(bool all) const;
  std::string stem(size_t cell) const;

  const Manifest &manifest;
  TrainOptions base;
  size_t count = 1;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CLI_SWEEPPLAN_H
