#include "runtime/train/Trainer.h"

#include "runtime/core/Files.h"
#include "runtime/core/Interrupt.h"
#include "runtime/core/Outputs.h"
#include "runtime/core/Profile.h"
#include "runtime/core/StandardStreams.h"
#include "runtime/core/Text.h"
#include "runtime/core/ThreadPool.h"
#include "runtime/data/Dataset.h"
#include "runtime/data/Shuffle.h"
#include "runtime/evaluate/Evaluator.h"
#include "runtime/evaluate/Membership.h"
#include "runtime/evaluate/Table.h"
#include "runtime/report/Metrics.h"
#include "runtime/report/ProfileReport.h"
#include "runtime/report/RunRecord.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/Measures.h"
#include "runtime/train/Resume.h"

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

/// Steps between two `step` events.
constexpr int64_t stepEventInterval = 50;

class Trainer {
public:
  Trainer(const Program &program, const TrainOptions &options)
      : manifest(program.manifest), options(options), settings(manifest, program.fillUniforms),
        progress(options.progress) {
    if (!manifest.train)
      throw usageError("`" + manifest.experiment + "` only evaluates: it has nothing to train",
                       "use `eval`");
  }

  /// The story of a run.
  ExitCode run() {
    checkPlaces();
    openPast();
    openData();
    if (isComplete())
      return alreadyComplete();
    openState();
    checkSets();
    HoldSignals untilSaved;
    openRecord();
    try {
      while (training.position.epoch < epochs && !isPastStop()) {
        Profile::enable(options.profile);
        runEpoch();
        Profile::enable(false);
        reportProfile();
        finishEpoch();
      }
      bool stopped = training.position.epoch < epochs;
      if (!stopped)
        finish();
      close(stopped ? "stopped" : "complete");
      if (stopped)
        progress.print("stopped after " + epochText(training.position.epoch) +
                       "; --resume goes on");
    } catch (const Interrupted &) {
      if (isDirty)
        checkpoint();
      close("interrupted");
      progress.print("interrupted; " + lastPath() + " is written, --resume goes on");
      return ExitCode::Interrupted;
    } catch (const std::exception &problem) {
      recordFailure(problem.what());
      throw;
    }
    // The run is complete; what its evaluations found is another matter.
    if (!nonFinite.empty())
      throw nonFiniteError(nonFinite);
    return ExitCode::Success;
  }

private:
  std::string path(const char *name) const { return joinPath(options.out, name); }
  std::string lastPath() const { return path("checkpoints/last.safetensors"); }
  std::string bestPath() const { return path("checkpoints/best.safetensors"); }

  std::string epochText(int64_t done) const {
    return std::to_string(done) + " of " + std::to_string(epochs) + " epochs";
  }

  const Step &step() const { return manifest.steps[manifest.train->step]; }

  bool isPastStop() const {
    return options.stopAfter && training.position.epoch >= *options.stopAfter;
  }

  bool isComplete() const { return options.resume && fileExists(path("summary.json")); }

  /// A run that was killed between its summary and its record gets the record.
  ExitCode alreadyComplete() {
    readRunHistory(path("run.json"), record);
    if (record.status != "complete") {
      describeRun();
      close("complete");
    }
    progress.print("the run in `" + options.out + "` is complete");
    return ExitCode::Success;
  }

  /// What the run reads is elsewhere, and what it writes is nowhere else.
  void checkPlaces() {
    std::vector<Input> inputs = programInputs(manifest);
    if (!options.init.empty())
      inputs.push_back({"the file of the initial weights", options.init});
    addDataInputs(inputs, manifest.data, options.data);
    for (const char *name : {"run.json", "metrics.jsonl", "summary.json", "profile.json",
                             "checkpoints/last.safetensors", "checkpoints/best.safetensors",
                             "checkpoints/final.safetensors"})
      checkOwnFile(path(name), inputs);
    checkOwnFolder(path("checkpoints"));
  }

