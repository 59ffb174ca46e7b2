#include "runtime/core/Import.h"

#include "compiler/source/EditDistance.h"
#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/core/Leaves.h"
#include "runtime/core/Text.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <unistd.h>
#include <zlib.h>

namespace advx::runtime {

namespace {

bool isPrefix(const std::string &prefix, const std::string &name) {
  return prefix.empty() || name == prefix ||
         (name.compare(0, prefix.size(), prefix) == 0 && name[prefix.size()] == '.');
}

/// Whether `name` is `pattern`, in which `*` stands for any text.
bool matches(const std::string &pattern, const std::string &name) {
  // Where to go on when the text after the last `*` does not fit: one character later.
  size_t p = 0, n = 0, star = std::string::npos, retry = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string::npos) {
      p = star + 1;
      n = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

std::string quoted(const std::vector<std::string> &names, size_t most) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < most; ++i)
    text += (i ? ", `" : "`") + names[i] + "`";
  return names.size() > most ? text + ", and " + std::to_string(names.size() - most) + " more"
                             : text;
}

/// The names in the file that are most like `wanted`, as a hint.
std::string nearNames(const std::string &wanted, const SafetensorsFile &file) {
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const auto &[name, tensor] : file.tensors())
    ranked.emplace_back(editDistance(wanted.substr(0, 256), name.substr(0, 256)), name);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> names;
  for (const auto &[distance, name] : ranked)
    names.push_back(name);
  return names.empty() ? "the file is empty" : "the file holds " + quoted(names, 3);
}

std::string executableFolder() {
  char path[4096];
  ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  return size > 0 && size_t(size) < sizeof path ? parentDirectory(std::string(path, size_t(size)))
                                                : std::string();
}

/// Where a file may be: beside the page, then beside the executable.
std::vector<std::string> places(const WeightSource &source) {
  if (source.file.empty() || source.file[0] == '/')
    return {source.file};
  return {joinPath(source.folder, source.file), joinPath(executableFolder(), source.file)};
}

std::string locate(const WeightSource &source) {
  std::vector<std::string> paths = places(source);
  for (const std::string &path : paths)
    if (paths.size() == 1 || fileExists(path))
      return path;
  throw dataError("there is no `" + source.file + "`, which `" + source.model +
                      "` takes its weights from: neither `" + paths[0] +
                      "` (beside the page) nor `" + paths[1] + "` (beside the executable) exists",
                  "put the file there, or write its full path on the page and build again");
}

/// CRC-32 of all tensors, by name.
uint32_t checksum(const SafetensorsFile &file) {
  uint32_t crc = 0;
  std::vector<char> data;
  for (const auto &[name, tensor] : file.tensors()) {
    data.resize(tensor.bytes);
    file.read(tensor, data.data());
    crc = uint32_t(::crc32_z(crc, reinterpret_cast<const Bytef *>(data.data()), data.size()));
  }
  return crc;
}

/// One file, open for all models that read it.
struct OpenFile {
  std::unique_ptr<SafetensorsFile> file;
  Import record;
  std::set<std::string> read;
};

class Importer {
public:
  Importer(const Manifest &manifest, Session &session) : manifest(manifest), session(session) {}

  std::vector<Import> run() {
    for (size_t i = 0; i < manifest.sources.size(); ++i)
      importSource(i);
    std::vector<Import> result;
    for (OpenFile &open : files) {
      findUnused(open);
      result.push_back(std::move(open.record));
    }
    return result;
  }

private:
  OpenFile &open(const WeightSource &source) {
    std::string path = locate(source);
    for (OpenFile &known : files)
      if (known.record.path == path)
        return known;
    OpenFile opened;
    opened.file = std::make_unique<SafetensorsFile>(path);
    opened.record.file = source.file;
    opened.record.path = absolutePath(path);
    opened.record.crc = checksum(*opened.file);
    files.push_back(std::move(opened));
    return files.back();
  }

  void importSource(size_t index) {
    const WeightSource &source = manifest.sources[index];
    OpenFile &from = open(source);
    checkWords(source, *from.file);
    std::map<const StoredTensor *, const Leaf *> readers;
    for (const Leaf &leaf : manifest.state)
      if (leaf.source == index)
        importLeaf(leaf, source, from, readers);
  }

