#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

const std::vector<Primitive> &primitives() {
  static const std::vector<Primitive> table = {
#define ADVX_PRIMITIVE(name, rule, required, meaning, ...)                                         \
  {#name, Primitive::Rule::rule, required, meaning, {__VA_ARGS__}},
#include "compiler/sema/types/Primitives.def"
  };
  return table;
}

const Primitive *findPrimitive(const std::string &name) {
  const std::vector<Primitive> &table = primitives();
  auto found = std::find_if(table.begin(), table.end(),
                            [&](const Primitive &primitive) { return primitive.name == name; });
  return found == table.end() ? nullptr : &*found;
}

} // namespace advx::sema
