//===- Sheet.cpp - What a page begins with -------------------------------===//

#include "compiler/sema/scopes/Sheet.h"

#include <algorithm>

namespace advx::sema {

Sheet::Sheet(const syntax::Experiment &page, uint32_t userFile)
    : page(&page), experiment(std::make_unique<Experiment>()),
      rootScope(std::make_shared<Scope>(nullptr, userFile)) {
  for (const char *clock : {"epoch", "iteration", "epochs", "iterations"}) {
    auto expr = std::make_shared<Expr>();
    expr->kind = Expr::Kind::Clock;
    expr->name = clock;
    expr->type.element = Type::Element::Int;
    rootScope->names[clock] = Value::of(expr);
  }
  auto infinity = std::make_shared<Expr>();
  infinity->kind = Expr::Kind::Infinity;
  rootScope->names["infinity"] = Value::of(infinity);
  for (const syntax::Name &lost : page.lostNames)
    rootScope->names.emplace(lost.text, Value::error());
  pageScope = std::make_shared<Scope>(rootScope, page.span.file);
}

Local *Sheet::local(const std::string &name, Type type, Span span) {
  Local *result = make<Local>();
  result->name = name;
  result->type = std::move(type);
  result->span = span;
  return result;
}

bool Sheet::hasLine(syntax::Item::Kind kind, uint32_t end) const {
  return page->isDamaged ||
         std::any_of(page->items.begin(), page->items.end(), [&](const syntax::Item &item) {
           return item.kind == kind && item.span.begin < end;
         });
}

} // namespace advx::sema
