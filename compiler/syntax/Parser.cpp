//===- Parser.cpp - From text to AST --------------------------------------===//
//
// The only place that runs ANTLR: lexer, parser, error strategy, then AstBuilder
// makes the plain tree that everything else reads.
//
//===----------------------------------------------------------------------===//

#include "compiler/syntax/Parser.h"

#include "compiler/syntax/AstBuilder.h"
#include "compiler/syntax/SyntaxErrors.h"
#include "compiler/syntax/TokenPlaces.h"

#include "AdvxLexer.h"
#include "AdvxParser.h"

#include <algorithm>

namespace advx::syntax {
namespace {

using grammar::AdvxLexer;
using grammar::AdvxParser;

/// First byte that is not part of well-formed UTF-8, or npos.
size_t firstBadByte(const std::string &text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80             ? 1
                          : (lead & 0xE0) == 0xC0 ? 2
                          : (lead & 0xF0) == 0xE0 ? 3
                          : (lead & 0xF8) == 0xF0 ? 4
                                                  : 0;
    if (length == 0 || i + length > text.size() || lead == 0xC0 || lead == 0xC1 || lead > 0xF4)
      return i;
    for (size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80)
        return i;
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    // Surrogates, overlong forms and values above U+10FFFF.
    if ((lead == 0xED && second > 0x9F) || (lead == 0xE0 && second < 0xA0) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
      return i;
    i += length;
  }
  return std::string::npos;
}

/// Reads `// advx:allow(CODE): reason` comments and hands them to the engine.
void readAllows(const TokenPlaces &places, File &file, diag::Engine &engine) {
  for (const antlr4::Token *token : places.stream().getTokens()) {
    if (token->getType() != AdvxLexer::COMMENT)
      continue;
    const std::string text = token->getText();
    const size_t mark = text.find_first_not_of("/ \t");
    if (mark == std::string::npos || text.compare(mark, 10, "advx:allow") != 0)
      continue;
    Allow allow;
    allow.span = places.span(token);
    const size_t open = mark + 10;
    const size_t close = text.find(')', open);
    const bool formed = open < text.size() && text[open] == '(' && close != std::string::npos;
    if (formed)
      allow.code = text.substr(open + 1, close - open - 1);
    if (formed && close + 1 < text.size() && text[close + 1] == ':') {
      const size_t reason = text.find_first_not_of(" \t", close + 2);
      if (reason != std::string::npos)
        allow.reason = text.substr(reason);
    }
    auto refuse = [&](std::string message, std::string found) {
      engine.report(diag::Code::MalformedAllow, allow.span, std::move(message))
          .label("silences nothing")
          .found(std::move(found))
          .expected("`// advx:allow(CODE): reason` with the code of a lint")
          .help("copy the code from the lint, and say why it does not apply here");
    };
    const std::optional<diag::Code> code = diag::findCode(allow.code);
    if (!formed)
      refuse("allow comment that cannot be read", "`" + text.substr(mark) + "`");
    else if (!code)
      refuse("`" + allow.code + "` is no code", "`" + allow.code + "`");
    else if (diag::info(*code).severity != diag::Severity::Lint)
      refuse("`" + allow.code + "` is an error and cannot be allowed", "the code of an error");
    else if (allow.reason.empty())
      refuse("allow comment without a reason", "no text after the code");
    else
      engine.allow(*code, places.fileIndex(), static_cast<uint32_t>(token->getLine()));
    file.allows.push_back(std::move(allow));
  }
}

/// The parser recurses over the page: this ends it before the stack does.
class DepthGuard : public antlr4::tree::ParseTreeListener {
public:
  /// Rules open at once. A pair of brackets takes about 15; frames of the parser,
  /// the tree and its walk stay below 2 MB together.
  static constexpr size_t most = 3000;
  struct TooDeep {
    antlr4::Token *token;
  };

