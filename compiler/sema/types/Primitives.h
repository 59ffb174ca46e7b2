#ifndef ADVX_SEMA_TYPES_PRIMITIVES_H
#define ADVX_SEMA_TYPES_PRIMITIVES_H

#include <string>
#include <vector>

namespace advx::sema {

/// A function of the language that is not text; see Primitives.def.
struct Primitive {
  enum class Rule { Elementwise, OfNumbers, Own, Form };

  std::string name;
  Rule rule;
  size_t required; ///< So many of the parameters have no default.
  std::string meaning;
  std::vector<std::string> params;
};

/// In the order of Primitives.def.
const std::vector<Primitive> &primitives();

/// Null where `name` is none.
const Primitive *findPrimitive(const std::string &name);

} // namespace advx::sema

#endif
