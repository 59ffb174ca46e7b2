//===- SyntaxErrors.cpp - Brackets, recovery and the error strategy -------===//

#include "compiler/syntax/SyntaxErrors.h"

#include <set>

namespace advx::syntax {
namespace {

using G = grammar::AdvxParser;
using antlr4::Token;

/// Words that begin a declaration, an item or a statement.
bool isStarter(size_t type) {
  return (type >= G::IMPORT && type <= G::MINIMIZE) || type == G::IF || type == G::ALSO;
}

bool isDeclaration(size_t type) { return type >= G::IMPORT && type <= G::EXPERIMENT; }

/// Whether a `{` after this token opens a block; elsewhere it opens a map.
bool opensBlockAfter(size_t type) {
  return type == G::RPAREN || type == G::RBRACK || type == G::NUMBER || type == G::STRING ||
         type == G::ELSE || type == G::TRUE || type == G::FALSE || type == G::DOT ||
         (isNameLike(type) && type != G::RENAME);
}

size_t closerOf(size_t opener) {
  return opener == G::LPAREN ? G::RPAREN : opener == G::LBRACK ? G::RBRACK : G::RBRACE;
}

} // namespace

bool isNameLike(size_t type) {
  return type == G::NAME || (type >= G::IMPORT && type <= G::WORST && type != G::LET &&
                             type != G::VAR && type != G::REPEAT && type != G::RETURN);
}

SyntaxErrors::SyntaxErrors(const TokenPlaces &places, diag::Engine &engine)
    : places(places), engine(engine) {
  for (Token *token : places.stream().getTokens()) {
    position.push_back(tokens.size());
    if (token->getChannel() == Token::DEFAULT_CHANNEL)
      tokens.push_back(token);
  }
  measureNesting();
}

void SyntaxErrors::measureNesting() {
  std::vector<std::pair<bool, int>> open; // is a block; brackets outside it
  Nesting now;
  for (size_t i = 0; i < tokens.size(); ++i) {
    nesting.push_back(now);
    switch (tokens[i]->getType()) {
    case G::LBRACE: {
      const bool block = i > 0 && opensBlockAfter(tokens[i - 1]->getType());
      open.emplace_back(block, now.brackets);
      if (block) {
        ++now.blocks;
        now.brackets = 0;
      } else {
        ++now.brackets;
      }
      break;
    }
    case G::LPAREN:
    case G::LBRACK:
      ++now.brackets;
      break;
    case G::RPAREN:
    case G::RBRACK:
      now.brackets = now.brackets > 0 ? now.brackets - 1 : 0;
      break;
    case G::RBRACE:
      if (open.empty())
        break;
      now.blocks -= open.back().first ? 1 : 0;
      now.brackets = open.back().second;
      open.pop_back();
      break;
    default:
      break;
    }
  }
}

bool SyntaxErrors::beginsLine(size_t index) const {
  return index == 0 || tokens[index - 1]->getLine() < tokens[index]->getLine();
}

bool SyntaxErrors::startsLine(const Token *token) const {
  return beginsLine(position[token->getTokenIndex()]);
}

/// Whether the token begins its line and looks like the first of a statement.
bool SyntaxErrors::beginsStatement(size_t index) const {
  if (!beginsLine(index) || index + 1 >= tokens.size())
    return false;
  const size_t type = tokens[index]->getType(), next = tokens[index + 1]->getType();
  if (isStarter(type) && (isNameLike(next) || next == G::LPAREN || next == G::STRING ||
                          next == G::NUMBER || next == G::NOT || next == G::MINUS))
    return true;
  return isNameLike(type) && nesting[index].brackets == 0 &&
         (next == G::ASSIGN || next == G::EQ || next == G::LPAREN);
}

size_t SyntaxErrors::resumeAt(size_t from, size_t column) const {
  size_t i = position[from];
  const int depth = nesting[i].blocks;
  for (; i + 1 < tokens.size(); ++i) {
    if (nesting[i].blocks < depth)
      break;
    if (nesting[i].blocks > depth)
      continue;
    const bool closesBlock = tokens[i]->getType() == G::RBRACE && nesting[i + 1].blocks < depth;
    if (closesBlock || beginsStatement(i) ||
        (beginsLine(i) && tokens[i]->getCharPositionInLine() <= column))
      break;
  }
  return tokens[i]->getTokenIndex();
}

void SyntaxErrors::unclosed(const Token *opener, const Token *clue, const std::string &label) {
  const std::string open = opener->getText();
  const std::string close = open == "(" ? ")" : open == "[" ? "]" : "}";
  const bool atEnd = clue->getType() == Token::EOF;
  const std::string where = atEnd ? "at the end"
                            : clue->getLine() == opener->getLine()
                                ? "before " + describeToken(clue)
                                : "before line " + std::to_string(clue->getLine());
  engine
      .report(diag::Code::UnbalancedBracket, places.span(opener), "`" + open + "` is never closed")
      .label("opened here")
      .found(describeToken(clue))
      .expected("`" + close + "`")
      .help("add `" + close + "` " + where)
      .note(places.span(clue), label);
  silentFrom = opener->getTokenIndex();
}

void SyntaxErrors::checkBrackets() {
  struct Open {
    Token *token;
    size_t indent;               ///< Column of the first token of its line.
    const Token *clue = nullptr; ///< First later line that is indented no more than it.
  };
  std::vector<Open> open;
  const Open *suspect = nullptr;
  Open firstSuspect{};
  size_t indent = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    Token *token = tokens[i];
    const size_t type = token->getType();
    const bool closer = type == G::RPAREN || type == G::RBRACK || type == G::RBRACE;
    if (beginsLine(i)) {
      indent = token->getCharPositionInLine();
      if (!open.empty() && !closer && type != Token::EOF && !suspect &&
          indent <= open.back().indent && isStarter(type)) {
        firstSuspect = open.back();
        firstSuspect.clue = token;
        suspect = &firstSuspect;
      }
    }
    if (type == G::LPAREN || type == G::LBRACK || type == G::LBRACE) {
      open.push_back({token, indent});
    } else if (closer) {
      if (open.empty()) {
        // A block that begins with `:` has no `{`: the parser says so where it begins.
        for (size_t k = 0; k + 1 < i; ++k)
          if (tokens[k]->getType() == G::COLON && nesting[k].brackets == 0 && beginsLine(k + 1))
            return;
        engine
            .report(diag::Code::UnbalancedBracket, places.span(token),
                    "`" + token->getText() + "` closes nothing")
            .label("no bracket is open here")
            .found("`" + token->getText() + "`")
            .expected("the next declaration, or the end of the file")
            .help("remove it, or check that no block above is closed twice");
        silentFrom = token->getTokenIndex();
        return;
      }
      if (suspect && open.back().token == suspect->token &&
          closerOf(suspect->token->getType()) != type)
        return unclosed(suspect->token, suspect->clue, "this line is no longer inside it");
      if (closerOf(open.back().token->getType()) != type)
        return unclosed(open.back().token, token, "this closes something else");
      open.pop_back();
    }
  }
  if (open.empty())
    return;
  if (suspect)
    return unclosed(suspect->token, suspect->clue, "this line is no longer inside it");
  unclosed(open.back().token, tokens.back(), "the file ends here");
}

