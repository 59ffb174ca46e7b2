#ifndef ADVX_SEMA_SCOPES_SIZELIMITS_H
#define ADVX_SEMA_SCOPES_SIZELIMITS_H

#include "compiler/sema/scopes/Values.h"

#include <string>
#include <vector>

namespace advx::sema {

class Findings;

/// Where a page is refused for its size; each answers whether it is within the limits.
class SizeLimits {
public:
  explicit SizeLimits(Findings &findings) : findings(findings) {}

  bool checkSize(const std::vector<int64_t> &shape, Span span, const std::string &what);
  bool checkRange(int64_t value, int64_t low, int64_t high, Span span, const std::string &what);

private:
  Findings &findings;
};

} // namespace advx::sema

#endif
