//===- Import.h - Weights that the page takes `from` a file ---------------===//
//
// A renaming, a skip or a parameter that finds nothing in the file is an error
// with near names; what the file holds beside is told. Nothing is left to the
// eye of who wrote the page: other weights than meant look like any.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_IMPORT_H
#define ADVX_RUNTIME_CORE_IMPORT_H

#include "runtime/core/Safetensors.h"
#include "runtime/core/Session.h"

namespace advx::runtime {

/// What became of one file.
struct Import {
  std::string file;                 ///< as the page names it
  std::string path;                 ///< where it was found
  uint32_t crc = 0;                 ///< CRC-32 of the tensors
  std::vector<std::string> skipped; ///< parameters that keep their initial value
  std::vector<std::string> unused;  ///< names in the file that nothing reads
};

/// Copies into the state every leaf that the page takes from a file and does not
/// skip; the state holds initial values. A relative name is looked for in the folder
/// of the page, then in that of the executable. Throws a data error.
std::vector<Import> importState(const Manifest &manifest, Session &session);

/// The files that the page's models are read `from`, as far as they are there.
std::vector<std::string> importedFiles(const Manifest &manifest);

/// One line on stderr for each file of which something is skipped or unused.
void printImports(const std::vector<Import> &imports);

/// The tensor that a leaf reads; null if the file has none or the leaf no source.
const StoredTensor *findImported(const Leaf &leaf, const SafetensorsFile &file);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_IMPORT_H
