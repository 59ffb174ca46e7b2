#include "runtime/core/Settings.h"
#include "runtime/core/Error.h"
#include "runtime/core/Suggest.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace advx::runtime;

namespace {

void fill(const double *settings, const double *, double *resolved, double *) {
  const double page[] = {0.1, 10, 1};
  for (int i = 0; i < 3; ++i)
    resolved[i] = std::isnan(settings[i]) ? page[i] : settings[i];
}

Manifest example() {
  Manifest manifest;
  manifest.sourcePath = "page.advx";
  Setting rate, steps, flag;
  rate.path = "outer.rate";
  rate.origin = "page";
  steps.path = "inner.steps";
  steps.kind = Setting::Kind::Int;
  steps.minimum = 1;
  steps.maximum = 100;
  flag.path = "outer.decay";
  flag.kind = Setting::Kind::Bool;
  manifest.settings = {rate, steps, flag};
  manifest.structural = {{"z.depth", "34", "page", 5}};
  return manifest;
}

/// The message and hint of the error that an assignment gives.
std::string complaint(const std::string &assignment) {
  Manifest manifest = example();
  Settings settings(manifest, fill);
  try {
    settings.assign(assignment, "command line");
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Usage);
    return std::string(error.what()) + "; " + error.hint();
  }
  return "accepted";
}

} // namespace

TEST(Numbers, AreReadAsUsersWriteThem) {
  EXPECT_EQ(parseNumber("8/255"), 8.0 / 255.0);
  EXPECT_EQ(parseNumber("1e-3"), 1e-3);
  EXPECT_EQ(parseNumber("-2"), -2.0);
  EXPECT_EQ(parseNumber("true"), 1.0);
  for (const char *text : {"", "a", "1x", "1/0", "1/", "/2", "nan", "inf", "1e999", "0x10", " 1",
                           "true/2", "1 ", "--1"})
    EXPECT_FALSE(parseNumber(text).has_value()) << text;
}

TEST(Numbers, AreWrittenSoThatTheyReadBack) {
  for (double value : {0.1, 1.0 / 3, 1e-300, 123456789.123456789, -0.0, 8.0 / 255})
    EXPECT_EQ(*parseNumber(formatNumber(value)), value);
  EXPECT_EQ(formatNumber(0.1), "0.1");
}

TEST(Settings, TakeValuesAndRememberWhereFrom) {
  Manifest manifest = example();
  Settings settings(manifest, fill);
  EXPECT_EQ(settings.value(0), 0.1);
  EXPECT_EQ(settings.origin(0), "page");
  settings.assign("outer.rate=1/4", "command line");
  settings.assign("outer.decay=false", "command line");
  EXPECT_EQ(settings.value(0), 0.25);
  EXPECT_EQ(settings.value(1), 10);
  EXPECT_EQ(settings.value(2), 0);
  EXPECT_EQ(settings.origin(0), "command line");
  EXPECT_EQ(settings.overrides(),
            (std::map<std::string, double>{{"outer.rate", 0.25}, {"outer.decay", 0}}));
}

TEST(Settings, ExplainWhatIsWrong) {
  EXPECT_EQ(complaint("outer.rat=1"),
            "there is no setting `outer.rat`; did you mean `outer.rate`?");
  EXPECT_EQ(complaint("steps=3"), "there is no setting `steps`; did you mean `inner.steps`?");
  EXPECT_EQ(complaint("qqqqqqq=3"), "there is no setting `qqqqqqq`; `info` lists all settings");
  EXPECT_EQ(complaint("inner.steps=2.5"), "`inner.steps` is 2.5, expected a whole number; ");
  EXPECT_EQ(complaint("inner.steps=0"), "`inner.steps` is 0, expected at least 1; ");
  EXPECT_EQ(complaint("inner.steps=101"), "`inner.steps` is 101, expected at most 100; ");
  EXPECT_EQ(complaint("outer.rate=fast"),
            "`outer.rate` cannot be `fast`; write a number, such as 0.1 or 8/255");
  EXPECT_EQ(complaint("outer.rate=true"),
            "`outer.rate` cannot be `true`; write a number, such as 0.1 or 8/255");
  EXPECT_EQ(complaint("outer.decay=2"), "`outer.decay` is 2, expected true or false; ");
  EXPECT_EQ(complaint("outer.rate"), "--set outer.rate: expected path=value; ");
  EXPECT_EQ(complaint("z.depth=10"),
            "`z.depth` (now 34) shapes the program, so it cannot be set here; change it in "
            "page.advx, line 5, and run `advx build` again");
}

TEST(Suggestions, AreNear) {
  EXPECT_EQ(editDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(editDistance("ab", "ba"), 1u);
  EXPECT_EQ(editDistance("", "abc"), 3u);
  EXPECT_EQ(nearest("raduis", {"radius", "rate"}), "radius");
  EXPECT_EQ(nearest("x", {"abcdef"}), "");
}
