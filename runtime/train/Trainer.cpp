#include "runtime/train/Trainer.h"

#include "runtime/core/Files.h"
#include "runtime/core/Interrupt.h"
#include "runtime/core/Profile.h"
#include "runtime/core/StandardStreams.h"
#include "runtime/data/BatchLoader.h"
#include "runtime/data/Dataset.h"
#include "runtime/data/Shuffle.h"
#include "runtime/evaluate/Evaluator.h"
#include "runtime/report/ProfileReport.h"
#include "runtime/report/Table.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/Events.h"
#include "runtime/train/Measures.h"
#include "runtime/train/Rehearsal.h"
#include "runtime/train/Resume.h"
#include "runtime/train/RunFiles.h"
#include "runtime/train/RunRecorder.h"
#include "runtime/train/StopTest.h"
#include "runtime/train/Summary.h"
#include "runtime/train/Tables.h"

#include <cmath>
#include <cstdio>
#include <memory>

namespace advx::runtime {

namespace {

/// Steps between two `step` events.
constexpr int64_t stepEventInterval = 50;

class Trainer {
public:
  Trainer(const Program &program, const TrainOptions &options)
      : manifest(program.manifest), options(options), files(options.out),
        settings(manifest, program.fillUniforms), progress(options.progress),
        recorder(manifest, options, settings, training) {
    if (!manifest.train)
      throw usageError("`" + manifest.experiment + "` only evaluates: it has nothing to train",
                       "use `eval`");
  }

