//===- Outputs.h - An output never replaces an input ----------------------===//
//
// Asked before anything is computed: whether a path may be written at all, and
// whether writing it would destroy what the command reads.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_OUTPUTS_H
#define ADVX_RUNTIME_CORE_OUTPUTS_H

#include "runtime/core/Manifest.h"

#include <string>
#include <vector>

namespace advx::runtime {

/// A file that a command reads; it need not exist.
struct Input {
  std::string what; ///< "the checkpoint", ...: as a message names it
  std::string path;
};

/// What every command of a program reads: the executable, its page, and the files that the page
/// imports and names `from`.
std::vector<Input> programInputs(const Manifest &manifest);

/// Adds the files of a data set in `directory`, as they are and compressed.
void addDataInputs(std::vector<Input> &inputs, const DataDescription &data,
                   const std::string &directory);

/// Checks a file that the user named for a result. It is a usage error if it is an input, under
/// whatever spelling, through links or by a second name; an environment error if its folder is
/// not there, or as isWrittenInPlace has it.
void checkOutput(const std::string &path, const std::vector<Input> &inputs);

/// Checks a file of a run's own folder, which nobody else may have put elsewhere: where there is
/// something, it is a regular file that has no other name. Also as checkOutput for `inputs`.
void checkOwnFile(const std::string &path, const std::vector<Input> &inputs);

/// Checks the folder of a run's own files: where it is there, it is not a link to another.
void checkOwnFolder(const std::string &path);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_OUTPUTS_H
