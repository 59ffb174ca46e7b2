#include "runtime/train/StopTest.h"

namespace advx::runtime {

void StopTest::take(const EvaluationResult &result) {
  for (const AttackResult &attack : result.attacks)
    current[result.name + "." + attack.name] = attack.accuracy();
}

bool StopTest::ends(const Clock &now, TrainingState &training) {
  const Step &step = manifest.steps[stop.step];
  static const std::string before = "previous ";
  bool isAsked = isMeasured = true;
  for (const std::string &name : stop.measured) {
    const bool isPrevious = name.rfind(before, 0) == 0;
    const std::string line = isPrevious ? name.substr(before.size()) : name;
    const std::map<std::string, double> &known = isPrevious ? training.measured : current;
    auto found = known.find(line);
    isMeasured &= current.count(line) != 0;
    isAsked &= found != known.end() && isMeasured;
    const Slot *slot = step.input(name);
    if (!isAsked || !slot)
      continue;
    const float narrow = float(found->second);
    if (slot->dtype == DType::F32)
      session.write(*slot, 1, &narrow);
    else
      session.write(*slot, 1, &found->second);
  }
  bool result = false;
  if (isAsked) {
    session.run(step, {training.seed, 0, uint64_t(now.epoch), 0, 1, nullptr},
                settings.uniforms(now, step));
    result = session.flags(*step.output("stop"), 1).front() != 0;
  }
  for (const std::string &name : stop.measured) {
    const std::string line = name.rfind(before, 0) == 0 ? name.substr(before.size()) : name;
    if (auto found = current.find(line); found != current.end())
      training.measured[line] = found->second;
  }
  current.clear();
  return result;
}

} // namespace advx::runtime
