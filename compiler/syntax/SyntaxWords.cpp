//===- SyntaxWords.cpp - Syntax errors in words ---------------------------===//
//
// First the habits of other languages, each recognised by the token at which the
// parser stops and its neighbours; then what the grammar would have taken.
//
//===----------------------------------------------------------------------===//

#include "compiler/diagnostics/Suggest.h"
#include "compiler/syntax/SyntaxStop.h"

#include <cctype>
#include <optional>

namespace advx::syntax {

using G = grammar::AdvxParser;
using antlr4::Token;

std::string describeToken(const Token *token) {
  switch (token->getType()) {
  case Token::EOF:
    return "the end of the file";
  case G::NUMBER:
    return "the number `" + token->getText() + "`";
  case G::STRING:
    return "the string `" + token->getText() + "`";
  default:
    return "`" + token->getText() + "`";
  }
}

namespace {

/// Characters and character pairs that other languages have.
bool foreignCharacter(const Stop &stop, SyntaxWords &words) {
  struct Habit {
    const char *text;
    SyntaxWords words;
  };
  static const Habit habits[] = {
      {";", foreign("statements are not separated by `;`", "`;`",
                    "the next statement, on a line of its own or after a blank", "remove the `;`")},
      {"#", foreign("comments do not begin with `#`", "`#`", "`//` before a comment",
                    "write `// …`, or `/// …` above a declaration that it documents")},
      {"^", foreign("a power is not written `^`", "`^`", "`**` between base and exponent",
                    "write `a ** b`")},
      {"!", foreign("a negation is not written `!`", "`!`", "`not` before the condition",
                    "write `not a`, or `a != b`")},
      {"?", foreign("a choice is not written with `?`", "`?`", "`if c then a else b`",
                    "write `if c then a else b`")},
      {"'",
       foreign("strings do not stand in single quotes", "`'`",
               "a string in double quotes, or a prime directly behind a name", "write `\"…\"`")},
      {"%", foreign("there is no operator `%`", "`%`", "an operator of the language",
                    "write a rest as `a mod b`, a per cent as `n / 100`")},
  };
  if (stop.is(G::STRAY)) {
    for (const Habit &habit : habits) {
      if (stop.text(habit.text)) {
        words = habit.words;
        return true;
      }
    }
    if (stop.touches(stop.before) && isNameLike(stop.before->getType()) &&
        (stop.text("\u2019") || stop.text("\u2018") || stop.text("`") || stop.text("\u00B4"))) {
      words = foreign("a prime is written `'`", "`" + stop.at->getText() + "`",
                      "`'` directly behind the name", "write `" + stop.name() + "'`");
      return true;
    }
    const bool quote =
        stop.text("\u201C") || stop.text("\u201D") || stop.text("\u2018") || stop.text("\u2019");
    words = {diag::Code::UnknownCharacter,
             "the language does not use the character `" + stop.at->getText() + "`",
             "unknown here",
             "`" + stop.at->getText() + "`",
             "letters, digits, brackets, quotes and operators of the language",
             quote ? "write straight quotes: `\"…\"`" : "remove it, or put it in a `//` comment"};
    return true;
  }
  if (stop.is(G::OPEN_STRING)) {
    words = {diag::Code::UnfinishedString,   "the string does not end on its line",
             "the closing quote is missing", "the end of the line",
             "`\"` on the same line",        "add `\"` at the end of the text"};
    return true;
  }
  const bool joined = stop.touches(stop.before) || stop.touches(stop.after);
  if (!joined)
    return false;
  if (stop.is(G::AMP) && stop.follows(G::AMP)) {
    words = foreign("two conditions are not joined by `&&`", "`&&`", "`and`", "write `a and b`");
    return true;
  }
  if (stop.is(G::BAR) && (stop.follows(G::BAR) || stop.precedes(G::BAR))) {
    words = foreign("two conditions are not joined by `||`", "`||`", "`or`", "write `a or b`");
    return true;
  }
  const bool updating = stop.follows(G::PLUS) || stop.follows(G::MINUS) || stop.follows(G::STAR) ||
                        stop.follows(G::SLASH);
  const bool updates =
      stop.is(G::PLUS) || stop.is(G::MINUS) || stop.is(G::STAR) || stop.is(G::SLASH);
  if ((stop.is(G::EQ) && updating) || (updates && stop.precedes(G::EQ))) {
    const std::string op = stop.is(G::EQ) ? stop.before->getText() : stop.at->getText();
    words = foreign("a variable is not changed by `" + op + "=`", "`" + op + "=`",
                    "`:=` and the whole new value", "write `v := v " + op + " …`");
    return true;
  }
  const bool arrow =
      (stop.is(G::GT) && stop.follows(G::MINUS)) || (stop.is(G::MINUS) && stop.precedes(G::GT));
  const bool pipe =
      (stop.is(G::GT) && stop.follows(G::BAR)) || (stop.is(G::BAR) && stop.precedes(G::GT));
  if (pipe || (arrow && stop.opener() == G::FEATURES)) {
    const std::string sign = pipe ? "|>" : "->";
    words = foreign("layers are not joined by `" + sign + "`", "`" + sign + "`", "`>>`",
                    "write `a >> b`");
    return true;
  }
  if (arrow) {
    words = foreign("a result type does not follow `->`", "`->`", "`:` before the type",
                    "write `fn name(…) : type = …`");
    return true;
  }
  if ((stop.is(G::STAR) && stop.follows(G::SLASH)) ||
      (stop.is(G::SLASH) && stop.precedes(G::STAR))) {
    words = foreign("comments do not stand between `/*` and `*/`", "`/*`", "`//` on each line",
                    "begin each line of the comment with `//`");
    return true;
  }
  if (stop.is(G::DOT) && stop.precedes(G::NUMBER)) {
    const std::string number = "0." + stop.after->getText();
    words = foreign("a number does not begin with its point", "`." + stop.after->getText() + "`",
                    "a digit before the point", "write `" + number + "`");
    return true;
  }
  return false;
}

/// Words of other languages where a declaration or a statement should begin.
bool foreignWord(const Stop &stop, SyntaxWords &words) {
  const std::string &word = stop.at->getText();
  const bool outside = stop.rule == G::RuleFile;
  const bool statement = stop.rule == G::RuleBlock || stop.rule == G::RuleSolverDecl ||
                         stop.rule == G::RuleOptimizerDecl || stop.rule == G::RuleStmt ||
                         stop.rule == G::RuleNetworkDecl || stop.rule == G::RuleHeadDecl ||
                         stop.rule == G::RuleAssignStmt;
  const std::string first = stop.rule == G::RuleAssignStmt ? stop.name() : word;
  if (outside && (word == "def" || word == "function" || word == "func" || word == "lambda")) {
    words = foreign("functions are not declared with `" + word + "`", "`" + word + "`", "`fn`",
                    "write `fn name(x : type) : type = …`");
    return true;
  }
  if (outside && (word == "class" || word == "struct" || word == "model" || word == "module")) {
    words =
        foreign("networks are not declared with `" + word + "`", "`" + word + "`",
                "`network`, `head` or `solver`", "write `network name(…) { … forward(x) = … }`");
    return true;
  }
  if (word == "lambda" || (stop.before && stop.before->getText() == "lambda")) {
    words = foreign("there are no functions without a name", "`lambda`", "the name of a `fn`",
                    "declare `fn name(x : type) : type = …` and use its name");
    return true;
  }
  if (statement && (first == "for" || first == "while")) {
    words = foreign("loops are not written with `" + first + "`", "`" + first + "`",
                    "`repeat` with the number of rounds",
                    first == "for" ? "write `repeat n as k { … }`"
                                   : "write `repeat n { stop when … }`");
    return true;
  }
  if (first == "elif" || first == "elsif") {
    words = foreign("a further condition is not written `" + first + "`", "`" + first + "`",
                    "`else if`", "write `else if … { … }`");
    return true;
  }
  return false;
}

/// `=` for `:=` or `:`, a missing `{`, and the like: the right idea in the wrong sign.
bool wrongSign(const Stop &stop, SyntaxWords &words) {
  const std::string found = describeToken(stop.at);
  if (stop.rule == G::RuleFormal && stop.is(G::EQ)) {
    words = foreign("the parameter `" + stop.name() + "` has no type", found,
                    "`:` and a type before the default", "write `" + stop.name() + " : real = …`");
    return true;
  }
  if (stop.rule == G::RuleFormal && (stop.is(G::COMMA) || stop.is(G::RPAREN))) {
    words = {diag::Code::UnexpectedText,
             "the parameter `" + stop.name() + "` has no type",
             "the type should stand before this",
             found,
             "`:` and a type",
             "write `" + stop.name() + " : real`"};
    return true;
  }
  if (stop.rule == G::RuleFnDecl && (stop.is(G::EQ) || stop.is(G::LBRACE))) {
    words = {diag::Code::UnexpectedText,          "the function has no result type",
             "the type should stand before this", found,
             "`:` and the type of the result",    "write `fn name(…) : real = …`"};
    return true;
  }
  if ((stop.rule == G::RuleStateStmt || stop.rule == G::RuleParamStmt) && stop.is(G::EQ)) {
    words = {diag::Code::UnexpectedText,
             "`" + stop.name() + "` has no type",
             "the type should stand before this",
             found,
             "`:` and a type before the first value",
             "write `" + stop.name() + " : real … = …`"};
    return true;
  }
  if (stop.rule == G::RuleAssignStmt && stop.is(G::EQ)) {
    words =
        foreign("`" + stop.name() + "` is not assigned with `=`", found,
                "`:=`, or `let` or `var` before a new name", "write `" + stop.name() + " := …`");
    return true;
  }
  if (stop.rule == G::RuleAssignStmt && stop.is(G::LPAREN)) {
    words = {diag::Code::UnexpectedText,        "a call alone does nothing",
             "this value is not used",          "a call where a statement should stand",
             "a statement that uses the value", "write `let name = " + stop.name() + "(…)`"};
    return true;
  }
  const bool comparison = (stop.at->getType() >= G::EQEQ && stop.at->getType() <= G::GE) ||
                          stop.is(G::LT) || stop.is(G::GT) || stop.is(G::IN);
  if (stop.takes(G::POWER) && (comparison || stop.is(G::RANGE))) {
    words = {diag::Code::UnexpectedText,
             comparison ? "comparisons do not chain" : "ranges do not chain",
             "a second one",
             "a second " + found,
             comparison ? "one comparison, or `and` between two" : "one `..` between two ends",
             comparison ? "write `a < b and b < c`" : "write `first..last`"};
    return true;
  }
  if (stop.rule == G::RuleArgmax && stop.follows(G::OVER)) {
    words = {diag::Code::UnexpectedText,
             "the attack has no objective",
             "what is maximised should stand before `over`",
             found,
             "an expression between `argmax` and `over`",
             "write `argmax LOSS over SET by SOLVER(…)`"};
    return true;
  }
  const bool named = stop.rule == G::RuleLetStmt || stop.rule == G::RuleVarStmt ||
                     stop.rule == G::RuleField || stop.rule == G::RuleSetting ||
                     stop.rule == G::RuleThreatItem || stop.rule == G::RuleFeaturesItem ||
                     stop.rule == G::RuleHeadItem || stop.rule == G::RuleInnerItem ||
                     stop.rule == G::RuleLayerStmt || stop.rule == G::RuleEvaluateItem ||
                     stop.rule == G::RuleWorst || stop.rule == G::RuleDatasetDecl ||
                     stop.rule == G::RuleSetDecl || stop.rule == G::RuleMember;
  if (named && (stop.is(G::COLON) || stop.is(G::ASSIGN))) {
    const bool typed =
        stop.is(G::COLON) && (stop.rule == G::RuleLetStmt || stop.rule == G::RuleVarStmt);
    const bool plain = stop.before && isNameLike(stop.before->getType());
    const std::string name = plain ? stop.name() : "NAME(…)";
    words = foreign((plain ? "`" + name + "`" : "this line") + " is given its value with `=`",
                    found, "`=`",
                    "write `" + std::string(stop.rule == G::RuleLetStmt ? "let " : "") + name +
                        " = …`" + (typed ? "; its type follows from the value" : ""));
    return true;
  }
  const bool blockExpected = stop.takes(G::LBRACE);
  if (blockExpected && stop.is(G::COLON)) {
    words =
        foreign("blocks do not begin with `:`", found, "`{`", "write the block in braces: `{ … }`");
    return true;
  }
  return false;
}

/// The keyword that a misspelt one stands for, among those that fit.
std::optional<std::string> meantKeyword(const Stop &stop) {
  std::vector<std::string> keywords;
  for (ssize_t type : stop.expected.toList()) {
    const std::string literal =
        type > 0 ? stop.parser.getVocabulary().getLiteralName(static_cast<size_t>(type)) : "";
    if (literal.size() > 3 && std::isalpha(static_cast<unsigned char>(literal[1])))
      keywords.push_back(literal.substr(1, literal.size() - 2));
  }
  return stop.is(G::NAME) ? diag::suggest(stop.at->getText(), keywords) : std::nullopt;
}

} // namespace

SyntaxWords wordsFor(antlr4::Parser &parser, const antlr4::misc::IntervalSet &expected,
                     const Token *before, const Token *offending, const Token *after) {
  const Stop stop{parser, expected, before, offending, after, parser.getContext()->getRuleIndex()};
  SyntaxWords words{diag::Code::UnexpectedText, "", "", "", "", ""};
  if (foreignCharacter(stop, words) || pageHabit(stop, words) || foreignWord(stop, words) ||
      wrongSign(stop, words))
    return words;
  words.found = describeToken(offending);
  const bool article = words.found.compare(0, 4, "the ") == 0;
  words.message = "unexpected " + (article ? words.found.substr(4) : words.found);
  words.label = "does not fit here";
  const bool sameLine = before && before->getLine() == offending->getLine();
  words.expected = expectation(parser, expected, sameLine);
  const bool operand = isNameLike(offending->getType()) || stop.is(G::NUMBER) ||
                       stop.is(G::STRING) || stop.is(G::LBRACK) || stop.is(G::TRUE) ||
                       stop.is(G::FALSE);
  if (const std::optional<std::string> keyword = meantKeyword(stop)) {
    words.help = "did you mean `" + *keyword + "`?";
    return words;
  }
  const bool list = formsList(stop.rule);
  if (before && !sameLine && !list) {
    words.afterBefore = true;
    words.message = "something is missing after `" + before->getText() + "`";
    words.label = "unfinished";
    words.found += stop.is(Token::EOF) ? "" : " on another line";
    words.help = formToFollow(parser);
    return words;
  }
  const bool closer = stop.is(G::RPAREN) || stop.is(G::RBRACK) || stop.is(G::RBRACE);
  if (closer && stop.follows(G::COMMA)) {
    words.help = "remove the `,` before it";
    return words;
  }
  if (list && stop.follows(G::BEST)) {
    words.help = "the form is `best NAME in RANGE of ATTACK`";
    return words;
  }
  const std::string &text = offending->getText();
  if (stop.takes(G::NAME) && !operand && std::isalpha(static_cast<unsigned char>(text[0])) &&
      !stop.takes(G::NUMBER)) {
    words.help = "`" + text + "` is a word of the language; choose another name";
    return words;
  }
  words.help = stop.takes(G::COMMA) && operand && sameLine
                   ? "put `,` between `" + stop.name() + "` and `" + offending->getText() + "`"
               : list ? formOfLine(parser, stop.opener())
                      : formToFollow(parser);
  return words;
}

} // namespace advx::syntax
