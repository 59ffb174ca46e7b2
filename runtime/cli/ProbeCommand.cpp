//===- ProbeCommand.cpp - Every step once, on known numbers ----------------===//
//
// Two builds of one page must compute the same. `probe` runs every step once on
// inputs that depend on the seed alone and writes all that comes out, so that two
// files can be compared number by number. It needs no data set.
//
//===----------------------------------------------------------------------===//

#include "runtime/cli/Commands.h"

#include "runtime/core/Interrupt.h"
#include "runtime/core/Leaves.h"
#include "runtime/core/Outputs.h"
#include "runtime/core/Philox.h"
#include "runtime/core/Settings.h"
#include "runtime/core/State.h"
#include "runtime/core/Suggest.h"

#include <charconv>

namespace advx::runtime {

namespace {

/// Bytes of memory that no step has written: not a number, as f32 and as f64.
constexpr unsigned char unwritten = 0xFF;

/// A number of one leaf, and what is added to it.
struct Perturbation {
  const Leaf *leaf = nullptr;
  int64_t index = 0;
  double delta = 0;
};

/// Reads LEAF:INDEX:DELTA. A leaf's name may itself contain colons.
Perturbation parsePerturbation(const Manifest &manifest, const std::string &text) {
  std::string option = "--perturb " + text;
  size_t second = text.rfind(':');
  size_t first = second == std::string::npos || second == 0 ? second : text.rfind(':', second - 1);
  if (first == std::string::npos || first == second)
    throw usageError(option + ": expected LEAF:INDEX:DELTA", "`info` lists the leaves");
  std::string name = text.substr(0, first);
  Perturbation result;
  std::vector<std::string> names;
  for (const Leaf &leaf : manifest.state) {
    if (leaf.name == name)
      result.leaf = &leaf;
    names.push_back(leaf.name);
  }
  if (!result.leaf) {
    std::string suggestion = nearest(name, names);
    throw usageError("there is no leaf `" + name + "`", suggestion.empty()
                                                            ? "`info` lists the leaves"
                                                            : "did you mean `" + suggestion + "`?");
  }
  if (result.leaf->dtype != DType::F32 && result.leaf->dtype != DType::F64)
    throw usageError(option + ": `" + name + "` does not hold real numbers");
  const char *begin = text.data() + first + 1, *end = text.data() + second;
  auto [stop, status] = std::from_chars(begin, end, result.index);
  int64_t count = elementCount(result.leaf->shape);
  if (status != std::errc() || stop != end || result.index < 0 || result.index >= count)
    throw usageError(option + ": the index is not a whole number from 0 to " +
                     std::to_string(count - 1));
  std::optional<double> delta = parseNumber(text.substr(second + 1));
  if (!delta)
    throw usageError(option + ": the change is not a number");
  result.delta = *delta;
  return result;
}

/// The real numbers of a leaf, replaced by what `change(index, number)` makes of each.
template <typename Change> void changeLeaf(const Leaf &leaf, Session &session, Change &&change) {
  auto changeAs = [&](auto zero) {
    std::vector<decltype(zero)> values(size_t(elementCount(leaf.shape)));
    session.read(leaf, values.data());
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = decltype(zero)(change(int64_t(i), values[i]));
    session.write(leaf, values.data());
  };
  if (leaf.dtype == DType::F32)
    changeAs(float());
  else if (leaf.dtype == DType::F64)
    changeAs(double());
}

/// A copy of one tensor, to be written.
struct Kept {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
  std::vector<char> bytes;
};

class Probe {
public:
  Probe(const Program &program, const ProbeOptions &options)
      : manifest(program.manifest), options(options), settings(manifest, program.fillUniforms),
        session(manifest, options.batch) {
    for (const std::string &assignment : options.set)
      settings.assign(assignment);
    settings.verify();
    if (manifest.train)
      clock.epochs = settings.integer(manifest.train->epochs, "the number of epochs", 1);
    prepareState();
  }

