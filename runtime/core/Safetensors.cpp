#include "runtime/core/Safetensors.h"

#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/core/Text.h"

#include <nlohmann/json.hpp>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t lengthBytes = 8;
/// The limit of the reference implementation.
constexpr uint64_t longestHeader = 100000000;

uint64_t readLength(const char *bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i)
    value = value << 8 | uint8_t(bytes[i]);
  return value;
}

} // namespace

SafetensorsFile::SafetensorsFile(const std::string &path) : file(path, "checkpoint") {
  auto fail = [&](const std::string &problem) {
    throw dataError("`" + path + "` cannot be read: " + problem);
  };
  uint64_t size = file.size();
  if (size < lengthBytes)
    fail("it has " + std::to_string(size) + " bytes, fewer than the length of a header");
  char lengthField[lengthBytes];
  file.readAt(0, lengthField, lengthBytes);
  uint64_t length = readLength(lengthField);
  if (length > longestHeader)
    fail("it does not start with the length of a header; it may not be a safetensors file");
  if (length > size - lengthBytes)
    fail("it ends inside the header of " + std::to_string(length) + " bytes (truncated)");
  dataBegin = lengthBytes + length;
  std::string text(size_t(length), '\0');
  file.readAt(lengthBytes, text.data(), text.size());
  SafetensorsHeader header;
  if (std::optional<std::string> problem = parseSafetensorsHeader(text, size - dataBegin, header))
    fail(*problem);
  stored = std::move(header.tensors);
  meta = std::move(header.metadata);
}

void SafetensorsFile::read(const StoredTensor &tensor, char *target) const {
  file.readAt(dataBegin + tensor.begin, target, size_t(tensor.bytes));
}

const StoredTensor *SafetensorsFile::find(const std::string &name) const {
  auto found = stored.find(name);
  return found == stored.end() ? nullptr : &found->second;
}

void writeSafetensors(const std::string &path, const std::vector<TensorToWrite> &tensors,
                      const std::map<std::string, std::string> &metadata) {
  Json entries = Json::object();
  for (const auto &[key, value] : metadata)
    entries[key] = value;
  std::string text = "{\"__metadata__\":" + jsonText(std::move(entries));
  uint64_t offset = 0;
  for (const TensorToWrite &tensor : tensors) {
    Json entry = {{"dtype", tensor.dtype},
                  {"shape", tensor.shape},
                  {"data_offsets", {offset, offset + tensor.bytes}}};
    text += "," + jsonText(tensor.name) + ":" + entry.dump();
    offset += tensor.bytes;
  }
  text += "}";
  text.append((8 - text.size() % 8) % 8, ' '); // the data starts on an 8-byte boundary
  char length[lengthBytes];
  for (uint64_t i = 0; i < lengthBytes; ++i)
    length[i] = char(uint64_t(text.size()) >> (8 * i) & 0xFF);
  AtomicFile file(path);
  file.write(length, lengthBytes);
  file.write(text);
  std::vector<char> copy;
  for (const TensorToWrite &tensor : tensors) {
    if (!tensor.data) {
      copy.resize(tensor.bytes);
      tensor.read(copy.data());
    }
    file.write(tensor.data ? tensor.data : copy.data(), tensor.bytes);
  }
  file.commit();
}

} // namespace advx::runtime
