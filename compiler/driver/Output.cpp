//===- Output.cpp - What may be written -------------------------------------===//

#include "compiler/driver/Output.h"

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace advx::driver {

namespace fs = std::filesystem;

namespace {

const char *kindOf(mode_t mode) {
  if (S_ISDIR(mode))
    return "a folder";
  if (S_ISLNK(mode))
    return "a symbolic link";
  if (S_ISFIFO(mode))
    return "a FIFO";
  return S_ISSOCK(mode) ? "a socket" : "a device";
}

bool isSame(const struct stat &status, const std::string &path) {
  struct stat other{};
  return ::stat(path.c_str(), &other) == 0 && status.st_dev == other.st_dev &&
         status.st_ino == other.st_ino;
}

/// What the file is to this command; empty if nothing.
std::string inputOf(const struct stat &status, const Session &session) {
  if (isSame(status, session.request.page))
    return "the page itself";
  for (uint32_t file = 0; file < session.sources.size(); ++file)
    if (isSame(status, session.sources.file(file).path))
      return "a file that the page imports";
  for (const std::string &file : session.named)
    if (isSame(status, file))
      return "a file that the page names";
  if (isSame(status, "/proc/self/exe"))
    return "advx itself";
  std::error_code error;
  for (fs::recursive_directory_iterator it(session.installation.stdlib, error), end;
       !error && it != end; it.increment(error))
    if (isSame(status, it->path().string()))
      return "a text of the standard library";
  for (fs::directory_iterator it(session.installation.runtime, error), end; !error && it != end;
       it.increment(error))
    if (isSame(status, it->path().string()))
      return "a part of the runtime";
  return {};
}

} // namespace

bool checkOutput(const std::string &path, const char *option, Session &session) {
  auto refuse = [&](const std::string &reason, const std::string &help) {
    session.environmentError(diag::Code::CannotWrite, "cannot write `" + path + "`: " + reason)
        .help(help);
    return false;
  };
  std::string another = std::string("choose another place with ") + option;
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0)
    if (std::string input = inputOf(status, session); !input.empty())
      return refuse("it is " + input, another);
  if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return refuse(std::string("it is ") + kindOf(status.st_mode) + ", which no file replaces",
                  another);
  fs::path folder = fs::path(path).parent_path();
  if (folder.empty())
    folder = ".";
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    session
        .environmentError(diag::Code::CannotWrite,
                          "cannot write in the folder `" + folder.string() + "`")
        .help(std::string("make the folder, or name another file with ") + option);
    return false;
  }
  return true;
}

std::string plainPath(const std::string &path) {
  return path.empty() || path[0] == '/' ? path : "./" + path;
}

} // namespace advx::driver
