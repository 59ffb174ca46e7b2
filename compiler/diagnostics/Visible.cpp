//===- Visible.cpp - Characters that a terminal would obey ----------------===//

#include "compiler/diagnostics/Visible.h"

#include <cstdio>

namespace advx::diag {

Character firstCharacter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const Character bad{0, 1, false};
  if (lead < 0x80)
    return {lead, 1, true};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || length > text.size())
    return bad;
  char32_t code = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80)
      return bad;
    code = code << 6 | (byte & 0x3Fu);
  }
  const char32_t least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
  if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
    return bad;
  return {code, length, true};
}

bool isControl(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x61C || code == 0x200E ||
         code == 0x200F || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string visible(std::string_view text, bool lines) {
  std::string result;
  while (!text.empty()) {
    const Character character = firstCharacter(text);
    const bool layout = character.code == '\n' || character.code == '\t' || character.code == '\r';
    if (character.valid && (!isControl(character.code) || (lines && layout))) {
      result += text.substr(0, character.length);
    } else {
      const unsigned code = character.valid ? static_cast<unsigned>(character.code)
                                            : static_cast<unsigned char>(text[0]);
      char escape[8];
      std::snprintf(escape, sizeof escape, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
      result += escape;
    }
    text.remove_prefix(character.length);
  }
  return result;
}

} // namespace advx::diag
