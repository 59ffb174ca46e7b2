//===- AstExpressions.cpp - Expressions and adversaries -------------------===//

#include "compiler/syntax/AstBuilder.h"

#include "compiler/source/Rational.h"

namespace advx::syntax {

using antlr4::ParserRuleContext;
using antlr4::tree::ParseTree;
using antlr4::tree::TerminalNode;

namespace {

/// The ASCII spelling of an operator, whichever spelling the page uses.
std::string spelling(const antlr4::Token *token) {
  using G = grammar::AdvxParser;
  switch (token->getType()) {
  case G::IN:
    return "in";
  case G::NE:
    return "!=";
  case G::LE:
    return "<=";
  case G::GE:
    return ">=";
  case G::STAR:
    return "*";
  case G::AMP:
    return "&";
  default:
    return token->getText();
  }
}

} // namespace

Name AstBuilder::name(G::IdContext *context) {
  intact(context);
  if (context->children.empty())
    throw Damaged();
  std::string text = context->getText();
  // The typographic prime is the same letter as the apostrophe.
  for (size_t at; (at = text.find("\u2032")) != std::string::npos;)
    text.replace(at, 3, "'");
  return {text, span(context)};
}

std::vector<Name> AstBuilder::names(const std::vector<G::IdContext *> &contexts, size_t from) {
  std::vector<Name> result;
  for (size_t i = from; i < contexts.size(); ++i)
    result.push_back(name(contexts[i]));
  return result;
}

ExprPtr AstBuilder::nameExpr(G::IdContext *context) {
  Name id = name(context);
  ExprPtr result = make(Expr::Kind::Name, id.span);
  result->text = id.text;
  result->textSpan = id.span;
  return result;
}

ExprPtr AstBuilder::string(TerminalNode *node) {
  intact(node);
  ExprPtr result = make(Expr::Kind::String, span(node));
  const std::string quoted = node->getText();
  result->text = quoted.substr(1, quoted.size() - 2);
  result->textSpan = result->span;
  return result;
}

ExprPtr AstBuilder::expr(G::ExprContext *context) {
  intact(context);
  if (context->adversary())
    return adversary(context->adversary());
  if (context->where())
    return chain(context->where());
  if (context->expr().size() != 3)
    throw Damaged();
  return choice(context, expr(context->expr(0)), expr(context->expr(1)), expr(context->expr(2)));
}

ExprPtr AstBuilder::choice(ParserRuleContext *context, ExprPtr test, ExprPtr yes, ExprPtr no) {
  ExprPtr result = make(Expr::Kind::If, span(context));
  result->textSpan = places.span(context->start);
  result->children.push_back(std::move(test));
  result->children.push_back(std::move(yes));
  result->children.push_back(std::move(no));
  return result;
}

ExprPtr AstBuilder::adversary(G::AdversaryContext *context) {
  intact(context);
  if (auto *argmax = context->argmax()) {
    intact(argmax);
    ExprPtr result = make(Expr::Kind::Argmax, span(argmax));
    result->textSpan = span(argmax->ARGMAX());
    result->children.push_back(expr(argmax->expr(0)));
    if (argmax->OVER())
      result->over = expr(argmax->expr(1));
    const bool hasCall = argmax->call() != nullptr;
    result->by = hasCall ? call(argmax->call()) : nameExpr(argmax->id(0));
    if (argmax->UNTIL())
      result->until = chain(argmax->guard());
    if (argmax->IN())
      result->mode = name(argmax->id(hasCall ? 0 : 1));
    return result;
  }
  if (auto *best = context->best()) {
    intact(best);
    ExprPtr result = make(Expr::Kind::Best, span(best));
    result->textSpan = span(best->BEST());
    result->pattern = pattern(best->pattern());
    result->children.push_back(expr(best->expr(0)));
    result->children.push_back(expr(best->expr(1)));
    if (best->BY())
      result->by = expr(best->expr(2));
    return result;
  }
  auto *worst = intact(context->worst());
  ExprPtr result = make(Expr::Kind::Worst, span(worst));
  result->textSpan = span(worst->WORST());
  result->items = evalItems(worst->evalItem());
  return result;
}

ExprPtr AstBuilder::prefix(ParserRuleContext *context, const char *op, ParseTree *rest) {
  ExprPtr result = make(Expr::Kind::Unary, span(context));
  result->text = op;
  result->textSpan = places.span(context->start);
  result->children.push_back(chain(rest));
  return result;
}

void AstBuilder::checkLength(size_t length, ParserRuleContext *context) {
  if (length <= longestChain)
    return;
  engine
      .report(diag::Code::TooDeep, places.span(context->start),
              "the expression has too many operands")
      .label("begins here")
      .found(std::to_string(length) + " operands in one chain")
      .expected("no more than " + std::to_string(longestChain))
      .help("name parts of it with `let`");
  throw Damaged();
}

AstBuilder::Below::Below(AstBuilder &builder, size_t levels, ParserRuleContext *context)
    : depth(builder.depth), levels(levels) {
  depth += levels;
  if (depth <= deepestTree)
    return;
  depth -= levels;
  builder.engine
      .report(diag::Code::TooDeep, builder.places.span(context->start),
              "the expression nests too deeply")
      .label("begins here")
      .found("more than " + std::to_string(deepestTree) + " operations inside one another")
      .expected("no more than " + std::to_string(deepestTree))
      .help("name parts of it with `let`");
  throw Damaged();
}

ExprPtr AstBuilder::chain(ParseTree *tree) {
  auto *context = dynamic_cast<ParserRuleContext *>(tree);
  if (!context)
    throw Damaged();
  intact(context);
  if (auto *application = dynamic_cast<G::ApplicationContext *>(context))
    return this->application(application);
  if (context->children.empty())
    throw Damaged();
  if (auto *first = dynamic_cast<TerminalNode *>(context->children[0])) {
    intact(first);
    if (context->children.size() != 2)
      throw Damaged();
    return prefix(context, first->getSymbol()->getType() == G::NOT ? "not" : "-",
                  context->children[1]);
  }
  const size_t operators = context->children.size() / 2;
  checkLength(operators + 1, context);
  ExprPtr result;
  {
    const Below below(*this, operators, context);
    result = chain(context->children[0]);
  }
  for (size_t i = 1; i < context->children.size(); i += 2) {
    const Below below(*this, operators - i / 2, context);
    auto *op = intact(dynamic_cast<TerminalNode *>(context->children[i]));
    if (i + 1 == context->children.size())
      throw Damaged();
    ExprPtr rhs = chain(context->children[i + 1]);
    // A bracketed operand is wider than its expression: take the tokens' span.
    auto *last = dynamic_cast<ParserRuleContext *>(context->children[i + 1]);
    ExprPtr binary = make(Expr::Kind::Binary,
                          places.span(context->start, last->stop ? last->stop : last->start));
    binary->text = spelling(op->getSymbol());
    binary->textSpan = span(op);
    binary->children.push_back(std::move(result));
    binary->children.push_back(std::move(rhs));
    result = std::move(binary);
  }
  return result;
}

ExprPtr AstBuilder::application(G::ApplicationContext *context) {
  intact(context);
  checkLength(context->suffix().size() + 1, context);
  const Below below(*this, context->suffix().size(), context);
  ExprPtr result = primary(context->primary());
  const antlr4::Token *first = intact(context->primary())->start;
  for (G::SuffixContext *suffix : context->suffix()) {
    intact(suffix);
    const Span whole = places.span(first, suffix->stop);
    ExprPtr next;
    if (auto *callSuffix = dynamic_cast<G::CallSuffixContext *>(suffix)) {
      next = make(Expr::Kind::Call, whole);
      next->textSpan = result->span;
      next->children.push_back(std::move(result));
      for (G::ArgContext *argument : callSuffix->arg())
        next->args.push_back(arg(argument));
    } else if (auto *index = dynamic_cast<G::IndexSuffixContext *>(suffix)) {
      next = make(Expr::Kind::Index, whole);
      next->textSpan = span(index);
      next->children.push_back(std::move(result));
      for (G::ExprContext *position : index->expr())
        next->children.push_back(expr(position));
    } else {
      auto *member = dynamic_cast<G::MemberSuffixContext *>(suffix);
      if (!member)
        throw Damaged();
      const Name id = name(member->id());
      next = make(Expr::Kind::Member, whole);
      next->text = id.text;
      next->textSpan = id.span;
      next->children.push_back(std::move(result));
    }
    result = std::move(next);
  }
  if (!context->FRESH())
    return result;
  ExprPtr fresh = make(Expr::Kind::Unary, span(context));
  fresh->text = "fresh";
  fresh->textSpan = span(context->FRESH());
  fresh->children.push_back(std::move(result));
  return fresh;
}

ExprPtr AstBuilder::primary(G::PrimaryContext *context) {
  intact(context);
  if (context->id()) {
    ExprPtr result = nameExpr(context->id());
    if (result->text != "True" && result->text != "False")
      return result;
    const std::string word = result->text == "True" ? "true" : "false";
    engine
        .report(diag::Code::ForeignSpelling, result->span,
                "truth values are not written `" + result->text + "`")
        .label("not .advx")
        .found("`" + result->text + "`")
        .expected("`true` or `false`")
        .help("write `" + word + "`");
    result->kind = Expr::Kind::Bool;
    result->text = word;
    return result;
  }
  if (context->STRING())
    return string(context->STRING());
  if (context->LPAREN())
    return expr(context->expr());
  if (auto *list = context->list()) {
    intact(list);
    ExprPtr result = make(Expr::Kind::List, span(list));
    for (G::EntryContext *entry : list->entry()) {
      intact(entry);
      Arg element;
      element.span = span(entry);
      if (entry->COLON())
        element.key = expr(entry->expr(0));
      element.value = expr(entry->expr(entry->COLON() ? 1 : 0));
      result->args.push_back(std::move(element));
    }
    return result;
  }
  if (auto *entries = context->map()) {
    ExprPtr result = make(Expr::Kind::Map, span(entries));
    result->args = map(entries);
    return result;
  }
  if (context->children.empty())
    throw Damaged();
  auto *literal = intact(dynamic_cast<TerminalNode *>(context->children[0]));
  ExprPtr result = make(context->NUMBER() ? Expr::Kind::Number : Expr::Kind::Bool, span(context));
  result->text = literal->getText();
  result->textSpan = result->span;
  if (context->NUMBER() && !Rational::parse(result->text))
    engine
        .report(diag::Code::NumberOutOfRange, result->span,
                "number `" + result->text + "` cannot be kept exactly")
        .label("needs more than 64 bits above or below the fraction bar")
        .found("a number with too many digits or too large an exponent")
        .expected("a fraction of two integers below 2^63, such as `8/255` or `2e-4`")
        .help("write the number with fewer digits");
  return result;
}

ExprPtr AstBuilder::call(G::CallContext *context) {
  intact(context);
  ExprPtr result = make(Expr::Kind::Call, span(context));
  result->children.push_back(nameExpr(context->id()));
  result->textSpan = result->children[0]->span;
  for (G::ArgContext *argument : context->arg())
    result->args.push_back(arg(argument));
  return result;
}

Arg AstBuilder::named(G::IdContext *id, G::ExprContext *value, ParserRuleContext *context) {
  intact(context);
  Arg result;
  result.name = name(id);
  result.value = expr(value);
  result.span = span(context);
  return result;
}

Arg AstBuilder::arg(G::ArgContext *context) {
  intact(context);
  if (context->id())
    return named(context->id(), context->expr(0), context);
  Arg result;
  result.span = span(context);
  if (context->COLON())
    result.key = expr(context->expr(0));
  result.value = expr(context->expr(context->COLON() ? 1 : 0));
  if (context->BAR())
    result.given = expr(context->expr(1));
  return result;
}

std::vector<Arg> AstBuilder::map(G::MapContext *context) {
  intact(context);
  std::vector<Arg> result;
  for (G::MapEntryContext *entry : context->mapEntry()) {
    intact(entry);
    Arg element;
    element.span = span(entry);
    element.key = expr(entry->expr(0));
    element.value = expr(entry->expr(1));
    result.push_back(std::move(element));
  }
  return result;
}

std::vector<EvalItem> AstBuilder::evalItems(const std::vector<G::EvalItemContext *> &contexts) {
  std::vector<EvalItem> result;
  for (G::EvalItemContext *context : contexts) {
    buildPart([&] {
      whole(context);
      EvalItem item;
      item.span = span(context);
      if (context->EQ())
        item.name = name(context->id());
      item.value = context->evalValue() ? evalValue(context->evalValue()) : nameExpr(context->id());
      result.push_back(std::move(item));
    });
  }
  return result;
}

ExprPtr AstBuilder::evalValue(G::EvalValueContext *context) {
  intact(context);
  if (context->adversary())
    return adversary(context->adversary());
  if (context->call())
    return call(context->call());
  return choice(context, expr(context->expr()), evalValue(context->evalValue(0)),
                evalValue(context->evalValue(1)));
}

} // namespace advx::syntax
