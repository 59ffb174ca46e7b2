#include "compiler/link/Link.h"
#include "compiler/link/ChildProcess.h"
#include "compiler/link/TemporaryFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

namespace fs = llvm::sys::fs;
namespace json = llvm::json;

namespace advx::link {
namespace {

struct RuntimeParts {
  std::vector<std::string> archives;
  std::vector<std::string> flags;
  std::vector<std::string> providers;
};

std::optional<LinkError> findDriver(std::string &driver) {
  if (std::optional<std::string> chosen = llvm::sys::Process::GetEnv("ADVX_CXX")) {
    llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName(*chosen);
    if (!found || !fs::can_execute(*found))
      return LinkError{LinkError::noCompiler,
                       "the linker driver named by ADVX_CXX, `" + *chosen + "`, cannot be run", "",
                       "set ADVX_CXX to a C++ compiler driver, or unset it to use c++ from PATH"};
    driver = *found;
    return std::nullopt;
  }
  for (const char *name : {"c++", "g++", "clang++"}) {
    if (llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName(name)) {
      driver = *found;
      return std::nullopt;
    }
  }
  return LinkError{LinkError::noCompiler,
                   "no linker driver: none of c++, g++ and clang++ is in PATH", "",
                   "install one (on Debian: apt install g++), or name one in ADVX_CXX"};
}

LinkError badRuntime(std::string reason) {
  return {LinkError::noRuntime, std::move(reason), "",
          "build or install the runtime again; it is found beside the advx executable"};
}

std::optional<LinkError> readStrings(const json::Object &object, const char *key,
                                     const std::string &path, std::vector<std::string> &out) {
  const json::Array *array = object.getArray(key);
  if (!array)
    return badRuntime("`" + path + "` has no list \"" + key + "\"");
  for (const json::Value &value : *array) {
    std::optional<llvm::StringRef> text = value.getAsString();
    if (!text)
      return badRuntime("`" + path + "`: \"" + key + "\" must hold strings only");
    out.push_back(text->str());
  }
  return std::nullopt;
}

std::optional<LinkError> readParts(const std::string &directory, RuntimeParts &parts) {
  llvm::SmallString<128> path(directory);
  llvm::sys::path::append(path, kLinkFile);
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return badRuntime("cannot read `" + path.str().str() + "`: " + buffer.getError().message());
  llvm::Expected<json::Value> value = json::parse((*buffer)->getBuffer());
  if (!value)
    return badRuntime("`" + path.str().str() +
                      "` is not JSON: " + llvm::toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return badRuntime("`" + path.str().str() + "` is not a JSON object");
  for (auto [key, out] : {std::pair("archives", &parts.archives), std::pair("flags", &parts.flags)})
    if (auto error = readStrings(*object, key, path.str().str(), *out))
      return error;
  if (object->get("providers"))
    if (auto error = readStrings(*object, "providers", path.str().str(), parts.providers))
      return error;
  for (std::string &archive : parts.archives) {
    llvm::SmallString<128> full(archive);
    fs::make_absolute(directory, full);
    if (!fs::exists(full))
      return badRuntime("the runtime archive `" + full.str().str() + "` does not exist");
    archive = full.str().str();
  }
  return std::nullopt;
}

LinkError failureOf(const Outcome &outcome, std::string reason) {
  if (outcome.lacksFolder)
    return {LinkError::cannotWrite, outcome.said, "",
            "make room for temporary files; TMPDIR names another folder"};
  return {LinkError::linkerFailed, std::move(reason), outcome.said,
          "see what the linker said above; ADVX_CXX names another driver"};
}

} // namespace

std::vector<std::string> optionalProviders(const std::string &runtimeDirectory) {
  RuntimeParts parts;
  if (readParts(runtimeDirectory, parts))
    return {};
  return parts.providers;
}

std::optional<LinkError> joinObjects(const std::vector<std::string> &objects,
                                     const std::string &result) {
  std::string driver;
  if (auto error = findDriver(driver))
    return error;
  std::vector<std::string> arguments = {"-r", "-nostdlib", "-o", result};
  arguments.insert(arguments.end(), objects.begin(), objects.end());
  if (Outcome outcome = runProgram(driver, arguments); !outcome.succeeded)
    return failureOf(outcome, "`" + driver + "` could not join two objects");
  return std::nullopt;
}

std::optional<LinkError> linkExecutable(const LinkRequest &request) {
  std::string driver;
  if (auto error = findDriver(driver))
    return error;
  RuntimeParts parts;
  if (auto error = readParts(request.runtimeDirectory, parts))
    return error;

  auto cannotWrite = [&](const std::error_code &code) {
    return LinkError{LinkError::cannotWrite,
                     "cannot write `" + request.executable + "`: " + code.message(), "",
                     "choose another place with -o"};
  };
  TemporaryFile result;
  if (std::error_code error = result.create(request.executable + ".", ".tmp", /*executable=*/true))
    return cannotWrite(error);

  std::vector<std::string> arguments = {"-o", result.path(), request.object};
  arguments.insert(arguments.end(), parts.archives.begin(), parts.archives.end());
  arguments.insert(arguments.end(), parts.flags.begin(), parts.flags.end());
  // Where the executable finds a provider's library if it comes to load it. An RPATH: a RUNPATH is
  // for what the executable itself loads, and with a sanitizer that one's dlopen stands between.
  if (!parts.providers.empty()) {
    llvm::SmallString<128> full(request.runtimeDirectory);
    if (std::error_code error = fs::make_absolute(full))
      return badRuntime("cannot tell where the runtime is: " + error.message());
    for (const std::string &word :
         {std::string("--disable-new-dtags"), std::string("-rpath"), full.str().str()})
      arguments.insert(arguments.end(), {"-Xlinker", word});
  }
  if (Outcome outcome = runProgram(driver, arguments); !outcome.succeeded)
    return failureOf(outcome, "`" + driver + "` could not link the executable");
  if (std::error_code error = fs::rename(result.path(), request.executable))
    return cannotWrite(error);
  result.release();
  return std::nullopt;
}

} // namespace advx::link
