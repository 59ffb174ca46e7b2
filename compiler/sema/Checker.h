#ifndef ADVX_SEMA_CHECKER_H
#define ADVX_SEMA_CHECKER_H

//===- Checker.h - The state of checking one experiment ---------------------===//
//
// One Checker makes one Experiment. Its members are grouped by the file that
// implements them; each file holds one idea. A function that answers null (or a
// Value of kind Error) has reported why, and callers pass it on in silence.
//
//===----------------------------------------------------------------------===//

#include "compiler/diagnostics/FieldNames.h"
#include "compiler/sema/Program.h"
#include "compiler/sema/Values.h"

#include <functional>
#include <tuple>
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
  const Local *y = nullptr;
};

/// Where an expression stands.
struct Env {
  ScopePtr scope;
  Mode mode = Mode::Eval;
  std::vector<Stmt> *stmts = nullptr; ///< Receives Lets of what is inlined; may be null.
  PageBlock *page = nullptr;
  BodyState *body = nullptr;
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

/// An insertion that makes a default visible (ExplainExperiment.cpp).
struct Edit {
  uint32_t offset;
  uint32_t length;
  std::string text;
};

/// The mode that `in MODE` and `f[MODE](x)` name, or nothing.
std::optional<Mode> modeNamed(const std::string &name);

class Checker {
public:
  Checker(const Program &program, diag::Engine &engine);
  ~Checker();
  Checker(const Checker &) = delete;
  Checker &operator=(const Checker &) = delete;

  std::unique_ptr<Experiment> run(const syntax::Experiment &page);
  const std::vector<Edit> &edits() const { return pageEdits; }

private:
  friend class LintChecker;
  friend class PageLintChecker;
  friend class BatchStatistics;
  friend class Primitives;
  using Decl = syntax::Decl;

  //--- Checker.cpp: reports, names, arguments --------------------------------
  diag::Diagnostic &report(diag::Code code, Span span, std::string message);
  void unsupported(Span span, const std::string &construct, const std::string &instead = "");
  bool explainOrder(diag::Diagnostic &diagnostic, const std::string &text, Span span);
  /// The arguments in order of `params`, null where one is missing. False after an error.
  bool bindArguments(const std::vector<std::string> &params, size_t required,
                     const std::vector<syntax::Arg> &args, size_t skip, Span call,
                     const std::string &callee, Span declared,
                     std::vector<const syntax::Arg *> &bound);
  bool declareName(Scope &scope, const syntax::Name &name, Value value);
  std::string source(Span span) const;
  Local *local(const std::string &name, Type type, Span span);
  template <typename T> T *make() {
    auto node = std::make_shared<T>();
    T *raw = node.get();
    experiment->storage.push_back(std::shared_ptr<const void>(node));
    return raw;
  }

  //--- Limits.cpp: each answers whether it is within the limits, after a report where not
  bool checkSize(const std::vector<int64_t> &shape, Span span, const std::string &what);
  bool checkRange(int64_t value, int64_t low, int64_t high, Span span, const std::string &what);
  /// Whether the page may have one layer more.
  bool checkLayers(Span span);
  //--- Names.cpp ---------------------------------------------------------------
  std::string suggest(const std::string &name, const std::vector<std::string> &known) const;
  std::vector<std::string> namesIn(const Scope &scope) const;
  std::vector<std::string> callableNames(const Scope &scope) const;
  std::string boundOnPage(syntax::Item::Kind kind, const std::string &otherwise) const;
  std::string foreignHelp(std::initializer_list<diag::NamePlace> places, const std::string &name,
                          const std::vector<std::string> &known, const std::string &args) const;
  std::string nameHelp(std::initializer_list<diag::NamePlace> places, const std::string &name,
                       const std::vector<std::string> &known, const std::string &args = "") const;
  std::string unknownLineHelp(const std::string &name, const std::vector<std::string> &known) const;
  bool checkSourceFormat(const syntax::ModelSource &from);
  std::string foreignHeadHelp(const syntax::Expr &value) const;
  bool isFirstUnknown(const std::string &name, Span span);
  void unknownName(const syntax::Expr &expr, Env &env);
  void unknownFunction(const syntax::Expr &call, const std::string &name, Span span, Env &env);
  Value checkMember(const syntax::Expr &expr, Env &env);
  bool isMisspeltArgument(const syntax::Arg &arg, const std::vector<std::string> &params,
                          const std::string &callee);

