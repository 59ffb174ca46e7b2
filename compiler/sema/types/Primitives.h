#ifndef ADVX_SEMA_TYPES_PRIMITIVES_H
#define ADVX_SEMA_TYPES_PRIMITIVES_H

#include "compiler/sema/types/Ops.h"

#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

/// A function of the language that is not text; see Primitives.def.
enum class Primitive : uint8_t {
#define ADVX_PRIMITIVE(Name, name, rule, required, meaning, ...) Name,
#include "compiler/sema/types/Primitives.def"
};

/// What the table says about one.
struct PrimitiveInfo {
  enum class Rule { Elementwise, OfNumbers, Own, Form };

  Primitive primitive;
  std::string name;
  Rule rule;
  size_t required; ///< So many of the parameters have no default.
  std::string meaning;
  std::vector<std::string> params;
};

/// In the order of Primitives.def.
const std::vector<PrimitiveInfo> &primitives();

/// Null where `name` is none.
const PrimitiveInfo *findPrimitive(const std::string &name);

/// What an operator between two values computes, `+` or `and`; nothing where `text` is none.
std::optional<Op> findOperator(const std::string &text);
std::optional<Predicate> findComparison(const std::string &text);

/// How a page writes an op between two values; null where it does not.
const char *operatorText(Op op);
const char *comparisonText(Predicate predicate);

} // namespace advx::sema

#endif