  /// Every renaming and every skip says something of this file.
  void checkWords(const WeightSource &source, const SafetensorsFile &file) {
    for (const WeightSource::Rename &rename : source.renames)
      if (std::none_of(file.tensors().begin(), file.tensors().end(),
                       [&](const auto &entry) { return isPrefix(rename.theirs, entry.first); }))
        throw dataError("`" + file.path() + "` holds no name that begins with `" + rename.theirs +
                            "`, which `rename` of `" + source.model + "` puts in place of `" +
                            rename.ours + "`" + place(source),
                        nearNames(rename.theirs, file));
    for (const std::string &pattern : source.skips)
      if (std::none_of(file.tensors().begin(), file.tensors().end(),
                       [&](const auto &entry) { return matches(pattern, entry.first); }))
        throw dataError("`" + file.path() + "` holds no name like `" + pattern + "`, which `" +
                            source.model + "` skips" + place(source),
                        nearNames(pattern, file));
  }

  std::string place(const WeightSource &source) const {
    return " (" + manifest.sourcePath + ", line " + std::to_string(source.line) + ")";
  }

  static bool isSkipped(const Leaf &leaf, const WeightSource &source) {
    for (const std::string &pattern : source.skips)
      for (const std::string &key : leaf.importKeys)
        if (matches(pattern, key))
          return true;
    return false;
  }

  void importLeaf(const Leaf &leaf, const WeightSource &source, OpenFile &from,
                  std::map<const StoredTensor *, const Leaf *> &readers) {
    const SafetensorsFile &file = *from.file;
    const StoredTensor *tensor = findImported(leaf, file);
    if (isSkipped(leaf, source)) {
      from.record.skipped.push_back(leaf.name);
      for (const std::string &key : leaf.importKeys)
        from.read.insert(key);
      return;
    }
    if (!tensor)
      throw dataError("`" + file.path() + "` holds no tensor " + quoted(leaf.importKeys, 2) +
                          " for `" + leaf.name + "`" + place(source),
                      nearNames(leaf.importKeys.back(), file) +
                          "; `rename` names what differs, and `\"" + leaf.importKeys.back() +
                          "\" : skip` keeps the initial value");
    // Who shares a tensor by design says so twice.
    auto [reader, isFirst] = readers.emplace(tensor, &leaf);
    if (!isFirst && !(leaf.rename && reader->second->rename))
      throw dataError("`" + reader->second->name + "` and `" + leaf.name +
                          "` would read the same tensor of `" + file.path() + "`" + place(source),
                      "write a `rename` for each of the two");
    std::string problem = mismatch(leaf, *tensor);
    if (!problem.empty())
      throw dataError("`" + file.path() + "` does not fit this program: " + problem);
    copyLeaf(leaf, file, *tensor, session);
    for (const auto &[name, stored] : file.tensors())
      if (&stored == tensor)
        from.read.insert(name);
  }

  /// Optimiser states of our own checkpoints are no one's loss.
  static void findUnused(OpenFile &open) {
    std::set<std::string> spare = optimizerNames(*open.file);
    for (const auto &[name, tensor] : open.file->tensors())
      if (!open.read.count(name) && !spare.count(name))
        open.record.unused.push_back(name);
  }

  const Manifest &manifest;
  Session &session;
  std::vector<OpenFile> files;
};

} // namespace

const StoredTensor *findImported(const Leaf &leaf, const SafetensorsFile &file) {
  for (const std::string &key : leaf.importKeys)
    if (const StoredTensor *tensor = file.find(key))
      return tensor;
  return nullptr;
}

std::vector<Import> importState(const Manifest &manifest, Session &session) {
  return Importer(manifest, session).run();
}

std::vector<std::string> importedFiles(const Manifest &manifest) {
  std::set<std::string> files;
  for (const WeightSource &source : manifest.sources)
    for (const std::string &path : places(source))
      if (fileExists(path))
        files.insert(path);
  return {files.begin(), files.end()};
}

void printImports(const std::vector<Import> &imports) {
  for (const Import &import : imports) {
    if (!import.skipped.empty())
      std::fprintf(stderr, "note: %s: initial values for %s, which the page skips\n",
                   printable(import.file).c_str(), printable(quoted(import.skipped, 8)).c_str());
    if (!import.unused.empty())
      std::fprintf(stderr, "note: %s: nothing reads %s\n", printable(import.file).c_str(),
                   printable(quoted(import.unused, 8)).c_str());
  }
}

} // namespace advx::runtime