  /// Finds what there is to resume, and settles every value of the run.
  void openPast() {
    if (fileExists(lastPath()))
      past = std::make_unique<SafetensorsFile>(lastPath());
    std::optional<TrainingState> state;
    if (past)
      state = readTrainingState(*past);
    bool hasRecord = fileExists(path("run.json"));
    if (!hasRecord && state && state->position.iteration == 0)
      past.reset(); // killed before its first step: nothing to go on with
    if (!options.resume && (past || hasRecord))
      throw usageError("`" + options.out + "` already holds a run",
                       "use --resume to go on with it, or choose another --out");
    if (past) {
      if (!state)
        throw dataError("`" + lastPath() +
                            "` holds weights alone, so training cannot go on from it",
                        "start a new run with --init " + lastPath());
      training = std::move(*state);
    } else if (options.resume) {
      progress.print("`" + options.out + "` holds no checkpoint yet: starting from the beginning");
    }
    training.seed = configure(manifest, options, past ? &training : nullptr, settings);
    if (!past)
      training.limit = options.limit;
    epochs = settings.integer(manifest.train->epochs, "the number of epochs", 1);
    batchSize = settings.integer(manifest.data.batch, "the batch size", 1);
    replays = settings.integer(manifest.train->replays, "the number of replays", 1);
    if (options.stopAfter && *options.stopAfter < 1)
      throw usageError("--stop-after is " + std::to_string(*options.stopAfter) +
                       ", expected at least 1");
  }

  /// Reads every split that the run needs before anything is written.
  void openData() {
    dataset = std::make_unique<Dataset>(
        manifest.data, options.data, training.seed,
        settings.integer(manifest.data.valid, "the number of `valid` examples", 0));
    split = &dataset->split("train");
    trainingRows = split->indices;
    if (training.limit && int64_t(trainingRows.size()) > *training.limit)
      trainingRows.resize(size_t(*training.limit));
    for (const Evaluation &evaluation : manifest.evaluations)
      if (evaluation.every || evaluation.atEnd)
        dataset->split(evaluation.split);
    std::map<std::string, std::string> data = dataset->fingerprints();
    if (past)
      for (const auto &[files, fingerprint] : data)
        if (fingerprint != training.data[files])
          throw dataError("`" + options.data + "` holds other " + files +
                          " data than the run was started with: " + fingerprint + ", not " +
                          training.data[files]);
    int64_t count = imageCount();
    batches = manifest.data.dropLast ? count / batchSize : (count + batchSize - 1) / batchSize;
    if (batches == 0)
      throw dataError("a batch of " + std::to_string(batchSize) + " takes more than the " +
                          std::to_string(count) +
                          " examples there are, and the last one is dropped",
                      "--set " + manifest.settings[manifest.data.batch.setting.value_or(0)].path +
                          "=" + std::to_string(count));
    requireEnoughExamples(step(), std::min(batchSize, count), "every batch");
    requireEnoughExamples(step(), count - (batches - 1) * batchSize, "the last batch of an epoch");
    if (__builtin_mul_overflow(batches, replays, &training.iterations) ||
        __builtin_mul_overflow(epochs, training.iterations, &training.iterations))
      throw usageError(std::to_string(epochs) + " epochs of " + std::to_string(batches) +
                       " batches are more steps than can be counted");
    if (past)
      checkPosition(training, epochs, batches, replays, lastPath());
    training.data = std::move(data);
    training.program = programIdentity(manifest);
    training.overrides = settings.overrides();
    training.settings = settings.texts();
    checkSchedules();
  }