void SyntaxErrors::report(antlr4::Parser &parser, Token *offending,
                          const antlr4::misc::IntervalSet &expected) {
  const size_t at = position[offending->getTokenIndex()];
  const Token *before = at > 0 ? tokens[at - 1] : nullptr;
  if (before && before->getLine() == offending->getLine())
    spoilt.endings.insert(before->getTokenIndex());
  else
    spoilt.skipped.push_back(offending);
  if (offending->getTokenIndex() >= silentFrom)
    return;
  const Token *after = at + 1 < tokens.size() ? tokens[at + 1] : nullptr;
  SyntaxWords words = wordsFor(parser, expected, before, offending, after);
  const Span place = places.span(words.afterBefore ? before : offending);
  // A habit of another language is one mistake, however often it shows.
  if (words.code == diag::Code::ForeignSpelling && offending->getType() == G::STRAY) {
    diag::Diagnostic *&first = habits[words.message];
    if (first) {
      constexpr size_t most = 3;
      if (first->secondary.size() < most)
        first->note(place, "here too");
      return;
    }
    first = &engine.report(words.code, place, words.message)
                 .label(std::move(words.label))
                 .found(std::move(words.found))
                 .expected(std::move(words.expected))
                 .help(std::move(words.help));
    return;
  }
  engine.report(words.code, place, std::move(words.message))
      .label(std::move(words.label))
      .found(std::move(words.found))
      .expected(std::move(words.expected))
      .help(std::move(words.help));
}

void SyntaxErrors::skipToDeclaration(G &parser) {
  antlr4::CommonTokenStream &stream = places.stream();
  if (stream.LA(1) == Token::EOF)
    return;
  size_t at = position[stream.LT(1)->getTokenIndex()];
  at += isDeclaration(tokens[at]->getType()) && beginsStatement(at) ? 0 : 1;
  while (at + 1 < tokens.size() && !(isDeclaration(tokens[at]->getType()) && beginsStatement(at) &&
                                     tokens[at]->getCharPositionInLine() == 0))
    ++at;
  stream.seek(tokens[at]->getTokenIndex());
  parser.getErrorHandler()->reset(&parser);
}

