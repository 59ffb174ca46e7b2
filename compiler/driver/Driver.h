#ifndef ADVX_DRIVER_DRIVER_H
#define ADVX_DRIVER_DRIVER_H

#include "compiler/pipeline/Stages.h"

#include <optional>
#include <string>
#include <vector>

/// What the program `advx` does, without its command line. Results go to standard
/// output, findings to standard error. Knows no MLIR header, so that the command
/// line, which uses exceptions, can include it.
namespace advx::driver {

/// Exit codes of `advx`, listed in docs/exit-codes.md.
enum ExitCode {
  success = 0,
  pageHasErrors = 1,
  usage = 2,       ///< An argument is wrong.
  environment = 3, ///< A file, folder, compiler or linker is absent or refuses.
  internalError = 70
};

/// The first call of the program: closed standard streams go to /dev/null, so that no file that is
/// opened takes their place; and where memory ends, the program says so and ends.
void prepareProcess();

/// The last call: `code`, or, where what was printed could not be written, the machine's fault.
int finishOutput(int code);

/// Where the program finds what it was installed with.
struct Installation {
  std::string stdlib;  ///< Folder of the standard library.
  std::string runtime; ///< Folder of advx-link.json.
};

/// Finds both beside the running program (`../stdlib`, `../lib` in a build folder;
/// `../share/advx/stdlib`, `../lib/advx` once installed); ADVX_STDLIB and
/// ADVX_RUNTIME override.
Installation findInstallation(const char *program);

struct PageRequest {
  std::string page;       ///< Path of the .advx file.
  std::string experiment; ///< Empty where the page has only one.
  bool json = false;      ///< Findings as JSON on standard output.
};

struct BuildRequest : PageRequest {
  std::string output; ///< The executable; empty means the experiment's name.
  bool f64 = false;
  int level = 2;                       ///< Of optimisation, as in pipeline::Options.
  std::string cpu = "native";          ///< That kernels are for: native or a level of x86-64.
  bool cuda = false;                   ///< Kernels for a GPU, to be shown: `emit` is set, level 2.
  std::optional<pipeline::Stage> emit; ///< Stop there and print it (obj: write it to output).
  std::string dumpStages;              ///< Folder for one file a stage; empty means none.
  bool locations = false;              ///< Print .advx locations in MLIR.
  bool timing = false;
  bool remarks = false; ///< Say what was fused and hoisted, and why not more.
  bool stats = false;   ///< Print ops, kernels, bytes, FLOPs and the time of each pass.
};

int check(const PageRequest &request, const Installation &installation);
int build(const BuildRequest &request, const Installation &installation);
/// Compares what the page computes after each pass of -O 2 with what it computes before, in f64
/// and f32; a difference is an internal error. Builds nothing.
int verifyNumerics(const PageRequest &request, const Installation &installation);
int explainExperiment(const PageRequest &request, const Installation &installation);
/// Writes a page to start from. `name` is that of the experiment, or a path that ends in it, with
/// or without `.advx`; a file that is there stays as it is, and is an error.
int newExperiment(const std::string &name);
/// The page of a diagnostic's code; of no code, the list of all.
int explainCode(const std::string &code);
/// Every code that explainCode knows.
std::vector<std::string> diagnosticCodes();

} // namespace advx::driver

#endif // ADVX_DRIVER_DRIVER_H
