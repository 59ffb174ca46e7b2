#include "runtime/data/DataPlace.h"

#include "runtime/core/Error.h"
#include "runtime/core/Files.h"

#include <algorithm>

namespace advx::runtime {

namespace {

bool isThere(const std::string &directory, const std::string &name) {
  std::string path = joinPath(directory, name);
  return fileExists(path) || fileExists(path + ".gz");
}

} // namespace

std::string findDataFile(const std::string &directory, const std::string &name) {
  std::string path = joinPath(directory, name);
  if (fileExists(path))
    return path;
  if (fileExists(path + ".gz"))
    return path + ".gz";
  if (!isDirectory(directory))
    throw dataError("there is no directory `" + directory + "`",
                    "--data takes the directory that holds `" + name + "` or `" + name + ".gz`");
  throw dataError("`" + directory + "` holds neither `" + name + "` nor `" + name + ".gz`");
}

DataPlace findData(const std::string &directory, const std::vector<std::string> &names,
                   const std::string &archive) {
  DataPlace place;
  bool some = std::any_of(names.begin(), names.end(),
                          [&](const std::string &name) { return isThere(directory, name); });
  if (!some && !archive.empty()) {
    std::string inside = joinPath(directory, archive);
    std::string hint = "--data takes the folder that holds `" + names[0] + "` or `" + archive +
                       "`, or that archive";
    if (!fileExists(directory))
      throw dataError("there is no directory `" + directory + "`", hint);
    if (isDirectory(directory) && !fileExists(inside))
      throw dataError("`" + directory + "` holds neither `" + names[0] + "` nor `" + archive + "`",
                      hint);
    place.archive = isDirectory(directory) ? inside : directory;
    return place;
  }
  for (const std::string &name : names)
    place.files.push_back(findDataFile(directory, name));
  return place;
}

} // namespace advx::runtime