namespace {

/// Default recovery guesses single tokens; with soft keywords nearly every guess
/// fits somewhere and makes a second error. This one skips whole statements.
class Strategy : public antlr4::DefaultErrorStrategy {
public:
  explicit Strategy(SyntaxErrors &errors) : errors(errors) {}

  void reportError(antlr4::Parser *parser, const antlr4::RecognitionException &e) override {
    if (inErrorRecoveryMode(parser))
      return;
    beginErrorCondition(parser);
    // Where a decision failed further on, what it would take first says nothing.
    Token *offending = e.getOffendingToken();
    note(parser);
    errors.report(*parser, offending, expected);
  }

  Token *recoverInline(antlr4::Parser *parser) override {
    throw antlr4::InputMismatchException(parser);
  }

  void recover(antlr4::Parser *parser, std::exception_ptr) override {
    const size_t index = parser->getCurrentToken()->getTokenIndex();
    // The same rule failing again at the same token would never end.
    const bool again = !seen.insert({index, parser->getState()}).second;
    if (again && parser->getTokenStream()->LA(1) != Token::EOF)
      parser->consume();
    resume(parser, startColumn(parser));
  }

  /// Inside a list of statements or items, a token that begins none is reported
  /// and skipped without leaving the list.
  void sync(antlr4::Parser *parser) override {
    antlr4::atn::ATNState *state =
        parser->getInterpreter<antlr4::atn::ATNSimulator>()->atn.states[parser->getState()];
    const auto type = state->getStateType();
    if ((type != antlr4::atn::ATNState::STAR_LOOP_ENTRY &&
         type != antlr4::atn::ATNState::STAR_LOOP_BACK) ||
        !isList(state->ruleIndex)) {
      note(parser);
      return;
    }
    const antlr4::misc::IntervalSet viable = parser->getATN().nextTokens(state);
    while (true) {
      const size_t next = parser->getTokenStream()->LA(1);
      // What recovery stopped at begins a line of this list: errors count again.
      endErrorCondition(parser);
      if (next == Token::EOF || next == G::RBRACE || viable.contains(static_cast<ssize_t>(next)))
        break;
      note(parser);
      beginErrorCondition(parser);
      Token *offending = parser->getCurrentToken();
      errors.report(*parser, offending, expected);
      parser->consume();
      resume(parser, errors.startsLine(offending) ? offending->getCharPositionInLine() : 0);
    }
    note(parser);
  }

private:
  static bool isList(size_t rule) {
    switch (rule) {
    case G::RuleExperiment:
    case G::RuleBlock:
    case G::RuleHeadDecl:
    case G::RuleNetworkDecl:
    case G::RuleSolverDecl:
    case G::RuleOptimizerDecl:
    case G::RuleSetDecl:
    case G::RuleDatasetDecl:
    case G::RuleEvaluateItem:
    case G::RuleWorst:
      return true;
    default:
      return false;
    }
  }

  /// Adds what fits here to what already fitted before the same token: optional
  /// parts that were passed over are expected as much as the part that is missing.
  void note(antlr4::Parser *parser) {
    const size_t index = parser->getCurrentToken()->getTokenIndex();
    if (index != expectedAt)
      expected.clear();
    expectedAt = index;
    expected.addAll(parser->getExpectedTokens());
  }

  /// Column where the innermost damaged statement, item or declaration began.
  static size_t startColumn(antlr4::Parser *parser) {
    for (antlr4::ParserRuleContext *context = parser->getContext(); context;
         context = dynamic_cast<antlr4::ParserRuleContext *>(context->parent)) {
      switch (context->getRuleIndex()) {
      case G::RuleStmt:
      case G::RuleItem:
      case G::RuleEvalItem:
      case G::RuleMember:
      case G::RuleField:
      case G::RuleHeadLine:
      case G::RuleNetworkLine:
      case G::RuleTopLevel:
        return context->start->getCharPositionInLine();
      default:
        break;
      }
    }
    return 0;
  }

  void resume(antlr4::Parser *parser, size_t column) {
    const size_t index = errors.resumeAt(parser->getCurrentToken()->getTokenIndex(), column);
    while (parser->getTokenStream()->LA(1) != Token::EOF &&
           parser->getCurrentToken()->getTokenIndex() < index)
      parser->consume();
  }

  SyntaxErrors &errors;
  std::set<std::pair<size_t, size_t>> seen;
  antlr4::misc::IntervalSet expected;
  size_t expectedAt = SIZE_MAX;
};

} // namespace

std::shared_ptr<antlr4::ANTLRErrorStrategy> SyntaxErrors::strategy() {
  return std::make_shared<Strategy>(*this);
}

} // namespace advx::syntax