  /// Looks at every schedule of the run before its first step: at each step as far as a second
  /// or so allows, and at each evaluation.
  void checkSchedules() {
    constexpr int64_t most = 1 << 17;
    int64_t perEpoch = batches * replays;
    int64_t stride = step().readsClock ? training.iterations / most + 1 : training.iterations;
    for (int64_t i = training.position.iteration; i < training.iterations; i += stride)
      settings.uniforms({i / perEpoch, i, epochs, training.iterations}, step());
    for (const Evaluation &evaluation : manifest.evaluations) {
      int64_t every = evaluation.every ? settings.integer(*evaluation.every,
                                                          "`every` of `" + evaluation.name + "`", 1)
                                       : epochs;
      if (!evaluation.every && !evaluation.atEnd)
        continue;
      stride = every * (epochs / every / most + 1);
      for (const Attack &attack : evaluation.attacks) {
        if (attack.kind == Attack::Kind::Worst)
          continue;
        const Step &evaluated = manifest.steps[attack.step];
        for (int64_t done = every; done <= epochs; done += stride)
          settings.uniforms({done, done * perEpoch, epochs, training.iterations}, evaluated);
        if (evaluation.atEnd)
          settings.uniforms({epochs, training.iterations, epochs, training.iterations}, evaluated);
      }
    }
  }

  void openState() {
    startThreads(options.threads);
    session = std::make_unique<Session>(manifest, std::min(batchSize, imageCount()));
    measures = std::make_unique<Measures>(step(), *session);
    if (past) {
      loadState(manifest, *past, LeafSet::All, session->state());
      past.reset();
      isResumed = true;
    } else {
      record.imports = initializeState(manifest, training.seed, session->state());
      printImports(record.imports);
      if (!options.init.empty())
        loadState(manifest, SafetensorsFile(options.init), LeafSet::Weights, session->state());
      training.sums.assign(measures->size(), 0);
    }
    if (training.sums.size() != measures->size())
      throw dataError("`" + lastPath() + "` was written by another program: it sums " +
                      std::to_string(training.sums.size()) + " measures, expected " +
                      std::to_string(measures->size()));
  }

  /// Training and evaluations that would search sets without their own images end here,
  /// before hours of work.
  void checkSets() {
    for (const TrainingSet &set : manifest.train->sets) {
      SetUse use{set.membership, "`" + set.adversary + "`", "", "train"};
      for (int64_t done = 0; done < imageCount(); done += session->maximumBatch()) {
        throwIfInterrupted();
        requireMembers(*session, manifest, use, *split->images, split->indices.data() + done,
                       std::min(session->maximumBatch(), imageCount() - done), training.seed,
                       settings.uniforms(clock(), manifest.steps[use.step]));
      }
    }
    EvaluationOptions how;
    how.seed = training.seed;
    how.clock = clock();
    how.limit = training.limit.value_or(-1);
    for (const Evaluation &evaluation : manifest.evaluations)
      if (evaluation.every || evaluation.atEnd)
        requireMembers(*session, manifest, settings, dataset->split(evaluation.split), evaluation,
                       how);
  }

  void openRecord() {
    makeDirectories(path("checkpoints"));
    metrics = std::make_unique<MetricsWriter>(path("metrics.jsonl"), training.events);
    record.started = utcNow();
    if (!options.init.empty())
      record.init = absolutePath(options.init);
    if (isResumed) {
      readRunHistory(path("run.json"), record);
      record.resumed.push_back(utcNow());
    } else {
      // Even a run that is killed in its first step has settled its seed and settings.
      checkpoint();
    }
    describeRun();
    record.status = "running";
    writeRecord();
    started = saved = monotonicSeconds();
    progress.print(manifest.experiment + ": " + epochText(training.position.epoch) + " done, " +
                   std::to_string(batches) + " batches of " + std::to_string(batchSize) +
                   limitText() + ", seed " + std::to_string(training.seed) + ", " +
                   std::to_string(options.threads) +
                   (options.threads == 1 ? " thread" : " threads"));
  }

  std::string limitText() const {
    if (!training.limit)
      return "";
    std::string limit = ", --limit " + std::to_string(*training.limit);
    return *training.limit < split->count()
               ? limit + " of " + std::to_string(split->count()) + " images"
               : limit + " (there are " + std::to_string(split->count()) + " images)";
  }

  /// What run.json says of a run besides its times and its status.
  void describeRun() {
    record.seed = training.seed;
    record.seedOrigin = options.seed ? "command line" : isResumed ? "checkpoint" : "default";
    record.limit = training.limit;
    record.threads = options.threads;
    record.dataDirectory = absolutePath(options.data);
    record.dataFingerprints = training.data;
    record.command = options.command;
    record.replay = replayCommand();
  }

