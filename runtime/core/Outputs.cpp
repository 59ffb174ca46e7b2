#include "runtime/core/Outputs.h"

#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/core/Import.h"
#include "runtime/core/InputFile.h"

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace advx::runtime {

namespace {

/// Whether both paths lead to one file or, where there is none yet, to one place.
bool isSame(const std::string &a, const std::string &b) {
  struct stat first{}, second{};
  bool firstExists = ::stat(a.c_str(), &first) == 0, secondExists = ::stat(b.c_str(), &second) == 0;
  if (firstExists != secondExists)
    return false;
  if (firstExists)
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
  std::error_code failed;
  std::filesystem::path placeOfA = std::filesystem::weakly_canonical(absolutePath(a), failed);
  if (failed)
    return false;
  std::filesystem::path placeOfB = std::filesystem::weakly_canonical(absolutePath(b), failed);
  return !failed && placeOfA == placeOfB;
}

void refuseInputs(const std::string &path, const std::vector<Input> &inputs) {
  for (const Input &input : inputs)
    if (isSame(path, input.path))
      throw usageError("`" + path + "` is " + input.what + ", and no result may replace it",
                       "name another file with --out");
    else if (isSame(temporaryPath(path), input.path))
      throw usageError("`" + input.path + "` is " + input.what + " and has the name under which `" +
                           path + "` would be written first",
                       "name another file with --out");
}

} // namespace

std::vector<Input> programInputs(const Manifest &manifest) {
  std::vector<Input> inputs = {{"this executable", "/proc/self/exe"},
                               {"the page", manifest.sourcePath}};
  for (const SourceText &text : manifest.texts)
    if (text.path.compare(0, 1, "<") != 0)
      inputs.push_back({"a file that the page imports",
                        joinPath(parentDirectory(manifest.sourcePath), text.path)});
  for (const std::string &file : importedFiles(manifest))
    inputs.push_back({"a file that the page names", file});
  return inputs;
}

void addDataInputs(std::vector<Input> &inputs, const DataDescription &data,
                   const std::string &directory) {
  for (const std::vector<std::string> *files : {&data.train, &data.test})
    for (const std::string &file : *files)
      for (const char *ending : {"", ".gz"})
        inputs.push_back({"a file of the data set", joinPath(directory, file + ending)});
  if (!data.archive.empty())
    inputs.push_back({"the archive of the data set",
                      isDirectory(directory) ? joinPath(directory, data.archive) : directory});
}

void checkOutput(const std::string &path, const std::vector<Input> &inputs) {
  refuseInputs(path, inputs);
  if (isWrittenInPlace(path))
    return;
  std::string parent = parentDirectory(path);
  if (::access(parent.empty() ? "." : parent.c_str(), W_OK | X_OK) != 0)
    throw systemError("write", path, errno);
}

void checkOwnFile(const std::string &path, const std::vector<Input> &inputs) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && (!S_ISREG(status.st_mode) || status.st_nlink > 1))
    throw usageError("`" + path + "` is " +
                         (S_ISREG(status.st_mode) ? "a file with other names (hard links)"
                                                  : fileKind(status.st_mode)) +
                         ", and a run writes only files of its own folder",
                     "remove it, or choose another --out");
  refuseInputs(path, inputs);
}

void checkOwnFolder(const std::string &path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode))
    throw usageError("`" + path + "` is a symbolic link, and a run writes only into its own folder",
                     "remove it, or choose another --out");
}

} // namespace advx::runtime
