//===- FakeProgram.cpp - A compiled program, written by hand --------------===//
//
// A linear softmax classifier with one attack, as the compiler would export it,
// so that the runtime is tested without the compiler. Settings under `fault`
// make it misbehave; ADVX_FAKE_PATCH holds a JSON merge patch (RFC 7396) that is
// applied to the manifest, or a list, a JSON patch (RFC 6902).
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/advx_abi.h"
#include "runtime/core/OpErrors.h"
#include "runtime/core/Philox.h"
#include "runtime/library/Ops.h"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

namespace {

constexpr int pixels = 16, classes = 3, settingCount = 13;

/// Offsets in the state arena, in bytes.
constexpr int weightAt = 0, biasAt = 192, weightSlotAt = 256, biasSlotAt = 448, stateBytes = 512,
              lossAt = 512, hitsAt = 576, stateArena = 640;
/// Offsets in the batch arena, in bytes per padded example.
constexpr int xAt = 0, yAt = 64, indexAt = 72, correctAt = 80, finiteAt = 82, insideAt = 84,
              vanishingAt = 86, objectiveAt = 88, logitsAt = 92, adversarialAt = 104,
              batchArena = 168;

enum Uniform {
  Rate,
  Momentum,
  Radius,
  NanAt,
  InfiniteAt,
  ErrorAt,
  Delay,
  Outside,
  Misfit,
  NotFinite,
  Vanishing,
  Iteration,
  Count
};

const char *const manifestText = R"json({
  "experiment": "fake", "doc": "A linear classifier.", "dtype": "f32",
  "source": {"path": "fake.advx", "text": "experiment fake { }\n", "sha256": "f00d"},
  "compiler": {"version": "0.1.0", "llvm": "19.1.7", "options": "-O0", "cpu": "x86-64"},
  "data": {"name": "blobs", "format": "idx", "image": [1, 4, 4], "classes": 3, "range": [0, 1],
           "train": ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
           "test": ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
           "valid": 10, "last": "keep", "batch": "data.batch"},
  "settings": [
    {"path": "outer.rate", "kind": "real", "text": "1/2", "origin": "page", "line": 6},
    {"path": "outer.momentum", "kind": "real", "text": "0.9", "origin": "page", "line": 6, "minimum": 0, "maximum": 1},
    {"path": "inner.radius", "kind": "real", "text": "1/20", "origin": "page", "line": 4},
    {"path": "fault.nan_at", "kind": "int", "text": "-1", "origin": "default", "line": 0},
    {"path": "fault.infinite_at", "kind": "int", "text": "-1", "origin": "default", "line": 0},
    {"path": "fault.error_at", "kind": "int", "text": "-1", "origin": "default", "line": 0},
    {"path": "fault.delay", "kind": "real", "text": "0", "origin": "default", "line": 0},
    {"path": "fault.outside", "kind": "bool", "text": "false", "origin": "default", "line": 0},
    {"path": "fault.misfit", "kind": "int", "text": "-1", "origin": "default", "line": 0},
    {"path": "fault.not_finite", "kind": "int", "text": "-1", "origin": "default", "line": 0},
    {"path": "fault.vanishing", "kind": "bool", "text": "false", "origin": "default", "line": 0},
    {"path": "data.batch", "kind": "int", "text": "16", "origin": "page", "line": 3, "minimum": 1},
    {"path": "outer.epochs", "kind": "int", "text": "2", "origin": "page", "line": 7, "minimum": 1}],
  "structural": [{"path": "f.classes", "text": "3", "origin": "page", "line": 5}],
  "uniforms": 12,
  "state": [
    {"name": "f.weight", "role": "parameter", "shape": [3, 16], "dtype": "f32", "offset": 0,
     "init": {"kind": "uniform", "low": -0.25, "high": 0.25}, "trainable": true},
    {"name": "f.bias", "role": "parameter", "shape": [3], "dtype": "f32", "offset": 192,
     "init": {"kind": "normal", "mean": 0, "std": 0.1}, "trainable": true},
    {"name": "outer.v[f.weight]", "role": "optimizer", "shape": [3, 16], "dtype": "f32", "offset": 256,
     "init": {"kind": "constant", "value": 0}},
    {"name": "outer.v[f.bias]", "role": "optimizer", "shape": [3], "dtype": "f32", "offset": 448,
     "init": {"kind": "constant", "value": 0}}],
  "state_bytes": 512,
  "steps": [
    {"name": "train_step", "inputs": [
       {"name": "x", "arena": "batch", "offset": 0, "shape": [1, 4, 4], "dtype": "f32"},
       {"name": "y", "arena": "batch", "offset": 64, "shape": [], "dtype": "i64"},
       {"name": "index", "arena": "batch", "offset": 72, "shape": [], "dtype": "i64"}],
     "outputs": [{"name": "loss", "arena": "state", "offset": 512, "shape": [], "dtype": "f32"},
                 {"name": "accuracy.f(x)", "arena": "state", "offset": 576, "shape": [], "dtype": "f64"}],
     "state_arena": 640, "batch_arena": 168},
    {"name": "test.clean", "inputs": [
       {"name": "x", "arena": "batch", "offset": 0, "shape": [1, 4, 4], "dtype": "f32"},
       {"name": "y", "arena": "batch", "offset": 64, "shape": [], "dtype": "i64"}],
     "outputs": [{"name": "correct", "arena": "batch", "offset": 80, "shape": [], "dtype": "bool"},
                 {"name": "finite", "arena": "batch", "offset": 82, "shape": [], "dtype": "bool"},
                 {"name": "logits", "arena": "batch", "offset": 92, "shape": [3], "dtype": "f32"}],
     "state_arena": 640, "batch_arena": 168},
    {"name": "test.sign", "inputs": [
       {"name": "x", "arena": "batch", "offset": 0, "shape": [1, 4, 4], "dtype": "f32"},
       {"name": "y", "arena": "batch", "offset": 64, "shape": [], "dtype": "i64"},
       {"name": "index", "arena": "batch", "offset": 72, "shape": [], "dtype": "i64"}],
     "outputs": [{"name": "correct", "arena": "batch", "offset": 80, "shape": [], "dtype": "bool"},
                 {"name": "finite", "arena": "batch", "offset": 82, "shape": [], "dtype": "bool"},
                 {"name": "inside", "arena": "batch", "offset": 84, "shape": [], "dtype": "bool"},
                 {"name": "vanishing", "arena": "batch", "offset": 86, "shape": [], "dtype": "bool"},
                 {"name": "objective", "arena": "batch", "offset": 88, "shape": [], "dtype": "f32"},
                 {"name": "logits", "arena": "batch", "offset": 92, "shape": [3], "dtype": "f32"},
                 {"name": "adversarial", "arena": "batch", "offset": 104, "shape": [1, 4, 4], "dtype": "f32"}],
     "state_arena": 640, "batch_arena": 168},
    {"name": "x in B", "inputs": [
       {"name": "x", "arena": "batch", "offset": 0, "shape": [1, 4, 4], "dtype": "f32"},
       {"name": "index", "arena": "batch", "offset": 72, "shape": [], "dtype": "i64"}],
     "outputs": [{"name": "outside", "arena": "batch", "offset": 88, "shape": [], "dtype": "f32"}],
     "state_arena": 640, "batch_arena": 168}],
  "train": {"step": "train_step", "epochs": "outer.epochs", "replays": 1,
            "sets": [{"adversary": "inner", "membership": "x in B"}]},
  "evaluations": [
    {"name": "val", "split": "valid", "count": null, "every": 1, "at_end": false,
     "attacks": [{"name": "clean", "step": "test.clean", "kind": "clean"},
                 {"name": "sign", "step": "test.sign", "kind": "adversary", "membership": "x in B"}]},
    {"name": "test", "split": "test", "count": null, "every": null, "at_end": true,
     "attacks": [{"name": "clean", "step": "test.clean", "kind": "clean"},
                 {"name": "sign", "step": "test.sign", "kind": "adversary", "membership": "x in B",
                  "report": {"objective": "ce(f(x'), y)", "solver": "sign(radius = 1/20)", "over": "B(x)"}},
                 {"name": "random", "step": "test.clean", "kind": "clean"},
                 {"name": "worst", "kind": "worst", "of": ["clean", "sign"]}]}],
  "keep": {"evaluation": "val", "attack": "sign"}
})json";