  std::vector<std::string> replayCommand() const {
    std::vector<std::string> words = {options.command.empty() ? "EXE" : options.command[0],
                                      "train",
                                      "--data",
                                      absolutePath(options.data),
                                      "--out",
                                      options.out,
                                      "--seed",
                                      std::to_string(training.seed),
                                      "--threads",
                                      std::to_string(options.threads)};
    for (const auto &[settingPath, text] : training.overrides) {
      words.push_back("--set");
      words.push_back(settingPath + "=" + text);
    }
    if (training.limit) {
      words.push_back("--limit");
      words.push_back(std::to_string(*training.limit));
    }
    if (!record.init.empty()) {
      words.push_back("--init");
      words.push_back(record.init);
    }
    return words;
  }

  Clock clock() const {
    return {training.position.epoch, training.position.iteration, epochs, training.iterations};
  }

  /// Training images that an epoch goes over.
  int64_t imageCount() const { return int64_t(trainingRows.size()); }

  int64_t examplesDone() const {
    return std::min(training.position.batch * batchSize, imageCount());
  }

  void runEpoch() {
    Position &position = training.position;
    if (position.batch == batches)
      return;
    std::vector<int64_t> order = trainingRows;
    shuffle(order, "shuffle", training.seed, uint64_t(position.epoch));
    int64_t perEpoch = std::min(batches * batchSize, imageCount());
    double began = monotonicSeconds();
    int64_t resumedAt = examplesDone();
    progress.begin(epochs * perEpoch, position.epoch * perEpoch + examplesDone());
    while (position.batch < batches) {
      int64_t begin = position.batch * batchSize;
      int64_t count = std::min(batchSize, imageCount() - begin);
      runBatch(order.data() + begin, count);
      ++position.batch;
      if (position.iteration % stepEventInterval == 0)
        writeStepEvent();
      training.events = metrics->events();
      isDirty = true;
      char lossText[32];
      std::snprintf(lossText, sizeof(lossText), "%.4f", measures->loss());
      progress.update(position.epoch * perEpoch + examplesDone(),
                      "epoch " + std::to_string(position.epoch + 1) + "/" + std::to_string(epochs) +
                          ", step " + std::to_string(position.batch) + "/" +
                          std::to_string(batches) + ", loss " + lossText);
      throwIfInterrupted();
      if (isCheckpointDue())
        checkpoint();
    }
    progress.clear();
    imagesPerSecond = double(perEpoch - resumedAt) / std::max(monotonicSeconds() - began, 1e-9);
  }

  /// All replays of one batch. A loss that is not finite ends the run, with an event that says
  /// which terms are not.
  void runBatch(const int64_t *rows, int64_t count) {
    for (int64_t replay = 0; replay < replays; ++replay) {
      fillInputs(*session, step(), manifest.data, *split->images, rows, count);
      AdvxContext context{training.seed,    split->code, uint64_t(training.position.epoch),
                          uint64_t(replay), count,       nullptr};
      runStep(context);
      measures->read();
      for (size_t i = 0; i < measures->size(); ++i)
        training.sums[i] += measures->values()[i] * double(count);
      ++training.position.iteration;
      double loss = measures->loss();
      if (!std::isfinite(loss)) {
        ++training.position.batch;
        writeStepEvent();
        throw Error(ExitCode::Numerical,
                    "the loss is " + std::string(std::isnan(loss) ? "not a number" : "infinite") +
                        " in epoch " + std::to_string(training.position.epoch + 1) + ", step " +
                        std::to_string(training.position.batch) + " of " + std::to_string(batches),
                    "lower the learning rate; `" + lastPath() + "` holds the last good weights");
      }
    }
  }

