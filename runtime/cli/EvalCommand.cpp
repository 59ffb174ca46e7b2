#include "runtime/cli/Commands.h"

#include "runtime/core/Files.h"
#include "runtime/core/Interrupt.h"
#include "runtime/core/Leaves.h"
#include "runtime/core/Outputs.h"
#include "runtime/core/StandardStreams.h"
#include "runtime/core/Suggest.h"
#include "runtime/core/Text.h"
#include "runtime/evaluate/AttackWriter.h"
#include "runtime/report/RunRecord.h"
#include "runtime/report/Table.h"
#include "runtime/train/Checkpoint.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace advx::runtime {

namespace {

/// Where the weights come from, as messages and tables name it.
std::string weightsName(const EvalOptions &options) {
  return options.checkpoint.empty() ? "the page's files" : "`" + options.checkpoint + "`";
}

/// Weights in memory, with data to evaluate them on.
class Subject {
public:
  Subject(const Program &program, const EvalOptions &options)
      : manifest(program.manifest), settings(manifest, program.fillUniforms) {
    std::optional<SafetensorsFile> file;
    std::optional<TrainingState> training;
    if (options.checkpoint.empty()) {
      requireSources();
    } else {
      file.emplace(options.checkpoint);
      training = readTrainingState(*file);
    }
    configure(options, training);
    dataset = std::make_unique<Dataset>(
        manifest.data, options.data, trainingSeed,
        settings.integer(manifest.data.valid, "the number of `valid` examples", 0));
    startThreads(options.threads);
    session = std::make_unique<Session>(manifest,
                                        settings.integer(manifest.data.batch, "the batch size", 1));
    if (file) {
      // A state of the page that the file lacks, as one of weights alone does, has its first value.
      fillState(manifest, settings, trainingSeed, *session);
      begun = loadState(manifest, *file, LeafSet::Weights, *session);
      tellBegun(options);
    } else {
      takeSources();
    }
    statistics = std::make_unique<Statistics>(*session, manifest, settings, *dataset);
    if (const Leaf *leaf = findNonFinite(manifest, *session))
      throw Error(ExitCode::Numerical,
                  "`" + leaf->name + "` in " + weightsName(options) + " is not finite");
  }

  const Manifest &manifest;
  Settings settings;
  EvaluationOptions how;
  std::unique_ptr<Dataset> dataset;
  std::unique_ptr<Session> session;
  std::unique_ptr<Statistics> statistics;
  std::set<std::string> begun; ///< states that the checkpoint lacks

private:
  /// A file of weights alone has no averages, no counts.
  void tellBegun(const EvalOptions &options) const {
    std::string names;
    for (const std::string &name : begun)
      names += (names.empty() ? "`" : ", `") + name + "`";
    if (!names.empty())
      std::fprintf(stderr, "note: %s has no %s: states are as training begins with these weights\n",
                   printable(options.checkpoint).c_str(), printable(names).c_str());
  }

  /// Without a checkpoint every weight must come from a file that the page names.
  void requireSources() const {
    for (const Leaf &leaf : manifest.state)
      if (!leaf.isOptimizer() && !leaf.isState() && !leaf.source)
        throw usageError("--checkpoint is needed: the page has no file for `" + leaf.name + "`",
                         "name a checkpoint, or give the model a `from \"FILE\"` on the page");
  }

  /// A parameter that the page skips has no trained value to evaluate.
  void takeSources() {
    std::vector<Import> imports = initializeState(manifest, settings, trainingSeed, *session);
    for (const Import &import : imports)
      if (!import.skipped.empty())
        throw usageError("--checkpoint is needed: the page skips `" + import.skipped[0] + "` of `" +
                             import.file + "`",
                         "name a checkpoint that has it");
    printImports(imports);
  }

  /// The settings that the weights were trained with hold for their evaluation
  /// too, unless the command line has others.
  void configure(const EvalOptions &options, const std::optional<TrainingState> &training) {
    if (training)
      for (const auto &[path, text] : training->overrides)
        settings.restore(path, text, "checkpoint");
    for (const std::string &assignment : options.set)
      settings.assign(assignment);
    settings.verify();
    trainingSeed = training ? training->seed : 0;
    how.seed = options.seed.value_or(trainingSeed);
    how.limit = options.limit;
    // Schedules stand where training stood; for weights from elsewhere, at the end.
    if (manifest.train)
      how.clock.epochs = settings.integer(manifest.train->epochs, "the number of epochs", 1);
    how.clock.epoch = training ? training->position.epoch : how.clock.epochs;
    how.clock.iteration = training ? training->position.iteration : 1;
    how.clock.iterations = training ? training->iterations : 1;
  }

