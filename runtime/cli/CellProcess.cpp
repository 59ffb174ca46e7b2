#include "runtime/cli/CellProcess.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace advx::runtime {

namespace {

std::vector<std::string> arguments(const TrainOptions &options) {
  std::vector<std::string> result = {"train", "--data", options.data, "--out", options.out};
  auto add = [&](const char *name, const std::string &value) {
    result.push_back(name);
    result.push_back(value);
  };
  if (options.resume)
    result.push_back("--resume");
  if (options.epochs)
    add("--epochs", std::to_string(*options.epochs));
  if (options.limit)
    add("--limit", std::to_string(*options.limit));
  if (options.seed)
    add("--seed", std::to_string(*options.seed));
  for (const std::string &assignment : options.set)
    add("--set", assignment);
  add("--threads", std::to_string(options.threads));
  add("--progress", "off");
  return result;
}

int exitCodeOf(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

CellProcess::CellProcess(const TrainOptions &options, const std::string &log) {
  std::vector<std::string> words = arguments(options);
  // The file that runs now, whatever lies at its path by then; the record keeps the name.
  const std::string self = "/proc/self/exe";
  std::string name = options.command.empty() ? self : options.command[0];
  std::vector<char *> argv = {name.data()};
  for (std::string &word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0666);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const int problem =
      ::posix_spawn(&process, self.c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (problem != 0) {
    process = -1;
    throw systemError("start a run that writes", log, problem);
  }
}

CellProcess::~CellProcess() {
  if (process < 0)
    return;
  interrupt();
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
}

void CellProcess::interrupt() const {
  if (process > 0)
    ::kill(process, SIGTERM);
}

std::optional<int> CellProcess::ended() {
  int status = 0;
  if (process < 0 || ::waitpid(process, &status, WNOHANG) != process)
    return std::nullopt;
  process = -1;
  return exitCodeOf(status);
}

} // namespace advx::runtime
