#ifndef ADVX_SEMA_TEXTS_LAYERCHECKER_H
#define ADVX_SEMA_TEXTS_LAYERCHECKER_H

#include "compiler/sema/Room.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace advx::sema {

class CallBinder;
class CallChecker;
class ExprChecker;
class ModelChecker;
class PrimitiveLayers;

/// Networks and their layers, up to the expressions that they come to.
class LayerChecker : Room {
public:
  LayerChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
               ModelChecker &modelChecker, CallBinder &callBinder, PrimitiveLayers &primitiveLayers)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker), callChecker(callChecker),
        modelChecker(modelChecker), primitiveLayers(primitiveLayers) {}
  ~LayerChecker();
  LayerChecker(const LayerChecker &) = delete;
  LayerChecker &operator=(const LayerChecker &) = delete;

  Value makeTextLayer(const Decl &decl, const syntax::Expr &call, Env &env);
  Value makeChain(Value lhs, Value rhs, Span span);
  LayerPtr asLayer(const Value &value, Span span);
  void setPath(Layer &layer, const std::string &path);
  ExprPtr applyLayer(const LayerPtr &layer, ExprPtr input, Span use, Env &env);
  ExprPtr leafRef(const Leaf *leaf, Span span);
  ExprPtr bindLet(ExprPtr value, const std::string &name, Env &env);
  /// The tensor of a layer's state that has this name, made at its first use.
  const Leaf *leafOf(Layer &layer, const std::string &name, std::vector<int64_t> shape,
                     Initialiser init, bool buffer, Span span);
  /// Whether the page may have one layer more.
  bool checkCount(Span span);
  LayerPtr newLayer() { return layers.emplace_back(std::make_shared<Layer>()); }

private:
  ExprPtr applyTextOnce(Layer &layer, ExprPtr input, Span use, Env &env);
  ExprPtr applyText(Layer &layer, ExprPtr input, Span use, Env &env);

  CallBinder &callBinder;
  ExprChecker &exprChecker;
  CallChecker &callChecker;
  ModelChecker &modelChecker;
  PrimitiveLayers &primitiveLayers;
  /// Every layer. A network's scope holds its layers and a layer its scope, so the
  /// destructor takes them apart.
  std::vector<LayerPtr> layers;
  /// Networks applied to the values of a block, and how many layers with an effect there were.
  std::map<std::tuple<const Layer *, const void *, const void *>, std::pair<ExprPtr, ExprPtr>>
      applications;
  size_t effects = 0;
  std::set<const Decl *> badNetworks; ///< whose text has a mistake that every use would show
  bool layersCounted = false;         ///< That there are too many layers has been said.
};

} // namespace advx::sema

#endif