/// One example's place in the arenas.
struct Batch {
  char *base;
  int64_t padded;

  template <typename T> T *at(int offset, int64_t row, int64_t perRow = 1) const {
    return reinterpret_cast<T *>(base + offset * padded) + row * perRow;
  }
};

void computeLogits(const char *state, const float *x, float *logits) {
  const float *weight = reinterpret_cast<const float *>(state + weightAt);
  const float *bias = reinterpret_cast<const float *>(state + biasAt);
  for (int c = 0; c < classes; ++c) {
    logits[c] = bias[c];
    for (int i = 0; i < pixels; ++i)
      logits[c] += weight[c * pixels + i] * x[i];
  }
}

int predict(const float *logits) {
  int best = 0;
  for (int c = 1; c < classes; ++c)
    if (logits[c] > logits[best])
      best = c;
  return best;
}

/// Cross-entropy; `residual` receives softmax(logits) - onehot(y).
float crossEntropy(const float *logits, int64_t y, float *residual) {
  float highest = logits[predict(logits)], sum = 0;
  for (int c = 0; c < classes; ++c)
    sum += residual[c] = std::exp(logits[c] - highest);
  for (int c = 0; c < classes; ++c)
    residual[c] = residual[c] / sum - float(c == y);
  return std::log(sum) + highest - logits[y];
}

