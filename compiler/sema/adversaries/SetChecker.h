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
  /// Parts of a set of weights share the numbers of `first`, the parts at the first leaf.
  bool collectParts(const syntax::Expr &expr, Env &env, std::vector<SetPart> &parts,
                    const std::vector<SetPart> *first = nullptr);
  const syntax::SetMember *member(const SetPart &part, const std::string &name) const;
  const Function *memberFunction(const SetPart &part, const syntax::SetMember &member,
                                 const std::vector<Type> &types, std::vector<ExprPtr> &passed,
                                 const Leaf *weight = nullptr);
  /// A function of a set: project, steepest, radius or sample.
  Value callSetMember(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  /// A point drawn from the set, as `sample(B)` is; null if it has no start.
  ExprPtr sampleOf(const Value &set, Span span);
  void checkThreat(const syntax::Item &item);

private:
  const Function *startOf(SetForm &form, const Type &radius);
  ExprPtr projectAll(const SetForm &form, ExprPtr point, const SetPart *except);
  /// What the points of a set are.
  struct Points {
    Type type;
    const Leaf *weight = nullptr;   ///< The weight that they are; null for images.
    const SetForm *first = nullptr; ///< The set at the first leaf, for those that follow.
  };
  std::shared_ptr<SetForm> makeSet(const syntax::Expr &expr, const std::string &name,
                                   const std::string &role, ScopePtr scope,
                                   std::vector<const Local *> params, const Points &points);
  Points images() const;
  /// A number where a text takes a point is one in every entry.
  void fillPoints(std::vector<SetPart> &parts, const Type &point);
  /// Whether a name stands in the text of an expression.
  static bool namesIt(const syntax::Expr &expr, const std::string &name);
  /// `each(p in matrices(f), SET)`.
  static bool isEach(const syntax::Expr &expr);
  std::shared_ptr<SetForm> makeEach(const syntax::Expr &expr, const std::string &name,
                                    const std::string &role, const ScopePtr &scope);
  ExprPtr centreOf(const SetForm &form, const Points &points);
  Value memberOfSet(const PrimitiveInfo &info, const Value &set, const Value *last,
                    const std::string &role, Span span);
  /// At each leaf of a set of weights.
  Value memberOfEach(const PrimitiveInfo &info, const Value &set, const Value &last,
                     const std::string &role, Span span);
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
