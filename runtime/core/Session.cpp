#include "runtime/core/Session.h"

#include "runtime/core/Error.h"

#include <algorithm>
#include <stdexcept>

namespace advx::runtime {

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
  arenaOf(slot).write(offsetOf(slot, batch), from, slot.bytes(batch));
}

void Session::writeExample(const Slot &slot, int64_t batch, int64_t example, const void *from) {
  batchArena.write(offsetOf(slot, batch) + uint64_t(example) * slot.rowBytes(), from,
                   slot.rowBytes());
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
  switch (errors.fault()) {
  case Fault::Defect:
    throw std::logic_error(text);
  case Fault::Memory:
    throw Error(ExitCode::Environment, text);
  case Fault::Program:
    throw Error(ExitCode::Data, text);
  }
}

} // namespace advx::runtime
