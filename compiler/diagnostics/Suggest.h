#ifndef ADVX_COMPILER_DIAGNOSTICS_SUGGEST_H
#define ADVX_COMPILER_DIAGNOSTICS_SUGGEST_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace advx::diag {

/// The candidate nearest to `name`, where it is near enough to be meant: at most
/// one edit for each three letters, and never as many as the name has letters; capitals
/// and `_` count for nothing. Of equally near ones the first.
std::optional<std::string> suggest(std::string_view name,
                                   const std::vector<std::string> &candidates);

/// "did you mean `pgd`?", or `otherwise` where nothing is near.
std::string didYouMean(std::string_view name, const std::vector<std::string> &candidates,
                       std::string otherwise);

/// The `most` candidates that are most like `name`, best first, each once.
std::vector<std::string> likeliest(std::string_view name, std::vector<std::string> candidates,
                                   size_t most);

/// "did you mean `pgd`?", or a list of the candidates, the likeliest first.
std::string suggestOrList(std::string_view name, const std::vector<std::string> &candidates);

} // namespace advx::diag

#endif // ADVX_COMPILER_DIAGNOSTICS_SUGGEST_H
