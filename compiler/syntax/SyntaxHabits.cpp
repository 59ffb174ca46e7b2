//===- SyntaxHabits.cpp - What users of Python write on a page ------------===//

#include "compiler/diagnostics/FieldNames.h"
#include "compiler/syntax/SyntaxStop.h"

#include <cctype>

namespace advx::syntax {

using G = grammar::AdvxParser;
using antlr4::Token;
using diag::NamePlace;

const Token *Stop::neighbour(int places) const {
  antlr4::TokenStream *stream = parser.getTokenStream();
  const int step = places < 0 ? -1 : 1;
  int left = places < 0 ? -places : places;
  const auto count = static_cast<ssize_t>(stream->size());
  for (ssize_t i = static_cast<ssize_t>(at->getTokenIndex()) + step; left > 0; i += step) {
    if (i < 0 || i >= count)
      return nullptr;
    const Token *token = stream->get(static_cast<size_t>(i));
    if (token->getChannel() == Token::DEFAULT_CHANNEL && --left == 0)
      return token;
  }
  return at;
}

size_t Stop::opener() const {
  const Token *first = nullptr;
  for (int i = -1;; --i) {
    const Token *token = neighbour(i);
    if (!token || token->getLine() != at->getLine())
      break;
    first = token;
  }
  return first ? first->getType() : SIZE_MAX;
}

SyntaxWords foreign(std::string message, std::string found, std::string expected,
                    std::string help) {
  return {diag::Code::ForeignSpelling, std::move(message), "not .advx", std::move(found),
          std::move(expected),         std::move(help)};
}

namespace {

/// The help for a name of another library, or `otherwise`.
std::string fieldHelpOr(NamePlace place, const std::string &name, std::string otherwise) {
  for (const diag::FieldName *entry : diag::findFieldNames(place, name))
    return diag::fieldHelp(*entry);
  return otherwise;
}

bool numbers(const Stop &stop, SyntaxWords &words) {
  const Token *earlier = stop.neighbour(-2);
  // `8./255.`: the point was read as the member of a number.
  if (stop.follows(G::DOT) && earlier && earlier->getType() == G::NUMBER &&
      earlier->getStopIndex() + 1 == stop.before->getStartIndex()) {
    const std::string number = earlier->getText();
    words = foreign("a number does not end with its point", "`" + number + ".`",
                    "digits on both sides of the point, or no point", "write `" + number + "`");
    return true;
  }
  if (!stop.follows(G::NUMBER) || !stop.touches(stop.before) || !stop.is(G::NAME))
    return false;
  const std::string number = stop.name(), rest = stop.at->getText();
  if (rest[0] == '_')
    words = foreign("digits are not grouped by `_`", "`" + number + rest + "`", "digits alone",
                    "write the number without `_`");
  else
    words = foreign("a number has no letters behind it", "`" + number + rest + "`",
                    "a number, then a blank or an operator", "write `" + number + "`");
  return true;
}

/// `by Adam`, `by optim.SGD(…)`, `by "pgd"`, `data mnist { … }`: what is called is a plain name
/// with parentheses.
bool callees(const Stop &stop, SyntaxWords &words) {
  const bool solver = stop.within(G::RuleArgmax), optimizer = stop.within(G::RuleOuterItem);
  if (stop.is(G::STRING) && stop.follows(G::BY)) {
    const std::string text = stop.at->getText();
    words = foreign("a " + std::string(solver ? "solver" : "optimiser") + " is no string",
                    "the string `" + text + "`", "its name, called",
                    "write `" + text.substr(1, text.size() - 2) + "(…)` without quotes");
    return true;
  }
  if (stop.is(G::EQ) && stop.follows(G::DATA)) {
    words = foreign("`data` has no `=`", "`=`", "a data set, called",
                    "write `data NAME() { batch = 128 }`");
    return true;
  }
  if (stop.rule != G::RuleCall || !stop.before || !isNameLike(stop.before->getType()) ||
      stop.takes(G::COMMA) || stop.takes(G::PLUS))
    return false;
  std::string name = stop.name();
  const bool module = stop.is(G::DOT);
  if (module)
    for (int i = 1; stop.neighbour(i) && (stop.neighbour(i)->getType() == G::DOT ||
                                          isNameLike(stop.neighbour(i)->getType()));
         ++i)
      name = stop.neighbour(i)->getText();
  const NamePlace place = solver      ? NamePlace::Solver
                          : optimizer ? NamePlace::Optimizer
                                      : NamePlace::Dataset;
  const std::string help =
      fieldHelpOr(place, name, "write `" + (module ? diag::plainName(name) : name) + "(…)`");
  words = {diag::Code::UnexpectedText,
           module ? "names have no module before them" : "`" + name + "` needs its parentheses",
           module ? "a module" : "the parentheses should stand before this",
           describeToken(stop.at),
           module ? "a name, called" : "`(` and the arguments, if only `()`",
           help};
  if (!module && !stop.startsLine())
    words.afterBefore = false;
  if (!module && stop.startsLine())
    words.afterBefore = true;
  return true;
}

bool expressions(const Stop &stop, SyntaxWords &words) {
  if (stop.is(G::IF) && stop.takes(G::PLUS) && !stop.startsLine()) {
    words = foreign("a choice does not begin with its value", "`if` behind a value",
                    "`if c then a else b`", "write `if c then a else b`");
    return true;
  }
  const bool argument = stop.follows(G::LPAREN) || stop.follows(G::COMMA);
  if (argument && (stop.is(G::POWER) || stop.is(G::STAR))) {
    const std::string stars = stop.at->getText();
    words = foreign("arguments are not unpacked by `" + stars + "`", "`" + stars + "`",
                    "each argument by its name",
                    "write them out, as in `pgd(steps = 10, step = 2/255)`");
    return true;
  }
  if (stop.is(G::ASSIGN) && (stop.within(G::RuleCall) || stop.within(G::RuleSuffix)) &&
      stop.before && isNameLike(stop.before->getType())) {
    words = foreign("an argument is not given with `:=`", "`:=`", "`=`",
                    "write `" + stop.name() + " = …`");
    return true;
  }
  if (stop.is(G::COLON) && (stop.within(G::RuleSuffix) || stop.follows(G::LBRACK))) {
    words = foreign("there are no slices", "`:`", "the number of one entry, or a label",
                    "write `v[2]` for an entry, `v[y]` for that of the label");
    return true;
  }
  if (stop.is(G::COMMA) && stop.rule == G::RulePrimary) {
    words = foreign("there are no tuples", "`,` in parentheses", "one value",
                    "write one `let` for each name, or a list `[a, b]`");
    return true;
  }
  const Token *earlier = stop.neighbour(-1);
  if (stop.rule == G::RuleArgmax && !stop.is(G::OVER) && !stop.is(G::BY) && earlier) {
    // `argmax(l) == y` inside an expression, where the label of the largest logit is meant.
    for (int i = -1; stop.neighbour(i); --i)
      if (stop.neighbour(i)->getType() == G::ARGMAX) {
        const Token *next = stop.neighbour(i + 1);
        const Token *sign = stop.neighbour(i - 1);
        if (next && next->getType() == G::LPAREN && (!sign || sign->getType() != G::EQ)) {
          words = foreign("`argmax` searches a set", "`argmax(…)` in an expression",
                          "the label of the largest entry", "write `predict(l)`");
          return true;
        }
        break;
      }
  }
  return false;
}

/// A name without its `let`, statements of other languages, parts given twice.
bool linesOfAPage(const Stop &stop, SyntaxWords &words) {
  const std::string &word = stop.at->getText();
  const bool page = stop.rule == G::RuleExperiment;
  const size_t opener = stop.opener();
  if (stop.rule == G::RuleLetStmt && stop.is(G::COMMA)) {
    words = foreign("a `let` binds one name", "`,`", "`=` and the value",
                    "write one `let` for each name");
    return true;
  }
  if (stop.is(G::MINUS) && stop.before && isNameLike(stop.before->getType()) &&
      !stop.takes(G::MINUS) && stop.after &&
      (isNameLike(stop.after->getType()) || stop.precedes(G::NUMBER))) {
    words = foreign("a name has no `-`", "`" + stop.name() + "-" + stop.after->getText() + "`",
                    "letters, digits and `_`",
                    "write `" + stop.name() + "_" + stop.after->getText() + "`");
    return true;
  }
  if (stop.follows(G::INNER) && stop.is(G::ARGMAX)) {
    words = {diag::Code::UnexpectedText,
             "`inner` binds no name",
             "the name should stand before this",
             "`argmax`",
             "a name and `=`",
             "write `inner x' = argmax …`"};
    return true;
  }
  if (opener == G::INNER && stop.before && stop.is(G::NAME) &&
      (stop.name() == "argmin" || stop.name() == "maximize" || stop.name() == "minimize" ||
       stop.name() == "max" || stop.name() == "min")) {
    const bool least = stop.name() == "argmin" || stop.name() == "min" || stop.name() == "minimize";
    words = foreign(
        "an adversary does not begin with `" + stop.name() + "`", "`" + stop.name() + "`",
        "`argmax`",
        least
            ? "the adversary raises its objective: write `argmax E …`, or `argmax -E …` to lower E"
            : "write `argmax E over B(x) by pgd()`");
    return true;
  }
  if (stop.rule == G::RuleOuterItem && stop.follows(G::OUTER)) {
    words = foreign("`outer` does not begin with `" + word + "`", "`" + word + "`", "`minimize`",
                    "write `outer minimize …`");
    return true;
  }
  if (stop.rule == G::RuleOuterItem && stop.takes(G::EPOCHS) &&
      (word == "steps" || word == "iterations" || word == "iters" || word == "batches")) {
    words = foreign("training is counted in epochs", "`" + word + "`", "`epochs`",
                    "write `for N epochs`");
    return true;
  }
  if (stop.rule == G::RuleEvaluateItem && word == "on" && stop.name() == "epoch") {
    words = foreign("the number of epochs is missing", "`every epoch`", "`every N epochs`",
                    "write `every 1 epochs`");
    return true;
  }
  if ((stop.rule == G::RuleEvaluateItem || stop.rule == G::RuleWorst) && stop.is(G::COMMA)) {
    words = foreign("the lines of an evaluation are not separated by `,`", "`,`",
                    "the next line, or `}`", "remove the `,`");
    return true;
  }
  if (stop.rule == G::RuleFile && word == "as") {
    words =
        foreign("an import has no `as`", "`as`", "the next declaration",
                "remove the line: the library is in scope unasked, and Python has no part here");
    return true;
  }
  if (stop.rule == G::RuleFile && word == "from" && stop.startsLine()) {
    words = foreign("an import does not begin with `from`", "`from`", "`import`",
                    "remove the line: the library is in scope unasked; a file of yours is `import "
                    "\"FILE.advx\"`");
    return true;
  }
  if (!page)
    return false;
  if (stop.startsLine() && stop.is(G::NAME) && (word == "eval" || word == "test")) {
    words = foreign("an evaluation does not begin with `" + word + "`", "`" + word + "`",
                    "`evaluate`", "write `evaluate at end on test { … }`");
    return true;
  }
  if (stop.startsLine() && (stop.is(G::FOR) || stop.is(G::IF) || word == "while")) {
    words = foreign("a page has no statements", "`" + word + "`", "a line that says what is so",
                    stop.is(G::IF) ? "choose with `if c then a else b`, which is a value"
                                   : "steps are repeated in a `solver`, epochs by `for N epochs`");
    return true;
  }
  if (stop.startsLine() && stop.is(G::NAME) && stop.precedes(G::LPAREN)) {
    words = foreign("a page has no statements", "a call alone", "a line that says what is so",
                    word == "print" ? "remove it: `EXE info` prints the settings of a page"
                                    : "bind the value: `let NAME = " + word + "(…)`");
    return true;
  }
  const bool declarator = stop.is(G::VAR) || word == "const" || word == "val" || word == "auto" ||
                          word == "float" || word == "double" || word == "int" || word == "real";
  if (stop.startsLine() && (stop.is(G::NAME) || stop.is(G::VAR)) &&
      (stop.precedes(G::EQ) || stop.precedes(G::ASSIGN) || declarator)) {
    const std::string name = declarator && stop.after ? stop.after->getText() : word;
    words = foreign("a value is named with `let`", "`" + word + "`", "`let` before the name",
                    "write `let " + name + " = …`");
    return true;
  }
  if (opener == G::THREAT && (stop.is(G::COMMA) || stop.is(G::AND))) {
    words = foreign("sets are not joined by `" + word + "`", "`" + word + "`", "`&`",
                    "write `linf(x, radius = 8/255) & box(0, 1)`");
    return true;
  }
  if (opener == G::FEATURES && stop.is(G::BAR)) {
    words = foreign("layers are not joined by `|`", "`|`", "`>>`", "write `a >> b`");
    return true;
  }
  if (opener == G::INNER && stop.is(G::FOR)) {
    words = foreign("a solver has no `for`", "`for`", "its number of steps as an argument",
                    "write `by pgd(steps = 10)`");
    return true;
  }
  return false;
}

} // namespace

bool pageHabit(const Stop &stop, SyntaxWords &words) {
  return numbers(stop, words) || callees(stop, words) || expressions(stop, words) ||
         linesOfAPage(stop, words);
}

std::string formOfLine(antlr4::Parser &parser, size_t opener) {
  static const std::pair<size_t, const char *> forms[] = {
      {G::LET, "let NAME = VALUE"},
      {G::DATA, "data NAME(…) { batch = 128 }"},
      {G::FEATURES, "features NAME = NETWORK(…) from \"FILE\" frozen"},
      {G::HEAD, "head NAME = HEAD(z)"},
      {G::THREAT, "threat B(x) = SET & box(0, 1)"},
      {G::INNER, "inner x' = argmax LOSS over B(x) by SOLVER(…) until CONDITION in MODE"},
      {G::OUTER, "outer minimize LOSS by OPTIMIZER(…) for N epochs"},
      {G::EVALUATE, "evaluate at end on test { clean  NAME = ATTACK }"},
      {G::KEEP, "keep best(NAME.METRIC)"},
  };
  if (parser.getContext()->getRuleIndex() == G::RuleExperiment)
    for (const auto &[word, form] : forms)
      if (word == opener)
        return "the line has ended before this; its form is `" + std::string(form) + "`";
  return formToFollow(parser);
}

} // namespace advx::syntax