  uint64_t trainingSeed = 0; ///< draws what training had: `valid`, and first values of states
};

/// Before hours are spent on what then cannot be written.
void checkOut(const Program &program, const EvalOptions &options) {
  std::vector<Input> inputs = programInputs(program.manifest);
  if (!options.checkpoint.empty())
    inputs.push_back({"the checkpoint", options.checkpoint});
  addDataInputs(inputs, program.manifest.data, options.data);
  checkOutput(options.out, inputs);
}

template <typename T>
const T &findNamed(const std::vector<T> &items, const std::string &name, const char *what) {
  std::vector<std::string> names;
  std::string list;
  for (const T &item : items) {
    if (item.name == name)
      return item;
    names.push_back(item.name);
    list += (list.empty() ? "" : ", ") + item.name;
  }
  std::string suggestion = nearest(name, names);
  throw usageError("there is no " + std::string(what) + " `" + name + "`",
                   suggestion.empty() ? "there are: " + list
                                      : "did you mean `" + suggestion + "`?");
}

} // namespace

ExitCode evalCommand(const Program &program, const EvalOptions &options) {
  if (!options.out.empty())
    checkOut(program, options);
  Subject subject(program, options);
  const Manifest &manifest = subject.manifest;
  if (!options.evaluation.empty())
    findNamed(manifest.evaluations, options.evaluation, "evaluation");
  Progress progress(options.progress);
  nlohmann::ordered_json report;
  report["experiment"] = manifest.experiment;
  if (!options.checkpoint.empty())
    report["checkpoint"] = absolutePath(options.checkpoint);
  if (!subject.begun.empty())
    report["begun"] = subject.begun;
  report["data"] = absolutePath(options.data);
  report["seed"] = subject.how.seed;
  report["threads"] = options.threads;
  report["versions"] = versionsToJson(manifest);
  report["settings"] = settingsToJson(manifest, subject.settings);
  report["evaluations"] = nlohmann::ordered_json::array();
  std::string nonFinite;
  for (const Evaluation &evaluation : manifest.evaluations) {
    if (!options.evaluation.empty() && evaluation.name != options.evaluation)
      continue;
    EvaluationResult result = evaluate(*subject.session, manifest, subject.settings,
                                       subject.dataset->split(evaluation.split), evaluation,
                                       subject.how, *subject.statistics, progress);
    std::printf("%s", formatTable(result, options.checkpoint.empty() ? weightsName(options)
                                                                     : options.checkpoint)
                          .c_str());
    if (options.classes)
      std::printf("%s", formatClasses(result).c_str());
    flushOutput();
    if (std::string finding = describeNonFinite(result); !finding.empty())
      nonFinite += (nonFinite.empty() ? "" : "; ") + finding;
    report["evaluations"].push_back(toJson(result));
    report["evaluations"].back()["seconds"] = result.seconds;
  }
  report["memory"] = memoryToJson(manifest, subject.session->maximumBatch());
  if (!options.out.empty())
    writeFileAtomically(options.out, jsonText(report, 2) + "\n");
  if (!nonFinite.empty())
    throw nonFiniteError(nonFinite);
  return ExitCode::Success;
}

ExitCode attackCommand(const Program &program, const EvalOptions &options) {
  const Manifest &known = program.manifest;
  const Evaluation &evaluation = findNamed(known.evaluations, options.evaluation, "evaluation");
  const Attack &attack = findNamed(evaluation.attacks, options.attack, "attack");
  if (attack.kind == Attack::Kind::Worst)
    throw usageError("`" + attack.name + "` combines other attacks and has no images of its own",
                     "write " + attack.of.front() + " and the others one by one");
  checkOut(program, options);
  Subject subject(program, options);
  Progress progress(options.progress);
  const Split &split = subject.dataset->split(evaluation.split);
  int64_t nonFinite = writeAttack(*subject.session, known, subject.settings, split, evaluation,
                                  attack, subject.how, options.out, *subject.statistics, progress);
  if (auto asked = askedInVain(split, evaluation, subject.settings, options.limit))
    progress.print(std::to_string(*asked) + " images were asked for; `" + evaluation.split +
                   "` has " + std::to_string(split.count()));
  if (nonFinite > 0)
    throw nonFiniteError("evaluation `" + evaluation.name + "`: " + std::to_string(nonFinite) +
                         " in line `" + attack.name + "`");
  return ExitCode::Success;
}

ExitCode initCommand(const Program &program, uint64_t seed, const std::string &out) {
  checkOutput(out, programInputs(program.manifest));
  Session session(program.manifest, 1);
  Settings settings(program.manifest, program.fillUniforms);
  printImports(initializeState(program.manifest, settings, seed, session));
  writeSafetensors(out, stateTensors(program.manifest, session),
                   {{"advx.experiment", program.manifest.experiment},
                    {"advx.seed", std::to_string(seed)},
                    {optimizerMetadata, optimizerNames(program.manifest)}});
  return ExitCode::Success;
}

} // namespace advx::runtime