  //--- Types.cpp ---------------------------------------------------------------
  /// Whether `value` fits the type as written; binds free dimensions in `scope`.
  bool fits(const syntax::TypeExpr &type, const Value &value, Scope &scope, std::string &expected);
  std::string spell(const syntax::TypeExpr &type, Scope &scope);
  std::optional<std::vector<int64_t>> shapeOf(const syntax::TypeExpr &type, const Env &env);
  bool isKnownType(const syntax::TypeExpr &type);
  /// Whether a value given to a parameter on a line of the page is there without an example: the
  /// numbers of a head and of an optimiser.
  bool isOfPage(const Value &value, const syntax::Expr &expr, const syntax::Param &param,
                const std::string &of);

  //--- Build.cpp: expressions with exact folding --------------------------------
  ExprPtr number(Rational value, Span span, Type::Element element = Type::Element::Real);
  ExprPtr boolean(bool value, Span span);
  ExprPtr localRef(const Local *local, Span span);
  ExprPtr node(const std::string &name, std::vector<ExprPtr> args, Type type, Span span,
               std::map<std::string, std::vector<int64_t>> ints = {});
  ExprPtr elementwise(const std::string &name, std::vector<ExprPtr> args, Span span,
                      std::map<std::string, std::vector<int64_t>> ints = {});
  ExprPtr select(ExprPtr condition, ExprPtr a, ExprPtr b, Span span);
  ExprPtr reduceSum(ExprPtr value, Span span);
  ExprPtr fold(const std::string &name, const std::vector<ExprPtr> &args, int64_t predicate,
               Type::Element element, Span span);
  /// Value of a Number through settings at their defaults; nothing where a clock enters.
  std::optional<Rational> evaluate(const ExprPtr &expr);
  std::optional<double> evaluateReal(const ExprPtr &expr);
  /// Whether a divisor is the constant 0, or a list of constants with a 0 in it.
  static bool holdsZero(const ExprPtr &divisor);
  std::optional<Rational> computeExactly(const Expr &expr);
  std::optional<double> computeRounded(const Expr &expr);
  /// An exact integer, which shapes the program unless `shapes` is false; reports where it is none.
  std::optional<int64_t> integer(const Value &value, Span span, const std::string &what,
                                 bool shapes = true);

  //--- Labels.cpp: classes by their numbers, beside labels of examples -------------
  ExprPtr compare(int64_t predicate, ExprPtr lhs, ExprPtr rhs, Span span);
  /// Whether this can stand for a label: one, a number, or a choice between such.
  static bool namesClass(const ExprPtr &expr);
  /// The label that such an expression means; null after a report.
  ExprPtr classLabel(const ExprPtr &expr, Span span);
  /// `value` as a label where `wanted` is one and it can stand for one; else unchanged.
  Value asLabel(const syntax::TypeExpr &wanted, const Value &value, Span span);

  //--- ExprChecker.cpp ------------------------------------------------------------
  Value check(const syntax::Expr &expr, Env &env);
  ExprPtr checkExpr(const syntax::Expr &expr, Env &env);
  ExprPtr expectExpr(const Value &value, Span span);
  Value checkName(const syntax::Expr &expr, Env &env);
  Value checkUnary(const syntax::Expr &expr, Env &env);
  Value checkBinary(const syntax::Expr &expr, Env &env);
  Value checkIf(const syntax::Expr &expr, Env &env);
  Value checkIndex(const syntax::Expr &expr, Env &env);
  Value checkList(const syntax::Expr &expr, Env &env);
  ExprPtr matrixProduct(ExprPtr lhs, ExprPtr rhs, Span span, bool transposeLhs = false);
  ExprPtr indexBy(ExprPtr base, ExprPtr index, Span span);
  ExprPtr oneHot(ExprPtr label, Span span, bool mask);
  ExprPtr listTensor(const Value &list, Span span);
  Value pageLet(size_t index, Span use, Env &env);

