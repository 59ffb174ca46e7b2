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
  /// The parts of a set that is no union.
  bool collectParts(const syntax::Expr &expr, Env &env, std::vector<SetPart> &parts);
  /// The sets that a union is the union of, each at the arguments of the union; any other set is
  /// its own only member.
  static std::vector<Value> membersOf(const Value &set);
  const syntax::SetMember *member(const SetPart &part, const std::string &name) const;
  const Function *memberFunction(const SetPart &part, const syntax::SetMember &member,
                                 const std::vector<Type> &types, std::vector<ExprPtr> &passed);
  /// A function of a set: project, steepest, radius, sample or boundary.
  Value callSetMember(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  void checkThreat(const syntax::Item &item);

private:
  /// The parts of each member of a union; of any other set, of the one.
  using Members = std::vector<std::vector<SetPart>>;

  // SetParts.cpp
  bool collectMembers(const syntax::Expr &expr, Env &env, Members &members);
  bool collectText(const syntax::Expr &expr, const syntax::Expr *callee, Env &env,
                   std::vector<SetPart> &parts);
  Members partsOf(const SetForm &form, const std::vector<ExprPtr> &args, Span span, Env &env);
  std::optional<std::vector<ExprPtr>> threatArguments(const Value &threat, const syntax::Expr &expr,
                                                      Env &env);
  void noProjection(Span use, const std::string &text, Span set);

  // SetFunctions.cpp
  const Function *startOf(SetForm &form, const std::string &member, const Type &radius);
  ExprPtr projectAll(const SetForm &form, ExprPtr point, const SetPart *except);
  /// The member of a part that projects on its intersection with another part, and that part.
  std::pair<const syntax::SetMember *, const SetPart *> joint(const SetForm &form,
                                                              const SetPart &part) const;
  std::shared_ptr<SetForm> makeSet(const syntax::Expr &expr, const std::string &name,
                                   const std::string &role, ScopePtr scope,
                                   std::vector<const Local *> params);
  bool isClosed(const SetForm &form, const PageEnv &env, const std::string &name);
  /// The functions of a set whose parts, parameters and name are known.
  bool makeFunctions(SetForm &form);
  bool findGeometry(SetForm &form);
  Type pointType() const;
  bool makeRadius(SetForm &form);
  bool makeUnion(SetForm &form);
  bool partScope(const SetPart &part, Scope &scope, std::vector<const Local *> &locals,
                 std::vector<ExprPtr> &passed);
  Value setRadius(const Value &set, Span span);

  CallBinder &callBinder;
  ExprChecker &exprChecker;
  CallChecker &callChecker;
};

} // namespace advx::sema

#endif
