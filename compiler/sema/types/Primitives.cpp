#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

const std::vector<PrimitiveInfo> &primitives() {
  static const std::vector<PrimitiveInfo> table = {
#define ADVX_PRIMITIVE(Name, name, rule, required, meaning, ...)                                   \
  {Primitive::Name, #name, PrimitiveInfo::Rule::rule, required, meaning, {__VA_ARGS__}},
#include "compiler/sema/types/Primitives.def"
  };
  return table;
}

const PrimitiveInfo *findPrimitive(const std::string &name) {
  const std::vector<PrimitiveInfo> &table = primitives();
  auto found = std::find_if(table.begin(), table.end(),
                            [&](const PrimitiveInfo &info) { return info.name == name; });
  return found == table.end() ? nullptr : &*found;
}

namespace {

/// An operator as a page writes it, with what it computes.
template <typename T> struct Spelling {
  const char *text;
  T value;
};

constexpr Spelling<Op> operators[] = {
#define ADVX_OPERATOR(text, Name) {text, Op::Name},
#include "compiler/sema/types/Primitives.def"
};

constexpr Spelling<Predicate> comparisons[] = {
#define ADVX_COMPARISON(text, Name) {text, Predicate::Name},
#include "compiler/sema/types/Primitives.def"
};

template <typename T, size_t size>
std::optional<T> find(const Spelling<T> (&table)[size], const std::string &text) {
  for (const Spelling<T> &spelling : table)
    if (spelling.text == text)
      return spelling.value;
  return std::nullopt;
}

template <typename T, size_t size> const char *textOf(const Spelling<T> (&table)[size], T value) {
  for (const Spelling<T> &spelling : table)
    if (spelling.value == value)
      return spelling.text;
  return nullptr;
}

} // namespace

std::optional<Op> findOperator(const std::string &text) { return find(operators, text); }
std::optional<Predicate> findComparison(const std::string &text) { return find(comparisons, text); }
const char *operatorText(Op op) { return textOf(operators, op); }
const char *comparisonText(Predicate predicate) { return textOf(comparisons, predicate); }

} // namespace advx::sema
