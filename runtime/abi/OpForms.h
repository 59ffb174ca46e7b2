#ifndef ADVX_RUNTIME_ABI_OPFORMS_H
#define ADVX_RUNTIME_ABI_OPFORMS_H

#include "runtime/abi/advx_abi.h"

#include <string>
#include <string_view>

/// What a call of each runtime op must look like, for those who make calls and those who get them.
namespace advx::abi {

/// How many entries an array has.
struct Count {
  constexpr Count(int32_t exactly) : least(exactly), orMore(false) {}
  constexpr Count(int32_t least, bool orMore) : least(least), orMore(orMore) {}
  constexpr bool allows(int32_t count) const { return orMore ? count >= least : count == least; }

  int32_t least;
  bool orMore;
};

constexpr Count atLeast(int32_t count) { return {count, true}; }

struct OpForm {
  const char *name; ///< without `advx_op_`
  Count tensors, attributes, numbers, counters;
};

/// `neg` and its like: the form of each op under its name.
namespace forms {
#define ADVX_RUNTIME_OP(name, tensors, attributes, numbers, counters)                              \
  inline constexpr OpForm name{#name, tensors, attributes, numbers, counters};
#include "runtime/abi/ops.def"
} // namespace forms

/// The form of the function of a name, as `advx_op_neg`; null if the runtime has none.
inline const OpForm *findForm(std::string_view function) {
  static constexpr const OpForm *all[] = {
#define ADVX_RUNTIME_OP(name, tensors, attributes, numbers, counters) &forms::name,
#include "runtime/abi/ops.def"
  };
  constexpr std::string_view prefix = "advx_op_";
  if (function.substr(0, prefix.size()) != prefix)
    return nullptr;
  for (const OpForm *form : all)
    if (function.substr(prefix.size()) == form->name)
      return form;
  return nullptr;
}

/// "has 2 tensors, not 3"; empty where the call is as the op takes it.
inline std::string wrongCount(const OpForm &form, const AdvxCounts &counts) {
  struct {
    const char *what;
    int32_t given;
    Count wanted;
  } const arrays[] = {{"tensors", counts.tensors, form.tensors},
                      {"attributes", counts.attributes, form.attributes},
                      {"numbers", counts.numbers, form.numbers},
                      {"counters", counts.counters, form.counters}};
  for (const auto &array : arrays)
    if (!array.wanted.allows(array.given))
      return "has " + std::to_string(array.given) + " " + array.what + ", not " +
             std::to_string(array.wanted.least) + (array.wanted.orMore ? " or more" : "");
  return {};
}

} // namespace advx::abi

#endif // ADVX_RUNTIME_ABI_OPFORMS_H
