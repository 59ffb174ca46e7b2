#ifndef ADVX_RUNTIME_DATA_DATAPLACE_H
#define ADVX_RUNTIME_DATA_DATAPLACE_H

#include <string>
#include <vector>

namespace advx::runtime {

/// Where the files of a split are: each in a folder, or all in an archive.
struct DataPlace {
  std::vector<std::string> files; ///< paths, in the order of the names; empty for an archive
  std::string archive;            ///< path; empty for files
};

/// The file `name` of a folder, as it is or compressed, with `.gz` behind its name. A data error
/// says where it was looked for.
std::string findDataFile(const std::string &directory, const std::string &name);

/// Looks for `names` in what --data names: a folder that has them, else a folder with a file called
/// `archive`, or an archive itself. Of some files without the others, the first that is missing is
/// a data error that names it, and so is a folder with none of this.
DataPlace findData(const std::string &directory, const std::vector<std::string> &names,
                   const std::string &archive);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_DATAPLACE_H
