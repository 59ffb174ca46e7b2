#include "runtime/core/Text.h"

#include <nlohmann/json.hpp>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

/// Bytes of the UTF-8 character at the beginning of a text (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF); 0 where there is none.
size_t characterLength(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : uint8_t(0); };
  auto continues = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  uint8_t first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF)
    return continues(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && continues(2)
               ? 3
               : 0;
  if (first >= 0xF0 && first <= 0xF4)
    return continues(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && continues(2) &&
                   continues(3)
               ? 4
               : 0;
  return 0;
}

bool isControl(std::string_view character) {
  uint8_t first = uint8_t(character[0]);
  if (character.size() == 1)
    return (first < 0x20 && first != '\n') || first == 0x7F;
  return first == 0xC2 && uint8_t(character[1]) < 0xA0; // U+0080 to U+009F
}

std::string escape(std::string_view text, bool controls) {
  constexpr const char *digits = "0123456789abcdef";
  std::string result;
  for (size_t i = 0; i < text.size();) {
    size_t length = characterLength(text.substr(i));
    bool isPlain = length > 0 && !(controls && isControl(text.substr(i, length)));
    for (size_t end = i + std::max<size_t>(length, 1); i < end; ++i) {
      uint8_t byte = uint8_t(text[i]);
      if (isPlain)
        result += text[i];
      else
        result += std::string("\\x") + digits[byte >> 4] + digits[byte & 15];
    }
  }
  return result;
}

void makeValid(Json &value) {
  if (value.is_string())
    value = validUtf8(value.get_ref<const std::string &>());
  else if (value.is_structured())
    for (Json &member : value)
      makeValid(member);
}

} // namespace

std::string validUtf8(std::string_view text) { return escape(text, /*controls=*/false); }

std::string printable(std::string_view text) { return escape(text, /*controls=*/true); }

std::string jsonText(Json value, int indent) {
  makeValid(value);
  // What is still not UTF-8 is a name of a member, and none of ours is.
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

} // namespace advx::runtime
