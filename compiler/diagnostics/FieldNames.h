#ifndef ADVX_COMPILER_DIAGNOSTICS_FIELDNAMES_H
#define ADVX_COMPILER_DIAGNOSTICS_FIELDNAMES_H

//===- FieldNames.h - What other libraries call it ------------------------===//
//
// Users know PyTorch's names. Where one of them stands on a page, the help of the
// finding is the form to write here. This table is only read for messages: no name
// in it means anything to the compiler. test/sema/field-names.test writes every form
// into a page and checks it.
//
//===----------------------------------------------------------------------===//

#include <string>
#include <string_view>
#include <vector>

namespace advx::diag {

/// Where a name stands; one word means different things in different places.
enum class NamePlace {
  Function, ///< Called in an expression.
  Value,    ///< A name in an expression.
  Network,  ///< Called where a layer or network stands.
  Head,
  Solver,
  Optimizer,
  Schedule, ///< Called in an argument of the optimiser.
  Set,
  Start,
  Dataset,
  Split,
  Mode,
  Line,      ///< A line of an evaluation.
  Parameter, ///< `name = …` of a call.
  Setting,   ///< `name = …` in the braces of `data`.
  Type,
  Method, ///< `v.name` and `v.name()`.
  Import, ///< The first part of what `import` names.
};

struct FieldName {
  NamePlace place;
  std::string_view theirs; ///< Names with blanks between, as `plainName` writes them.
  std::string_view ours;   ///< The name here; empty where there is none.
  /// What to write, empty for `ours` alone (for parameters, `ours = …`). `{f}`, `{x'}`, `{z}` stand
  /// for the head, the adversary's variable and the features of the page, `{args}` for the
  /// arguments as written.
  std::string_view form;
  std::string_view remark; ///< Words instead of or after the form.
};

/// What the placeholders of a form stand for; the usual names where a page has none.
struct PageNames {
  std::string head = "f";
  std::string variable = "x'";
  std::string features = "z";
  std::string args = "x";
};

const std::vector<FieldName> &fieldNames();

/// The text to write for an entry; empty where there are only words.
std::string fieldForm(const FieldName &entry, const PageNames &names = {});

/// The help of a finding about a name of this entry.
std::string fieldHelp(const FieldName &entry, const PageNames &names = {});

/// Lower case without `_`: `CrossEntropyLoss` and `cross_entropy_loss` are one name.
std::string plainName(std::string_view name);

/// The entries for this name in this place, in the order of the table.
std::vector<const FieldName *> findFieldNames(NamePlace place, std::string_view name);

} // namespace advx::diag

#endif // ADVX_COMPILER_DIAGNOSTICS_FIELDNAMES_H
