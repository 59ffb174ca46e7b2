#include "runtime/report/Progress.h"

#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace advx::runtime {

namespace {

constexpr double lineInterval = 0.2; ///< seconds between two states of the line
constexpr double plainInterval = 10; ///< seconds between two plain lines

} // namespace

double monotonicSeconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

std::string formatDuration(double seconds) {
  char text[64];
  int64_t whole = std::llround(seconds);
  if (whole < 60)
    std::snprintf(text, sizeof(text), "%d s", int(whole));
  else if (whole < 3600)
    std::snprintf(text, sizeof(text), "%d:%02d min", int(whole / 60), int(whole % 60));
  else
    std::snprintf(text, sizeof(text), "%lld:%02d h", (long long)(whole / 3600),
                  int(whole / 60 % 60));
  return text;
}

Progress::Progress(ProgressStyle style) : style(style) {
  if (style == ProgressStyle::Auto)
    this->style = ::isatty(STDERR_FILENO) ? ProgressStyle::Line : ProgressStyle::Plain;
}

Progress::~Progress() { clear(); }

void Progress::begin(int64_t newTotal, int64_t done) {
  total = newTotal;
  first = done;
  started = shown = monotonicSeconds();
}

void Progress::update(int64_t done, const std::string &label) {
  if (style == ProgressStyle::Off)
    return;
  double now = monotonicSeconds();
  if (now - shown < (style == ProgressStyle::Line ? lineInterval : plainInterval))
    return;
  shown = now;
  std::string text = label;
  if (done > first && now > started) {
    double rate = double(done - first) / (now - started);
    char rateText[64];
    std::snprintf(rateText, sizeof(rateText), rate < 10 ? "%.1f" : "%.0f", rate);
    text += std::string(", ") + rateText + " images/s, " +
            formatDuration(double(total - done) / rate) + " left";
  }
  if (style == ProgressStyle::Line) {
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
    lineIsOpen = true;
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  std::fflush(stderr);
}

void Progress::print(const std::string &line) {
  clear();
  if (style != ProgressStyle::Off)
    std::fprintf(stderr, "%s\n", line.c_str());
}

void Progress::clear() {
  if (!lineIsOpen)
    return;
  std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
  lineIsOpen = false;
}

} // namespace advx::runtime
