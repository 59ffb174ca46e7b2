#ifndef ADVX_SEMA_TYPES_EXPRESSIONS_H
#define ADVX_SEMA_TYPES_EXPRESSIONS_H

#include "compiler/sema/scopes/Values.h"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace advx::sema {

class Findings;
class LabelRules;
class SettingTable;
class Sheet;

/// Makes expressions, and computes the numbers among them exactly.
class Expressions {
public:
  Expressions(Sheet &sheet, Findings &findings, LabelRules &labels, SettingTable &settingTable)
      : sheet(sheet), findings(findings), labels(labels), settingTable(settingTable) {}

  ExprPtr number(Rational value, Span span, Type::Element element = Type::Element::Real);
  ExprPtr boolean(bool value, Span span);
  ExprPtr infinity(Span span);
  ExprPtr minusInfinity(Span span);
  /// J of a solver at a point, or, where `hit` says so, whether that meets the condition after
  /// `until`; one for each example unless the solver moves weights.
  ExprPtr askedAt(ExprPtr point, bool hit, Span span);
  ExprPtr localRef(const Local *local, Span span);
  ExprPtr node(Op op, std::vector<ExprPtr> args, Type type, Span span,
               std::map<std::string, std::vector<int64_t>> ints = {});
  /// Of shapes that agree; a number where every argument is one that is known.
  ExprPtr elementwise(Op op, std::vector<ExprPtr> args, Span span);
  /// The same for `compare`.
  ExprPtr comparison(Predicate predicate, ExprPtr a, ExprPtr b, Span span);
  ExprPtr select(ExprPtr condition, ExprPtr a, ExprPtr b, Span span);
  ExprPtr reduceSum(ExprPtr value, Span span);
  /// `a mod b`, from 0 to below b: a - b * floor(a / b).
  ExprPtr mod(ExprPtr a, ExprPtr b, Span span);
  /// Whether every value of a number is whole, by its type and form. A setting of the page that is
  /// whole there and is asked for a count is one from then on: a run sets it to whole numbers only.
  bool isWhole(const ExprPtr &number);
  /// Value of a Number through settings at their defaults; nothing where a clock enters.
  std::optional<Rational> evaluate(const ExprPtr &expr);
  std::optional<double> evaluateReal(const ExprPtr &expr);
  /// An exact integer, which shapes the program unless `shapes` is false; reports where it is none.
  std::optional<int64_t> integer(const Value &value, Span span, const std::string &what,
                                 bool shapes = true);

private:
  ExprPtr entrywise(Op op, std::vector<ExprPtr> args, Span span, Predicate predicate);
  ExprPtr fold(Op op, const std::vector<ExprPtr> &args, Predicate predicate, Type::Element element,
               Span span);
  /// Whether a divisor is the constant 0, or a list of constants with a 0 in it.
  static bool holdsZero(const ExprPtr &divisor);
  std::optional<Rational> computeExactly(const Expr &expr);
  std::optional<double> computeRounded(const Expr &expr);

  Sheet &sheet;
  Findings &findings;
  LabelRules &labels;
  SettingTable &settingTable;
  /// What an expression comes to, with the expression, so that no other takes its address.
  template <typename T>
  using Known = std::unordered_map<const Expr *, std::pair<ExprPtr, std::optional<T>>>;
  Known<Rational> exactValues;
  Known<double> realValues;
};

} // namespace advx::sema

#endif
