//===- SizeLimits.cpp - Where a page is refused for its size -------------===//

#include "compiler/sema/scopes/SizeLimits.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Limits.h"

#include <algorithm>
#include <utility>

namespace advx::sema {

bool SizeLimits::checkRange(int64_t value, int64_t low, int64_t high, Span span,
                            const std::string &what) {
  if (low <= value && value <= high)
    return true;
  findings
      .report(diag::Code::WrongArgument, span,
              what + (value < low ? " is too small" : " is too large"))
      .label("here")
      .found("`" + std::to_string(value) + "`")
      .expected(std::to_string(low) + " to " + std::to_string(high))
      .help("choose a number in that range");
  return false;
}

bool SizeLimits::checkSize(const std::vector<int64_t> &shape, Span span, const std::string &what) {
  if (limits::elementsOf(shape))
    return true;
  findings.report(diag::Code::TooLarge, span, what + " is too large")
      .label("here")
      .found(shapeText(shape))
      .expected("no more than " + std::to_string(limits::elements) + " elements")
      .help("use smaller sizes");
  return false;
}

} // namespace advx::sema
