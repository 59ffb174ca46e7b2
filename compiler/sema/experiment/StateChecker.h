#ifndef ADVX_SEMA_EXPERIMENT_STATECHECKER_H
#define ADVX_SEMA_EXPERIMENT_STATECHECKER_H

#include "compiler/sema/Room.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace advx::sema {

class CallChecker;
class ExprChecker;

/// `state NAME : T per run | slot | example | class = e0`, and the `also` and `then` lines that
/// give it new values. States of weights are in WeightStates.cpp.
class StateChecker : Room {
public:
  StateChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker)
      : Room(tools), exprChecker(exprChecker), callChecker(callChecker) {}

  /// False after an error.
  bool declare(const syntax::Item &item);
  /// What an expression of one example reads of a state that is declared.
  Value read(const syntax::Name &name);
  /// Whether a state of weights is declared so.
  bool isOfWeights(const std::string &name) const;
  /// Adds one line to those before it of its kind.
  void update(const syntax::Item::Update &line, Env &env, std::vector<Outer::Update> &updates);
  /// Refuses the states that nothing updates.
  void checkUpdated();

private:
  struct Declared {
    const State *state; ///< Of weights, that of the first leaf.
    Span name;
    /// Of weights: of which, and a state for each of their leaves.
    const WeightGroup *group = nullptr;
    std::vector<const State *> ofLeaves;
  };

  std::optional<State::Per> perOf(const syntax::Item &item);
  std::optional<Type> typeOf(const syntax::Item &item);
  bool begin(const syntax::Item &item, State &state);
  /// No evaluation is called like the state.
  bool isFree(const syntax::Item &item);
  /// `state e : weights(f) per run = …`.
  bool declareWeights(const syntax::Item &item);
  /// Whether each state of the leaves begins as its leaf does, or as one number.
  bool beginWeights(const syntax::Item &item, const WeightGroup &group,
                    const std::vector<State *> &states);
  /// New values for a state of weights.
  void updateWeights(const Declared &of, const syntax::Item::Update &line, const Value &value,
                     std::vector<Outer::Update> &updates);
  const Declared *target(const syntax::Expr &expr, const Env &env);
  ExprPtr raw(const State &state, Span span);
  /// The value as the state takes it, or null.
  ExprPtr fit(ExprPtr value, const State &state, Span span);
  /// The state with one entry replaced.
  ExprPtr entry(const State &state, ExprPtr old, const syntax::Expr &place, ExprPtr value, Env &env,
                Span span);
  /// For each class that is in the batch the mean of the value over its examples.
  ExprPtr classMeans(const State &state, ExprPtr value, Span span);
  ExprPtr ownClass(Span span);

  ExprChecker &exprChecker;
  CallChecker &callChecker;
  std::map<std::string, Declared> declared;
  std::set<std::string> updated;
};

/// A state with rows for slots or training examples that the expression reads, in functions too;
/// null if there is none.
const State *findRows(const ExprPtr &expr);
const State *findRows(const std::vector<Stmt> &stmts);

} // namespace advx::sema

#endif
