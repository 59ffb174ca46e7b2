#ifndef ADVX_SOURCE_EDITDISTANCE_H
#define ADVX_SOURCE_EDITDISTANCE_H

#include <cstddef>
#include <string_view>

namespace advx {

/// Edits (insert, delete, replace, swap of two neighbours, each place edited once)
/// that turn one word into the other: the restricted Damerau-Levenshtein distance.
/// Compiler and runtime measure with it what a misspelt name was meant to be.
std::size_t editDistance(std::string_view a, std::string_view b);

} // namespace advx

#endif // ADVX_SOURCE_EDITDISTANCE_H
