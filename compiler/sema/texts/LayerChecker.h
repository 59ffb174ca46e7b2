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

/// Networks and their layers, up to the expressions that they come to.
class LayerChecker : Room {
public:
  LayerChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
               ModelChecker &modelChecker, CallBinder &callBinder)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker), callChecker(callChecker),
        modelChecker(modelChecker) {}
  ~LayerChecker();
  LayerChecker(const LayerChecker &) = delete;
  LayerChecker &operator=(const LayerChecker &) = delete;

  bool isLayerPrimitive(const std::string &name) const;
  std::vector<std::string> layerNames() const;
  Value makePrimitiveLayer(const std::string &name, const syntax::Expr &call, Env &env);
  Value makeTextLayer(const Decl &decl, const syntax::Expr &call, Env &env);
  Value makeChain(Value lhs, Value rhs, Span span);
  LayerPtr asLayer(const Value &value, Span span);
  void setPath(Layer &layer, const std::string &path);
  ExprPtr applyLayer(const LayerPtr &layer, ExprPtr input, Span use, Env &env);
  ExprPtr leafRef(const Leaf *leaf, Span span);
  ExprPtr bindLet(ExprPtr value, const std::string &name, Env &env);
  std::optional<Initialiser> initialiser(const syntax::Expr *expr,
                                         const std::vector<int64_t> &shape, int64_t outputAxis,
                                         std::optional<int64_t> fanIn, Env &env);
  LayerPtr newLayer() { return layers.emplace_back(std::make_shared<Layer>()); }

private:
  ExprPtr applyTextOnce(Layer &layer, ExprPtr input, Span use, Env &env);
  ExprPtr applyText(Layer &layer, ExprPtr input, Span use, Env &env);
  ExprPtr applyPrimitiveLayer(Layer &layer, ExprPtr input, Span use, Env &env);
  bool arePositive(const ExprPtr &list, const Value &written);
  void lintPlaces(const Layer &layer, int64_t channels);
  const Leaf *leafOf(Layer &layer, const std::string &name, std::vector<int64_t> shape,
                     Initialiser init, bool buffer, Span span);
  /// Whether the page may have one layer more.
  bool checkLayers(Span span);

  CallBinder &callBinder;
  ExprChecker &exprChecker;
  CallChecker &callChecker;
  ModelChecker &modelChecker;
  /// Every layer. A network's scope holds its layers and a layer its scope, so the
  /// destructor takes them apart.
  std::vector<LayerPtr> layers;
  std::map<const Layer *, size_t> placed; ///< Of a primitive: how many arguments stand by place.
  /// Networks applied to the values of a block, and how many layers with an effect there were.
  std::map<std::tuple<const Layer *, const void *, const void *>, std::pair<ExprPtr, ExprPtr>>
      applications;
  size_t effects = 0;
  std::set<const syntax::Decl *>
      badNetworks;            ///< whose text has a mistake that every use would show
  bool layersCounted = false; ///< That there are too many layers has been said.
};

} // namespace advx::sema

#endif
