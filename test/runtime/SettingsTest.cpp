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
    settings.assign(assignment);
    settings.verify();
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
  // From the left and rounded once, as on a page.
  EXPECT_EQ(parseNumber("1/3/5"), 1.0 / 15.0);
  EXPECT_EQ(parseNumber("7/3*3"), 7.0);
  EXPECT_EQ(parseNumber("2*1/255"), 2.0 / 255.0);
  EXPECT_EQ(parseNumber("-8 / 255"), -8.0 / 255.0);
  EXPECT_EQ(parseNumber("0.1/0.3"), 1.0 / 3.0);
  EXPECT_EQ(parseNumber("9007199254740993/9007199254740992/2"), 0.5);
  EXPECT_EQ(parseNumber("-2"), -2.0);
  EXPECT_EQ(parseNumber("true"), 1.0);
  for (const char *text :
       {"", "a", "1x", "1/0", "1/", "/2", "nan", "inf", "1e999", "0x10", " 1", "true/2", "1 ",
        "--1", "1//2", "1/0.0", "9223372036854775807*3", "1/9223372036854775807/3"})
    EXPECT_FALSE(parseNumber(text).has_value()) << text;
}

TEST(Numbers, AreWrittenSoThatTheyReadBack) {
  for (double value : {0.1, 1.0 / 3, 1e-300, 123456789.123456789, -0.0, 8.0 / 255})
    EXPECT_EQ(*parseNumber(formatNumber(value)), value);
  EXPECT_EQ(formatNumber(0.1), "0.1");
}

TEST(Numbers, OfThingsAreRefusedAndNotCut) {
  EXPECT_EQ(parseCount("18446744073709551615", UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(parseCount("010", 100), 10u);
  for (const char *text : {"18446744073709551616", "101", "-1", "1e2", "0x10", "", " 1", "1.0"})
    EXPECT_FALSE(parseCount(text, text[0] == '1' && text[1] == '8' ? UINT64_MAX : 100)) << text;
}

TEST(Settings, TakeValuesAndRememberWhereFrom) {
  Manifest manifest = example();
  Settings settings(manifest, fill);
  EXPECT_EQ(settings.value(0), 0.1);
  EXPECT_EQ(settings.origin(0), "page");
  settings.assign("outer.rate=1/4");
  settings.assign("outer.decay=false");
  EXPECT_EQ(settings.value(0), 0.25);
  EXPECT_EQ(settings.value(1), 10);
  EXPECT_EQ(settings.value(2), 0);
  EXPECT_EQ(settings.origin(0), "command line");
  EXPECT_EQ(settings.overrides(),
            (std::map<std::string, std::string>{{"outer.rate", "1/4"}, {"outer.decay", "false"}}));
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
            "`outer.rate` cannot be `fast`; write a number, such as 0.1, 1e-3, 8/255 or 2*8/255");
  EXPECT_EQ(complaint("outer.rate=true"),
            "`outer.rate` cannot be `true`; write a number, such as 0.1, 1e-3, 8/255 or 2*8/255");
  EXPECT_EQ(complaint("outer.decay=2"), "`outer.decay` is 2, expected true or false; ");
  EXPECT_EQ(complaint("outer.rate"), "--set outer.rate: expected path=value; ");
  EXPECT_EQ(complaint("z.depth=10"),
            "`z.depth` (now 34) shapes the program, so it cannot be set here; change it in "
            "page.advx, line 5, and run `advx build` again");
}

/// `radius` follows from `eps`; `rate` is a schedule of `rate.peak` that ends below zero.
void fillDerived(const double *settings, const double *clock, double *resolved, double *uniforms) {
  resolved[0] = std::isnan(settings[0]) ? 0.5 : settings[0];
  resolved[1] = std::isnan(settings[1]) ? resolved[0] : settings[1];
  resolved[2] = std::isnan(settings[2]) ? 2 : settings[2];
  resolved[3] = std::isnan(settings[3]) ? resolved[2] - clock[0] : settings[3];
  uniforms[0] = resolved[1];
  uniforms[1] = 1 / resolved[0];
}

Manifest derived() {
  Manifest manifest;
  Setting eps, radius, peak, rate;
  eps.path = "eps";
  radius.path = "B.radius";
  radius.text = "eps";
  radius.minimum = 0;
  radius.reads = {0};
  peak.path = "rate.peak";
  rate.path = "rate";
  rate.text = "fall(2)";
  rate.isSchedule = true;
  rate.minimum = 0;
  rate.reads = {2};
  manifest.settings = {eps, radius, peak, rate};
  manifest.uniforms = 2;
  manifest.uniformReads = {"`B.radius`", "`eps`"};
  return manifest;
}

std::string complaintOf(const std::vector<std::string> &assignments, int64_t epoch) {
  Manifest manifest = derived();
  Step step;
  step.name = "train_step";
  step.uniforms = {0, 1};
  step.settings = {0, 1, 2, 3};
  step.readsClock = true;
  Settings settings(manifest, fillDerived);
  try {
    for (const std::string &assignment : assignments)
      settings.assign(assignment);
    settings.verify();
    settings.uniforms({epoch, 7, 9, 99}, step);
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Usage);
    return std::string(error.what()) + "; " + error.hint();
  }
  return settings.text(3);
}

TEST(Settings, HoldTheirRangesWhereverTheirNumbersComeFrom) {
  const std::string where = "; `info` lists all settings; --set changes them";
  EXPECT_EQ(complaintOf({"eps=-1"}, 0),
            "`B.radius` is -1, expected at least 0: it follows from `eps` = -1" + where);
  EXPECT_EQ(complaintOf({"eps=-1", "B.radius=1"}, 0), "fall(2)");
  EXPECT_EQ(complaintOf({"eps=0"}, 0),
            "step `train_step` needs a number that follows from `eps` and is infinite at epoch 0, "
            "iteration 7 (both counted from 0)" +
                where);
  EXPECT_EQ(complaintOf({}, 3), "`rate` is -1 at epoch 3, iteration 7 (both counted from 0), "
                                "expected at least 0: the page writes `fall(2)`" +
                                    where);
  EXPECT_EQ(complaintOf({"rate.peak=4"}, 3), "fall(2), `rate.peak` = 4");
}

TEST(Settings, AScheduleIsReplacedByWordAlone) {
  EXPECT_EQ(complaintOf({"rate=1"}, 0),
            "`rate` is the schedule `fall(2)`, which one number would replace for the whole run; "
            "set its parts (`rate.peak`), or write --set rate=constant:NUMBER");
  EXPECT_EQ(complaintOf({"rate=constant:1/4"}, 3), "0.25");
  EXPECT_EQ(complaintOf({"rate=constant:-1"}, 3), "`rate` is -1, expected at least 0; ");
  EXPECT_EQ(complaintOf({"eps=1", "eps=2"}, 0), "`eps` is given twice; keep one of the values");
}

TEST(Suggestions, AreNear) {
  EXPECT_EQ(nearest("raduis", {"radius", "rate"}), "radius");
  EXPECT_EQ(nearest("x", {"abcdef"}), "");
}
