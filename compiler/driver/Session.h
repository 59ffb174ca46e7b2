#ifndef ADVX_DRIVER_SESSION_H
#define ADVX_DRIVER_SESSION_H

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/driver/Driver.h"
#include "compiler/sema/Sema.h"

#include <memory>

namespace advx::driver {

/// One page on its way: its text, what was found in it, the program around it.
class Session {
public:
  Session(const PageRequest &request, const Installation &installation)
      : request(request), installation(installation) {}

  /// Reads the page and what it needs. False where the page cannot be read; the
  /// reason is on standard error.
  bool load();
  /// Prints the findings; answers the exit code that they mean.
  int finish();

  const PageRequest &request;
  const Installation &installation;
  SourceManager sources;
  diag::Engine engine{sources};
  uint32_t file = 0;
  std::shared_ptr<sema::Program> program;
};

} // namespace advx::driver

#endif // ADVX_DRIVER_SESSION_H
