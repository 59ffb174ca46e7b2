#include "compiler/sema/scopes/Env.h"

#include <algorithm>

namespace advx::sema {

void PageEnv::begin(Block &block) const {
  for (const auto &[index, instance] : lets.lets)
    block.stmts.insert(block.stmts.end(), instance.stmts.begin(), instance.stmts.end());
  block.stmts.insert(block.stmts.end(), inlined.begin(), inlined.end());
}

void finishBlock(Block &block, const PageEnv &env, ExprPtr value) {
  env.begin(block);
  block.value = std::move(value);
}

const syntax::Expr *calleeOf(const syntax::Expr &expr) {
  return expr.kind == syntax::Expr::Kind::Call ? expr.children[0].get() : &expr;
}

bool namesIt(const syntax::Expr &expr, const std::string &name) {
  auto inside = [&](const syntax::ExprPtr &part) { return part && namesIt(*part, name); };
  return (expr.kind == syntax::Expr::Kind::Name && expr.text == name) ||
         std::any_of(expr.children.begin(), expr.children.end(), inside) ||
         std::any_of(expr.args.begin(), expr.args.end(),
                     [&](const syntax::Arg &arg) {
                       return inside(arg.key) || inside(arg.value) || inside(arg.given);
                     }) ||
         inside(expr.over) || inside(expr.by) || inside(expr.until) ||
         std::any_of(expr.items.begin(), expr.items.end(),
                     [&](const syntax::EvalItem &item) { return inside(item.value); });
}

std::optional<Mode> modeNamed(const std::string &name) {
  if (name == "eval")
    return Mode::Eval;
  if (name == "batch")
    return Mode::Batch;
  if (name == "train")
    return Mode::Train;
  return std::nullopt;
}

std::string withoutPrimes(const std::string &name) {
  std::string result = name;
  while (!result.empty() && result.back() == '\'')
    result.pop_back();
  return result;
}

} // namespace advx::sema
