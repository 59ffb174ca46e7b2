#include "compiler/sema/types/Initialisers.h"

#include <algorithm>
#include <cmath>

namespace advx::sema {

namespace {

const std::vector<InitialiserInfo> &initialisers() {
  static const std::vector<InitialiserInfo> table = {
#define ADVX_INITIALISER(Name, name, required, ...)                                                \
  {InitialiserRule::Name, #name, required, {__VA_ARGS__}},
#include "compiler/sema/types/Initialisers.def"
  };
  return table;
}

Initialiser constant(double value) { return {Initialiser::Kind::Constant, value, 0}; }
Initialiser uniform(double bound) { return {Initialiser::Kind::Uniform, -bound, bound}; }
Initialiser normal(double std) { return {Initialiser::Kind::Normal, 0, std}; }

} // namespace

const InitialiserInfo *findInitialiser(const std::string &name) {
  const std::vector<InitialiserInfo> &table = initialisers();
  auto found = std::find_if(table.begin(), table.end(),
                            [&](const InitialiserInfo &entry) { return entry.name == name; });
  return found == table.end() ? nullptr : &*found;
}

const std::vector<std::string> &initialiserNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> names;
    for (const InitialiserInfo &entry : initialisers())
      names.push_back(entry.name);
    std::sort(names.begin(), names.end());
    return names;
  }();
  return names;
}

Fans fansOf(const std::vector<int64_t> &shape, int64_t outputAxis) {
  Fans fans;
  int64_t receptive = 1;
  for (size_t i = 0; i < shape.size(); ++i)
    if (static_cast<int64_t>(i) != outputAxis)
      fans.in *= shape[i];
  for (size_t i = 2; i < shape.size(); ++i)
    receptive *= shape[i];
  fans.out = (shape.empty() ? 1 : shape[outputAxis]) * receptive;
  return fans;
}

Initialiser initialiser(InitialiserRule rule, const std::vector<double> &numbers,
                        const Fans &fans) {
  const double in = static_cast<double>(fans.in);
  const double both = static_cast<double>(fans.in + fans.out);
  switch (rule) {
  case InitialiserRule::Zeros:
    return constant(0);
  case InitialiserRule::Ones:
    return constant(1);
  case InitialiserRule::Constant:
    return constant(numbers[0]);
  case InitialiserRule::Uniform:
    return {Initialiser::Kind::Uniform, numbers[0], numbers[1]};
  case InitialiserRule::Normal:
    return {Initialiser::Kind::Normal, numbers[0], numbers[1]};
  case InitialiserRule::KaimingUniform:
    // He et al. 2015 with leaky slope a; PyTorch's layers use a = sqrt(5): 1/sqrt(fan_in).
    return uniform(numbers.empty() ? 1 / std::sqrt(in)
                                   : std::sqrt(6.0 / ((1 + numbers[0] * numbers[0]) * in)));
  case InitialiserRule::KaimingNormal:
    return normal(std::sqrt(2.0 / in));
  case InitialiserRule::FanInUniform:
    return uniform(1 / std::sqrt(in));
  case InitialiserRule::XavierUniform:
    return uniform(std::sqrt(6.0 / both));
  case InitialiserRule::XavierNormal:
    return normal(std::sqrt(2.0 / both));
  }
  return {};
}

} // namespace advx::sema
