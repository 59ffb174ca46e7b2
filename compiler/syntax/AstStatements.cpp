//===- AstStatements.cpp - Statements, and where each may stand -----------===//

#include "compiler/syntax/AstBuilder.h"

#include <algorithm>

namespace advx::syntax {

std::vector<Name> AstBuilder::pattern(G::PatternContext *context) {
  return names(intact(context)->id());
}

ExprPtr AstBuilder::target(G::TargetContext *context) {
  ExprPtr base = nameExpr(intact(context)->id());
  if (!context->LBRACK())
    return base;
  ExprPtr result = make(Expr::Kind::Index, span(context));
  result->textSpan = places.span(context->LBRACK()->getSymbol(), context->stop);
  result->children.push_back(std::move(base));
  for (G::ExprContext *position : context->expr())
    result->children.push_back(expr(position));
  return result;
}

Stmt AstBuilder::letStmt(G::LetStmtContext *context) {
  Stmt result(Stmt::Kind::Let, span(intact(context)));
  result.pattern = pattern(context->pattern());
  result.value = expr(context->expr());
  return result;
}

Stmt AstBuilder::stateStmt(G::StateStmtContext *context) {
  Stmt result(Stmt::Kind::State, span(intact(context)));
  result.pattern = {name(context->id(0))};
  result.type = type(context->type());
  if (context->PER())
    result.per = name(context->id(1));
  result.value = expr(context->expr());
  return result;
}

Stmt AstBuilder::drawStmt(G::DrawStmtContext *context) {
  Stmt result(Stmt::Kind::Draw, span(intact(context)));
  result.pattern = {name(context->id(0))};
  result.value = expr(context->expr(0));
  if (context->LIKE())
    result.like = expr(context->expr(1));
  if (context->PER())
    result.per = name(context->id(1));
  return result;
}

Stmt AstBuilder::ifStmt(G::IfStmtContext *context, Body body) {
  Stmt result(Stmt::Kind::If, span(intact(context)));
  result.value = expr(context->expr());
  result.body = stmts(intact(context->block(0))->stmt(), body, true);
  if (context->ELSE() && context->ifStmt())
    result.orElse.push_back(ifStmt(context->ifStmt(), body));
  else if (context->ELSE())
    result.orElse = stmts(intact(context->block(1))->stmt(), body, true);
  return result;
}

Stmt AstBuilder::stmt(G::StmtContext *context, Body body) {
  intact(context);
  if (auto *let = context->letStmt())
    return letStmt(let);
  if (auto *state = context->stateStmt())
    return stateStmt(state);
  if (auto *draw = context->drawStmt())
    return drawStmt(draw);
  if (auto *branch = context->ifStmt())
    return ifStmt(branch, body);
  if (auto *var = context->varStmt()) {
    Stmt result(Stmt::Kind::Var, span(intact(var)));
    result.pattern = {name(var->id())};
    result.value = expr(var->expr());
    return result;
  }
  if (auto *assign = context->assignStmt()) {
    Stmt result(Stmt::Kind::Assign, span(intact(assign)));
    result.target = target(assign->target());
    result.value = expr(assign->expr());
    return result;
  }
  if (auto *repeat = context->repeatStmt()) {
    Stmt result(Stmt::Kind::Repeat, span(intact(repeat)));
    result.value = expr(repeat->expr());
    if (repeat->AS())
      result.pattern = {name(repeat->id())};
    result.body = stmts(intact(repeat->block())->stmt(), body, true);
    return result;
  }
  if (auto *stop = context->stopStmt()) {
    Stmt result(Stmt::Kind::StopWhen, span(intact(stop)));
    result.value = expr(stop->expr());
    return result;
  }
  if (auto *ret = context->returnStmt()) {
    Stmt result(Stmt::Kind::Return, span(intact(ret)));
    result.value = expr(ret->expr());
    return result;
  }
  if (auto *layer = context->layerStmt()) {
    Stmt result(Stmt::Kind::Layer, span(intact(layer)));
    result.pattern = {name(layer->id(0))};
    if (layer->IN()) {
      result.layerIndex = name(layer->id(1));
      result.layerRange = expr(layer->expr(0));
    }
    result.value = expr(layer->expr(layer->IN() ? 1 : 0));
    return result;
  }
  auto *param = intact(context->paramStmt());
  Stmt result(Stmt::Kind::Param, span(param));
  result.pattern = {name(param->id())};
  result.type = type(param->type());
  if (param->EQ())
    result.value = chain(param->range(0));
  if (param->IN())
    result.within = chain(param->range(param->EQ() ? 1 : 0));
  return result;
}

namespace {

const char *describe(Stmt::Kind kind) {
  switch (kind) {
  case Stmt::Kind::Let:
    return "`let`";
  case Stmt::Kind::Var:
    return "`var`";
  case Stmt::Kind::Assign:
    return "an assignment `:=`";
  case Stmt::Kind::If:
    return "an `if` statement";
  case Stmt::Kind::Repeat:
    return "`repeat`";
  case Stmt::Kind::StopWhen:
    return "`stop when`";
  case Stmt::Kind::Return:
    return "`return`";
  case Stmt::Kind::State:
    return "`state`";
  case Stmt::Kind::Draw:
    return "`draw`";
  case Stmt::Kind::Layer:
    return "`layer`";
  case Stmt::Kind::Param:
    return "`param`";
  }
  return "";
}

using Kinds = std::vector<Stmt::Kind>;

/// What a kind of body may hold, how it is called, and what helps whoever missed.
struct BodyRule {
  const char *place;
  Kinds kinds;
  const char *help;
};

std::string listKinds(const Kinds &kinds) {
  std::string result;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (i > 0)
      result += i + 1 == kinds.size() ? " or " : ", ";
    result += describe(kinds[i]);
  }
  return result;
}

} // namespace

