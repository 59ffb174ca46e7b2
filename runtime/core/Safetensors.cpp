#include "runtime/core/Safetensors.h"

#include "runtime/core/Error.h"
#include "runtime/core/Files.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t lengthBytes = 8;
/// The limit of the reference implementation.
constexpr uint64_t longestHeader = 100000000;

/// Bytes of one element; 0 for a name that the format does not know.
size_t elementBytes(const std::string &dtype) {
  static const std::map<std::string, size_t> sizes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
      {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
      {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};
  auto found = sizes.find(dtype);
  return found == sizes.end() ? 0 : found->second;
}

uint64_t readLength(const char *bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i)
    value = value << 8 | uint8_t(bytes[i]);
  return value;
}

/// The header of one file, checked step by step.
class HeaderReader {
public:
  HeaderReader(const std::string &path, const std::vector<char> &bytes)
      : path(path), bytes(bytes) {}

  Json parse() {
    if (bytes.size() < lengthBytes)
      fail("it has " + std::to_string(bytes.size()) + " bytes, fewer than the length of a header");
    uint64_t length = readLength(bytes.data());
    if (length > longestHeader)
      fail("it does not start with the length of a header; it may not be a safetensors file");
    if (length > bytes.size() - lengthBytes)
      fail("it ends inside the header of " + std::to_string(length) + " bytes (truncated)");
    dataBegin = lengthBytes + length;
    std::set<std::string> names;
    std::string repeated;
    auto noteKeys = [&](int depth, Json::parse_event_t event, Json &parsed) {
      if (event == Json::parse_event_t::key && depth == 1 &&
          !names.insert(parsed.get<std::string>()).second)
        repeated = parsed.get<std::string>();
      return true;
    };
    const char *begin = bytes.data() + lengthBytes;
    Json header = Json::parse(begin, begin + length, noteKeys, /*allow_exceptions=*/false);
    if (header.is_discarded() || !header.is_object())
      fail("its header is not a JSON object");
    if (!repeated.empty())
      fail("its header names `" + repeated + "` twice");
    return header;
  }

  std::map<std::string, std::string> metadata(const Json &header) const {
    std::map<std::string, std::string> result;
    if (!header.contains("__metadata__"))
      return result;
    const Json &entries = header["__metadata__"];
    if (!entries.is_object())
      fail("`__metadata__` is not an object");
    for (const auto &[key, value] : entries.items()) {
      if (!value.is_string())
        fail("`__metadata__." + key + "` is not a string");
      result[key] = value.get<std::string>();
    }
    return result;
  }

  std::map<std::string, StoredTensor> tensors(const Json &header) {
    std::map<std::string, StoredTensor> result;
    for (const auto &[name, entry] : header.items())
      if (name != "__metadata__")
        result[name] = tensor(name, entry);
    checkContiguous();
    return result;
  }

private:
  [[noreturn]] void fail(const std::string &problem) const {
    throw dataError("`" + path + "` cannot be read: " + problem);
  }

  StoredTensor tensor(const std::string &name, const Json &entry) {
    bool complete = entry.is_object() && entry.contains("dtype") && entry["dtype"].is_string() &&
                    entry.contains("shape") && entry["shape"].is_array() &&
                    entry.contains("data_offsets") && entry["data_offsets"].is_array() &&
                    entry["data_offsets"].size() == 2 && entry.size() == 3;
    if (!complete)
      fail("tensor `" + name + "` needs a dtype, a shape and two data_offsets");
    StoredTensor result;
    result.dtype = entry["dtype"].get<std::string>();
    uint64_t expected = elementBytes(result.dtype);
    if (expected == 0)
      fail("tensor `" + name + "` has the unknown type `" + result.dtype + "`");
    for (const Json &extent : entry["shape"]) {
      if (!extent.is_number_unsigned())
        fail("the shape of tensor `" + name + "` is not a list of whole numbers");
      uint64_t value = extent.get<uint64_t>();
      if (value > uint64_t(INT64_MAX) || __builtin_mul_overflow(expected, value, &expected))
        fail("the shape of tensor `" + name + "` is too large");
      result.shape.push_back(int64_t(value));
    }
    for (const Json &offset : entry["data_offsets"])
      if (!offset.is_number_unsigned())
        fail("the data_offsets of tensor `" + name + "` are not whole numbers");
    uint64_t begin = entry["data_offsets"][0].get<uint64_t>();
    uint64_t end = entry["data_offsets"][1].get<uint64_t>();
    uint64_t available = bytes.size() - dataBegin;
    if (begin > end || end - begin != expected)
      fail("tensor `" + name + "` has " + std::to_string(expected) +
           " bytes by its shape and type, and others by its data_offsets");
    if (end > available)
      fail("it ends inside tensor `" + name + "` (truncated: " + std::to_string(available) +
           " bytes of data, at least " + std::to_string(end) + " expected)");
    result.data = bytes.data() + dataBegin + begin;
    result.bytes = size_t(expected);
    ranges.emplace_back(begin, end);
    return result;
  }

  /// Data without gaps, overlaps or bytes that belong to no tensor.
  void checkContiguous() {
    std::sort(ranges.begin(), ranges.end());
    uint64_t position = 0;
    for (auto [begin, end] : ranges) {
      if (begin != position)
        fail("its tensors overlap or leave a gap at byte " + std::to_string(position) +
             " of the data");
      position = end;
    }
    uint64_t available = bytes.size() - dataBegin;
    if (position != available)
      fail("it has " + std::to_string(available - position) +
           " extra bytes behind the last tensor");
  }

  const std::string &path;
  const std::vector<char> &bytes;
  uint64_t dataBegin = 0;
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
};

} // namespace

SafetensorsFile::SafetensorsFile(const std::string &path)
    : filePath(path), bytes(readFile(path, "checkpoint")) {
  HeaderReader reader(filePath, bytes);
  Json header = reader.parse();
  meta = reader.metadata(header);
  stored = reader.tensors(header);
}

const StoredTensor *SafetensorsFile::find(const std::string &name) const {
  auto found = stored.find(name);
  return found == stored.end() ? nullptr : &found->second;
}

void writeSafetensors(const std::string &path, const std::vector<TensorToWrite> &tensors,
                      const std::map<std::string, std::string> &metadata) {
  Json header = Json::object();
  Json &entries = header["__metadata__"] = Json::object();
  for (const auto &[key, value] : metadata)
    entries[key] = value;
  uint64_t offset = 0;
  for (const TensorToWrite &tensor : tensors) {
    header[tensor.name] = {{"dtype", tensor.dtype},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, offset + tensor.bytes}}};
    offset += tensor.bytes;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' '); // the data starts on an 8-byte boundary
  char length[lengthBytes];
  for (uint64_t i = 0; i < lengthBytes; ++i)
    length[i] = char(uint64_t(text.size()) >> (8 * i) & 0xFF);
  AtomicFile file(path);
  file.write(length, lengthBytes);
  file.write(text);
  for (const TensorToWrite &tensor : tensors)
    file.write(tensor.data, tensor.bytes);
  file.commit();
}

} // namespace advx::runtime
