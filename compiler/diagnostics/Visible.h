#ifndef ADVX_COMPILER_DIAGNOSTICS_VISIBLE_H
#define ADVX_COMPILER_DIAGNOSTICS_VISIBLE_H

#include <string>
#include <string_view>

namespace advx::diag {

/// One character of UTF-8 text.
struct Character {
  char32_t code; ///< Where `valid`.
  size_t length; ///< Bytes; of what is not UTF-8, one.
  bool valid;
};

/// The character that begins a text which is not empty.
Character firstCharacter(std::string_view text);

/// Whether a terminal would do something else than show the character: C0 and C1 controls, line
/// and paragraph separators, marks that change the direction of writing.
bool isControl(char32_t code);

/// The text as a terminal may get it: control characters as `\x1b` or `\u202e`, bytes outside
/// UTF-8 as `\xff`. Line breaks and tabs stay where `lines` is true.
std::string visible(std::string_view text, bool lines = false);

} // namespace advx::diag

#endif // ADVX_COMPILER_DIAGNOSTICS_VISIBLE_H
