#ifndef ADVX_COMPILER_LINK_LINK_H
#define ADVX_COMPILER_LINK_LINK_H

#include <optional>
#include <string>
#include <vector>

/// From the object file to the executable, with the machine's own linker driver. Knows no
/// MLIR, so that the driver can report its errors like any other.
namespace advx::link {

/// The file beside the runtime's archives that says how to link them:
///   {"archives": ["libadvx_cli.a", ...],      paths relative to this file, in link order
///    "flags": ["-lz", "-lopenblas", ...],     after the archives
///    "providers": ["aten"]}                   beside those of every runtime; may be absent
inline constexpr const char *kLinkFile = "advx-link.json";

/// Why linking failed: `reason` is one line, `output` what the linker said (or empty),
/// `help` one next step.
struct LinkError {
  enum Kind {
    noCompiler,   ///< no linker driver on this machine
    noRuntime,    ///< advx-link.json or an archive is absent or unreadable
    linkerFailed, ///< the driver ran and refused
    cannotWrite   ///< the executable cannot be put in its place
  };
  Kind kind;
  std::string reason;
  std::string output;
  std::string help;
};

struct LinkRequest {
  std::string object;
  std::string executable;
  std::string runtimeDirectory; ///< where advx-link.json lies
};

/// The file's "providers": what the compiler may choose besides the providers that every runtime
/// has. None where the file cannot be read; `linkExecutable` says what is wrong with it.
std::vector<std::string> optionalProviders(const std::string &runtimeDirectory);

/// Makes one relocatable object of several, with the linker driver that `linkExecutable` takes.
std::optional<LinkError> joinObjects(const std::vector<std::string> &objects,
                                     const std::string &result);

/// Links the object with the runtime. The driver is $ADVX_CXX if set, else the first of c++,
/// g++ and clang++ in PATH. The executable is written under a temporary name in its
/// directory and renamed, so a failure leaves an older one as it was.
std::optional<LinkError> linkExecutable(const LinkRequest &request);

} // namespace advx::link

#endif
