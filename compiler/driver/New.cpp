//===- New.cpp - A page to start from --------------------------------------===//

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/driver/Driver.h"
#include "compiler/driver/Template.h"
#include "compiler/syntax/Parser.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace advx::driver {

namespace fs = std::filesystem;

namespace {

std::string pageFor(const std::string &name) {
  static const std::string hole = "@NAME@";
  std::string text = experimentTemplate;
  for (size_t at = text.find(hole); at != std::string::npos; at = text.find(hole, at))
    text.replace(at, hole.size(), name);
  return text;
}

/// Whether a page may call its experiment so: the template's own text decides it. The name must
/// also be one word of ASCII, since it becomes a file and a program.
bool isName(const std::string &name) {
  bool plain = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]));
  for (char c : name)
    plain = plain && (std::isalnum(static_cast<unsigned char>(c)) || c == '_');
  if (!plain)
    return false;
  SourceManager sources;
  uint32_t file = sources.add(name, pageFor(name));
  diag::Engine engine(sources);
  syntax::parse(sources, file, engine);
  return !engine.hasErrors();
}

/// Writes a file that was not there; answers the reason where that is not possible.
std::string writeNew(const fs::path &path, const std::string &text) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file < 0)
    return std::strerror(errno);
  size_t done = 0;
  std::string reason;
  while (done < text.size() && reason.empty()) {
    ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count > 0)
      done += size_t(count);
    else if (count == 0 || errno != EINTR)
      reason = std::strerror(count == 0 ? ENOSPC : errno);
  }
  if (::close(file) != 0 && reason.empty())
    reason = std::strerror(errno);
  if (!reason.empty())
    ::unlink(path.c_str());
  return reason;
}

} // namespace

int newExperiment(const std::string &argument) {
  fs::path path = argument;
  if (path.extension() == ".advx")
    path.replace_extension();
  std::string name = path.filename();
  if (!isName(name)) {
    std::cerr << "advx: an experiment cannot be called `" << diag::visible(name)
              << "`\n  help: take a name of letters, digits and `_` that is no word of the "
                 "language, such as pgd_at_he\n";
    return usage;
  }
  path += ".advx";
  const std::string shown = diag::visible(path.string());
  std::error_code error;
  if (fs::symlink_status(path, error).type() != fs::file_type::not_found) {
    std::cerr << "advx: `" << shown << "` is there already\n  help: choose another name\n";
    return usage;
  }
  if (std::string reason = writeNew(path, pageFor(name)); !reason.empty()) {
    std::cerr << "advx: cannot write `" << shown << "`: " << reason
              << "\n  help: choose a folder that you may write in\n";
    return environment;
  }
  std::cout << "wrote " << shown << "; next:\n"
            << "  advx check " << shown << "\n"
            << "  advx build " << shown << " -o " << name << "\n"
            << "  ./" << name << " train --data DIR --out runs/" << name << " --limit 1000\n"
            << "where DIR holds the files of the data set, such as "
               "/usr/share/datasets/fashion-mnist\n";
  return success;
}

} // namespace advx::driver
