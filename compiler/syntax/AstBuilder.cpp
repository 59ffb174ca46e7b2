//===- AstBuilder.cpp - Declarations and experiments ----------------------===//

#include "compiler/syntax/AstBuilder.h"

namespace advx::syntax {

using antlr4::ParserRuleContext;

bool isDamaged(ParserRuleContext *context) {
  if (context->exception)
    return true;
  for (antlr4::tree::ParseTree *child : context->children) {
    if (dynamic_cast<antlr4::tree::ErrorNode *>(child))
      return true;
    auto *rule = dynamic_cast<ParserRuleContext *>(child);
    if (rule && isDamaged(rule))
      return true;
  }
  return false;
}

void AstBuilder::add(G::FileContext *tree, File &file) {
  for (G::TopLevelContext *context : tree->topLevel()) {
    buildPart([&] { addTopLevel(intact(context), file); });
  }
  collectStrayDocs(file);
}

void AstBuilder::collectStrayDocs(File &file) {
  antlr4::CommonTokenStream &stream = places.stream();
  for (size_t i = 0; i < stream.size(); ++i)
    if (stream.get(i)->getChannel() == docChannel && !docLines.count(i))
      file.strayDocs.push_back(places.span(stream.get(i)));
}

void AstBuilder::addTopLevel(G::TopLevelContext *context, File &file) {
  if (auto *c = context->experiment()) {
    file.experiments.push_back(experiment(c));
    return;
  }
  Decl decl = [&] {
    if (auto *c = context->importDecl())
      return importDecl(c);
    if (auto *c = context->fnDecl())
      return fnDecl(c);
    if (auto *c = context->headDecl())
      return headDecl(c);
    if (auto *c = context->networkDecl())
      return networkDecl(c);
    if (auto *c = context->solverDecl())
      return solverDecl(c);
    if (auto *c = context->optimizerDecl())
      return optimizerDecl(c);
    if (auto *c = context->attackDecl())
      return attackDecl(c);
    if (auto *c = context->setDecl())
      return setDecl(c);
    if (auto *c = context->startDecl())
      return startDecl(c);
    if (auto *c = context->augmentationDecl())
      return augmentationDecl(c);
    return datasetDecl(intact(context->datasetDecl()));
  }();
  file.decls.push_back(std::move(decl));
}

/// The `///` lines directly above a declaration, without slashes and their blank.
std::string AstBuilder::doc(ParserRuleContext *context) {
  antlr4::CommonTokenStream &stream = places.stream();
  const size_t index = context->start->getTokenIndex();
  const size_t firstLine = context->start->getLine();
  std::vector<std::string> lines;
  size_t above = firstLine;
  for (size_t i = index; i-- > 0;) {
    const antlr4::Token *token = stream.get(i);
    if (token->getChannel() == antlr4::Token::DEFAULT_CHANNEL)
      break;
    if (token->getChannel() != docChannel)
      continue;
    if (token->getLine() + 1 != above)
      break;
    above = token->getLine();
    docLines.insert(i);
    std::string text = token->getText().substr(3);
    if (!text.empty() && text[0] == ' ')
      text.erase(0, 1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
      text.pop_back();
    lines.push_back(std::move(text));
  }
  std::string result;
  for (size_t i = lines.size(); i-- > 0;)
    result += lines[i] + (i > 0 ? "\n" : "");
  return result;
}

Decl AstBuilder::begin(Decl::Kind kind, ParserRuleContext *context, G::IdContext *id,
                       G::ParamsContext *formals) {
  Decl decl(kind, span(intact(context)));
  decl.doc = doc(context);
  decl.name = name(id);
  decl.params = params(formals);
  return decl;
}

std::vector<Param> AstBuilder::params(G::ParamsContext *context) {
  std::vector<Param> result;
  for (G::FormalContext *formal : intact(context)->formal()) {
    intact(formal);
    Param param;
    param.span = span(formal);
    param.name = name(formal->id());
    param.type = type(formal->type());
    if (formal->IN())
      param.within = chain(formal->range());
    if (formal->EQ())
      param.defaultValue = expr(formal->expr());
    result.push_back(std::move(param));
  }
  return result;
}

TypeExpr AstBuilder::type(G::TypeContext *context) {
  TypeExpr result;
  result.span = span(intact(context));
  result.name = name(context->id());
  bool bracketed = false;
  for (antlr4::tree::ParseTree *child : context->children) {
    if (auto *terminal = dynamic_cast<antlr4::tree::TerminalNode *>(child))
      bracketed = terminal->getSymbol()->getType() == G::LBRACK ||
                  (bracketed && terminal->getSymbol()->getType() != G::RBRACK);
    else if (auto *argument = dynamic_cast<G::ExprContext *>(child))
      (bracketed ? result.dims : result.args).push_back(expr(argument));
  }
  return result;
}

void AstBuilder::missingPart(const Decl &decl, std::string what, std::string line) {
  engine.report(diag::Code::MissingPart, decl.name.span, "`" + decl.name.text + "` has no " + what)
      .label("its body does not say")
      .found("a body without " + what)
      .expected("one line such as `" + line + "`")
      .help("add `" + line + "` to the body");
}

void AstBuilder::repeatedPart(Span again, Span first, const std::string &what) {
  engine.report(diag::Code::RepeatedPart, again, what + " is given twice")
      .label("given again")
      .found("a second " + what)
      .expected("one")
      .help("remove one of the two")
      .note(first, "given here first");
}

Decl AstBuilder::importDecl(G::ImportDeclContext *context) {
  Decl decl(Decl::Kind::Import, span(whole(context)));
  if (context->STRING()) {
    decl.importFile = string(context->STRING())->text;
    return decl;
  }
  const std::vector<Name> all = names(context->id());
  // The names in braces are those after the opening brace.
  const uint32_t brace = context->LBRACE() ? span(context->LBRACE()).begin : UINT32_MAX;
  for (const Name &id : all)
    (id.span.begin < brace ? decl.path : decl.importNames).push_back(id);
  return decl;
}

Decl AstBuilder::fnDecl(G::FnDeclContext *context) {
  Decl decl = begin(Decl::Kind::Fn, context, context->id(), context->params());
  decl.result = type(context->type());
  decl.body = valueBody(context->expr(), context->block(), Body::Function, decl.name);
  return decl;
}

Decl AstBuilder::headDecl(G::HeadDeclContext *context) {
  Decl decl = begin(Decl::Kind::Head, context, context->id(), context->params());
  std::vector<G::StmtContext *> statements;
  std::vector<G::LogitsContext *> lines;
  for (G::HeadLineContext *line : context->headLine()) {
    if (line->stmt())
      statements.push_back(line->stmt());
    else if (line->logits())
      lines.push_back(line->logits());
  }
  decl.body = stmts(statements, Body::Head);
  Span plain, given;
  for (G::LogitsContext *line : lines) {
    buildPart([&] {
      intact(line);
      Span &earlier = line->GIVEN() ? given : plain;
      if (earlier.isValid())
        repeatedPart(span(line), earlier, line->GIVEN() ? "`logits given`" : "`logits`");
      earlier = span(line);
      ExprPtr value = expr(line->expr());
      if (line->GIVEN())
        decl.givenName = name(line->id());
      (line->GIVEN() ? decl.logitsGiven : decl.logits) = std::move(value);
    });
  }
  if (!decl.logits && !isDamaged(context))
    missingPart(decl, "logits", "logits = …");
  return decl;
}

Decl AstBuilder::networkDecl(G::NetworkDeclContext *context) {
  Decl decl = begin(Decl::Kind::Network, context, context->id(), context->params());
  std::vector<G::StmtContext *> statements;
  std::vector<G::ForwardContext *> lines;
  for (G::NetworkLineContext *line : context->networkLine()) {
    if (line->stmt())
      statements.push_back(line->stmt());
    else if (line->forward())
      lines.push_back(line->forward());
  }
  decl.body = stmts(statements, Body::Network);
  Span earlier;
  for (G::ForwardContext *line : lines) {
    buildPart([&] {
      intact(line);
      if (earlier.isValid())
        repeatedPart(span(line), earlier, "`forward`");
      earlier = span(line);
      decl.forwardParam = name(line->id());
      decl.forward = expr(line->expr());
    });
  }
  if (!decl.forward && !isDamaged(context))
    missingPart(decl, "forward", "forward(x) = …");
  return decl;
}

Decl AstBuilder::solverDecl(G::SolverDeclContext *context) {
  Decl decl = begin(Decl::Kind::Solver, context, context->id(), context->params());
  if (auto *header = context->maximize()) {
    intact(header);
    decl.objective = name(header->id(0));
    decl.set = name(header->id(1));
    if (header->setNames())
      for (auto *set : header->setNames()->id())
        decl.sets.push_back(name(set));
    decl.point = name(header->id(2));
    if (header->UNTIL())
      decl.until = name(header->id(3));
  } else if (!isDamaged(context)) {
    missingPart(decl, "`maximize` line", "maximize J over B from x");
  }
  decl.body = stmts(context->stmt(), Body::Solver);
  if (!isDamaged(context))
    requireReturn(decl.body, decl.name);
  return decl;
}

Decl AstBuilder::optimizerDecl(G::OptimizerDeclContext *context) {
  Decl decl = begin(Decl::Kind::Optimizer, context, context->id(), context->params());
  if (auto *header = context->minimize()) {
    intact(header);
    decl.objective = name(header->id(0));
    decl.point = name(header->id(1));
  } else if (!isDamaged(context)) {
    missingPart(decl, "`minimize` line", "minimize L at w");
  }
  decl.body = stmts(context->stmt(), Body::Optimizer);
  return decl;
}

Decl AstBuilder::attackDecl(G::AttackDeclContext *context) {
  Decl decl = begin(Decl::Kind::Attack, context, context->id(), context->params());
  decl.value = expr(context->expr());
  return decl;
}

Decl AstBuilder::setDecl(G::SetDeclContext *context) {
  Decl decl = begin(Decl::Kind::Set, context, context->id(), context->params());
  for (G::MemberContext *line : context->member()) {
    buildPart([&] {
      intact(line);
      SetMember member;
      member.span = span(line);
      const std::vector<Name> ids = names(line->id());
      member.name = ids.front();
      member.params.assign(ids.begin() + 1, ids.end());
      if (G::BesideContext *beside = line->beside()) {
        const std::vector<Name> others = names(intact(beside)->id());
        member.beside = others.front();
        member.besideParams.assign(others.begin() + 1, others.end());
      }
      member.body = valueBody(line->expr(), line->block(), Body::SetMember, member.name);
      for (const SetMember &other : decl.members)
        if (other.name.text == member.name.text && other.beside.text == member.beside.text)
          repeatedPart(member.span, other.span, "`" + member.name.text + "`");
      decl.members.push_back(std::move(member));
    });
  }
  return decl;
}

Decl AstBuilder::startDecl(G::StartDeclContext *context) {
  Decl decl = begin(Decl::Kind::Start, context, context->id(0), context->params());
  decl.set = name(context->id(1));
  decl.point = name(context->id(2));
  decl.body = valueBody(context->expr(), context->block(), Body::Start, decl.name);
  return decl;
}

Decl AstBuilder::augmentationDecl(G::AugmentationDeclContext *context) {
  Decl decl = begin(Decl::Kind::Augmentation, context, context->id(0), context->params());
  decl.point = name(context->id(1));
  if (context->id().size() > 2)
    decl.label = name(context->id(2));
  decl.body = stmts(intact(context->block())->stmt(), Body::Augmentation, false);
  return decl;
}

Decl AstBuilder::datasetDecl(G::DatasetDeclContext *context) {
  Decl decl = begin(Decl::Kind::Dataset, context, context->id(), context->params());
  for (G::FieldContext *field : context->field()) {
    buildPart([&] {
      intact(field);
      Arg next = named(field->id(), field->expr(), field);
      for (const Arg &other : decl.fields)
        if (other.name.text == next.name.text)
          repeatedPart(next.span, other.span, "`" + next.name.text + "`");
      decl.fields.push_back(std::move(next));
    });
  }
  return decl;
}

Experiment AstBuilder::experiment(G::ExperimentContext *context) {
  Experiment result;
  result.span = span(intact(context));
  result.name = name(context->id());
  result.doc = doc(context);
  for (G::ItemContext *line : context->item()) {
    const bool built = buildPart([&] {
      result.items.push_back(item(whole(line)));
      result.items.back().doc = doc(line);
    });
    if (!built)
      loseLine(line->start, result);
  }
  if (damage && context->stop)
    for (const antlr4::Token *token : damage->skipped)
      if (token->getTokenIndex() > context->start->getTokenIndex() &&
          token->getTokenIndex() < context->stop->getTokenIndex())
        loseLine(token, result);
  return result;
}

/// Notes what a damaged line would have bound: the names before its `=`.
void AstBuilder::loseLine(const antlr4::Token *first, Experiment &result) {
  result.isDamaged = true;
  switch (first->getType()) {
  case G::LET:
  case G::VAR:
  case G::INNER:
  case G::FEATURES:
  case G::HEAD:
  case G::THREAT:
  case G::STATE:
  case G::DRAW:
  case G::NAME:
    break;
  default:
    return;
  }
  std::vector<Name> bound;
  antlr4::CommonTokenStream &stream = places.stream();
  for (size_t i = first->getTokenIndex(); i < stream.size(); ++i) {
    const antlr4::Token *token = stream.get(i);
    if (token->getChannel() != antlr4::Token::DEFAULT_CHANNEL)
      continue;
    const size_t type = token->getType();
    const bool ends = type == G::EQ || type == G::ASSIGN || type == G::TILDE || type == G::COLON;
    if (ends || type == G::NUMBER || token->getLine() != first->getLine()) {
      if (ends || first->getType() != G::NAME)
        result.lostNames.insert(result.lostNames.end(), bound.begin(), bound.end());
      return;
    }
    if (type == G::NAME)
      bound.push_back({token->getText(), places.span(token)});
  }
}

ModelSource AstBuilder::source(G::SourceContext *context) {
  ModelSource result;
  result.span = span(intact(context));
  result.file = string(context->STRING())->text;
  result.fileSpan = span(context->STRING());
  if (context->RENAME())
    result.rename = map(context->map());
  result.frozen = context->FROZEN() != nullptr;
  return result;
}

Item AstBuilder::item(G::ItemContext *context) {
  intact(context);
  const Span place = span(context);
  if (auto *let = context->letStmt()) {
    Stmt stmt = letStmt(let);
    Item result(Item::Kind::Let, place);
    result.pattern = std::move(stmt.pattern);
    result.value = std::move(stmt.value);
    return result;
  }
  if (auto *state = context->stateStmt()) {
    Stmt stmt = stateStmt(state);
    Item result(Item::Kind::State, place);
    result.name = stmt.pattern.front();
    result.type = std::move(stmt.type);
    result.per = stmt.per;
    result.value = std::move(stmt.value);
    return result;
  }
  if (auto *draw = context->drawStmt()) {
    Stmt stmt = drawStmt(draw);
    Item result(Item::Kind::Draw, place);
    result.name = stmt.pattern.front();
    result.value = std::move(stmt.value);
    result.like = std::move(stmt.like);
    result.per = stmt.per;
    return result;
  }
  if (auto *data = context->dataItem()) {
    Item result(Item::Kind::Data, place);
    result.value = call(intact(data)->call());
    for (G::SettingContext *setting : data->setting())
      result.args.push_back(named(intact(setting)->id(), setting->expr(), setting));
    return result;
  }
  if (auto *features = context->featuresItem()) {
    Item result(Item::Kind::Features, place);
    result.name = name(intact(features)->id());
    result.value = expr(features->expr());
    if (features->source())
      result.source = source(features->source());
    return result;
  }
  if (auto *head = context->headItem()) {
    Item result(Item::Kind::Head, place);
    result.name = name(intact(head)->id());
    result.value = expr(head->expr());
    if (head->source())
      result.source = source(head->source());
    return result;
  }
  if (auto *threat = context->threatItem()) {
    Item result(Item::Kind::Threat, place);
    result.name = name(intact(threat)->id(0));
    result.names = names(threat->id(), 1);
    result.value = expr(threat->expr());
    return result;
  }
  if (auto *inner = context->innerItem()) {
    Item result(Item::Kind::Inner, place);
    result.pattern = names(intact(inner)->id());
    result.value = expr(inner->expr());
    return result;
  }
  if (auto *keep = context->keepItem()) {
    Item result(Item::Kind::Keep, place);
    result.value = expr(intact(keep)->expr());
    return result;
  }
  if (auto *stop = context->stopItem()) {
    Item result(Item::Kind::Stop, place);
    result.value = expr(intact(stop)->expr());
    if (stop->KEEP())
      result.name = name(stop->id());
    return result;
  }
  if (auto *sweep = context->sweepItem()) {
    Item result(Item::Kind::Sweep, place);
    for (G::SweepAxisContext *axis : intact(sweep)->sweepAxis()) {
      Arg next;
      next.span = span(intact(axis));
      // The path of a setting: `s`, `inner.steps`.
      for (G::IdContext *part : axis->id()) {
        const Name id = name(part);
        next.name.text += (next.name.text.empty() ? "" : ".") + id.text;
        next.name.span = next.name.span.isValid()
                             ? Span{id.span.file, next.name.span.begin, id.span.end}
                             : id.span;
      }
      next.value = chain(axis->range());
      result.args.push_back(std::move(next));
    }
    return result;
  }
  if (auto *outer = context->outerItem())
    return outerItem(outer);
  return evaluateItem(intact(context->evaluateItem()));
}

Item AstBuilder::outerItem(G::OuterItemContext *context) {
  Item result(Item::Kind::Outer, span(intact(context)));
  result.value = expr(context->expr(0));
  result.by = call(context->call());
  result.count = expr(context->expr(1));
  if (context->TIMES())
    result.replays = expr(context->expr(2));
  for (G::UpdateContext *line : context->update()) {
    Item::Update update;
    update.span = span(intact(line));
    update.afterStep = line->THEN() != nullptr;
    update.target = target(line->target());
    update.value = expr(line->expr());
    result.updates.push_back(std::move(update));
  }
  return result;
}

Item AstBuilder::evaluateItem(G::EvaluateItemContext *context) {
  Item result(Item::Kind::Evaluate, span(intact(context)));
  size_t next = 0;
  if (context->EVERY())
    result.every = expr(context->expr(next++));
  result.atEnd = context->AT() != nullptr;
  result.value = expr(context->expr(next++));
  if (context->OVER())
    result.over = expr(context->expr(next++));
  if (context->WITH())
    result.with = expr(context->expr(next++));
  if (context->AS())
    result.name = name(context->id());
  result.items = evalItems(context->evalItem());
  return result;
}

} // namespace advx::syntax
