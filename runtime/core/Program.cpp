#include "runtime/core/Program.h"

#include "runtime/core/Error.h"
#include "runtime/core/ThreadPool.h"

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
  requireCount("settings", table.setting_count, program.manifest.settings.size());
  requireCount("uniforms", table.uniform_count, program.manifest.uniforms);
  program.fillUniforms = table.fill_uniforms;
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

} // namespace advx::runtime