  //--- CallChecker.cpp -------------------------------------------------------------
  Value checkCall(const syntax::Expr &expr, Env &env);
  Value callNamed(const syntax::Expr &call, const std::string &name, Span nameSpan, Env &env);
  Value callText(const Decl &decl, std::vector<Value> values, Span use, Env &env);
  Value callNumberText(const Decl &decl, std::vector<Value> values, Span use, Env &env);
  void checkResult(const Decl &decl, Value &result, Span use, Scope &scope);
  Value callFunctionValue(const Value &function, std::vector<Value> values, Span use, Env &env);
  /// A value for each parameter of a text. `bound` are the arguments that gave them, null for
  /// defaults.
  bool bindText(const Decl &decl, const syntax::Expr &call, Env &env, std::vector<Value> &values,
                std::vector<const syntax::Arg *> &bound);
  const Function *instantiate(const Decl &decl, const std::vector<Value> &values, Span use);
  const Decl *chooseOverload(const std::vector<const Decl *> &decls,
                             const std::vector<Value> &values);
  bool bindParams(const Decl &decl, const std::vector<Value> &values, Scope &scope, Span use,
                  std::vector<const Local *> *locals, std::vector<ExprPtr> *passed,
                  bool keepNumbers);
  Value checkBody(const std::vector<syntax::Stmt> &body, Env &env, bool inlined);
  Function *newFunction(const std::string &name, Span span);
  /// `name`, or that with a number where something of the page has the name.
  std::string freeSymbol(const std::string &name);
  ExprPtr callFunction(const Function *function, std::vector<ExprPtr> args, Span span);
  Value applyHead(const Head &head, const syntax::Expr &call, std::optional<Mode> mode, Env &env,
                  bool fresh);
  Value applyModel(const Model &model, const syntax::Expr &call, std::optional<Mode> mode, Env &env,
                   bool fresh);
  ExprPtr apply(const Model &model, ExprPtr input, Mode mode, unsigned occurrence, Span span);
  Value checkGradient(const syntax::Expr &call, Env &env);

  //--- Primitives.cpp -----------------------------------------------------------------
  bool isPrimitive(const std::string &name) const;
  Value callPrimitive(const std::string &name, const syntax::Expr &call, Env &env);
  Value callPrimitiveOn(const std::string &name, std::vector<Value> values, Span span, Env &env);
  std::vector<std::string> primitiveNames() const;
  Value checkPiecewise(const syntax::Expr &call, Env &env);
  Value checkClassDistribution(const syntax::Expr &call, Env &env);

