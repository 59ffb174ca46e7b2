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
  /// Whether a call is a set that is made of others: `union(…)` or `each(…)`.
  static bool isForm(const syntax::Expr &call) { return isEach(call) || isUnion(call); }
  /// The parts of a set that is no union.
  bool collectParts(const syntax::Expr &expr, Env &env, std::vector<SetPart> &parts);
  const syntax::SetMember *member(const SetPart &part, const std::string &name) const;
  const Function *memberFunction(const SetPart &part, const syntax::SetMember &member,
                                 const std::vector<Type> &types, std::vector<ExprPtr> &passed,
                                 const Leaf *weight = nullptr);
  /// A function of a set: project, steepest, radius, sample, boundary or members.
  Value callSetMember(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  /// A point drawn from the set, as `sample(B)` is; null if it has no start.
  ExprPtr sampleOf(const Value &set, Span span);
  void checkThreat(const syntax::Item &item);

private:
  /// The parts of each member of a union; of any other set, of the one.
  using Members = std::vector<std::vector<SetPart>>;
  /// What the points of a set are.
  struct Points {
    Type type;
    const Leaf *weight = nullptr;   ///< The weight that they are; null for images.
    const SetForm *first = nullptr; ///< The set at the first leaf, for those that follow.
  };

  // SetParts.cpp
  /// `union(A, B, …)`.
  static bool isUnion(const syntax::Expr &expr);
  bool collectMembers(const syntax::Expr &expr, Env &env, const Points &points, Members &members);
  bool collectUnion(const syntax::Expr &expr, Env &env, const Points &points, Members &members);
  /// Parts of a set of weights share the numbers of those at the first leaf.
  bool collectText(const syntax::Expr &expr, const syntax::Expr *callee, Env &env,
                   const Points &points, std::vector<SetPart> &parts);
  Members partsOf(const SetForm &form, const std::vector<ExprPtr> &args, Span span, Env &env);
  std::optional<std::vector<ExprPtr>> threatArguments(const Value &threat, const syntax::Expr &expr,
                                                      Env &env);
  void noProjection(Span use, const std::string &text, Span set);

  // SetForms.cpp
  std::shared_ptr<SetForm> makeSet(const syntax::Expr &expr, const std::string &name,
                                   const std::string &role, ScopePtr scope,
                                   std::vector<const Local *> params, const Points &points);
  bool isClosed(const SetForm &form, const PageEnv &env, const std::string &name);
  bool findGeometry(SetForm &form);
  bool makeUnion(SetForm &form);
  /// `members(B)`: a list of the sets that a union is the union of, each at the arguments of the
  /// union; any other set is its own only member.
  static Value membersOf(const Value &set, Span span);

  // SetFunctions.cpp
  /// The functions of a set whose parts, parameters and name are known.
  bool makeFunctions(SetForm &form, const Points &points);
  bool makeRadius(SetForm &form, const Points &points);
  const Function *startOf(SetForm &form, const std::string &member, const Type &radius);
  ExprPtr projectAll(const SetForm &form, ExprPtr point, const SetPart *except);
  /// The member of a part that projects on its intersection with another part, and that part.
  std::pair<const syntax::SetMember *, const SetPart *> joint(const SetForm &form,
                                                              const SetPart &part) const;
  bool partScope(const SetPart &part, Scope &scope, std::vector<const Local *> &locals,
                 std::vector<ExprPtr> &passed);

  // WeightSets.cpp
  Points images() const;
  /// A number where a text takes a point is one in every entry.
  void fillPoints(std::vector<SetPart> &parts, const Type &point);
  /// `each(p in matrices(f), SET)`.
  static bool isEach(const syntax::Expr &expr);
  std::shared_ptr<SetForm> makeEach(const syntax::Expr &expr, const std::string &name,
                                    const std::string &role, const ScopePtr &scope);
  ExprPtr centreOf(const SetForm &form, const Points &points);
  /// At each leaf of a set of weights.
  Value memberOfEach(const PrimitiveInfo &info, const Value &set, const Value &last,
                     const std::string &role, Span span);

  // SetChecker.cpp
  Value memberOfSet(const PrimitiveInfo &info, const Value &set, const Value *last,
                    const std::string &role, Span span);
  Value setRadius(const Value &set, Span span);
  void missingMember(const Value &set, const std::string &name, Span span);

  CallBinder &callBinder;
  ExprChecker &exprChecker;
  CallChecker &callChecker;
};

} // namespace advx::sema

#endif
