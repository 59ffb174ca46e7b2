//===- Render.cpp - Findings for terminals --------------------------------===//

#include "compiler/diagnostics/Render.h"

#include "compiler/diagnostics/Visible.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <unistd.h>

namespace advx::diag {
namespace {

constexpr const char *bold = "\x1b[1m";
constexpr const char *blue = "\x1b[1;34m";
constexpr const char *red = "\x1b[1;31m";
constexpr const char *yellow = "\x1b[1;33m";
constexpr const char *cyan = "\x1b[1;36m";
constexpr const char *green = "\x1b[1;32m";
constexpr const char *plain = "\x1b[0m";
constexpr size_t tabWidth = 4;
constexpr size_t widest = 160; ///< Cells of source shown of one line.

const char *word(Severity severity) {
  return severity == Severity::Error ? "error" : severity == Severity::Lint ? "lint" : "note";
}

const char *colorOf(Severity severity) {
  return severity == Severity::Error ? red : severity == Severity::Lint ? yellow : cyan;
}

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// A line with tabs as blanks, and what a terminal must not get as escapes.
std::string shown(std::string_view line) {
  std::string blanks;
  for (char c : line)
    blanks += c == '\t' ? std::string(tabWidth, ' ') : std::string(1, c);
  return visible(blanks);
}

/// Cells that the first `bytes` bytes of a line take when shown.
size_t cells(std::string_view line, size_t bytes) {
  size_t count = 0;
  for (char c : shown(line.substr(0, bytes)))
    count += isContinuation(c) ? 0 : 1;
  return count;
}

/// One underlined stretch of one line.
struct Mark {
  size_t from, to; ///< In cells.
  std::string label;
  bool primary;
};

/// The part of a long line around its first mark, which moves the marks along.
std::string window(const std::string &line, std::vector<Mark> &marks) {
  if (cells(line, line.size()) <= widest)
    return line;
  size_t first = marks.front().from;
  for (const Mark &mark : marks)
    first = mark.primary ? mark.from : first;
  const size_t skip = first > widest / 2 ? first - widest / 2 : 0;
  std::string result = skip > 0 ? "…" : "";
  size_t cell = 0;
  for (size_t i = 0; i < line.size() && cell <= skip + widest; ++i) {
    cell += isContinuation(line[i]) ? 0 : 1;
    if (cell > skip + (skip > 0 ? 1 : 0) && cell <= skip + widest)
      result += line[i];
  }
  for (Mark &mark : marks) {
    mark.from = std::min(mark.from > skip ? mark.from - skip : 0, widest);
    mark.to = std::min(std::max(mark.to > skip ? mark.to - skip : 0, mark.from + 1), widest + 1);
  }
  return result + (cell > skip + widest ? "…" : "");
}

class Writer {
public:
  Writer(const Diagnostic &finding, const SourceManager &sources, bool color)
      : finding(finding), sources(sources), color(color) {}

  std::string write() {
    title();
    gather();
    if (!lines.empty())
      snippets();
    line("found", finding.foundText);
    line("expected", finding.expectedText);
    line("help", finding.helpText);
    return std::move(out);
  }

private:
  std::string paint(const char *paint, const std::string &text) const {
    return color && !text.empty() ? paint + text + plain : text;
  }

  void title() {
    const std::string code(info(finding.code).id);
    out +=
        paint(colorOf(finding.severity), std::string(word(finding.severity)) + "[" + code + "]") +
        paint(bold, ": " + visible(finding.message)) + "\n";
  }

  void add(Span span, const std::string &label, bool primary) {
    if (!span.isValid())
      return;
    const LineColumn first = sources.lineColumn(span.file, span.begin);
    const std::string_view text = sources.line(span.file, first.line);
    const uint32_t start = sources.file(span.file).lineStarts[first.line - 1];
    const size_t from = cells(text, span.begin - start);
    // A place of several lines is underlined to the end of its first.
    const size_t to = cells(text, std::min<size_t>(span.end - start, text.size()));
    lines[{span.file, first.line}].push_back({from, std::max(to, from + 1), label, primary});
  }

  void gather() {
    add(finding.primary, finding.primaryLabel, true);
    for (const Secondary &secondary : finding.secondary)
      add(secondary.span, secondary.label, false);
    for (const auto &entry : lines)
      gutter = std::max(gutter, std::to_string(entry.first.second).size());
  }

