#ifndef ADVX_SEMA_TEXTS_INSTANCEKEY_H
#define ADVX_SEMA_TEXTS_INSTANCEKEY_H

//===- InstanceKey.h - Which uses of a text are one -------------------------===//
//
// Keys are looked up and never printed or walked through: they hold addresses, whose order
// differs from run to run. Whatever they point to lives as long as the checker.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/scopes/Values.h"

#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace advx::sema {

/// A text at the types of one use: uses of equal keys are one function.
class InstanceKey {
public:
  /// `text` is a declaration or a member of one.
  explicit InstanceKey(const void *text) : text(text) {}

  void add(const Type &type) { parts.push_back({type.key(), std::nullopt, nullptr}); }
  /// A thing that the text reads, by which it is.
  void add(const void *thing) { parts.push_back({"", std::nullopt, thing}); }
  /// The value of a parameter: the type of an expression; of a whole number also how it comes
  /// about, since the text may take it as it stands; what is no expression by itself.
  void add(const Value &value, const syntax::Param &param);

  bool operator<(const InstanceKey &other) const {
    return std::tie(text, parts) < std::tie(other.text, other.parts);
  }

private:
  struct Part {
    std::string type;
    std::optional<Rational> number;
    const void *thing;

    bool operator<(const Part &other) const {
      return std::tie(type, number, thing) < std::tie(other.type, other.number, other.thing);
    }
  };

  /// Equal for expressions that are one number in every run.
  void addComputation(const Expr &expr, std::unordered_map<const Expr *, size_t> &seen);

  const void *text;
  std::vector<Part> parts;
};

/// A text at numbers: calls of equal keys come to the same number.
class NumberCallKey {
public:
  explicit NumberCallKey(const syntax::Decl &text) : text(&text) {}

  /// Whoever keeps the key keeps the expression.
  void add(const Expr &number);

  bool operator<(const NumberCallKey &other) const {
    return std::tie(text, numbers) < std::tie(other.text, other.numbers);
  }

private:
  /// An expression by its own parts and by which its operands are.
  struct Number {
    Expr::Kind kind;
    Op op;
    std::string type;
    Rational value;
    std::string name;
    size_t index;
    const Local *local;
    std::map<std::string, std::vector<int64_t>> ints;
    std::vector<const Expr *> args;

    bool operator<(const Number &other) const {
      auto all = [](const Number &n) {
        return std::tie(n.kind, n.op, n.type, n.value, n.name, n.index, n.local, n.ints, n.args);
      };
      return all(*this) < all(other);
    }
  };

  const syntax::Decl *text;
  std::vector<Number> numbers;
};

} // namespace advx::sema

#endif
