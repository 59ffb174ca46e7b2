//===- RenderJson.cpp - Findings for programs -----------------------------===//

#include "compiler/diagnostics/Render.h"

#include "compiler/diagnostics/Visible.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace advx::diag {
namespace {

/// Bytes that are no UTF-8, as names of files may have them, become U+FFFD; what a terminal would
/// obey is escaped, even where JSON need not.
std::string jsonString(std::string_view text) {
  using Json = nlohmann::json;
  const std::string dumped = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  for (std::string_view rest = dumped; !rest.empty();) {
    const Character character = firstCharacter(rest);
    if (character.valid && isControl(character.code)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(character.code));
      out += escape;
    } else {
      out += rest.substr(0, character.length);
    }
    rest.remove_prefix(character.length);
  }
  return out;
}

/// "file": …, "line": …, "column": …, "endLine": …, "endColumn": …
std::string place(const SourceManager &sources, Span span) {
  if (!span.isValid())
    return "\"file\": null";
  const LineColumn first = sources.lineColumn(span.file, span.begin);
  const LineColumn last = sources.lineColumn(span.file, span.end);
  return "\"file\": " + jsonString(sources.file(span.file).path) +
         ", \"line\": " + std::to_string(first.line) +
         ", \"column\": " + std::to_string(first.column) +
         ", \"endLine\": " + std::to_string(last.line) +
         ", \"endColumn\": " + std::to_string(last.column);
}

} // namespace

std::string renderJson(const Engine &engine) {
  std::string out = "{\"diagnostics\": [";
  unsigned lints = 0;
  bool first = true;
  for (const Diagnostic *finding : engine.sorted()) {
    lints += finding->severity == Severity::Lint ? 1 : 0;
    const char *severity = finding->severity == Severity::Error  ? "error"
                           : finding->severity == Severity::Lint ? "lint"
                                                                 : "note";
    out += first ? "\n" : ",\n";
    first = false;
    out += "  {\"code\": " + jsonString(info(finding->code).id) + ", \"severity\": \"" + severity +
           "\", \"message\": " + jsonString(finding->message) + ", " +
           place(engine.sources(), finding->primary) +
           ", \"label\": " + jsonString(finding->primaryLabel) +
           ", \"found\": " + jsonString(finding->foundText) +
           ", \"expected\": " + jsonString(finding->expectedText) +
           ", \"help\": " + jsonString(finding->helpText) + ", \"notes\": [";
    for (size_t i = 0; i < finding->secondary.size(); ++i)
      out += std::string(i > 0 ? ", " : "") + "{" +
             place(engine.sources(), finding->secondary[i].span) +
             ", \"label\": " + jsonString(finding->secondary[i].label) + "}";
    out += "]}";
  }
  out += first ? "]" : "\n]";
  return out + ", \"errors\": " + std::to_string(engine.errorCount()) +
         ", \"lints\": " + std::to_string(lints) +
         ", \"allowed\": " + std::to_string(engine.allowedCount()) + "}\n";
}

} // namespace advx::diag
