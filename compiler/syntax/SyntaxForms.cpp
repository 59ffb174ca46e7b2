//===- SyntaxForms.cpp - What could have stood there ----------------------===//

#include "compiler/syntax/SyntaxErrors.h"

#include <vector>

namespace advx::syntax {

using G = grammar::AdvxParser;
using antlr4::Token;

namespace {

/// How lists of lines are described as a whole, since each admits twenty words.
const char *lineKinds(size_t rule) {
  switch (rule) {
  case G::RuleFile:
    return "a declaration such as `experiment`, `fn`, `head`, `network`, `solver` or `set`";
  case G::RuleExperiment:
    return "an item such as `let`, `data`, `threat`, `inner`, `outer` or `evaluate`, or `}`";
  case G::RuleHeadDecl:
    return "`param`, `let` or `logits`, or `}`";
  case G::RuleNetworkDecl:
    return "`layer`, `let`, `param` or `forward`, or `}`";
  case G::RuleSolverDecl:
    return "a statement such as `var`, `let`, `repeat`, `if`, `return` or `name := …`, or `}`";
  case G::RuleOptimizerDecl:
    return "a statement such as `state`, `let` or `name := …`, or `}`";
  case G::RuleBlock:
    return "a statement such as `let`, `if`, `return` or `name := …`, or `}`";
  case G::RuleSetDecl:
    return "a member such as `project(v) = …`, `steepest(u) = …` or `radius = …`, or `}`";
  case G::RuleDatasetDecl:
    return "a field such as `classes = …`, or `}`";
  case G::RuleEvaluateItem:
  case G::RuleWorst:
    return "`clean`, an attack such as `name = pgd(…)`, or `}`";
  default:
    return nullptr;
  }
}

/// Operators and brackets that may continue any finished operand.
bool continuesOperand(size_t type) {
  switch (type) {
  case G::LPAREN:
  case G::LBRACK:
  case G::DOT:
  case G::POWER:
  case G::STAR:
  case G::SLASH:
  case G::MATMUL:
  case G::COMPOSE:
  case G::MOD:
  case G::PLUS:
  case G::MINUS:
  case G::AMP:
  case G::RANGE:
  case G::EXCEPT:
  case G::WHERE:
  case G::AND:
  case G::OR:
  case G::EQEQ:
  case G::NE:
  case G::LT:
  case G::LE:
  case G::GT:
  case G::GE:
  case G::IN:
    return true;
  default:
    return false;
  }
}

std::string spelled(antlr4::Parser &parser, size_t type) {
  if (type == Token::EOF)
    return "the end of the file";
  if (type == G::STRING)
    return "a string";
  if (type == G::IN)
    return "`in`";
  // Literal names come in the grammar's quotes.
  const std::string literal = parser.getVocabulary().getLiteralName(type);
  return literal.size() > 2 ? "`" + literal.substr(1, literal.size() - 2) + "`" : "";
}

std::string joined(const std::vector<std::string> &parts) {
  std::string result;
  for (size_t i = 0; i < parts.size(); ++i)
    result += (i == 0 ? "" : i + 1 < parts.size() ? ", " : " or ") + parts[i];
  return result;
}

} // namespace

bool formsList(size_t rule) { return lineKinds(rule) != nullptr; }

std::string expectation(antlr4::Parser &parser, const antlr4::misc::IntervalSet &expected,
                        bool sameLine) {
  const size_t rule = parser.getContext()->getRuleIndex();
  auto takes = [&](size_t type) { return expected.contains(static_cast<ssize_t>(type)); };
  if (const char *kinds = lineKinds(rule); kinds && takes(G::RBRACE))
    return (sameLine && takes(G::POWER) ? "an operator, " : "") + std::string(kinds);
  if (rule == G::RuleFile)
    return lineKinds(rule);

  const bool afterOperand = takes(G::POWER) || takes(G::PLUS);
  const bool expression = takes(G::NUMBER) && takes(G::LPAREN);
  const bool name = takes(G::NAME);
  std::vector<std::string> parts;
  if (rule == G::RuleType || rule == G::RuleFormal)
    parts.emplace_back(name ? (rule == G::RuleType ? "a type such as `real`, `int`, `image` or "
                                                     "`vector[d]`"
                                                   : "a name")
                            : "");
  else if (expression && !afterOperand)
    parts.emplace_back("an expression");
  else if (name)
    parts.emplace_back("a name");
  if (!parts.empty() && parts.back().empty())
    parts.pop_back();

  constexpr size_t most = 6;
  for (ssize_t type : expected.toList()) {
    const auto kind = static_cast<size_t>(type);
    const bool said =
        (name && isNameLike(kind)) || (afterOperand && continuesOperand(kind)) ||
        (expression && !afterOperand &&
         (kind == G::NUMBER || kind == G::STRING || kind == G::TRUE || kind == G::FALSE ||
          kind == G::LPAREN || kind == G::LBRACK || kind == G::LBRACE || kind == G::MINUS ||
          kind == G::FRESH || kind == G::IF || kind == G::NOT || kind == G::ARGMAX));
    const std::string word = said ? "" : spelled(parser, kind);
    if (!word.empty() && parts.size() < most)
      parts.push_back(word);
  }
  if (afterOperand)
    parts.emplace_back("an operator");
  return parts.empty() ? "another word" : joined(parts);
}

std::string formToFollow(antlr4::Parser &parser) {
  static const std::pair<size_t, const char *> forms[] = {
      {G::RuleFormal, "name : type = default"},
      {G::RuleType, "vector[d]"},
      {G::RuleImportDecl, "import losses.ce"},
      {G::RuleArgmax, "argmax LOSS over SET by SOLVER(…) until CONDITION in MODE"},
      {G::RuleBest, "best NAME in RANGE of ATTACK by MEASURE"},
      {G::RuleWorst, "worst { NAME = ATTACK  … }"},
      {G::RuleList, "[a, b, c]"},
      {G::RuleMap, "{ key: value, … }"},
      {G::RuleLetStmt, "let NAME = VALUE"},
      {G::RuleVarStmt, "var NAME = VALUE"},
      {G::RuleAssignStmt, "NAME := VALUE"},
      {G::RuleIfStmt, "if CONDITION { … } else { … }"},
      {G::RuleRepeatStmt, "repeat COUNT as k { … }"},
      {G::RuleStopStmt, "stop when CONDITION"},
      {G::RuleReturnStmt, "return VALUE"},
      {G::RuleStateStmt, "state NAME : TYPE per run = VALUE"},
      {G::RuleDrawStmt, "draw NAME ~ DISTRIBUTION per batch"},
      {G::RuleLayerStmt, "layer NAME = LAYER(…)"},
      {G::RuleParamStmt, "param NAME : TYPE = INITIALISER in SET"},
      {G::RuleLogits, "logits = VALUE"},
      {G::RuleForward, "forward(x) = VALUE"},
      {G::RuleMaximize, "maximize J over B from x until hit"},
      {G::RuleMinimize, "minimize L at w"},
      {G::RuleMember, "project(v) = VALUE"},
      {G::RuleField, "NAME = VALUE"},
      {G::RuleDataItem, "data NAME(…) { batch = 128 }"},
      {G::RuleSource, "from \"file.safetensors\" rename { \"a\": \"b\" } frozen"},
      {G::RuleFeaturesItem, "features NAME = NETWORK(…)"},
      {G::RuleHeadItem, "head NAME = HEAD(…)"},
      {G::RuleThreatItem, "threat B(x) = SET & box(0, 1)"},
      {G::RuleInnerItem, "inner x' = argmax LOSS over B(x) by SOLVER(…)"},
      {G::RuleUpdate, "also NAME := VALUE"},
      {G::RuleOuterItem, "outer minimize LOSS by OPTIMIZER(…) for N epochs"},
      {G::RuleEvaluateItem, "evaluate at end on test { clean  NAME = ATTACK }"},
      {G::RuleKeepItem, "keep best(NAME.METRIC)"},
      {G::RuleStopItem, "stop when CONDITION keep NAME"},
      {G::RuleSweepItem, "sweep NAME in [a, b], seed in 0..2"},
      {G::RuleFnDecl, "fn NAME(x : type) : type = VALUE"},
      {G::RuleHeadDecl, "head NAME(z : vector[d]) { … logits = VALUE }"},
      {G::RuleNetworkDecl, "network NAME(…) { layer … forward(x) = VALUE }"},
      {G::RuleSolverDecl, "solver NAME(…) { maximize J over B from x … return x' }"},
      {G::RuleOptimizerDecl, "optimizer NAME(…) { minimize L at w … }"},
      {G::RuleAttackDecl, "attack NAME(…) = ATTACK"},
      {G::RuleSetDecl, "set NAME(center : image, radius : real) { project(v) = … }"},
      {G::RuleStartDecl, "start NAME(…) over B from x { … return VALUE }"},
      {G::RuleDatasetDecl, "dataset NAME() { classes = 10  … }"},
      {G::RuleAugmentationDecl, "augmentation NAME(…) of x, y { … x := VALUE }"},
      {G::RuleExperiment, "experiment NAME { … }"},
      {G::RuleFile, "experiment NAME { … }"},
  };
  for (antlr4::RuleContext *context = parser.getContext(); context;
       context = dynamic_cast<antlr4::RuleContext *>(context->parent)) {
    if (context->getRuleIndex() == G::RuleSuffix || context->getRuleIndex() == G::RuleCall) {
      const auto *suffix = dynamic_cast<antlr4::ParserRuleContext *>(context);
      const size_t first = suffix->start->getType();
      return std::string("the form is `") +
             (first == G::LBRACK ? "NAME[INDEX]"
              : first == G::DOT  ? "NAME.MEMBER"
                                 : "NAME(VALUE, name = VALUE)") +
             "`";
    }
    for (const auto &[rule, form] : forms)
      if (context->getRuleIndex() == rule)
        return "the form is `" + std::string(form) + "`";
  }
  return "";
}

} // namespace advx::syntax