  //--- NetworkChecker.cpp, Layers.cpp ----------------------------------------------------
  bool isLayerPrimitive(const std::string &name) const;
  std::vector<std::string> layerNames() const;
  Value makePrimitiveLayer(const std::string &name, const syntax::Expr &call, Env &env);
  Value makeTextLayer(const Decl &decl, const syntax::Expr &call, Env &env);
  Value makeChain(Value lhs, Value rhs, Span span);
  LayerPtr asLayer(const Value &value, Span span);
  void setPath(Layer &layer, const std::string &path);
  ExprPtr applyLayer(const LayerPtr &layer, ExprPtr input, Span use, Env &env);
  ExprPtr applyTextOnce(Layer &layer, ExprPtr input, Span use, Env &env);
  ExprPtr applyText(Layer &layer, ExprPtr input, Span use, Env &env);
  ExprPtr applyPrimitiveLayer(Layer &layer, ExprPtr input, Span use, Env &env);
  bool arePositive(const ExprPtr &list, const Value &written);
  const Leaf *leafOf(Layer &layer, const std::string &name, std::vector<int64_t> shape,
                     Initialiser init, bool buffer, Span span);
  ExprPtr leafRef(const Leaf *leaf, Span span);
  ExprPtr bindLet(ExprPtr value, const std::string &name, Env &env);
  std::optional<Initialiser> initialiser(const syntax::Expr *expr,
                                         const std::vector<int64_t> &shape, int64_t outputAxis,
                                         std::optional<int64_t> fanIn, Env &env);
  void checkFeatures(const syntax::Item &item);
  void checkHead(const syntax::Item &item);
  void addParam(const syntax::Stmt &stmt, const std::string &path, Env &env,
                std::vector<const Leaf *> &leaves);

  //--- SourceChecker.cpp ------------------------------------------------------------------
  void applySource(const syntax::Item &item, const std::vector<const Leaf *> &leaves,
                   const std::string &component);

  //--- SetChecker.cpp ---------------------------------------------------------------------
  Value checkSet(const syntax::Expr &expr, Env &env);
  bool collectParts(const syntax::Expr &expr, Env &env, std::vector<SetPart> &parts);
  const Function *startOf(SetForm &form, const Type &radius);
  ExprPtr projectAll(const SetForm &form, ExprPtr point, const SetPart *except);
  std::shared_ptr<SetForm> makeSet(const syntax::Expr &expr, const std::string &name,
                                   const std::string &role, ScopePtr scope,
                                   std::vector<const Local *> params);
  bool partScope(const SetPart &part, Scope &scope, std::vector<const Local *> &locals,
                 std::vector<ExprPtr> &passed);
  const syntax::SetMember *member(const SetPart &part, const std::string &name) const;
  const Function *memberFunction(const SetPart &part, const syntax::SetMember &member,
                                 const std::vector<Type> &types, std::vector<ExprPtr> &passed);
  Value callSetMember(const std::string &name, const syntax::Expr &call, Env &env);
  Value setRadius(const Value &set, Span span, Env &env);
  void checkThreat(const syntax::Item &item);

  //--- StartChecker.cpp
  Value makeStart(const syntax::Expr &expr, Env &env);
  ExprPtr callStart(const StartForm &start, const syntax::Expr &call, Env &env);

  //--- StatementChecker.cpp, SolverChecker.cpp ----------------------------------------------
  void checkStatements(const std::vector<syntax::Stmt> &body, Env &env, std::vector<Stmt> &out);
  void checkStatement(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);
  void checkDraw(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);
  void assign(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);
  /// With `stops`, the solver's text or else its iterate heeds the condition after `until`.
  bool checkSolver(const syntax::Expr &call, Adversary &adversary, Env &env, const Value &set,
                   bool stops);
  void stopAtHit(const syntax::Stmt &loop, Env &env, std::vector<Stmt> &out);
  std::optional<Optimizer> checkOptimizer(const syntax::Expr &call, Env &env);
  bool numericParams(const Decl &decl, const std::vector<syntax::Param> &params,
                     const syntax::Expr &call, size_t skip, const std::string &role, Env &env,
                     Scope &scope, std::vector<Stmt> *lets, std::vector<Value> *values,
                     std::string &text);

