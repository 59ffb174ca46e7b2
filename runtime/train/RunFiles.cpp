#include "runtime/train/RunFiles.h"

#include "runtime/core/Files.h"
#include "runtime/core/Outputs.h"

namespace advx::runtime {

std::string RunFiles::in(const char *name) const { return joinPath(folder, name); }

void RunFiles::check(const Manifest &manifest, const TrainOptions &options) const {
  std::vector<Input> inputs = programInputs(manifest);
  if (!options.init.empty())
    inputs.push_back({"the file of the initial weights", options.init});
  addDataInputs(inputs, manifest.data, options.data);
  for (const std::string &path :
       {record(), metrics(), summary(), profile(), last(), best(), previous(), final()})
    checkOwnFile(path, inputs);
  checkOwnFolder(checkpoints());
}

} // namespace advx::runtime
