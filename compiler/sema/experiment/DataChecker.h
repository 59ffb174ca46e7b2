#ifndef ADVX_SEMA_EXPERIMENT_DATACHECKER_H
#define ADVX_SEMA_EXPERIMENT_DATACHECKER_H

#include "compiler/sema/experiment/DataSources.h"

namespace advx::sema {

/// The line of the data.
class DataChecker : Room {
public:
  DataChecker(const Tools &tools, ExprChecker &exprChecker, CallBinder &callBinder)
      : Room(tools), exprChecker(exprChecker), sources(tools, exprChecker, callBinder) {}

  void checkData(const syntax::Item &item);
  /// What follows `augment =`, not read yet; null where nothing does.
  const syntax::Expr *augment() const { return augmentList; }

private:
  /// A number of the braces, before it is a setting.
  struct Count {
    ExprPtr expr;
    std::string text;
    Span span;
    bool isGiven = false;
  };
  /// What stands in braces behind the data.
  void checkSettings(const syntax::Item &item);
  /// `batch`, `valid` or `epoch`.
  void checkCount(const syntax::Arg &given, Count &batch, Count &epoch, bool &validGiven);
  void checkLast(const syntax::Arg &given);
  void refuseSetting(const syntax::Arg &given);
  void addSetting(const std::string &path, const Count &count, int64_t most);
  /// Each part of a mixture has an image in each batch.
  void checkParts(const Count &batch);

  ExprChecker &exprChecker;
  DataSources sources;
  const syntax::Expr *augmentList = nullptr;
};

} // namespace advx::sema

#endif