  std::string bar(const std::string &number = "") const {
    return paint(blue, std::string(gutter - number.size(), ' ') + number + " |");
  }

  void place(const char *arrow, uint32_t file, LineColumn at) {
    out += std::string(gutter, ' ') + paint(blue, arrow) + " " + visible(sources.file(file).path) +
           ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + "\n" + bar() + "\n";
  }

  void underline(const Mark &mark) {
    const std::string stroke(mark.to - mark.from, mark.primary ? '^' : '-');
    const char *ink = mark.primary ? colorOf(finding.severity) : blue;
    const std::string label = mark.label.empty() ? "" : " " + visible(mark.label);
    out += bar() + " " + std::string(mark.from, ' ') + paint(ink, stroke + label) + "\n";
  }

  /// The lines of one file in order, starting with the file of the finding itself.
  void snippets() {
    std::vector<uint32_t> files;
    if (finding.primary.isValid())
      files.push_back(finding.primary.file);
    for (const auto &entry : lines)
      if (std::find(files.begin(), files.end(), entry.first.first) == files.end())
        files.push_back(entry.first.first);
    for (uint32_t file : files) {
      const bool own = finding.primary.isValid() && file == finding.primary.file;
      uint32_t previous = 0;
      for (auto &[key, marks] : lines) {
        if (key.first != file)
          continue;
        const std::string_view text = sources.line(file, key.second);
        if (previous == 0)
          place(own ? "-->" : ":::", file,
                own ? sources.lineColumn(file, finding.primary.begin)
                    : LineColumn{key.second, static_cast<uint32_t>(marks.front().from + 1)});
        else if (key.second > previous + 1)
          out += paint(blue, std::string(gutter, ' ') + "...") + "\n";
        previous = key.second;
        const std::string code = window(shown(text), marks);
        out += bar(std::to_string(key.second)) + (code.empty() ? "" : " " + code) + "\n";
        std::stable_sort(marks.begin(), marks.end(),
                         [](const Mark &a, const Mark &b) { return a.primary > b.primary; });
        for (const Mark &mark : marks)
          underline(mark);
      }
    }
    out += bar() + "\n";
  }

  void line(const char *name, const std::string &text) {
    if (!text.empty())
      out += std::string(gutter, ' ') + paint(blue, " =") + " " +
             paint(std::strcmp(name, "help") == 0 ? green : bold, std::string(name) + ":") + " " +
             visible(text) + "\n";
  }

  const Diagnostic &finding;
  const SourceManager &sources;
  bool color;
  std::map<std::pair<uint32_t, uint32_t>, std::vector<Mark>> lines; ///< By file and line.
  size_t gutter = 0;
  std::string out;
};

std::string counted(unsigned count, const std::string &noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

} // namespace

std::string render(const Diagnostic &finding, const SourceManager &sources, bool color) {
  return Writer(finding, sources, color).write();
}

std::string render(const Engine &engine, const RenderOptions &options) {
  std::string out;
  const std::vector<const Diagnostic *> findings = engine.sorted();
  if (findings.empty())
    return out;
  const size_t shownCount = std::min<size_t>(findings.size(), options.limit);
  unsigned lints = 0;
  for (size_t i = 0; i < findings.size(); ++i) {
    lints += findings[i]->severity == Severity::Lint ? 1 : 0;
    if (i < shownCount)
      out += render(*findings[i], engine.sources(), options.color) + "\n";
  }
  if (findings.size() > shownCount)
    out += counted(static_cast<unsigned>(findings.size() - shownCount), "more finding") +
           " not shown\n";
  std::string counts;
  if (engine.errorCount() > 0)
    counts = counted(engine.errorCount(), "error");
  if (lints > 0)
    counts += (counts.empty() ? "" : ", ") + counted(lints, "lint");
  if (counts.empty())
    counts = counted(static_cast<unsigned>(findings.size()), "note");
  out +=
      counts + "; `advx explain " + std::string(info(findings.front()->code).id) + "` says more\n";
  return out;
}

bool wantsColor(int descriptor) {
  const char *terminal = std::getenv("TERM");
  return isatty(descriptor) != 0 && std::getenv("NO_COLOR") == nullptr && terminal &&
         std::strcmp(terminal, "dumb") != 0;
}

} // namespace advx::diag
