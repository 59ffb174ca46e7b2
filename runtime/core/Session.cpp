#include "runtime/core/Session.h"

#include "runtime/core/Error.h"
#include "runtime/core/ThreadPool.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace advx::runtime {

namespace {

/// Whether this processor runs code compiled for `cpu`. Names that are not one
/// of the x86-64 levels are taken on trust.
bool processorRuns(const std::string &cpu) {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  bool second = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
  bool third = second && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
               __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  bool fourth = third && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
  if (cpu == "x86-64-v2")
    return second;
  if (cpu == "x86-64-v3")
    return third;
  if (cpu == "x86-64-v4")
    return fourth;
#endif
  return true;
}

/// The compiler wrote the table and the manifest: what they disagree in is a defect.
void requireCount(const char *what, size_t compiled, size_t listed) {
  if (compiled != listed)
    throw std::logic_error("the program was compiled for " + std::to_string(compiled) + " " + what +
                           ", and its manifest lists " + std::to_string(listed));
}

} // namespace

Program loadProgram(const AdvxProgram &table) {
  if (table.abi_version != ADVX_ABI_VERSION)
    throw dataError("the program was compiled for ABI version " +
                        std::to_string(table.abi_version) + ", and this runtime has version " +
                        std::to_string(ADVX_ABI_VERSION),
                    "run `advx build` again");
  Program program;
  program.manifest = parseManifest({table.manifest, table.manifest_size});
  program.fillUniforms = table.fill_uniforms;
  requireCount("settings", table.setting_count, program.manifest.settings.size());
  requireCount("uniforms", table.uniform_count, program.manifest.uniforms);
  for (Step &step : program.manifest.steps) {
    for (uint32_t i = 0; i < table.step_count; ++i)
      if (step.name == table.steps[i].name)
        step.run = table.steps[i].run;
    if (!step.run)
      throw dataError("the program has no function for the step `" + step.name + "`",
                      "run `advx build` again");
  }
  if (!processorRuns(program.manifest.compilerCpu))
    throw Error(ExitCode::Environment,
                "this processor is not a " + program.manifest.compilerCpu +
                    ", for which the program was compiled",
                "run `advx build` on this machine, or with another --cpu");
  return program;
}

void startThreads(int count) {
  try {
    ThreadPool::instance().setThreadCount(count);
  } catch (const std::system_error &problem) {
    throw Error(ExitCode::Environment,
                "cannot start " + std::to_string(count) +
                    " threads: " + std::strerror(problem.code().value()),
                "--threads takes fewer");
  }
}

MemoryPlan planMemory(const Manifest &manifest, int64_t batch) {
  return {size_t(manifest.stateArena()),
          size_t(manifest.batchArena()) * size_t(paddedBatch(batch))};
}

void requireEnoughExamples(const Step &step, int64_t batch, const std::string &which) {
  if (batch != 1 || !step.twoExamples)
    return;
  std::string layer = step.twoExamples->empty() ? "a batch norm" : "`" + *step.twoExamples + "`";
  throw usageError(which + " has one example, which leaves " + layer + " of `" + step.name +
                       "` one value a channel: a batch's statistics need more than 1",
                   "write `last = drop` in `data` to leave out a short last batch, or choose "
                   "another batch size, as in --set data.batch=128");
}

Session::Session(const Manifest &manifest, int64_t batch)
    : limit(batch), stateArena(planMemory(manifest, batch).state, MemoryKind::State),
      batchArena(planMemory(manifest, batch).batch, MemoryKind::Batch) {}

uint64_t Session::offsetOf(const Slot &slot, int64_t batch) {
  return slot.batched ? slot.offset * uint64_t(paddedBatch(batch)) : slot.offset;
}

void Session::read(const Leaf &leaf, void *to) const {
  stateArena.read(leaf.offset, to, leaf.bytes());
}

void Session::write(const Leaf &leaf, const void *from) {
  stateArena.write(leaf.offset, from, leaf.bytes());
}

void Session::read(const Slot &slot, int64_t batch, void *to) const {
  arenaOf(slot).read(offsetOf(slot, batch), to, slot.bytes(batch));
}

void Session::write(const Slot &slot, int64_t batch, const void *from) {
  (slot.batched ? batchArena : stateArena).write(offsetOf(slot, batch), from, slot.bytes(batch));
}

void Session::writeExamples(const Slot &slot, int64_t batch, int64_t first, int64_t count,
                            const void *from) {
  batchArena.write(offsetOf(slot, batch) + uint64_t(first) * slot.rowBytes(), from,
                   size_t(count) * slot.rowBytes());
}

std::vector<double> Session::reals(const Slot &slot, int64_t batch) const {
  size_t count = slot.bytes(batch) / byteSize(slot.dtype);
  std::vector<double> numbers(count);
  if (slot.dtype == DType::F64) {
    read(slot, batch, numbers.data());
    return numbers;
  }
  std::vector<float> narrow(count);
  read(slot, batch, narrow.data());
  std::copy(narrow.begin(), narrow.end(), numbers.begin());
  return numbers;
}

std::vector<char> Session::flags(const Slot &slot, int64_t batch) const {
  std::vector<char> values(slot.bytes(batch));
  read(slot, batch, values.data());
  for (char &value : values)
    value = value != 0;
  return values;
}

void Session::fill(unsigned char byte) {
  stateArena.fill(byte);
  batchArena.fill(byte);
}

void Session::run(const Step &step, AdvxContext context, const double *uniforms) {
  requireEnoughExamples(step, context.batch, "a batch");
  context.runtime = &errors;
  step.run(&context, stateArena.address(), batchArena.address(), uniforms);
  std::optional<std::string> message = errors.take();
  if (!message)
    return;
  std::string text = "step `" + step.name + "`: " + *message;
  if (errors.wasDefect())
    throw std::logic_error(text);
  throw Error(errors.lackedMemory() ? ExitCode::Environment : ExitCode::Data, text);
}

} // namespace advx::runtime
