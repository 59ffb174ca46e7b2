#ifndef ADVX_SYNTAX_AST_H
#define ADVX_SYNTAX_AST_H

//===- AST.h - What a page says, before names mean anything --------------===//
//
// A plain tree of what the user wrote: every node has a span, nothing is
// resolved, nothing is defaulted. It is made by the parser (Parser.h) and read
// by sema. This header knows neither ANTLR nor MLIR.
//
//===----------------------------------------------------------------------===//

#include "compiler/source/Source.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace advx::syntax {

struct Expr;
struct EvalItem;
using ExprPtr = std::unique_ptr<Expr>;

/// An identifier together with its place.
struct Name {
  std::string text;
  Span span;
  bool empty() const { return text.empty(); }
};

/// One argument of a call: `value`, `name = value`, `value | given`, or one
/// entry of a list or map: `key : value`.
struct Arg {
  Name name;
  ExprPtr key;
  ExprPtr value;
  ExprPtr given;
  Span span;
};

/// `source?` of a model: `from "file" rename { "a" : "b", "c" : skip } frozen`.
struct ModelSource {
  std::string file;
  Span fileSpan;
  std::vector<Arg> rename; ///< key and value are string expressions, or the name `skip`.
  bool frozen = false;
  Span span;
};

/// An expression. Which fields are used depends on `kind`:
///
///   Name      text
///   Number    text (as written, exact)
///   String    text (without quotes)
///   Bool      text "true" or "false"
///   Unary     text = "-" | "not" | "fresh";            children = {operand}
///   Binary    text = the operator as written;           children = {lhs, rhs}
///             "*" "/" "@" ">>" "mod" "+" "-" "**" "&" ".." "except" "where" "in"
///             "==" "!=" "<" "<=" ">" ">=" "and" "or"
///   If        children = {condition, then, else}
///   Call      children = {callee};                      args
///   Index     children = {base, index...}
///   Member    text = the member's name;                 children = {base}
///   List      args (key set where written `k : v`)
///   Map       args (key set)
///   Argmax    children = {objective};  over, by = a Call or a Name, until, mode
///   Best      pattern in children[0] of children[1];    by = the measure, or null
///   Worst     items
struct Expr {
  enum class Kind {
    Name,
    Number,
    String,
    Bool,
    Unary,
    Binary,
    If,
    Call,
    Index,
    Member,
    List,
    Map,
    Argmax,
    Best,
    Worst
  };

  Kind kind;
  Span span;
  std::string text;
  Span textSpan; ///< Of the operator, member name or literal itself.
  std::vector<ExprPtr> children;
  std::vector<Arg> args;

  // Adversaries only.
  ExprPtr over;
  ExprPtr by;
  ExprPtr until;
  Name mode;
  std::vector<Name> pattern;
  std::vector<EvalItem> items;

  Expr(Kind kind, Span span) : kind(kind), span(span) {}
};

/// A type as written: `real`, `vector[d]`, `matrix[d, classes]`, `like(w)`, `fn`.
struct TypeExpr {
  Name name;
  std::vector<ExprPtr> dims; ///< In brackets.
  std::vector<ExprPtr> args; ///< In parentheses.
  Span span;
  bool empty() const { return name.empty(); }
};

/// A formal parameter `name : type in low..high = default`.
struct Param {
  Name name;
  TypeExpr type;
  ExprPtr within; ///< The range of a number, or null.
  ExprPtr defaultValue;
  Span span;
};

/// Statements of functions, solvers, optimisers, sets, networks, heads.
///
///   Let       pattern (one name, or a tuple), value
///   Var       pattern[0], value
///   Assign    target (Name or Index expression), value
///   If        value = condition, body, orElse
///   Repeat    value = count, pattern[0] = the counter or empty, body
///   StopWhen  value
///   Return    value
///   State     pattern[0], type, per, value
///   Draw      pattern[0], value = distribution, like = shape source or null, per
///   Layer     pattern[0], value, layerIndex and layerRange for `layer b[i in 0..n-1]`
///   Param     pattern[0], type, value = initialiser or null, within = set or null
struct Stmt {
  enum class Kind { Let, Var, Assign, If, Repeat, StopWhen, Return, State, Draw, Layer, Param };

  Kind kind;
  Span span;
  std::vector<Name> pattern;
  TypeExpr type;
  Name per;
  ExprPtr target;
  ExprPtr value;
  ExprPtr like;
  ExprPtr within;
  Name layerIndex;
  ExprPtr layerRange;
  std::vector<Stmt> body;
  std::vector<Stmt> orElse;

  Stmt(Kind kind, Span span) : kind(kind), span(span) {}
};

