#ifndef ADVX_RUNTIME_DATA_GZIP_H
#define ADVX_RUNTIME_DATA_GZIP_H

#include <string>
#include <vector>

namespace advx::runtime {

bool isGzip(const std::vector<char> &bytes);

/// The content of a gzip file. `path` names it in errors: a truncated stream, a
/// wrong checksum, and bytes behind the end are data errors.
std::vector<char> inflateGzip(const std::vector<char> &bytes, const std::string &path);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_GZIP_H
