//===- Error.h - What can go wrong in an executable, and its exit code ----===//
//
// Every failure that a user can cause or meet is an Error: a sentence that says
// what was found and what was expected, an optional next step, and the exit
// code. Anything else that is thrown is a defect of advx and exits with 70.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_ERROR_H
#define ADVX_RUNTIME_CORE_ERROR_H

#include <stdexcept>
#include <string>

namespace advx::runtime {

/// The exit codes of an executable; part of its interface.
enum class ExitCode : int {
  Success = 0,      ///< everything asked for was done
  Data = 1,         ///< the data, a checkpoint or the compiled program does not fit
  Usage = 2,        ///< the command line asks for something that does not exist
  Environment = 3,  ///< disk, permissions, memory, processor
  Numerical = 4,    ///< a loss, a weight or a number of an evaluation is not finite
  Internal = 70,    ///< a defect of advx
  Interrupted = 130 ///< SIGINT, SIGTERM or SIGHUP; a checkpoint was written if training ran
};

/// The text that `--help` prints about exit codes.
extern const char *const exitCodeHelp;

class Error : public std::runtime_error {
public:
  Error(ExitCode code, const std::string &message, std::string hint = {})
      : std::runtime_error(message), exitCode(code), nextStep(std::move(hint)) {}

  ExitCode code() const { return exitCode; }
  /// One next step for the user; may be empty.
  const std::string &hint() const { return nextStep; }

private:
  ExitCode exitCode;
  std::string nextStep;
};

Error dataError(const std::string &message, std::string hint = {});
Error usageError(const std::string &message, std::string hint = {});

/// An error of the operating system: "cannot ACTION PATH: REASON". `errorNumber`
/// is the errno of the failed call.
Error systemError(const std::string &action, const std::string &path, int errorNumber);

/// Says on standard error what went wrong and what to do, as a terminal may show it: texts of
/// strangers may be in it.
void printError(const std::string &message, const std::string &hint);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_ERROR_H