  /// Runs every step on a copy of the initial state, and writes what they gave.
  void run() {
    for (const Step &step : manifest.steps) {
      prepareMemory();
      fillInputs(step);
      AdvxContext context{options.seed,          uint64_t(DrawKind::Train),
                          uint64_t(clock.epoch), 0,
                          options.batch,         nullptr};
      session.run(step, context, settings.uniforms(clock, step));
      throwIfInterrupted();
      collect(step);
    }
    std::vector<TensorToWrite> tensors;
    for (const Kept &kept : results)
      tensors.push_back(
          {kept.name, storedName(kept.dtype), kept.shape, kept.bytes.data(), kept.bytes.size()});
    writeSafetensors(options.out, tensors,
                     {{"advx.experiment", manifest.experiment},
                      {"advx.options", manifest.compilerOptions},
                      {"advx.probe.batch", std::to_string(options.batch)},
                      {"advx.seed", std::to_string(options.seed)}});
  }

private:
  /// The state of `init`, but what begins as a constant (optimiser states, running
  /// statistics, some biases) is moved up by less than a tenth: a factor of zero hides faults.
  void prepareState() {
    initializeState(manifest, settings, options.seed, session);
    for (const Leaf &leaf : manifest.state) {
      if (leaf.init.kind != Initializer::Kind::Constant || leaf.source)
        continue;
      DrawStream stream = initialStateStream(options.seed, "probe." + leaf.name);
      changeLeaf(leaf, session, [&](int64_t i, auto value) {
        return value + decltype(value)(0.1 * stream.uniform(uint64_t(i)));
      });
    }
    for (const std::string &text : options.perturb) {
      Perturbation change = parsePerturbation(manifest, text);
      changeLeaf(*change.leaf, session, [&](int64_t i, auto value) {
        return i == change.index ? value + decltype(value)(change.delta) : value;
      });
    }
    for (const Leaf &leaf : manifest.state) {
      initial.emplace_back(leaf.bytes());
      session.read(leaf, initial.back().data());
    }
  }

  /// Puts the initial state back, and what no number may come from everywhere else.
  void prepareMemory() {
    session.fill(unwritten);
    for (size_t i = 0; i < initial.size(); ++i)
      session.write(manifest.state[i], initial[i].data());
  }

  void fillInputs(const Step &step) {
    for (const Slot &slot : step.inputs) {
      std::vector<char> values(slot.bytes(options.batch));
      DrawStream stream(options.seed, streamHash("probe." + slot.name), nullptr, 0);
      int64_t size = elementCount(slot.shape);
      for (int64_t example = 0; example < (slot.batched ? options.batch : 1); ++example) {
        stream.setExample(uint64_t(example), 0, 0, DrawKind::Train);
        for (int64_t i = 0; i < size; ++i)
          put(slot, values.data(), example * size + i, example, stream.uniform(uint64_t(i)));
      }
      session.write(slot, options.batch, values.data());
    }
  }

  /// One number of an input, from a uniform draw.
  void put(const Slot &slot, char *target, int64_t place, int64_t example, double draw) const {
    const DataDescription &data = manifest.data;
    if (slot.name == "x" && slot.dtype == DType::F32)
      reinterpret_cast<float *>(target)[place] =
          float(data.low + (data.high - data.low) * double(uniformAs<float>(draw)));
    else if (slot.name == "x")
      reinterpret_cast<double *>(target)[place] = data.low + (data.high - data.low) * draw;
    else if (slot.name == "y")
      reinterpret_cast<int64_t *>(target)[place] = int64_t(draw * double(data.classes));
    else if (slot.name == "index" || slot.name == "batch")
      reinterpret_cast<int64_t *>(target)[place] = example;
    else if (slot.dtype == DType::F32) // the rows of a table, an accuracy
      reinterpret_cast<float *>(target)[place] = float(0.1 * draw);
    else if (slot.dtype == DType::F64)
      reinterpret_cast<double *>(target)[place] = 0.1 * draw;
    else
      reinterpret_cast<int64_t *>(target)[place] = int64_t(draw * double(data.classes));
  }

  void collect(const Step &step) {
    for (const Leaf &leaf : manifest.state) {
      std::vector<char> &bytes = keep(step.name + "/" + leaf.name, leaf.dtype, leaf.shape);
      bytes.resize(leaf.bytes());
      session.read(leaf, bytes.data());
    }
    for (const Slot &slot : step.outputs) {
      std::vector<int64_t> shape = slot.shape;
      if (slot.batched)
        shape.insert(shape.begin(), options.batch);
      std::vector<char> &bytes = keep(step.name + "/" + slot.name, slot.dtype, shape);
      bytes.resize(slot.bytes(options.batch));
      session.read(slot, options.batch, bytes.data());
    }
  }

  std::vector<char> &keep(const std::string &name, DType dtype, const std::vector<int64_t> &shape) {
    results.push_back({name, dtype, shape, {}});
    return results.back().bytes;
  }

  const Manifest &manifest;
  const ProbeOptions &options;
  Settings settings;
  Session session;
  /// A fifth into a run, where no schedule of the library is zero.
  Clock clock{0, 20, 1, 100};
  std::vector<std::vector<char>> initial; ///< of each leaf
  std::vector<Kept> results;
};

} // namespace

ExitCode probeCommand(const Program &program, const ProbeOptions &options) {
  checkOutput(options.out, programInputs(program.manifest));
  startThreads(options.threads);
  Probe(program, options).run();
  return ExitCode::Success;
}

} // namespace advx::runtime
