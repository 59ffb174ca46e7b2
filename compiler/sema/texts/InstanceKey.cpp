#include "compiler/sema/texts/InstanceKey.h"

namespace advx::sema {

void InstanceKey::addComputation(const Expr &expr, std::unordered_map<const Expr *, size_t> &seen) {
  auto [known, isNew] = seen.try_emplace(&expr, seen.size());
  if (!isNew) {
    parts.push_back({"as before", Rational(int64_t(known->second)), nullptr});
    return;
  }
  std::string text = std::to_string(int(expr.kind)) + " " + std::to_string(int(expr.op)) + " " +
                     std::to_string(expr.index) + " " + expr.name;
  for (const auto &[name, values] : expr.ints)
    for (int64_t value : values)
      text += " " + std::to_string(value);
  parts.push_back({text, expr.value, expr.local});
  for (const ExprPtr &arg : expr.args)
    addComputation(*arg, seen);
}

void InstanceKey::add(const Value &value, const syntax::Param &param) {
  if (value.isExpr()) {
    parts.push_back({value.expr->type.key(), std::nullopt, nullptr});
    std::unordered_map<const Expr *, size_t> seen;
    if (value.isNumber() && param.type.name.text == "int")
      addComputation(*value.expr, seen);
    return;
  }
  // A primitive given as a function has a name and no declaration; a name of a text means other
  // declarations in another file.
  const void *thing = value.layer   ? static_cast<const void *>(value.layer.get())
                      : value.start ? static_cast<const void *>(value.start.get())
                      : value.group ? static_cast<const void *>(value.group)
                                    : nullptr;
  parts.push_back({value.str() + " " + value.text, std::nullopt, thing});
  for (const Decl *decl : value.decls)
    add(static_cast<const void *>(decl));
}

void NumberCallKey::add(const Expr &number) {
  std::vector<const Expr *> args;
  args.reserve(number.args.size());
  for (const ExprPtr &arg : number.args)
    args.push_back(arg.get());
  numbers.push_back({number.kind, number.op, number.type.key(), number.value, number.name,
                     number.index, number.local, number.ints, std::move(args)});
}

} // namespace advx::sema
