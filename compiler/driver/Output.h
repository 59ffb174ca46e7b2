#ifndef ADVX_DRIVER_OUTPUT_H
#define ADVX_DRIVER_OUTPUT_H

#include "compiler/driver/Session.h"

#include <string>

namespace advx::driver {

/// Checks a path that a command is to write: its folder takes files, what is there is a regular
/// file (a link, a device, a FIFO, a folder would be replaced), and it is none of those that were
/// read: the page and its imports, the standard library, the program itself and what it links, and
/// the files in session.named. Reports what is wrong; false then. `option` names what chose the
/// path.
bool checkOutput(const std::string &path, const char *option, Session &session);

/// The path as a linker driver takes it for nothing else: no option, no `@` file of options.
std::string plainPath(const std::string &path);

} // namespace advx::driver

#endif // ADVX_DRIVER_OUTPUT_H
