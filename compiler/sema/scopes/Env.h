#ifndef ADVX_SEMA_SCOPES_ENV_H
#define ADVX_SEMA_SCOPES_ENV_H

//===- Env.h - Where an expression stands ----------------------------------===//

#include "compiler/sema/scopes/Values.h"

#include <map>
#include <unordered_map>

namespace advx::sema {

/// Lets of the page that one block has used, in order of declaration.
struct PageBlock {
  struct Instance {
    std::vector<Stmt> stmts;
    Value value;
  };
  std::map<size_t, Instance> lets;
};

/// What the text of a solver or optimiser may refer to and has found out so far.
struct BodyState {
  bool isSolver = false;
  /// Variables and the types they grew to; see StatementChecker.cpp.
  std::map<const syntax::Stmt *, Type> grown;
  std::unordered_map<const Local *, const syntax::Stmt *> variables;
  std::vector<Type> conditions; ///< Tensor conditions of the enclosing `if`s.
  bool stopsExamples = false;   ///< A `stop when` on a Tensor has been seen.
  bool stopped = false;         ///< One stands before, in this reading.
  bool again = false;           ///< A type grew: check the text once more.
  unsigned loops = 0;
  const Local *weight = nullptr;
  Type returned;
  std::string role;  ///< Prefix of settings.
  ReportText report; ///< The call, defaults filled in.
  /// The variable that a solver returns, where `until` stops it in place of the text.
  std::string iterate;
  bool stopsIterate = false; ///< A loop makes new iterates, and stops at the condition.
  std::shared_ptr<SetForm> set;
  std::vector<ExprPtr> setArgs;
  ExprPtr point;
};

/// Where an expression stands.
struct Env {
  ScopePtr scope;
  Mode mode = Mode::Eval;
  std::vector<Stmt> *stmts = nullptr; ///< Receives Lets of what is inlined; may be null.
  PageBlock *page = nullptr;
  BodyState *body = nullptr;
  /// The weight that a set or start is read for: its draws are the same for all examples.
  const Leaf *weight = nullptr;
  std::string role; ///< Prefix of the settings that calls here declare; may be empty.

  Env with(ScopePtr inner) const {
    Env env = *this;
    env.scope = std::move(inner);
    return env;
  }
};

/// The Env of one expression of the page, with what that inlines and the lets that it reads.
struct PageEnv : Env {
  PageBlock lets;
  std::vector<Stmt> inlined;

  explicit PageEnv(ScopePtr within) {
    scope = std::move(within);
    page = &lets;
    stmts = &inlined;
  }
  PageEnv(const PageEnv &) = delete;
  PageEnv &operator=(const PageEnv &) = delete;

  /// What the value of the expression needs before it.
  void begin(Block &block) const;
};

/// The value of a block of the page, after what it needs.
void finishBlock(Block &block, const PageEnv &env, ExprPtr value);

/// What a call names; the expression itself where it is none.
const syntax::Expr *calleeOf(const syntax::Expr &expr);

/// Whether a name stands in the text of an expression.
bool namesIt(const syntax::Expr &expr, const std::string &name);

/// The mode that `in MODE` and `f[MODE](x)` name, or nothing.
std::optional<Mode> modeNamed(const std::string &name);

/// The innermost name a page can mean by `x'`, without primes: for setting paths.
std::string withoutPrimes(const std::string &name);

} // namespace advx::sema

#endif