  /// The story of a run.
  ExitCode run() {
    files.check(manifest, options);
    openPast();
    openData();
    if (isComplete())
      return alreadyComplete();
    openState();
    checkSets(*session, manifest, settings, *dataset, trainingRows, evaluationOptions(clock()));
    HoldSignals untilSaved;
    openRecord();
    try {
      while (!isAtEnd() && !isPastStop()) {
        Profile::enable(options.profile);
        runEpoch();
        Profile::enable(false);
        reportProfile();
        finishEpoch();
      }
      bool stopped = !isAtEnd();
      if (!stopped)
        finish();
      recorder.close(stopped ? "stopped" : "complete");
      if (stopped)
        progress.print("stopped after " + epochText(training.position.epoch) +
                       "; --resume goes on");
    } catch (const Interrupted &) {
      if (isDirty)
        checkpoint();
      recorder.close("interrupted");
      progress.print("interrupted; " + files.last() + " is written, --resume goes on");
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
  std::string epochText(int64_t done) const {
    return std::to_string(done) + " of " + std::to_string(epochs) + " epochs";
  }

  const Step &step() const { return manifest.steps[manifest.train->step]; }

  bool isAtEnd() const { return training.isStopped || training.position.epoch >= epochs; }

  bool isPastStop() const {
    return options.stopAfter && training.position.epoch >= *options.stopAfter;
  }

  bool isComplete() const { return options.resume && fileExists(files.summary()); }

  ExitCode alreadyComplete() {
    recorder.complete(past != nullptr);
    progress.print("the run in `" + options.out + "` is complete");
    return ExitCode::Success;
  }

  /// Finds what there is to resume, and settles every value of the run.
  void openPast() {
    if (fileExists(files.last()))
      past = std::make_unique<SafetensorsFile>(files.last());
    std::optional<TrainingState> state;
    if (past)
      state = readTrainingState(*past);
    bool hasRecord = fileExists(files.record());
    if (!hasRecord && state && state->position.iteration == 0)
      past.reset(); // killed before its first step: nothing to go on with
    if (!options.resume && (past || hasRecord))
      throw usageError("`" + options.out + "` already holds a run",
                       "use --resume to go on with it, or choose another --out");
    if (past) {
      if (!state)
        throw dataError("`" + files.last() +
                            "` holds weights alone, so training cannot go on from it",
                        "start a new run with --init " + files.last());
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
      for (const auto &[name, fingerprint] : data)
        if (fingerprint != training.data[name])
          throw dataError("`" + options.data + "` holds other " + name +
                          " data than the run was started with: " + fingerprint + ", not " +
                          training.data[name]);
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
      checkPosition(training, epochs, batches, replays, files.last());
    training.data = std::move(data);
    training.program = programIdentity(manifest);
    training.overrides = settings.overrides();
    training.settings = settings.texts();
    checkSchedules(manifest, settings, {epochs, batches * replays}, training.position.iteration);
  }

  void openState() {
    startThreads(options.threads);
    session = std::make_unique<Session>(manifest, std::min(batchSize, imageCount()));
    measures = std::make_unique<Measures>(step(), *session);
    statistics = std::make_unique<Statistics>(*session, manifest, settings, *dataset);
    if (manifest.train->stop)
      stopTest = std::make_unique<StopTest>(manifest, settings, *session);
    tables = std::make_unique<Tables>(manifest, settings, batchSize, split->images->count);
    if (past) {
      loadState(manifest, *past, LeafSet::All, *session);
      tables->load(*past);
      past.reset();
      isResumed = true;
    } else {
      std::vector<Import> imports = initializeState(manifest, settings, training.seed, *session);
      printImports(imports);
      recorder.setImports(std::move(imports));
      if (!options.init.empty())
        loadState(manifest, SafetensorsFile(options.init), LeafSet::Weights, *session);
      training.sums.assign(measures->size(), 0);
    }
    if (training.sums.size() != measures->size())
      throw dataError("`" + files.last() + "` was written by another program: it sums " +
                      std::to_string(training.sums.size()) + " measures, expected " +
                      std::to_string(measures->size()));
  }

  void openRecord() {
    makeDirectories(files.checkpoints());
    events =
        std::make_unique<Events>(files.metrics(), training.events, manifest, settings, *measures);
    if (!isResumed)
      checkpoint(); // even a run that is killed in its first step has settled its seed and settings
    recorder.open(isResumed);
    saved = monotonicSeconds();
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
    statistics->forget();
    std::vector<int64_t> order = trainingRows;
    shuffle(order, "shuffle", training.seed, uint64_t(position.epoch));
    int64_t perEpoch = std::min(batches * batchSize, imageCount());
    double began = monotonicSeconds();
    int64_t resumedAt = examplesDone();
    progress.begin(epochs * perEpoch, position.epoch * perEpoch + examplesDone());
    BatchLoader loader(step(), manifest.data, *split->images);
    auto prepare = [&](int64_t batch) {
      auto begin = order.begin() + batch * batchSize;
      loader.prepare({begin, begin + sizeOf(batch)});
    };
    prepare(position.batch);
    while (position.batch < batches) {
      runBatch(loader, order.data() + position.batch * batchSize, sizeOf(position.batch), [&] {
        if (position.batch + 1 < batches)
          prepare(position.batch + 1);
      });
      ++position.batch;
      if (position.iteration % stepEventInterval == 0)
        events->step(position, clock());
      training.events = events->count();
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

  int64_t sizeOf(int64_t batch) const {
    return std::min(batchSize, imageCount() - batch * batchSize);
  }

  /// All replays of the batch `rows` that the loader has; calls `taken` when it may load the next
  /// one. A loss that is not finite ends the run, with an event that says which terms are not.
  template <typename Taken>
  void runBatch(BatchLoader &loader, const int64_t *rows, int64_t count, Taken &&taken) {
    for (int64_t replay = 0; replay < replays; ++replay) {
      loader.fill(*session);
      if (replay + 1 == replays)
        taken();
      AdvxContext context{training.seed,    split->code, uint64_t(training.position.epoch),
                          uint64_t(replay), count,       nullptr};
      tables->give(*session, step(), rows, count);
      if (const Slot *number = step().input("batch"))
        session->write(*number, count, &training.position.batch);
      runStep(context);
      tables->take(*session, step(), rows, count);
      measures->read();
      for (size_t i = 0; i < measures->size(); ++i)
        training.sums[i] += measures->values()[i] * double(count);
      ++training.position.iteration;
      double loss = measures->loss();
      if (!std::isfinite(loss)) {
        ++training.position.batch;
        events->step(training.position, clock());
        throw Error(ExitCode::Numerical,
                    "the loss is " + std::string(std::isnan(loss) ? "not a number" : "infinite") +
                        " in epoch " + std::to_string(training.position.epoch + 1) + ", step " +
                        std::to_string(training.position.batch) + " of " + std::to_string(batches),
                    "lower the learning rate; `" + files.last() + "` holds the last good weights");
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
    writeFileAtomically(files.profile(), profileJson(Profile::instance()));
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
    reportEpoch(done);
    std::optional<BestValue> best = training.best;
    for (const Evaluation &evaluation : manifest.evaluations) {
      if (!evaluation.every ||
          done % settings.integer(*evaluation.every, "`every` of `" + evaluation.name + "`", 1) !=
              0)
        continue;
      Clock now = clock();
      now.epoch = done;
      EvaluationResult result = runEvaluation(evaluation, now, "current", done);
      if (stopTest)
        stopTest->take(result);
      if (!manifest.keep || manifest.keep->evaluation != evaluation.name)
        continue;
      double accuracy = result.attack(manifest.keep->attack)->accuracy();
      if (!best || accuracy > best->accuracy)
        best = BestValue{accuracy, done};
    }
    bool isBest = best && best->epoch == done;
    if (isBest)
      prepareStatistics(done); // it may be interrupted, too
    training.best = best;
    training.position.epoch = done;
    training.position.batch = 0;
    training.sums.assign(measures->size(), 0);
    training.events = events->count();
    if (isBest)
      saveCheckpoint(files.best(), manifest, *session, *tables, training);
    if (stopTest)
      askStop();
    checkpoint();
  }

  /// Looks at `stop when` after an epoch.
  void askStop() {
    const bool keepsPrevious = manifest.train->stop->keepPrevious;
    training.isStopped = stopTest->ends(clock(), training);
    if (!training.isStopped) {
      if (keepsPrevious && stopTest->hasMeasured())
        saveCheckpoint(files.previous(), manifest, *session, *tables, training);
      return;
    }
    events->stop(training.position.epoch, training.position.iteration);
    training.events = events->count();
    const bool goesBack = keepsPrevious && fileExists(files.previous());
    if (goesBack) {
      SafetensorsFile previous(files.previous());
      std::optional<TrainingState> then = readTrainingState(previous);
      if (!then)
        throw dataError("`" + files.previous() +
                        "` is not the checkpoint that the run wrote there");
      loadState(manifest, previous, LeafSet::All, *session);
      tables->load(previous);
      statistics->forget();
      training.weightsEpoch = then->position.epoch;
    }
    progress.print("`stop when` holds: training ends after " + epochText(training.position.epoch) +
                   (goesBack ? ", with the weights of the evaluation before" : ""));
  }

  /// The measures over the epoch, for the record and the reader.
  void reportEpoch(int64_t done) {
    double examples = double(examplesDone() * replays);
    std::vector<double> means(training.sums);
    for (double &mean : means)
      mean /= examples;
    events->epoch(done, means, clock());
    std::string line = epochText(done) + ", " + measures->text(means);
    if (imagesPerSecond > 0)
      line += ", " + std::to_string(std::llround(imagesPerSecond)) + " images/s";
    progress.print(line);
  }

  EvaluationOptions evaluationOptions(const Clock &now) const {
    EvaluationOptions how;
    how.seed = training.seed;
    how.clock = now;
    how.limit = training.limit.value_or(-1);
    return how;
  }

  EvaluationResult runEvaluation(const Evaluation &evaluation, const Clock &now,
                                 const std::string &weights, int64_t epoch) {
    EvaluationResult result =
        evaluate(*session, manifest, settings, dataset->split(evaluation.split), evaluation,
                 evaluationOptions(now), *statistics, progress);
    if (std::string finding = describeNonFinite(result); !finding.empty())
      nonFinite += (nonFinite.empty() ? "" : "; ") + finding + " after epoch " +
                   std::to_string(epoch) + ", " + weights + " weights";
    events->evaluation(result, weights, epoch, training.position.iteration);
    progress.clear();
    std::printf("%s", formatTable(result, weights + " weights").c_str());
    flushOutput();
    return result;
  }

  /// What checkpoints that are kept hold of evaluated models is of their own weights, whether an
  /// evaluation has just run or not.
  void prepareStatistics(int64_t done) {
    Clock now = clock();
    now.epoch = done;
    for (const Evaluation &evaluation : manifest.evaluations)
      statistics->prepare(evaluation, evaluationOptions(now), progress);
  }

  void checkpoint() {
    events->sync();
    saveCheckpoint(files.last(), manifest, *session, *tables, training);
    saved = monotonicSeconds();
    isDirty = false;
  }

  /// Final weights, the evaluations at the end, and the summary. `last` is that
  /// of the last epoch's end, so an interruption repeats all of this.
  void finish() {
    prepareStatistics(training.position.epoch);
    saveCheckpoint(files.final(), manifest, *session, *tables, training);
    std::vector<FinalEvaluation> results;
    evaluateAtEnd("final", training.weightsEpoch.value_or(training.position.epoch), results);
    if (manifest.keep && training.best) {
      loadState(manifest, SafetensorsFile(files.best()), LeafSet::All, *session);
      statistics->forget();
      evaluateAtEnd("best", training.best->epoch, results);
    }
    events->sync();
    writeSummary(files.summary(), manifest, training, results, session->maximumBatch());
  }

  void evaluateAtEnd(const std::string &weights, int64_t epoch,
                     std::vector<FinalEvaluation> &results) {
    for (const Evaluation &evaluation : manifest.evaluations)
      if (evaluation.atEnd)
        results.push_back({runEvaluation(evaluation, clock(), weights, epoch), weights, epoch});
  }

  /// Marks the run as failed, as far as the disk still takes it; the caller goes
  /// on with the failure itself.
  void recordFailure(const std::string &message) {
    try {
      recorder.fail(message);
    } catch (const std::exception &problem) {
      progress.print(std::string("run.json does not say that the run failed: ") + problem.what());
    }
  }

  const Manifest &manifest;
  const TrainOptions &options;
  RunFiles files;
  Settings settings;
  Progress progress;
  std::unique_ptr<SafetensorsFile> past;
  std::unique_ptr<Dataset> dataset;
  const Split *split = nullptr;
  std::vector<int64_t> trainingRows; ///< of the training split, as far as the limit lets them in
  std::unique_ptr<Session> session;
  std::unique_ptr<Measures> measures;
  std::unique_ptr<Statistics> statistics;
  std::unique_ptr<Tables> tables;
  std::unique_ptr<StopTest> stopTest; ///< where the page has a `stop when`
  std::unique_ptr<Events> events;
  TrainingState training;
  RunRecorder recorder;
  int64_t epochs = 0, batchSize = 0, replays = 1, batches = 0;
  double saved = 0;           ///< when checkpoints/last was written
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
