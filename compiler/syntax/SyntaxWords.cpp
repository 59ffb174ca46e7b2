//===- SyntaxWords.cpp - Syntax errors in words ---------------------------===//

#include "compiler/syntax/SyntaxErrors.h"

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
    return "the string " + token->getText();
  default:
    return "`" + token->getText() + "`";
  }
}

SyntaxWords wordsFor(antlr4::Parser &parser, const Token *before, const Token *offending,
                     const Token *after) {
  SyntaxWords words{diag::Code::UnexpectedText, "", "", "", "", ""};
  words.found = describeToken(offending);
  words.message = "unexpected " + words.found;
  words.expected = parser.getExpectedTokens().toString(parser.getVocabulary());
  return words;
}

} // namespace advx::syntax