  void runStep(const AdvxContext &context) {
    if (!Profile::isOn())
      return session->run(step(), context, settings.uniforms(clock(), step()));
    Stopwatch watch;
    session->run(step(), context, settings.uniforms(clock(), step()));
    Profile::instance().addStep({context.batch, watch.wall(), watch.cpu()});
  }

  /// Evaluations are not in it.
  void reportProfile() {
    if (!options.profile)
      return;
    writeFileAtomically(path("profile.json"), profileJson(Profile::instance()));
    std::printf("%s", profileTable(Profile::instance()).c_str());
    flushOutput();
  }

  bool isCheckpointDue() const {
    if (options.checkpointSteps > 0 && training.position.iteration % options.checkpointSteps == 0)
      return true;
    return monotonicSeconds() - saved >= options.checkpointSeconds;
  }

  /// Everything after the last step of an epoch. The training state changes only
  /// at its end, so an interruption repeats all of it.
  void finishEpoch() {
    int64_t done = training.position.epoch + 1;
    writeEpochEvent(done);
    std::optional<BestValue> best = training.best;
    for (const Evaluation &evaluation : manifest.evaluations) {
      if (!evaluation.every ||
          done % settings.integer(*evaluation.every, "`every` of `" + evaluation.name + "`", 1) !=
              0)
        continue;
      Clock now = clock();
      now.epoch = done;
      EvaluationResult result = runEvaluation(evaluation, now, "current", done);
      if (!manifest.keep || manifest.keep->evaluation != evaluation.name)
        continue;
      double accuracy = result.attack(manifest.keep->attack)->accuracy();
      if (!best || accuracy > best->accuracy)
        best = BestValue{accuracy, done};
    }
    bool isBest = best && best->epoch == done;
    training.best = best;
    training.position.epoch = done;
    training.position.batch = 0;
    training.sums.assign(measures->size(), 0);
    training.events = metrics->events();
    if (isBest)
      saveCheckpoint(bestPath(), manifest, session->state(), training);
    checkpoint();
  }

  EvaluationResult runEvaluation(const Evaluation &evaluation, const Clock &now,
                                 const std::string &weights, int64_t epoch) {
    EvaluationOptions how;
    how.seed = training.seed;
    how.clock = now;
    how.limit = training.limit.value_or(-1);
    EvaluationResult result = evaluate(*session, manifest, settings,
                                       dataset->split(evaluation.split), evaluation, how, progress);
    if (std::string finding = describeNonFinite(result); !finding.empty())
      nonFinite += (nonFinite.empty() ? "" : "; ") + finding + " after epoch " +
                   std::to_string(epoch) + ", " + weights + " weights";
    Json event;
    event["event"] = "evaluation";
    event["epoch"] = epoch;
    event["iteration"] = training.position.iteration;
    event["weights"] = weights;
    Json description = toJson(result);
    for (auto &attack : description["attacks"])
      attack.erase("report"); // the same in every event; run.json and summary.json have it
    event.update(description);
    event["t"] = monotonicSeconds() - started;
    metrics->write(jsonText(event));
    progress.clear();
    std::printf("%s", formatTable(result, weights + " weights").c_str());
    flushOutput();
    return result;
  }

  /// Of the step that has just run; its epoch, like its step and iteration, counts from 1.
  void writeStepEvent() {
    Json event;
    event["event"] = "step";
    event["epoch"] = training.position.epoch + 1;
    event["step"] = training.position.batch;
    event["iteration"] = training.position.iteration;
    measures->describe(measures->values(), event);
    describeSchedules(event);
    event["t"] = monotonicSeconds() - started;
    metrics->write(jsonText(event));
  }

  void writeEpochEvent(int64_t done) {
    Json event;
    event["event"] = "epoch";
    event["epoch"] = done;
    event["iteration"] = training.position.iteration;
    double examples = double(examplesDone() * replays);
    std::vector<double> means(training.sums);
    for (double &mean : means)
      mean /= examples;
    measures->describe(means, event);
    describeSchedules(event);
    std::string line = epochText(done) + ", " + measures->text(means);
    event["t"] = monotonicSeconds() - started;
    metrics->write(jsonText(event));
    if (imagesPerSecond > 0)
      line += ", " + std::to_string(std::llround(imagesPerSecond)) + " images/s";
    progress.print(line);
  }

