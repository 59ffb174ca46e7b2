#ifndef ADVX_PIPELINE_STAGES_H
#define ADVX_PIPELINE_STAGES_H

#include <optional>
#include <string_view>
#include <vector>

namespace advx::pipeline {

/// The stages of the road, in order (Stages.def).
enum class Stage {
#define ADVX_STAGE(id, name, ending, summary) id,
#include "compiler/pipeline/Stages.def"
#undef ADVX_STAGE
};

struct StageInfo {
  Stage stage;
  std::string_view name;    ///< As `--emit=` takes it.
  std::string_view ending;  ///< Of its file under `--dump-stages`.
  std::string_view summary; ///< One line.
};

/// Every stage in order.
const std::vector<StageInfo> &stages();
const StageInfo &info(Stage stage);
std::optional<Stage> findStage(std::string_view name);

} // namespace advx::pipeline

#endif // ADVX_PIPELINE_STAGES_H
