//===- Diagnostic.cpp - Collecting findings -------------------------------===//

#include "compiler/diagnostics/Diagnostic.h"

#include <algorithm>
#include <cctype>

namespace advx::diag {

const std::vector<CodeInfo> &allCodes() {
  static const std::vector<CodeInfo> codes = {
#define ADVX_CODE(number, name, severity, title)                                                   \
  {Code::name, "ADVX" #number, Severity::severity, title},
#include "compiler/diagnostics/Codes.def"
#undef ADVX_CODE
  };
  return codes;
}

const CodeInfo &info(Code code) { return allCodes()[static_cast<size_t>(code)]; }

std::optional<Code> findCode(std::string_view id) {
  std::string upper(id);
  for (char &c : upper)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const CodeInfo &entry : allCodes())
    if (entry.id == upper)
      return entry.code;
  return std::nullopt;
}

Diagnostic &Engine::report(Code code, Span primary, std::string message) {
  Diagnostic finding(code, primary, std::move(message));
  const bool repeated =
      std::any_of(findings.begin(), findings.end(), [&](const Diagnostic &earlier) {
        return earlier.code == code && earlier.primary.file == primary.file &&
               earlier.primary.begin == primary.begin && earlier.message == finding.message;
      });
  if (repeated)
    return dropped.emplace_back(std::move(finding));
  if (finding.severity == Severity::Lint && isAllowed(code, primary)) {
    ++allowedLints;
    return dropped.emplace_back(std::move(finding));
  }
  if (finding.severity == Severity::Error)
    ++errors;
  return findings.emplace_back(std::move(finding));
}

namespace {

/// What stands on a line outside its `//` comment, without leading blanks.
std::string_view codeOf(std::string_view line) {
  const size_t comment = line.find("//");
  if (comment != std::string_view::npos)
    line = line.substr(0, comment);
  const size_t first = line.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

} // namespace

void Engine::allow(Code code, uint32_t file, uint32_t line) {
  const uint32_t count = static_cast<uint32_t>(sourceManager.file(file).lineStarts.size());
  uint32_t target = line;
  while (target < count && codeOf(sourceManager.line(file, target)).empty())
    ++target;
  allowances.push_back({code, file, target});
}

bool Engine::isAllowed(Code code, Span place) const {
  if (!place.isValid())
    return false;
  const uint32_t line = sourceManager.lineColumn(place.file, place.begin).line;
  return std::any_of(allowances.begin(), allowances.end(), [&](const Allowed &allowance) {
    return allowance.code == code && allowance.file == place.file && allowance.line == line;
  });
}

std::vector<const Diagnostic *> Engine::sorted() const {
  std::vector<const Diagnostic *> result;
  result.reserve(findings.size());
  for (const Diagnostic &finding : findings)
    result.push_back(&finding);
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic *a, const Diagnostic *b) {
    return a->primary.file != b->primary.file ? a->primary.file < b->primary.file
                                              : a->primary.begin < b->primary.begin;
  });
  return result;
}

} // namespace advx::diag
