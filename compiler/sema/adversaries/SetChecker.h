#ifndef ADVX_SEMA_ADVERSARIES_SETCHECKER_H
#define ADVX_SEMA_ADVERSARIES_SETCHECKER_H

#include "compiler/sema/Room.h"

#include <string>
#include <vector>

namespace advx::sema {

class CallBinder;
class CallChecker;
class ExprChecker;
struct PrimitiveInfo;

/// Feasible sets: the lines of threats, sets written in place, and what is asked of them.
class SetChecker : Room {
public:
  SetChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
             CallBinder &callBinder)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker), callChecker(callChecker) {}

  Value checkSet(const syntax::Expr &expr, Env &env);
  bool collectParts(const syntax::Expr &expr, Env &env, std::vector<SetPart> &parts);
  const syntax::SetMember *member(const SetPart &part, const std::string &name) const;
  const Function *memberFunction(const SetPart &part, const syntax::SetMember &member,
                                 const std::vector<Type> &types, std::vector<ExprPtr> &passed);
  /// A function of a set: project, steepest, radius or sample.
  Value callSetMember(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  /// A point drawn from the set, as `sample(B)` is; null if it has no start.
  ExprPtr sampleOf(const Value &set, Span span);
  void checkThreat(const syntax::Item &item);

private:
  const Function *startOf(SetForm &form, const Type &radius);
  ExprPtr projectAll(const SetForm &form, ExprPtr point, const SetPart *except);
  std::shared_ptr<SetForm> makeSet(const syntax::Expr &expr, const std::string &name,
                                   const std::string &role, ScopePtr scope,
                                   std::vector<const Local *> params);
  bool partScope(const SetPart &part, Scope &scope, std::vector<const Local *> &locals,
                 std::vector<ExprPtr> &passed);
  Value setRadius(const Value &set, Span span);
  void missingMember(const Value &set, const std::string &name, Span span);

  CallBinder &callBinder;
  ExprChecker &exprChecker;
  CallChecker &callChecker;
};

} // namespace advx::sema

#endif
