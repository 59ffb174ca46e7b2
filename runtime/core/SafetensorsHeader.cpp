#include "runtime/core/SafetensorsHeader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace advx::runtime {

namespace {

using Json = nlohmann::json;

/// More dimensions than any library makes.
constexpr size_t highestRank = 64;

/// Bytes of one element; 0 for a name that the format does not know.
size_t elementBytes(const std::string &dtype) {
  static const std::map<std::string, size_t> sizes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
      {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
      {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};
  auto found = sizes.find(dtype);
  return found == sizes.end() ? 0 : found->second;
}

/// Takes the header as the JSON parser reads it, so that there is never a tree of it.
class HeaderHandler : public nlohmann::json_sax<Json> {
public:
  explicit HeaderHandler(SafetensorsHeader &header) : header(header) {}

  /// The first thing that is wrong.
  std::optional<std::string> problem;
  /// Where each tensor's data lies, [begin, end).
  std::vector<std::pair<uint64_t, uint64_t>> ranges;

  bool start_object(std::size_t) override {
    switch (place) {
    case Place::Outside:
      return enter(Place::Top);
    case Place::Entry:
      if (name == "__metadata__")
        return enter(Place::Metadata);
      field.clear();
      hasType = hasShape = hasOffsets = false;
      tensor = StoredTensor();
      offsets.clear();
      return enter(Place::Tensor);
    default:
      return wrongValue();
    }
  }

  bool key(string_t &text) override {
    if (place == Place::Top) {
      name = text;
      bool isNew = name == "__metadata__" ? !std::exchange(hasMetadata, true)
                                          : header.tensors.emplace(name, StoredTensor()).second;
      return isNew ? enter(Place::Entry) : fail("its header names `" + name + "` twice");
    }
    field = text;
    if (place == Place::Metadata)
      return enter(Place::MetadataValue);
    bool *seen = field == "dtype"          ? &hasType
                 : field == "shape"        ? &hasShape
                 : field == "data_offsets" ? &hasOffsets
                                           : nullptr;
    if (!seen || std::exchange(*seen, true))
      return incomplete();
    return enter(Place::Field);
  }

  bool end_object() override {
    if (place == Place::Top)
      return enter(Place::Behind);
    if (place == Place::Metadata)
      return enter(Place::Top);
    return finishTensor() && enter(Place::Top);
  }

  bool start_array(std::size_t) override {
    if (place == Place::Field && field != "dtype")
      return enter(Place::List);
    return wrongValue();
  }

  bool end_array() override { return enter(Place::Tensor); }

  bool string(string_t &text) override {
    if (place == Place::MetadataValue) {
      header.metadata[field] = text;
      return enter(Place::Metadata);
    }
    if (place != Place::Field || field != "dtype")
      return wrongValue();
    tensor.dtype = text;
    return enter(Place::Tensor);
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place != Place::List)
      return wrongValue();
    if (field == "data_offsets") {
      offsets.push_back(value);
      return offsets.size() <= 2 || incomplete();
    }
    if (value > uint64_t(INT64_MAX))
      return fail("the shape of tensor `" + name + "` is too large");
    tensor.shape.push_back(int64_t(value));
    return tensor.shape.size() <= highestRank || fail("tensor `" + name + "` has more than " +
                                                      std::to_string(highestRank) + " dimensions");
  }

  bool null() override { return wrongValue(); }
  bool boolean(bool) override { return wrongValue(); }
  bool number_integer(number_integer_t) override { return wrongValue(); }
  bool number_float(number_float_t, const string_t &) override { return wrongValue(); }
  bool binary(binary_t &) override { return wrongValue(); }
  bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &) override {
    return fail("its header is not a JSON object");
  }

private:
  /// Where the parser stands: behind what it has last seen.
  enum class Place { Outside, Top, Entry, Metadata, MetadataValue, Tensor, Field, List, Behind };

  bool enter(Place next) {
    place = next;
    return true;
  }

  bool fail(const std::string &text) {
    if (!problem)
      problem = text;
    return false;
  }

  bool incomplete() {
    return fail("tensor `" + name + "` needs a dtype, a shape and two data_offsets");
  }

  /// A value of a kind that has no place here.
  bool wrongValue() {
    if (place == Place::List)
      return fail(field == "shape"
                      ? "the shape of tensor `" + name + "` is not a list of whole numbers"
                      : "the data_offsets of tensor `" + name + "` are not whole numbers");
    if (place == Place::MetadataValue)
      return fail("`__metadata__." + field + "` is not a string");
    if (place == Place::Entry && name == "__metadata__")
      return fail("`__metadata__` is not an object");
    return place == Place::Outside ? fail("its header is not a JSON object") : incomplete();
  }

  bool finishTensor() {
    if (!hasType || !hasShape || offsets.size() != 2)
      return incomplete();
    tensor.bytes = elementBytes(tensor.dtype);
    if (tensor.bytes == 0)
      return fail("tensor `" + name + "` has the unknown type `" + tensor.dtype + "`");
    for (int64_t extent : tensor.shape)
      if (__builtin_mul_overflow(tensor.bytes, uint64_t(extent), &tensor.bytes))
        return fail("the shape of tensor `" + name + "` is too large");
    if (offsets[0] > offsets[1] || offsets[1] - offsets[0] != tensor.bytes)
      return fail("tensor `" + name + "` has " + std::to_string(tensor.bytes) +
                  " bytes by its shape and type, and others by its data_offsets");
    tensor.begin = offsets[0];
    ranges.emplace_back(offsets[0], offsets[1]);
    header.tensors[name] = std::move(tensor);
    return true;
  }

  SafetensorsHeader &header;
  Place place = Place::Outside;
  std::string name;  ///< of the entry at hand
  std::string field; ///< of that entry
  StoredTensor tensor;
  std::vector<uint64_t> offsets;
  bool hasType = false, hasShape = false, hasOffsets = false, hasMetadata = false;
};

/// Data without gaps, overlaps or bytes that belong to no tensor.
std::optional<std::string> checkRanges(std::vector<std::pair<uint64_t, uint64_t>> ranges,
                                       uint64_t dataBytes) {
  std::sort(ranges.begin(), ranges.end());
  uint64_t position = 0;
  for (auto [begin, end] : ranges) {
    if (begin != position)
      return "its tensors overlap or leave a gap at byte " + std::to_string(position) +
             " of the data";
    position = end;
  }
  if (position < dataBytes)
    return "it has " + std::to_string(dataBytes - position) + " extra bytes behind the last tensor";
  return std::nullopt;
}

} // namespace

std::optional<std::string> parseSafetensorsHeader(std::string_view text, uint64_t dataBytes,
                                                  SafetensorsHeader &header) {
  HeaderHandler handler(header);
  Json::sax_parse(text.begin(), text.end(), &handler);
  if (handler.problem)
    return handler.problem;
  for (const auto &[name, tensor] : header.tensors)
    if (tensor.begin + tensor.bytes > dataBytes)
      return "it ends inside tensor `" + name + "` (truncated: " + std::to_string(dataBytes) +
             " bytes of data, at least " + std::to_string(tensor.begin + tensor.bytes) +
             " expected)";
  return checkRanges(std::move(handler.ranges), dataBytes);
}

} // namespace advx::runtime
