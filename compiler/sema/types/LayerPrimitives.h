#ifndef ADVX_SEMA_TYPES_LAYERPRIMITIVES_H
#define ADVX_SEMA_TYPES_LAYERPRIMITIVES_H

#include <cstdint>
#include <string>
#include <vector>

namespace advx::sema {

/// A layer of the language that is not text; see LayerPrimitives.def.
enum class LayerPrimitive : uint8_t {
#define ADVX_LAYER(Name, ...) Name,
#include "compiler/sema/types/LayerPrimitives.def"
};

/// What the table says about one.
struct LayerInfo {
  enum class Holds { Nothing, Parameters, Statistics, Draws };

  LayerPrimitive primitive;
  std::string name;
  Holds holds;
  size_t required; ///< So many of the parameters have no default.
  std::vector<std::string> params;
};

/// In the order of LayerPrimitives.def.
const std::vector<LayerInfo> &layerPrimitives();
const LayerInfo &info(LayerPrimitive primitive);

/// Null where `name` is none.
const LayerInfo *findLayer(const std::string &name);

/// Whether two uses of the layer differ though their inputs are equal.
bool hasEffect(LayerPrimitive primitive);

} // namespace advx::sema

#endif
