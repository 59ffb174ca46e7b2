#ifndef ADVX_SEMA_TEXTS_PRIMITIVELAYERS_H
#define ADVX_SEMA_TEXTS_PRIMITIVELAYERS_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;
class InitialiserChecker;
class LayerChecker;
class LayerUse;

/// The layers that are not text. Names and layouts of their parameters and their initialisers are
/// PyTorch's, so that checkpoints interchange (torch.nn.Conv2d, Linear, BatchNorm2d).
class PrimitiveLayers : Room {
public:
  PrimitiveLayers(const Tools &tools, ExprChecker &exprChecker, LayerChecker &layerChecker,
                  InitialiserChecker &initialisers)
      : Room(tools), exprChecker(exprChecker), layerChecker(layerChecker),
        initialisers(initialisers) {}

  /// A layer, `conv2d(16, kernel = 3)`, or what it makes of its first argument where that is a
  /// tensor, `max_pool(v, 2)`.
  Value make(const LayerInfo &layer, const syntax::Expr &call, Env &env);
  /// What the layer makes of an input; null after a report.
  ExprPtr apply(Layer &layer, ExprPtr input, Span use, Env &env);

private:
  ExprPtr conv2d(LayerUse &use);
  ExprPtr linear(LayerUse &use);
  ExprPtr batchNorm(LayerUse &use);
  ExprPtr dropout(LayerUse &use);
  ExprPtr pool(LayerUse &use, Op op);
  ExprPtr globalAvgPool(LayerUse &use);
  ExprPtr standardize(LayerUse &use);
  ExprPtr unitsOf(LayerUse &use, const char *param, bool isDivisor);
  bool arePositive(const ExprPtr &list, const Value &written);
  void lintPlaces(const LayerUse &use);

  ExprChecker &exprChecker;
  LayerChecker &layerChecker;
  InitialiserChecker &initialisers;
};

} // namespace advx::sema

#endif
