//===- Stages.cpp - The stages by name -------------------------------------===//

#include "compiler/pipeline/Stages.h"

namespace advx::pipeline {

const std::vector<StageInfo> &stages() {
  static const std::vector<StageInfo> table = {
#define ADVX_STAGE(id, name, ending, summary) {Stage::id, name, ending, summary},
#include "compiler/pipeline/Stages.def"
#undef ADVX_STAGE
  };
  return table;
}

const StageInfo &info(Stage stage) { return stages()[static_cast<size_t>(stage)]; }

std::optional<Stage> findStage(std::string_view name) {
  for (const StageInfo &stage : stages())
    if (stage.name == name)
      return stage.stage;
  return std::nullopt;
}

} // namespace advx::pipeline
