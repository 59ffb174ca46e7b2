#ifndef ADVX_SEMA_EXPERIMENT_DATASOURCES_H
#define ADVX_SEMA_EXPERIMENT_DATASOURCES_H

#include "compiler/sema/experiment/DatasetText.h"

namespace advx::sema {

class CallBinder;

/// What stands behind `data`: a data set, or `mix(SHARE: DATASET(…), …)`.
class DataSources : Room {
public:
  DataSources(const Tools &tools, ExprChecker &exprChecker, CallBinder &callBinder)
      : Room(tools), exprChecker(exprChecker), callBinder(callBinder),
        datasetText(tools, exprChecker) {}

  /// Reads `call` to `data`, and what follows its `augment =` to `augment`. False where it was
  /// refused.
  bool read(const syntax::Expr &call, Data &data, const syntax::Expr *&augment);

private:
  std::vector<const Decl *> declarations(const syntax::Expr &call) const;
  bool readDeclared(const Decl &decl, const syntax::Expr &call, Data &data,
                    const syntax::Expr *&augment);
  /// Names the arguments of `call` in `scope`; they shape the program.
  bool bindParams(const Decl &decl, const syntax::Expr &call, Scope &scope);
  /// `npz("FILE", image = "image", label = "label")`, whose images are like those of `first`.
  bool readNpz(const syntax::Expr &call, const Data &first, DataSource &source);

  bool readMixture(const syntax::Expr &call, Data &data, const syntax::Expr *&augment);
  bool readPart(const syntax::Expr &call, Data &data, bool isFirst);
  /// The number before a part, as a setting.
  bool readShare(const syntax::Expr &written, DataSource &source, std::vector<ExprPtr> &shares);
  /// Gives a part what the others leave of a batch.
  bool takeRest(Span span, DataSource &source, const std::vector<ExprPtr> &shares);
  ExprPtr addShare(const ExprPtr &value, const std::string &text, bool isDefault, Span span,
                   DataSource &source);
  bool checkShares(const Data &data, const syntax::Expr &call);
  /// Whether a part is of the images and classes of the first one.
  bool checkLike(const Data &first, const Data &part, const syntax::Expr &call);
  bool refusePart(const syntax::Arg &arg);
  bool refuseUnknown(const syntax::Expr &callee);

  ExprChecker &exprChecker;
  CallBinder &callBinder;
  DatasetText datasetText;
};

} // namespace advx::sema

#endif