  //--- Settings.cpp -----------------------------------------------------------------------------
  ExprPtr setting(const std::string &path, Type::Element element, ExprPtr value,
                  const std::string &text, bool isDefault, Span span);
  std::string freePath(const std::string &role, const std::string &fallback,
                       const std::string &param) const;
  Setting *settingOf(const ExprPtr &expr);
  /// The number `what`, which must lie in `range`: refused where the page decides it, else looked
  /// at in each run, as a setting or, if it is computed from several, as a derived one at `path`.
  /// That of a function's parameter is looked at where the function is called.
  ExprPtr bounded(ExprPtr value, const Range &range, diag::Code code, const std::string &what,
                  const std::string &path, Span span);
  /// The page's value of a Number shapes the program: no setting that it reads can be set.
  void fix(const ExprPtr &number);
  /// Makes the numbers of a call on the page, such as `cyclic(0.1)`, settings below `env.role`:
  /// the parts of a schedule. `values` are its arguments, defaults included.
  void declareParts(const Decl &decl, const syntax::Expr &call, Env &env,
                    const std::vector<const syntax::Arg *> &bound, std::vector<Value> &values);
  bool isPath(const std::string &path) const;
  bool isOnPage(Span span) const;
  void structural(const std::string &path, const std::string &text, bool isDefault, Span span);
  void insertArgument(const syntax::Expr &call, const std::string &param, const std::string &text);
  /// A Number as .advx text in terms of the page: settings that are lets by name, others by value;
  /// as it is `written` where that would be very long.
  std::string printNumber(const ExprPtr &expr, Span written);
  std::string printNumber(const ExprPtr &expr, unsigned level);
  bool isNamed(const ExprPtr &expr);
  bool isTooLong(const ExprPtr &expr, unsigned &left);

  //--- Ranges.cpp: what values a set may hold -----------------------------------------------------
  void checkSetRanges();

  //--- Reports.cpp: texts in which settings stand for their values -------------------------------
  /// Remembers that a number of the page stands at `span`.
  void noteNumber(Span span, const ExprPtr &value);
  /// The text at `span` with the numbers that were noted inside it.
  ReportText reportText(Span span) const;
  /// A number of the page in digits: as written, or what the text comes to; empty where
  /// the clock decides.
  std::string reportNumber(const ExprPtr &value, const std::string &text);
  /// `value` as a piece, or what is written at `span`.
  ReportText reportValue(const Value &value, Span span) const;

  //--- ExperimentChecker.cpp, EvaluationChecker.cpp
  //--------------------------------------------------
  void reportLostItems();
  bool hasLine(syntax::Item::Kind kind, uint32_t end = UINT32_MAX) const;
  void checkItem(const syntax::Item &item);
  void checkLet(const syntax::Item &item);
  void checkData(const syntax::Item &item);
  void checkInner(const syntax::Item &item, size_t inners);
  void checkOuter(const syntax::Item &item);
  void checkEvaluate(const syntax::Item &item);
  void checkKeep(const syntax::Item &item);
  bool checkMentions(const syntax::Expr &expr, const std::string &name);
  bool isWithoutTraining(const Adversary &attack, Span span);
  const Adversary *checkAdversary(const syntax::Expr &expr, const std::string &path,
                                  const syntax::Name &variable, ScopePtr scope, bool training,
                                  const syntax::Expr *defaultSet);
  const Adversary *checkBare(const syntax::Expr &call, const std::string &path, ScopePtr scope,
                             const syntax::Expr *defaultSet);
  void checkEvalItem(const syntax::EvalItem &item, Evaluation &evaluation, ScopePtr scope,
                     const syntax::Expr *defaultSet, const std::string &prefix,
                     std::vector<std::string> *members);
  Value defaultSetValue(Span use, ScopePtr scope, std::string &text);
  const Head *decidingHead(const Adversary *adversary) const;
  void finishBlock(Block &block, const PageEnv &env, ExprPtr value);
  void collectLeaves();