/// A line of an `evaluate` or `worst` block: `clean`, `name = adversary`, `pgd(…)`.
struct EvalItem {
  Name name;     ///< Empty where the line has none.
  ExprPtr value; ///< A Name, Call or adversary.
  Span span;
};

/// A named member of a `set`: `project(v) = e`, `steepest(u) = e`, `start { … }`; with `beside`,
/// the one for its intersection with another set: `project(v) & box(low, high) = e`.
struct SetMember {
  Name name;
  std::vector<Name> params;
  Name beside; ///< The other set; empty without one.
  std::vector<Name> besideParams;
  std::vector<Stmt> body; ///< A single Return for the `= e` form.
  Span span;
};

/// A declaration outside an experiment.
///
///   Import     path
///   Fn         params, result, body (a single Return for `= e`)
///   Head       params, body (Param, Let), logits, logitsGiven + givenName
///   Network    params, body (Let, Layer, Param), forwardParam, forward
///   Solver     params, objective, set, point, until, body
///   Optimizer  params, objective = the loss, point = the weight, body
///   Set        params, members
///   Start      params, set, point, body
///   Attack     params, value
///   Dataset    params, fields
///   Augmentation  params, point = the image, label or empty, body
struct Decl {
  enum class Kind {
    Import,
    Fn,
    Head,
    Network,
    Solver,
    Optimizer,
    Set,
    Start,
    Attack,
    Dataset,
    Augmentation
  };

  Kind kind;
  Span span;
  std::string doc; ///< Text of the `///` lines above, without the slashes.
  Name name;
  std::vector<Param> params;
  TypeExpr result;
  std::vector<Stmt> body;

  std::vector<Name> path;        ///< Import: `import a.b.{c, d}` is path a.b and ...
  std::vector<Name> importNames; ///< ... names c, d.
  std::string importFile;        ///< Import: `import "file.advx"`.

  ExprPtr logits;
  ExprPtr logitsGiven;
  Name givenName;
  Name forwardParam;
  ExprPtr forward;
  Name objective, set, point, until, label;
  std::vector<Name> sets; ///< Solver: those that it is for; empty for all.
  std::vector<SetMember> members;
  std::vector<Arg> fields;
  ExprPtr value;

  Decl(Kind kind, Span span) : kind(kind), span(span) {}
};

/// One item of an experiment, in the order of the text.
///
///   Let       pattern, value (an expression or an adversary)
///   Data      value = a call; settings of the braces in args
///   Features  name, value, source
///   Head      name, value, source
///   Threat    name, names = (x, y), value
///   State     name, type, per, value
///   Draw      name, value, like or null, per
///   Inner     pattern, value = an adversary
///   Outer     value = the loss, by = optimiser call, count = epochs,
///             replays or null, updates
///   Evaluate  every or null, atEnd, value = split, over, with, name (as), items
///   Keep      value = what `best( … )` holds
///   Stop      value = condition, name = what to keep
///   Sweep     args: name in value
struct Item {
  enum class Kind {
    Let,
    Data,
    Features,
    Head,
    Threat,
    State,
    Draw,
    Inner,
    Outer,
    Evaluate,
    Keep,
    Stop,
    Sweep
  };
  /// `also target := value` (old weights) or `then target := value` (new weights).
  struct Update {
    bool afterStep = false;
    ExprPtr target;
    ExprPtr value;
    Span span;
  };

  Kind kind;
  Span span;
  std::string doc;
  Name name;
  std::vector<Name> pattern;
  std::vector<Name> names;
  TypeExpr type;
  Name per;
  ExprPtr value;
  ExprPtr like;
  std::vector<Arg> args;
  std::optional<ModelSource> source;
  ExprPtr by;
  ExprPtr count;
  ExprPtr replays;
  std::vector<Update> updates;
  ExprPtr every;
  bool atEnd = false;
  ExprPtr over;
  ExprPtr with;
  std::vector<EvalItem> items;

  Item(Kind kind, Span span) : kind(kind), span(span) {}
};

struct Experiment {
  Name name;
  std::string doc;
  std::vector<Item> items;
  /// A line has a syntax error and is not among the items; what such lines declare.
  bool isDamaged = false;
  std::vector<Name> lostNames;
  Span span;
};

/// `// advx:allow(CODE): reason`, which silences one lint on the next line.
struct Allow {
  std::string code;
  std::string reason;
  Span span;
};

/// One file: declarations and experiments in the order of the text.
struct File {
  uint32_t source = 0;
  std::vector<Decl> decls;
  std::vector<Experiment> experiments;
  std::vector<Allow> allows;
  std::vector<Span>
      strayDocs; ///< `///` lines that stand above no declaration and no line of a page.
};

} // namespace advx::syntax

#endif // ADVX_SYNTAX_AST_H