bool AstBuilder::checkPlace(const Stmt &stmt, Body body, bool nested) {
  using K = Stmt::Kind;
  const char *const chooseByValue = "choose with `if … then … else …`, which is a value";
  const BodyRule rule = [&]() -> BodyRule {
    switch (body) {
    case Body::Function:
      return {"a function", {K::Let, K::Return}, chooseByValue};
    case Body::Head:
      return {"a head", {K::Let, K::Param}, chooseByValue};
    case Body::Network:
      return {"a network", {K::Let, K::Layer, K::Param, K::Draw, K::State}, chooseByValue};
    case Body::Solver:
      return {"a solver",
              {K::Let, K::Var, K::Assign, K::If, K::Repeat, K::StopWhen, K::Draw, K::Return},
              "a solver keeps what it changes in `var`, for this example and this call alone"};
    case Body::Optimizer:
      return {"an optimizer",
              {K::Let, K::State, K::Var, K::Assign, K::If},
              "an optimizer updates its weight with `:=`"};
    case Body::SetMember:
      return {"a member of a set",
              {K::Let, K::Var, K::Assign, K::If, K::Repeat, K::StopWhen, K::Draw, K::Return},
              "keep state in the solver that uses the set"};
    case Body::Start:
      return {"a start",
              {K::Let, K::Var, K::Assign, K::If, K::Repeat, K::StopWhen, K::Draw, K::Return},
              "keep state in the solver that uses the start"};
    case Body::Augmentation:
      return {"an augmentation",
              {K::Let, K::Var, K::Assign, K::If, K::Repeat, K::Draw},
              "an augmentation changes the image, or the label, with `:=`"};
    }
    return {"", {}, ""};
  }();
  if (std::find(rule.kinds.begin(), rule.kinds.end(), stmt.kind) == rule.kinds.end()) {
    engine
        .report(diag::Code::MisplacedStatement, stmt.span,
                std::string(describe(stmt.kind)) + " does not belong in " + rule.place)
        .label("not here")
        .found(describe(stmt.kind))
        .expected(listKinds(rule.kinds))
        .help(rule.help);
    return false;
  }
  if (nested && stmt.kind == K::Return) {
    engine.report(diag::Code::MisplacedStatement, stmt.span, "`return` stands inside a block")
        .label("every example runs to the end of the body")
        .found("`return` under `if` or `repeat`")
        .expected("one `return`, last in the body")
        .help("keep the result in a `var` and return that at the end; `stop when` freezes an "
              "example");
    return false;
  }
  return true;
}

std::vector<Stmt> AstBuilder::stmts(const std::vector<G::StmtContext *> &contexts, Body body,
                                    bool nested) {
  std::vector<Stmt> result;
  for (G::StmtContext *context : contexts) {
    buildPart([&] {
      Stmt next = stmt(whole(context), body);
      if (checkPlace(next, body, nested))
        result.push_back(std::move(next));
    });
  }
  return result;
}

void AstBuilder::requireReturn(const std::vector<Stmt> &body, const Name &owner) {
  for (size_t i = 0; i + 1 < body.size(); ++i) {
    if (body[i].kind != Stmt::Kind::Return)
      continue;
    engine.report(diag::Code::MisplacedStatement, body[i].span, "`return` before the end")
        .label("what follows would never be used")
        .found("`return` followed by more statements")
        .expected("one `return`, last in the body")
        .help("remove what follows, or move `return` to the end")
        .note(body[i + 1].span, "this follows");
    return;
  }
  if (!body.empty() && body.back().kind == Stmt::Kind::Return)
    return;
  engine.report(diag::Code::MissingPart, owner.span, "`" + owner.text + "` returns nothing")
      .label("its body has no `return`")
      .found(body.empty() ? "an empty body" : "a body that ends without `return`")
      .expected("`return` and a value, last in the body")
      .help("add `return …` before the closing `}`");
}

std::vector<Stmt> AstBuilder::valueBody(G::ExprContext *value, G::BlockContext *block, Body body,
                                        const Name &owner) {
  if (value) {
    std::vector<Stmt> result;
    Stmt ret(Stmt::Kind::Return, span(intact(value)));
    ret.value = expr(value);
    result.push_back(std::move(ret));
    return result;
  }
  std::vector<Stmt> result = stmts(intact(block)->stmt(), body);
  if (!isDamaged(block))
    requireReturn(result, owner);
  return result;
}

} // namespace advx::syntax
