#include "runtime/core/Error.h"

#include "runtime/core/Text.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace advx::runtime {

const char *const exitCodeHelp =
    "Exit codes: 0 done; 1 data, checkpoint or program does not fit; 2 usage; "
    "3 environment (disk, permissions, processor); 4 a loss, a weight or a number "
    "of an evaluation is not finite; 70 a defect of advx; 130 interrupted, with a checkpoint.";

Error dataError(const std::string &message, std::string hint) {
  return Error(ExitCode::Data, message, std::move(hint));
}

Error usageError(const std::string &message, std::string hint) {
  return Error(ExitCode::Usage, message, std::move(hint));
}

Error systemError(const std::string &action, const std::string &path, int errorNumber) {
  std::string hint;
  if (errorNumber == ENOSPC || errorNumber == EDQUOT || errorNumber == EFBIG)
    hint = "free some space or choose another directory";
  else if (errorNumber == EACCES || errorNumber == EPERM || errorNumber == EROFS)
    hint = "choose a directory that you may write to, or change its permissions";
  return Error(ExitCode::Environment,
               "cannot " + action + " `" + path + "`: " + std::strerror(errorNumber), hint);
}

void printError(const std::string &message, const std::string &hint) {
  std::fprintf(stderr, "error: %s\n", printable(message).c_str());
  if (!hint.empty())
    std::fprintf(stderr, "  hint: %s\n", printable(hint).c_str());
}

} // namespace advx::runtime