  const Program &program;
  diag::Engine &engine;
  std::unique_ptr<Experiment> experiment;
  const syntax::Experiment *page = nullptr;
  ScopePtr rootScope, pageScope;
  /// Every layer. A network's scope holds its layers and a layer its scope, so the
  /// destructor takes them apart.
  std::vector<LayerPtr> layers;
  LayerPtr newLayer() { return layers.emplace_back(std::make_shared<Layer>()); }
  std::vector<std::pair<Span, std::string>> frames; ///< "in this call of …", outermost first.
  std::map<std::string, const Function *> instances;
  /// What the texts of functions ask of their parameters.
  struct ParameterRange {
    Range range;
    diag::Code code;
    std::string what;
  };
  std::map<const Local *, ParameterRange> parameterRanges;
  std::set<std::string> activeInstances;
  /// Declarations whose text is being read, and those whose defaults and types are.
  std::vector<const syntax::Decl *> activeTexts, activeSignatures;
  std::map<std::string, unsigned> symbols;
  std::set<std::string> models; ///< Names of features and heads, which begin those of leaves.
  /// Networks applied to the values of a block, and how many layers with an effect there were.
  std::map<std::tuple<const Layer *, const void *, const void *>, std::pair<ExprPtr, ExprPtr>>
      applications;
  size_t effects = 0;
  std::set<const Decl *> badNetworks; ///< whose text has a mistake that every use of it would show
  std::map<const syntax::Expr *, unsigned> freshNumbers;
  /// What an expression comes to, with the expression, so that no other takes its address.
  template <typename T>
  using Known = std::unordered_map<const Expr *, std::pair<ExprPtr, std::optional<T>>>;
  Known<Rational> exactValues;
  Known<double> realValues;
  /// Calls of texts with numbers only, which are written out in place: equal ones once.
  std::map<std::string, std::pair<std::vector<Value>, Value>> numberCalls;
  struct Let {
    const syntax::Item *item;
    bool active = false;
  };
  std::vector<Let> pageLets;
  std::vector<std::shared_ptr<SetForm>> threats;
  std::vector<std::pair<const syntax::Item *, std::shared_ptr<SetForm>>> threatItems;
  std::vector<Edit> pageEdits;
  /// Numbers of the text that is being read, by file and offset: where they end, and what they are.
  std::map<std::pair<uint32_t, uint32_t>, std::pair<uint32_t, ExprPtr>> notedNumbers;
  std::set<std::string> evaluationNames;
  std::set<std::string> failedLines; ///< Lines of evaluations, `test.pgd`, that have an error.
  std::set<std::pair<uint32_t, std::string>> unknownNames; ///< Reported, by file.
  bool dataReady = false, outerSeen = false;
  bool layersCounted = false; ///< That there are too many layers has been said.
  ScopePtr evaluationScope;

  /// One frame of "in this call of …" as long as it lives.
  struct Frame {
    Frame(Checker &checker, Span span, std::string text) : checker(checker) {
      checker.frames.push_back({span, std::move(text)});
    }
    ~Frame() { checker.frames.pop_back(); }
    Checker &checker;
  };

  /// A declaration on one of the lists above as long as it lives. False, after a
  /// report, where it stands there already or the list is too long.
  class Inside {
  public:
    Inside(Checker &checker, std::vector<const Decl *> &active, const Decl &decl, Span use);
    ~Inside() {
      if (entered)
        active.pop_back();
    }
    Inside(const Inside &) = delete;
    Inside &operator=(const Inside &) = delete;
    explicit operator bool() const { return entered; }

  private:
    std::vector<const Decl *> &active;
    bool entered = false;
  };
};

/// The innermost name a page can mean by `x'`, without primes: for setting paths.
std::string withoutPrimes(const std::string &name);
/// What a setting is whose value a parameter takes.
Type::Element elementOf(const syntax::Param &param);
/// An int64 product of all sizes.
int64_t sizeOf(const std::vector<int64_t> &shape);
std::string shapeText(const std::vector<int64_t> &shape);
/// Reports what deserves a second look in a page without errors.
void lint(Checker &checker);
/// The same for what the page says and nothing reads, or reads backwards.
void lintPage(Checker &checker);

/// Refuses batches of one example where a batch norm takes the statistics of a batch of single
/// values.
void checkBatchStatistics(Checker &checker);

} // namespace advx::sema

#endif // ADVX_SEMA_CHECKER_H