void update(char *state, int valueAt, int slotAt, const std::vector<float> &gradient,
            const double *uniforms) {
  float *value = reinterpret_cast<float *>(state + valueAt);
  float *slot = reinterpret_cast<float *>(state + slotAt);
  for (size_t i = 0; i < gradient.size(); ++i) {
    slot[i] = float(uniforms[Momentum]) * slot[i] + gradient[i];
    value[i] -= float(uniforms[Rate]) * slot[i];
  }
}

void trainStep(AdvxContext *context, char *state, char *batch, const double *uniforms) {
  std::this_thread::sleep_for(std::chrono::duration<double>(uniforms[Delay]));
  if (uniforms[Iteration] == uniforms[ErrorAt])
    advx::runtime::recordError(context, "an op does not know what to do");
  if (std::getenv("ADVX_FAKE_CALL")) {
    AdvxCounts counts{3, 0, 0, 0};
    advx_op_neg(context, nullptr, nullptr, nullptr, nullptr, &counts);
  }
  Batch rows{batch, (context->batch + 15) / 16 * 16};
  std::vector<float> weightGradient(classes * pixels), biasGradient(classes);
  advx::runtime::DrawStream noise(context->seed, advx::runtime::streamHash("noise"), nullptr, 0);
  float loss = 0;
  double hits = 0;
  for (int64_t row = 0; row < context->batch; ++row) {
    noise.setExample(uint64_t(*rows.at<int64_t>(indexAt, row)), context->epoch, context->replay,
                     advx::runtime::DrawKind(context->split));
    float *x = rows.at<float>(xAt, row, pixels), logits[classes], residual[classes];
    for (int i = 0; i < pixels; ++i)
      x[i] += float(uniforms[Radius] * (2 * noise.uniform(uint64_t(i)) - 1));
    int64_t y = *rows.at<int64_t>(yAt, row);
    computeLogits(state, x, logits);
    hits += predict(logits) == y;
    loss += crossEntropy(logits, y, residual) / float(context->batch);
    for (int c = 0; c < classes; ++c) {
      biasGradient[c] += residual[c] / float(context->batch);
      for (int i = 0; i < pixels; ++i)
        weightGradient[c * pixels + i] += residual[c] * x[i] / float(context->batch);
    }
  }
  update(state, weightAt, weightSlotAt, weightGradient, uniforms);
  update(state, biasAt, biasSlotAt, biasGradient, uniforms);
  if (uniforms[Iteration] == uniforms[NanAt])
    loss = std::nanf("");
  if (uniforms[Iteration] == uniforms[InfiniteAt])
    *reinterpret_cast<float *>(state + biasAt) = HUGE_VALF;
  *reinterpret_cast<float *>(state + lossAt) = loss;
  *reinterpret_cast<double *>(state + hitsAt) = hits / double(context->batch);
}

/// `correct` and `finite` of a row; a row without finite logits is not correct.
void judge(const Batch &rows, int64_t row, bool finite) {
  const float *logits = rows.at<float>(logitsAt, row, classes);
  for (int c = 0; c < classes; ++c)
    finite &= bool(std::isfinite(logits[c]));
  *rows.at<char>(correctAt, row) = finite && predict(logits) == *rows.at<int64_t>(yAt, row);
  *rows.at<char>(finiteAt, row) = finite;
}

