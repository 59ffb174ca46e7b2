#ifndef ADVX_SEMA_TYPES_INITIALISERS_H
#define ADVX_SEMA_TYPES_INITIALISERS_H

#include "compiler/sema/Checked.h"

#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

/// How first values of parameters are computed; see Initialisers.def.
enum class InitialiserRule : uint8_t {
#define ADVX_INITIALISER(Name, ...) Name,
#include "compiler/sema/types/Initialisers.def"
};

/// What the table says about one.
struct InitialiserInfo {
  InitialiserRule rule;
  std::string name;
  size_t required; ///< So many of the parameters have no default.
  std::vector<std::string> params;
};

/// Null where `name` is none.
const InitialiserInfo *findInitialiser(const std::string &name);
/// By the alphabet.
const std::vector<std::string> &initialiserNames();

/// What bounds depend on, PyTorch's fan_in and fan_out.
struct Fans {
  int64_t in = 1;  ///< All axes but that of the outputs.
  int64_t out = 1; ///< The outputs times the places of a kernel.
};
Fans fansOf(const std::vector<int64_t> &shape, int64_t outputAxis);

/// `numbers` are the arguments that are given, in order.
Initialiser initialiser(InitialiserRule rule, const std::vector<double> &numbers, const Fans &fans);

} // namespace advx::sema

#endif
