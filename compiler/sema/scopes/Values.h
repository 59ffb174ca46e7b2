#ifndef ADVX_SEMA_SCOPES_VALUES_H
#define ADVX_SEMA_SCOPES_VALUES_H

//===- Values.h - What a name can stand for while a page is checked --------===//
//
// Expressions end up in the checked experiment. Networks, sets, starts and
// functions given as arguments do not: they are values of the checker alone and
// disappear when the text that uses them is instantiated.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/Checked.h"
#include "compiler/sema/types/LayerPrimitives.h"
#include "compiler/syntax/AST.h"

#include <map>
#include <set>

namespace advx::sema {

using Decl = syntax::Decl;

/// Adds pieces behind a text; words that meet become one piece.
void append(ReportText &text, const ReportText &more);

struct Layer;
struct SetForm;
struct StartForm;
struct Scope;
using LayerPtr = std::shared_ptr<Layer>;
using ScopePtr = std::shared_ptr<Scope>;

struct Value {
  enum class Kind {
    Error,      ///< Something is wrong and has been said.
    Expr,       ///< expr
    List,       ///< elements
    Text,       ///< text: a string; or written: an initialiser not read yet
    Function,   ///< text: a name; decls: its declarations, empty for a primitive
    Layer,      ///< layer: a network not applied yet
    Model,      ///< model
    Head,       ///< head
    Set,        ///< set, args: a feasible set at these arguments
    Threat,     ///< set: a declared threat, not yet applied
    Start,      ///< start
    PageLet,    ///< index: a `let` of the experiment that is computed by the step
    Objective,  ///< J of a solver
    Hit,        ///< hit of a solver
    Loss,       ///< L of an optimiser
    WeightOf,   ///< written, index: one tensor of weights, read where it is used
    Weights,    ///< elements: an expression for each leaf of `group`; see WeightRules.h
    Candidate,  ///< written, scope: the start, solver or adversary that an index of `best` is
    Unsupported ///< text: a construct that parses but has no meaning yet
  };
  Kind kind = Kind::Error;
  Span span; ///< Where it was declared or written.
  ExprPtr expr;
  std::vector<Value> elements;
  const WeightGroup *group = nullptr;
  std::string text;
  std::vector<const syntax::Decl *> decls;
  LayerPtr layer;
  const Model *model = nullptr;
  const Head *head = nullptr;
  std::shared_ptr<SetForm> set;
  std::vector<ExprPtr> args;
  std::shared_ptr<StartForm> start;
  size_t index = 0;
  const syntax::Expr *written = nullptr;
  std::shared_ptr<Scope> scope;

  static Value error() { return {}; }
  static Value of(ExprPtr expr) {
    Value value;
    if (!expr)
      return value;
    value.kind = Kind::Expr;
    value.span = expr->span;
    value.expr = std::move(expr);
    return value;
  }
  /// What an unsupported construct would be is reported where it stands, once.
  bool isError() const { return kind == Kind::Error || kind == Kind::Unsupported; }
  bool isExpr() const { return kind == Kind::Expr; }
  bool isNumber() const { return isExpr() && expr->type.isNumber(); }
  bool isTensor() const { return isExpr() && expr->type.isTensor(); }
  bool isWeights() const { return kind == Kind::Weights; }
  /// `a network`, `vector[10]`, `a set`.
  std::string str() const;
};

/// Names of one body of text; `file` is where declarations are looked up from.
struct Scope {
  explicit Scope(ScopePtr parent, uint32_t file = UINT32_MAX)
      : parent(std::move(parent)), file(file) {
    if (file == UINT32_MAX && this->parent)
      this->file = this->parent->file;
  }
  ScopePtr parent;
  uint32_t file;
  std::map<std::string, Value> names;

  const Value *find(const std::string &name) const {
    for (const Scope *scope = this; scope; scope = scope->parent.get()) {
      auto it = scope->names.find(name);
      if (it != scope->names.end())
        return &it->second;
    }
    return nullptr;
  }
};

/// A network before or between its applications.
struct Layer {
  enum class Kind { Primitive, Text, Chain, Identity, Function };
  Kind kind = Kind::Identity;
  Span span;
  std::string path;                                  ///< Of its leaves: `z.conv1`.
  LayerPrimitive primitive = LayerPrimitive::Conv2d; ///< Primitive: which.
  std::map<std::string, Value> arguments;            ///< Primitive: by parameter.
  size_t byPlace = 0;                 ///< Primitive: how many arguments stand by place.
  const syntax::Decl *decl = nullptr; ///< Text.
  ScopePtr scope;                     ///< Text: parameters; after the first use also layers.
  std::vector<LayerPtr> members;      ///< Chain.
  Value function;                     ///< Function.

  bool applied = false;
  std::vector<int64_t> input; ///< Shape at the first use.
  std::map<std::string, const Leaf *> leaves;
  std::map<std::string, ExprPtr> bounded; ///< Primitive: numbers that a range holds.
};

/// One argument of a call of a declaration.
struct BoundArgument {
  const syntax::Param &param;
  const syntax::Arg *given; ///< Null for a default.
  const syntax::Expr *expr; ///< What gives the value; null if nothing does.
  Span place;               ///< The argument, or the call.
  Value value;
};

/// One text of a set with its arguments, inside a form.
struct SetPart {
  const syntax::Decl *decl = nullptr;
  std::vector<Value> arguments; ///< In order of the declaration's parameters.
  ReportText report;            ///< Its call, defaults filled in.
  Span span;
};

/// What the checker knows about a set beyond its functions.
struct SetForm {
  Set *set = nullptr;
  std::vector<SetPart> parts;
  /// Of a union, which has no parts of its own: sets of the same parameters.
  std::vector<std::shared_ptr<SetForm>> members;
  const SetPart *geometry =
      nullptr;            ///< The part with the radius, the steepest direction, the start.
  std::vector<Stmt> lets; ///< What the arguments of the parts read, for each function.
  ExprPtr radiusNumber;   ///< The radius where it is a Number.
  std::map<std::string, const Function *>
      samples;      ///< By member and type of the radius (`startOf`).
  std::string text; ///< As written.
  ReportText report;
  /// Of a set of weights: a form for each leaf of `set->group`, and none of the above but `set`.
  std::vector<std::shared_ptr<SetForm>> ofLeaves;
  const Leaf *weight = nullptr; ///< Of a leaf: which.
  ExprPtr centre;               ///< Of a leaf: the clean point, from which a search begins.
  Span span;
};

/// `gaussian(0.001)`: a start with its numbers.
struct StartForm {
  const syntax::Decl *decl = nullptr;
  std::vector<Value> arguments;
  std::string role; ///< Prefix of its settings.
  std::string text; ///< With its defaults.
  ReportText report;
  Span span;
};

/// An int64 product of all sizes.
int64_t sizeOf(const std::vector<int64_t> &shape);
std::string shapeText(const std::vector<int64_t> &shape);

} // namespace advx::sema

#endif // ADVX_SEMA_SCOPES_VALUES_H