  void enterEveryRule(antlr4::ParserRuleContext *context) override {
    if (++depth > most)
      throw TooDeep{context->start};
  }
  void exitEveryRule(antlr4::ParserRuleContext *) override { --depth; }
  void visitTerminal(antlr4::tree::TerminalNode *) override {}
  void visitErrorNode(antlr4::tree::ErrorNode *) override {}

private:
  size_t depth = 0;
};

/// The tree of a page without errors, else null.
AdvxParser::FileContext *parseFast(AdvxParser &parser) {
  try {
    return parser.file();
  } catch (const antlr4::ParseCancellationException &) {
    return nullptr;
  }
}

void readPage(AdvxParser &parser, const TokenPlaces &places, File &file, diag::Engine &engine) {
  antlr4::CommonTokenStream &tokens = places.stream();
  parser.removeErrorListeners();
  auto *interpreter = parser.getInterpreter<antlr4::atn::ParserATNSimulator>();

  // SLL decides every correct page and is fast; where it fails, LL finds either
  // the parse that SLL missed or the place of the error.
  DepthGuard fast;
  parser.addParseListener(&fast);
  interpreter->setPredictionMode(antlr4::atn::PredictionMode::SLL);
  parser.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  if (AdvxParser::FileContext *tree = parseFast(parser)) {
    AstBuilder(places, engine).add(tree, file);
    return;
  }

  tokens.seek(0);
  parser.reset();
  DepthGuard thorough;
  parser.removeParseListeners();
  parser.addParseListener(&thorough);
  interpreter->setPredictionMode(antlr4::atn::PredictionMode::LL);
  SyntaxErrors errors(places, engine);
  errors.checkBrackets();
  parser.setErrorHandler(errors.strategy());
  // A token that starts nothing ends rule `file` early: go on behind it.
  for (;;) {
    AdvxParser::FileContext *tree = parser.file();
    AstBuilder(places, engine, &errors.damage()).add(tree, file);
    if (tokens.LA(1) == antlr4::Token::EOF)
      break;
    errors.skipToDeclaration(parser);
  }
}

} // namespace

File parse(const SourceManager &sources, uint32_t fileIndex, diag::Engine &engine) {
  File file;
  file.source = fileIndex;
  const std::string &text = sources.file(fileIndex).text;
  const size_t bad = firstBadByte(text);
  if (bad != std::string::npos) {
    const auto at = static_cast<uint32_t>(bad);
    engine.report(diag::Code::NotText, {fileIndex, at, at + 1}, "the file is not UTF-8 text")
        .label("this byte does not belong to any character")
        .found("a byte outside UTF-8")
        .expected("a page of .advx in UTF-8")
        .help("save the file as UTF-8, or check that it is the file you meant");
    return file;
  }

  if (const size_t nul = text.find('\0'); nul != std::string::npos) {
    const auto at = static_cast<uint32_t>(nul);
    engine.report(diag::Code::NotText, {fileIndex, at, at + 1}, "the file is not text")
        .label("a byte of value zero")
        .found("a NUL byte")
        .expected("a page of .advx in UTF-8")
        .help("check that it is the file you meant");
    return file;
  }

  antlr4::ANTLRInputStream input(text);
  AdvxLexer lexer(&input);
  lexer.removeErrorListeners(); // every character is a token, so the lexer has no errors
  antlr4::CommonTokenStream tokens(&lexer);
  tokens.fill();
  const TokenPlaces places(fileIndex, text, tokens);
  readAllows(places, file, engine);

  AdvxParser parser(&tokens);
  try {
    readPage(parser, places, file, engine);
  } catch (const DepthGuard::TooDeep &deep) {
    engine.report(diag::Code::TooDeep, places.span(deep.token), "the page nests too deeply")
        .label("too deep from here")
        .found("more than about two hundred levels of brackets, blocks or choices")
        .expected("a page that a person can read")
        .help("name the inner parts with `let`");
  }
  return file;
}

std::vector<std::string> findAmbiguities(const SourceManager &sources, uint32_t fileIndex) {
  /// Keeps exact ambiguities; full-context retries and sensitivities are no fault.
  class Collector : public antlr4::BaseErrorListener {
  public:
    std::vector<std::string> lines;
    void reportAmbiguity(antlr4::Parser *recognizer, const antlr4::dfa::DFA &dfa, size_t start,
                         size_t stop, bool exact, const antlrcpp::BitSet &ambigAlts,
                         antlr4::atn::ATNConfigSet *configs) override {
      if (!exact)
        return;
      const size_t rule = dfa.atnStartState->ruleIndex;
      antlr4::TokenStream *stream = recognizer->getTokenStream();
      lines.push_back("line " + std::to_string(stream->get(start)->getLine()) + ": rule " +
                      recognizer->getRuleNames()[rule] + " is ambiguous on `" +
                      stream->getText(antlr4::misc::Interval(start, stop)) + "`");
    }
  };

  antlr4::ANTLRInputStream input(sources.file(fileIndex).text);
  AdvxLexer lexer(&input);
  lexer.removeErrorListeners();
  antlr4::CommonTokenStream tokens(&lexer);
  AdvxParser parser(&tokens);
  parser.removeErrorListeners();
  Collector collector;
  parser.addErrorListener(&collector);
  parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
      antlr4::atn::PredictionMode::LL_EXACT_AMBIG_DETECTION);
  parser.file();
  return collector.lines;
}

} // namespace advx::syntax
