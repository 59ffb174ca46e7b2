#ifndef ADVX_SEMA_TEXTS_LAYERUSE_H
#define ADVX_SEMA_TEXTS_LAYERUSE_H

#include "compiler/sema/Room.h"

#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

class InitialiserChecker;
class LayerChecker;

/// One application of a primitive layer: its arguments read at the shape of the input, and its
/// parameters. What cannot be read is reported, and `ok` is false from then on.
class LayerUse : Room {
public:
  LayerUse(const Tools &tools, LayerChecker &layerChecker, InitialiserChecker &initialisers,
           Layer &layer, ExprPtr input, Span place, Env &env);

  /// The argument as it was given; null for a default.
  const Value *given(const char *param) const;
  /// The width `out`, at least 1.
  int64_t width();
  /// One number for both axes or a list of two, each `low` or more.
  std::vector<int64_t> pair(const char *param, int64_t fallback, int64_t low);
  /// True by default.
  bool flag(const char *param);
  /// A number of the page or a schedule; `fallback` may be null.
  ExprPtr number(const char *param, ExprPtr fallback);
  /// The same inside a range, which settings keep too.
  ExprPtr numberWithin(const char *param, ExprPtr fallback, const Range &range);
  Initialiser initialiser(const char *param, const std::vector<int64_t> &shape,
                          std::optional<int64_t> fanIn);

  /// Whether the input is of reals and has this many axes, 3 (an image) or 1.
  bool hasRank(size_t rank, const std::string &help);
  /// Places of a window along an axis of the input, at least one.
  int64_t windowCount(int64_t extent, int64_t kernel, int64_t stride, int64_t padding);
  /// A parameter of the layer, one for all its uses.
  ExprPtr parameter(const char *param, std::vector<int64_t> shape, const Initialiser &init);
  /// A tensor of its state that is not trained.
  ExprPtr buffer(const char *param, std::vector<int64_t> shape, const Initialiser &init);
  /// Adds one number a channel, or one an entry of a vector.
  ExprPtr plus(ExprPtr value, ExprPtr bias);
  /// One number a channel of an image of `type`, at each of its places.
  ExprPtr overImage(ExprPtr channels, const Type &type);

  const std::string &name; ///< Of the kind of layer, `conv2d`.
  Layer &layer;
  const ExprPtr input;
  const Span place; ///< of the application
  bool ok = true;

private:
  int64_t size(const char *param, const Value &value, int64_t low, int64_t high);

  LayerChecker &layerChecker;
  InitialiserChecker &initialisers;
  Env &env;
};

} // namespace advx::sema

#endif
