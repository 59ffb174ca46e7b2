#ifndef ADVX_RUNTIME_CORE_SUGGEST_H
#define ADVX_RUNTIME_CORE_SUGGEST_H

#include <string>
#include <string_view>
#include <vector>

namespace advx::runtime {

/// The candidate that is nearest to `word`, if its distance (compiler/source/EditDistance.h) is at
/// most max(1, length / 3); else empty. A candidate that ends in `.word` is near too, since the
/// last part of a path is what people remember.
std::string nearest(std::string_view word, const std::vector<std::string> &candidates);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_SUGGEST_H
