#include "compiler/sema/types/LayerPrimitives.h"

#include <algorithm>

namespace advx::sema {

const std::vector<LayerInfo> &layerPrimitives() {
  static const std::vector<LayerInfo> table = {
#define ADVX_LAYER(Name, name, holds, required, ...)                                               \
  {LayerPrimitive::Name, #name, LayerInfo::Holds::holds, required, {__VA_ARGS__}},
#include "compiler/sema/types/LayerPrimitives.def"
  };
  return table;
}

const LayerInfo &info(LayerPrimitive primitive) {
  return layerPrimitives()[static_cast<size_t>(primitive)];
}

const LayerInfo *findLayer(const std::string &name) {
  const std::vector<LayerInfo> &table = layerPrimitives();
  auto found = std::find_if(table.begin(), table.end(),
                            [&](const LayerInfo &layer) { return layer.name == name; });
  return found == table.end() ? nullptr : &*found;
}

bool hasEffect(LayerPrimitive primitive) {
  const LayerInfo::Holds holds = info(primitive).holds;
  return holds == LayerInfo::Holds::Statistics || holds == LayerInfo::Holds::Draws;
}

} // namespace advx::sema
