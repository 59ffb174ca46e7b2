#include "runtime/data/Cifar.h"

#include "runtime/core/Error.h"
#include "runtime/data/Archive.h"
#include "runtime/data/DataFile.h"
#include "runtime/data/DataPlace.h"

#include <algorithm>
#include <cstring>

namespace advx::runtime {

namespace {

/// Room for what a compressed file holds before it is known how much that is.
constexpr size_t firstRoom = size_t(1) << 20;

class Reader {
public:
  Reader(const std::vector<std::string> &files, const DataDescription &description)
      : files(files), description(description), sources(files.size()) {
    images.shape = description.image;
    images.parts.resize(files.size());
    for (Images::Part &part : images.parts)
      part.before = description.labelBytes;
  }

  void readFiles(const std::vector<std::string> &paths) {
    for (size_t place = 0; place < paths.size(); ++place) {
      DataFile file(paths[place]);
      sources[place] = "`" + paths[place] + "`";
      keep(place, file.isCompressed() ? inflate(file) : readExactly(file, file.mostBytes(), place));
    }
  }

  void readArchive(const std::string &path) {
    Archive archive(path);
    while (archive.next()) {
      auto found = std::find(files.begin(), files.end(), archive.name());
      if (found == files.end())
        continue;
      auto place = size_t(found - files.begin());
      if (!sources[place].empty())
        throw dataError(archive.describe() + " is the second file of its name");
      sources[place] = archive.describe();
      keep(place, readExactly(archive, archive.size(), place));
    }
    for (size_t place = 0; place < files.size(); ++place)
      if (sources[place].empty())
        throw dataError("`" + path + "` holds no `" + files[place] + "`",
                        "give the archive of " + description.name + " to --data");
  }

  Images take() {
    for (size_t place = 0; place < images.parts.size(); ++place)
      takeLabels(images.parts[place], sources[place]);
    return std::move(images);
  }

private:
  int64_t recordBytes() const { return description.labelBytes + images.imageBytes(); }

  /// A file that is no whole number of records has been cut short, or holds something else.
  void checkBytes(uint64_t bytes, size_t place) const {
    auto record = uint64_t(recordBytes());
    if (bytes % record != 0)
      throw dataError(sources[place] + " holds " + std::to_string(bytes) +
                          " bytes, which is no whole number of records of " +
                          std::to_string(record) + " (" + std::to_string(description.labelBytes) +
                          (description.labelBytes == 1 ? " byte" : " bytes") +
                          " of label, an image of " + formatShape(images.shape) + ")",
                      "fetch the file again; " + description.name +
                          " takes the binary version of the data");
  }

  template <typename Source> Buffer readExactly(Source &source, uint64_t bytes, size_t place) {
    checkBytes(bytes, place);
    Buffer buffer(size_t(bytes), MemoryKind::Data);
    if (source.read(buffer.data(), buffer.size()) < buffer.size())
      throw dataError(sources[place] + " was cut short while it was read");
    return buffer;
  }

  /// A compressed file does not say in a way to rely on how long its content is.
  static Buffer inflate(DataFile &file) {
    Buffer buffer(firstRoom, MemoryKind::Data);
    size_t filled = 0;
    while (size_t got = file.read(buffer.data() + filled, buffer.size() - filled)) {
      filled += got;
      if (filled == buffer.size())
        buffer = resized(buffer, filled, 2 * filled);
    }
    return resized(buffer, filled, filled);
  }

  static Buffer resized(const Buffer &from, size_t filled, size_t size) {
    Buffer to(size, MemoryKind::Data);
    if (filled > 0)
      std::memcpy(to.data(), from.data(), filled);
    return to;
  }

  void keep(size_t place, Buffer records) {
    checkBytes(records.size(), place);
    Images::Part &part = images.parts[place];
    part.count = int64_t(records.size()) / recordBytes();
    part.records = std::move(records);
    images.count += part.count;
  }

  void takeLabels(const Images::Part &part, const std::string &source) {
    const char *label = part.records.data() + part.before - 1;
    for (int64_t i = 0; i < part.count; ++i, label += recordBytes()) {
      images.labels.push_back(uint8_t(*label));
      checkLabel(images.labels.back(), description,
                 [&] { return "record " + std::to_string(i) + " of " + source; });
    }
  }

  const std::vector<std::string> &files;
  const DataDescription &description;
  std::vector<std::string> sources; ///< of each file as messages name it; empty: not yet found
  Images images;
};

} // namespace

Images readCifar(const std::string &directory, const std::vector<std::string> &files,
                 const DataDescription &description) {
  DataPlace place = findData(directory, files, description.archive);
  Reader reader(files, description);
  if (place.archive.empty())
    reader.readFiles(place.files);
  else
    reader.readArchive(place.archive);
  return reader.take();
}

} // namespace advx::runtime
