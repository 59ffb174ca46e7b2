//===- RenderJson.cpp - Findings for programs -----------------------------===//

#include "compiler/diagnostics/Render.h"

#include "compiler/diagnostics/Visible.h"

#include <cstdio>

namespace advx::diag {
namespace {

/// A string of JSON; what is not UTF-8 becomes the replacement character.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Character character = firstCharacter(text);
    if (!character.valid) {
      out += "\uFFFD";
    } else if (character.code == '"' || character.code == '\\') {
      out += '\\';
      out += text[0];
    } else if (character.code == '\n') {
      out += "\\n";
    } else if (isControl(character.code)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(character.code));
      out += escape;
    } else {
      out += text.substr(0, character.length);
    }
    text.remove_prefix(character.length);
  }
  return out + "\"";
}

/// "file": …, "line": …, "column": …, "endLine": …, "endColumn": …
std::string place(const SourceManager &sources, Span span) {
  if (!span.isValid())
    return "\"file\": null";
  const LineColumn first = sources.lineColumn(span.file, span.begin);
  const LineColumn last = sources.lineColumn(span.file, span.end);
  return "\"file\": " + quoted(sources.file(span.file).path) +
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
    out += "  {\"code\": " + quoted(info(finding->code).id) + ", \"severity\": \"" + severity +
           "\", \"message\": " + quoted(finding->message) + ", " +
           place(engine.sources(), finding->primary) +
           ", \"label\": " + quoted(finding->primaryLabel) +
           ", \"found\": " + quoted(finding->foundText) +
           ", \"expected\": " + quoted(finding->expectedText) +
           ", \"help\": " + quoted(finding->helpText) + ", \"notes\": [";
    for (size_t i = 0; i < finding->secondary.size(); ++i)
      out += std::string(i > 0 ? ", " : "") + "{" +
             place(engine.sources(), finding->secondary[i].span) +
             ", \"label\": " + quoted(finding->secondary[i].label) + "}";
    out += "]}";
  }
  out += first ? "]" : "\n]";
  return out + ", \"errors\": " + std::to_string(engine.errorCount()) +
         ", \"lints\": " + std::to_string(lints) +
         ", \"allowed\": " + std::to_string(engine.allowedCount()) + "}\n";
}

} // namespace advx::diag
