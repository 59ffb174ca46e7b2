#include "runtime/evaluate/Survivors.h"

#include <gtest/gtest.h>

using namespace advx::runtime;

namespace {

using Lines = std::vector<size_t>;

Evaluation evaluationOf(std::vector<Attack> attacks) {
  Evaluation evaluation;
  evaluation.attacks = std::move(attacks);
  return evaluation;
}

Attack line(const char *name, bool inWorst) {
  Attack attack;
  attack.name = name;
  attack.kind = Attack::Kind::Adversary;
  attack.inWorst = inWorst;
  return attack;
}

Attack worst(const char *name, std::vector<std::string> of, bool inWorst = false) {
  Attack attack = line(name, inWorst);
  attack.kind = Attack::Kind::Worst;
  attack.of = std::move(of);
  return attack;
}

} // namespace

TEST(Survivors, ALineComesAfterThoseBeforeItInTheBraces) {
  Evaluation evaluation =
      evaluationOf({line("own", false), line("r.a", true), line("r.b", true), line("r.c", true),
                    worst("r", {"r.a", "r.b", "own", "r.c"})});
  EXPECT_EQ(linesBefore(evaluation, 0), std::nullopt);
  EXPECT_EQ(linesBefore(evaluation, 1), Lines{});
  EXPECT_EQ(linesBefore(evaluation, 2), Lines{1});
  EXPECT_EQ(linesBefore(evaluation, 3), (Lines{1, 2, 0}));
  EXPECT_EQ(linesBefore(evaluation, 4), std::nullopt);
}

TEST(Survivors, BracesInBracesComeAfterWhatIsAroundThem) {
  Evaluation evaluation = evaluationOf({line("r.a", true), line("r.b", true), line("r.c", true),
                                        worst("r.w", {"r.b", "r.c"}, true), line("r.d", true),
                                        worst("r", {"r.a", "r.w", "r.d"})});
  EXPECT_EQ(linesBefore(evaluation, 1), Lines{0});
  EXPECT_EQ(linesBefore(evaluation, 2), (Lines{0, 1}));
  EXPECT_EQ(linesBefore(evaluation, 4), (Lines{0, 3}));
}

TEST(Survivors, ALineDoesNotComeAfterThoseThatRunLater) {
  Evaluation evaluation = evaluationOf(
      {line("b", true), line("c", true), worst("w", {"b"}, true), worst("r", {"c", "w"})});
  EXPECT_EQ(linesBefore(evaluation, 0), Lines{});
  EXPECT_EQ(linesBefore(evaluation, 1), Lines{});
  EXPECT_EQ(linesBefore(evaluation, 2), Lines{1});
}

TEST(Survivors, ALineThatIsReadTwiceAttacksAll) {
  Evaluation evaluation =
      evaluationOf({line("a", true), line("b", true), worst("worst", {"a", "b"}),
                    worst("again", {"b"}), worst("once more", {"worst", "a"})});
  EXPECT_EQ(linesBefore(evaluation, 0), std::nullopt);
  EXPECT_EQ(linesBefore(evaluation, 1), std::nullopt);
}
