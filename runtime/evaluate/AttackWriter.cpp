#include "runtime/evaluate/AttackWriter.h"

#include "runtime/core/Leaves.h"
#include "runtime/evaluate/Batches.h"
#include "runtime/report/ReportText.h"

#include <algorithm>
#include <numeric>

namespace advx::runtime {

namespace {

/// The rows of one value, gathered over batches.
struct Column {
  const Slot *slot;
  std::vector<char> bytes;
};

TensorToWrite toTensor(const Column &column, int64_t rows) {
  std::vector<int64_t> shape = column.slot->shape;
  shape.insert(shape.begin(), rows);
  return {column.slot->name, storedName(column.slot->dtype), shape, column.bytes.data(),
          column.bytes.size()};
}

} // namespace

int64_t writeAttack(Session &session, const Manifest &manifest, Settings &settings,
                    const Split &split, const Evaluation &evaluation, const Attack &attack,
                    const EvaluationOptions &options, const std::string &path,
                    Statistics &statistics, Progress &progress) {
  std::optional<ModelResult> with = statistics.prepare(evaluation, options, progress);
  const Step &step = manifest.steps[attack.step];
  std::vector<Column> inputs, outputs;
  inputs.reserve(step.inputs.size());
  for (const Slot &slot : step.inputs)
    inputs.push_back({&slot, {}});
  for (const Slot &slot : step.outputs)
    if (slot.batched && !step.input(slot.name))
      outputs.push_back({&slot, {}});
  auto gather = [&](std::vector<Column> &columns, const Batch &batch) {
    for (Column &column : columns) {
      size_t begin = column.bytes.size();
      column.bytes.resize(begin + column.slot->bytes(batch.size));
      session.read(*column.slot, batch.size, column.bytes.data() + begin);
      column.bytes.resize(begin + column.slot->rowBytes() * batch.count);
    }
  };
  int64_t total = exampleCount(split, evaluation, settings, options.limit), nonFinite = 0;
  const Slot &finite = *step.output("finite");
  requireMembers(session, manifest, settings, split, evaluation, options);
  progress.begin(total, 0);
  std::vector<int64_t> everyone(static_cast<size_t>(total));
  std::iota(everyone.begin(), everyone.end(), 0);
  auto ran = [&](const Batch &batch) {
    gather(outputs, batch);
    std::vector<char> flags = session.flags(finite, batch.size);
    nonFinite += std::count(flags.begin(), flags.begin() + int64_t(batch.count), 0);
    auto done = int64_t(batch.first + batch.count);
    progress.update(done, "attack " + attack.name + " " + std::to_string(done) + "/" +
                              std::to_string(total));
  };
  // The step may overwrite its inputs.
  auto filled = [&](const Batch &batch) { gather(inputs, batch); };
  Batches batches(session, manifest, settings, split, options);
  batches.choose(attack);
  batches.run(step, everyone, ran, filled);
  progress.clear();
  std::vector<TensorToWrite> tensors;
  tensors.reserve(inputs.size() + outputs.size());
  for (const Column &column : inputs)
    tensors.push_back(toTensor(column, total));
  for (const Column &column : outputs)
    tensors.push_back(toTensor(column, total));
  std::map<std::string, std::string> metadata = {{"experiment", manifest.experiment},
                                                 {"evaluation", evaluation.name},
                                                 {"attack", attack.name},
                                                 {"seed", std::to_string(options.seed)}};
  if (with) {
    metadata["with"] = with->text;
    if (std::string described = with->describe(); !described.empty())
      metadata["statistics"] = described;
  }
  for (const auto &[key, value] : render(attack.report, settings, options.clock))
    metadata["report." + key] = value;
  for (const auto &[setting, value] : changedSettings(manifest, settings))
    metadata["set." + setting] = value;
  writeSafetensors(path, tensors, metadata);
  return nonFinite;
}

} // namespace advx::runtime
