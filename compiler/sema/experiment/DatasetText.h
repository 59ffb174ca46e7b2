#ifndef ADVX_SEMA_EXPERIMENT_DATASETTEXT_H
#define ADVX_SEMA_EXPERIMENT_DATASETTEXT_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;

/// The text of a data set: the format of its files, and what is in them.
class DatasetText : Room {
public:
  DatasetText(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  /// Reads the fields of `decl` to `data`; `use` is where the page names it. False where the
  /// text was refused.
  bool read(const Decl &decl, Span use, Env &env, Data &data);
  /// A string or a list of strings, each a `what` of the field or call `name`.
  bool strings(const syntax::Expr &value, const std::string &name, const char *what,
               std::vector<std::string> &into);

private:
  /// Each reads the value of one field, and says false where it was refused.
  bool readField(const syntax::Arg &field, Env &env, Data &data);
  bool string(const syntax::Arg &field, const char *what, std::string &into);
  bool arrays(const syntax::Arg &field, Data &data);
  /// A file name, a list of them, or for data without files the number of images.
  bool images(const syntax::Arg &field, Env &env, Data &data);
  bool noise(const syntax::Arg &field, Env &env, Data &data);
  bool image(const syntax::Arg &field, Env &env, Data &data);
  bool range(const syntax::Arg &field, Env &env, Data &data);
  std::optional<int64_t> integer(const syntax::Arg &field, Env &env, int64_t low, int64_t high);
  /// Exact constants of a list; none where one of its elements is no constant.
  std::vector<Rational> numbers(const Value &list);
  bool unreadable(const syntax::Arg &field, const Value &value, const std::string &expected);

  /// What only the whole text shows: the format is known, and each of its fields fits it.
  bool checkFormat(const Decl &decl, Span use, Data &data);
  /// Refuses a field that the format has no use for.
  bool checkFields(const Decl &decl, const std::string &format);
  bool checkImages(const Decl &decl, const Data &data);
  const syntax::Arg *fieldOf(const Decl &decl, const char *name);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
