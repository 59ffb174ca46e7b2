#include "compiler/sema/texts/InstanceKey.h"
#include "compiler/sema/types/Expressions.h"

namespace advx::sema {

void InstanceKey::add(const Value &value, const syntax::Param &param, Expressions &build) {
  if (value.isExpr()) {
    std::optional<Rational> number;
    if (value.isNumber() && param.type.name.text == "int")
      number = build.evaluate(value.expr);
    parts.push_back({value.expr->type.key(), number, nullptr});
    return;
  }
  // A primitive given as a function has a name and no declaration; a name of a text means other
  // declarations in another file.
  const void *thing = value.layer   ? static_cast<const void *>(value.layer.get())
                      : value.start ? static_cast<const void *>(value.start.get())
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
