#ifndef ADVX_SEMA_TEXTS_CALLCHECKER_H
#define ADVX_SEMA_TEXTS_CALLCHECKER_H

#include "compiler/sema/Room.h"
#include "compiler/sema/texts/InstanceKey.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

class CallBinder;
class ExprChecker;
class IndexRanges;
class LayerChecker;
class Literals;
class PrimitiveChecker;
class PrimitiveLayers;
class SetChecker;
class StartChecker;
class StatementChecker;
struct PrimitiveInfo;

/// Calls: of functions, networks, heads and primitives.
class CallChecker : Room {
public:
  CallChecker(const Tools &tools, PrimitiveChecker &primitiveChecker, ExprChecker &exprChecker,
              LayerChecker &layerChecker, PrimitiveLayers &primitiveLayers,
              StatementChecker &statementChecker, SetChecker &setChecker,
              StartChecker &startChecker, CallBinder &callBinder, IndexRanges &indexRanges,
              Literals &literals)
      : Room(tools), callBinder(callBinder), primitiveChecker(primitiveChecker),
        exprChecker(exprChecker), layerChecker(layerChecker), primitiveLayers(primitiveLayers),
        statementChecker(statementChecker), setChecker(setChecker), startChecker(startChecker),
        indexRanges(indexRanges), literals(literals) {}

  Value checkCall(const syntax::Expr &expr, Env &env);
  Value callFunctionValue(const Value &function, std::vector<Value> values, Span use, Env &env);
  bool bindParams(const Decl &decl, const std::vector<Value> &values, Scope &scope, Span use,
                  std::vector<const Local *> *locals, std::vector<ExprPtr> *passed,
                  bool keepNumbers);
  Value checkBody(const std::vector<syntax::Stmt> &body, Env &env, bool inlined);
  /// At other weights where they are given.
  ExprPtr apply(const Model &model, ExprPtr input, Mode mode, unsigned occurrence, Span span,
                ExprPtr weights = nullptr);
  /// A name for weights, with a statement that computes them.
  Value bindWeights(const Value &weights, const syntax::Name &name, Span span,
                    std::vector<Stmt> &stmts);
  /// What stands in the brackets of `f[w, batch]`.
  struct ModelAt {
    Mode mode;
    ExprPtr weights; ///< Null for its own.
  };
  std::optional<ModelAt> modelAt(const Value &model, const syntax::Expr &index, Env &env);
  /// `weights(f)` and the groups of them, of an argument.
  Value weightsOf(const PrimitiveInfo &info, const syntax::Expr &argument, Span span, Env &env);
  /// Applications after `fresh`, each with a number of its own.
  std::map<const syntax::Expr *, unsigned> freshNumbers;

private:
  Value checkProgram(const std::vector<syntax::Stmt> &body, const Env &env);
  Value callNamed(const syntax::Expr &call, const std::string &name, Span nameSpan, Env &env);
  Value callForm(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  Value callText(const Decl &decl, std::vector<Value> values, Span use, Env &env);
  Value callNumberText(const Decl &decl, std::vector<Value> values, Span use, Env &env);
  void checkResult(const Decl &decl, Value &result, Span use, Scope &scope);
  const Decl *chooseOverload(const std::vector<const Decl *> &decls,
                             const std::vector<Value> &values);
  Value applyHead(const Head &head, const syntax::Expr &call, const ModelAt &at, Env &env,
                  bool fresh);
  Value applyModel(const Model &model, const syntax::Expr &call, const ModelAt &at, Env &env,
                   bool fresh);
  /// The objective of a solver that moves weights.
  Value objectiveAtWeights(const syntax::Expr &call, const std::string &name,
                           const Value &objective, Env &env);
  /// `weights(f)` and the groups of them.
  Value checkWeights(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  /// `weight_sum(v)` of an optimiser.
  Value checkWeightSum(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  Value checkGradient(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);

  CallBinder &callBinder;
  PrimitiveChecker &primitiveChecker;
  ExprChecker &exprChecker;
  LayerChecker &layerChecker;
  PrimitiveLayers &primitiveLayers;
  StatementChecker &statementChecker;
  SetChecker &setChecker;
  StartChecker &startChecker;
  IndexRanges &indexRanges;
  Literals &literals;
  /// Calls of texts with numbers only, which are written out in place: equal ones once.
  std::map<NumberCallKey, std::pair<std::vector<Value>, Value>> numberCalls;
};

} // namespace advx::sema

#endif