  /// Adds the schedules at the last step that was made.
  void describeSchedules(Json &event) {
    Clock last = clock();
    --last.iteration;
    settings.uniforms(last, step());
    for (size_t i = 0; i < manifest.settings.size(); ++i)
      if (manifest.settings[i].isSchedule && manifest.settings[i].isFree())
        event["schedules"][manifest.settings[i].path] =
            numberToJson(manifest.settings[i], settings.value(i));
  }

  void checkpoint() {
    metrics->sync();
    saveCheckpoint(lastPath(), manifest, session->state(), training);
    saved = monotonicSeconds();
    isDirty = false;
  }

  /// Final weights, the evaluations at the end, and the summary. `last` is that
  /// of the last epoch's end, so an interruption repeats all of this.
  void finish() {
    saveCheckpoint(path("checkpoints/final.safetensors"), manifest, session->state(), training);
    Json results = Json::array();
    evaluateAtEnd("final", epochs, results);
    if (manifest.keep && training.best) {
      loadState(manifest, SafetensorsFile(bestPath()), LeafSet::All, session->state());
      evaluateAtEnd("best", training.best->epoch, results);
    }
    Json summary;
    summary["experiment"] = manifest.experiment;
    summary["seed"] = training.seed;
    summary["epochs"] = epochs;
    summary["iterations"] = training.position.iteration;
    if (training.limit)
      summary["limit"] = *training.limit;
    if (manifest.keep && training.best)
      summary["best"] = {{"measure", manifest.keep->evaluation + "." + manifest.keep->attack},
                         {"accuracy", training.best->accuracy},
                         {"epoch", training.best->epoch}};
    summary["evaluations"] = std::move(results);
    summary["memory"] = memoryToJson(manifest, session->maximumBatch());
    metrics->sync();
    writeFileAtomically(path("summary.json"), jsonText(summary, 2) + "\n");
  }

  void evaluateAtEnd(const std::string &weights, int64_t epoch, Json &results) {
    for (const Evaluation &evaluation : manifest.evaluations) {
      if (!evaluation.atEnd)
        continue;
      Json entry = toJson(runEvaluation(evaluation, clock(), weights, epoch));
      entry["weights"] = weights;
      entry["epoch"] = epoch;
      results.push_back(std::move(entry));
    }
  }

  void writeRecord() { writeRunRecord(path("run.json"), manifest, settings, record); }

  void close(const std::string &status) {
    record.status = status;
    record.ended = utcNow();
    writeRecord();
  }

  /// Marks the run as failed, as far as the disk still takes it; the caller goes
  /// on with the failure itself.
  void recordFailure(const std::string &message) {
    record.error = message;
    try {
      close("failed");
    } catch (const std::exception &problem) {
      progress.print(std::string("run.json does not say that the run failed: ") + problem.what());
    }
  }

  const Manifest &manifest;
  const TrainOptions &options;
  Settings settings;
  Progress progress;
  std::unique_ptr<SafetensorsFile> past;
  std::unique_ptr<Dataset> dataset;
  const Split *split = nullptr;
  std::vector<int64_t> trainingRows; ///< of the training split, as far as the limit lets them in
  std::unique_ptr<Session> session;
  std::unique_ptr<Measures> measures;
  std::unique_ptr<MetricsWriter> metrics;
  RunRecord record;
  TrainingState training;
  int64_t epochs = 0, batchSize = 0, replays = 1, batches = 0;
  double started = 0, saved = 0;
  double imagesPerSecond = 0; ///< of this epoch's steps in this process
  std::string nonFinite;      ///< what evaluations of this process found not finite
  bool isResumed = false;
  bool isDirty = false; ///< steps were made since checkpoints/last was written
};

} // namespace

ExitCode train(const Program &program, const TrainOptions &options) {
  return Trainer(program, options).run();
}

} // namespace advx::runtime
