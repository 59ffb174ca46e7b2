#ifndef ADVX_DRIVER_SESSION_H
#define ADVX_DRIVER_SESSION_H

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/driver/Driver.h"
#include "compiler/link/Link.h"
#include "compiler/sema/Sema.h"

#include <memory>

namespace advx::driver {

/// One page on its way: its text, what was found in it, the program around it.
class Session {
public:
  Session(const PageRequest &request, const Installation &installation)
      : request(request), installation(installation) {}

  /// Reads the page and what it needs. False where the page cannot be read; the
  /// reason is among the findings.
  bool load();
  /// Records a finding at no place of the page: the machine is at fault.
  diag::Diagnostic &environmentError(diag::Code code, std::string message);
  /// Records what a link ran into.
  void linkFailure(const link::LinkError &error);
  /// Says that the fault is the compiler's: a pass refused what the checker had accepted, or
  /// changed what the page computes.
  void internalFailure();
  /// Prints the findings; answers the exit code that they mean.
  int finish();

  const PageRequest &request;
  const Installation &installation;
  SourceManager sources;
  diag::Engine engine{sources};
  uint32_t file = 0;
  std::shared_ptr<sema::Program> program;
  std::vector<std::string> named; ///< Files that the page names `from`.

private:
  bool environmentFailed = false;
  bool internallyFailed = false;
};

} // namespace advx::driver

#endif // ADVX_DRIVER_SESSION_H