void clean(AdvxContext *context, char *state, char *batch, const double *uniforms) {
  std::this_thread::sleep_for(std::chrono::duration<double>(uniforms[Delay]));
  Batch rows{batch, (context->batch + 15) / 16 * 16};
  for (int64_t row = 0; row < context->batch; ++row) {
    float *logits = rows.at<float>(logitsAt, row, classes);
    computeLogits(state, rows.at<float>(xAt, row, pixels), logits);
    judge(rows, row, true);
  }
}

void signAttack(AdvxContext *context, char *state, char *batch, const double *uniforms) {
  const float *weight = reinterpret_cast<const float *>(state + weightAt);
  Batch rows{batch, (context->batch + 15) / 16 * 16};
  for (int64_t row = 0; row < context->batch; ++row) {
    const float *x = rows.at<float>(xAt, row, pixels);
    float *adversarial = rows.at<float>(adversarialAt, row, pixels);
    float *logits = rows.at<float>(logitsAt, row, classes), residual[classes];
    int64_t y = *rows.at<int64_t>(yAt, row);
    computeLogits(state, x, logits);
    crossEntropy(logits, y, residual);
    for (int i = 0; i < pixels; ++i) {
      float gradient = 0;
      for (int c = 0; c < classes; ++c)
        gradient += residual[c] * weight[c * pixels + i];
      float step = float(uniforms[Radius]) * float((gradient > 0) - (gradient < 0));
      adversarial[i] = std::fmin(std::fmax(x[i] + step, 0), 1);
    }
    computeLogits(state, adversarial, logits);
    *rows.at<float>(objectiveAt, row) = crossEntropy(logits, y, residual);
    int64_t index = *rows.at<int64_t>(indexAt, row);
    if (double(index) == uniforms[NotFinite])
      *rows.at<float>(objectiveAt, row) = std::nanf("");
    judge(rows, row, double(index) != uniforms[NotFinite]);
    *rows.at<char>(insideAt, row) = uniforms[Outside] == 0 || index % 2;
    *rows.at<char>(vanishingAt, row) = uniforms[Vanishing] != 0 && index % 4 == 0;
  }
}

void inSet(AdvxContext *context, char *, char *batch, const double *uniforms) {
  Batch rows{batch, (context->batch + 15) / 16 * 16};
  for (int64_t row = 0; row < context->batch; ++row)
    *rows.at<float>(objectiveAt, row) =
        double(*rows.at<int64_t>(indexAt, row)) == uniforms[Misfit] ? 0.25F : 0.0F;
}

/// The rate falls linearly to 0 over the horizon, so that a wrong horizon shows.
void fillUniforms(const double *settings, const double *clock, double *resolved, double *uniforms) {
  const double page[] = {0.5, 0.9, 0.05, -1, -1, -1, 0, 0, -1, -1, 0, 16, 2};
  for (int i = 0; i < settingCount; ++i)
    resolved[i] = std::isnan(settings[i]) ? page[i] : settings[i];
  for (int i = 0; i < Iteration; ++i)
    uniforms[i] = resolved[i];
  uniforms[Rate] = resolved[Rate] * (1 - clock[1] / clock[3]);
  uniforms[Iteration] = clock[1];
}

const std::string &manifest() {
  static const std::string text = [] {
    nlohmann::json json = nlohmann::json::parse(manifestText);
    json["abi"] = ADVX_ABI_VERSION;
    if (const char *text = std::getenv("ADVX_FAKE_PATCH")) {
      nlohmann::json patch = nlohmann::json::parse(text);
      if (patch.is_array())
        json.patch_inplace(patch);
      else
        json.merge_patch(patch);
    }
    return json.dump();
  }();
  return text;
}

/// A word of the table, or what a variable puts in its place.
uint32_t word(const char *variable, uint32_t value) {
  return variable ? uint32_t(std::atoi(variable)) : value;
}

const AdvxStep steps[] = {
    {"train_step", trainStep}, {"test.clean", clean}, {"test.sign", signAttack}, {"x in B", inSet}};

} // namespace

extern "C" const AdvxProgram advx_program = {word(std::getenv("ADVX_FAKE_ABI"), ADVX_ABI_VERSION),
                                             4,
                                             word(std::getenv("ADVX_FAKE_SETTINGS"), settingCount),
                                             word(std::getenv("ADVX_FAKE_UNIFORMS"), Count),
                                             manifest().c_str(),
                                             manifest().size(),
                                             steps,
                                             fillUniforms};
