#ifndef ADVX_COMPILER_SYNTAX_ASTBUILDER_H
#define ADVX_COMPILER_SYNTAX_ASTBUILDER_H

// Private to the parser: includes ANTLR.

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/syntax/AST.h"
#include "compiler/syntax/SyntaxErrors.h"

#include "AdvxParser.h"

#include <set>

namespace advx::syntax {

/// Thrown and caught inside AstBuilder where a part has a syntax error, which
/// has been reported: what encloses it is left out of the AST.
struct Damaged {};

/// `part`, unless the parser had to give up in it or never reached it.
template <typename Context> Context *intact(Context *part) {
  if (!part || part->exception)
    throw Damaged();
  return part;
}

inline antlr4::tree::TerminalNode *intact(antlr4::tree::TerminalNode *part) {
  if (!part || dynamic_cast<antlr4::tree::ErrorNode *>(part))
    throw Damaged();
  return part;
}

/// Turns ANTLR's tree into the AST. Parts with syntax errors (already reported)
/// are left out: a damaged statement or item alone, a damaged header with its block.
class AstBuilder {
public:
  AstBuilder(const TokenPlaces &places, diag::Engine &engine, const Damage *damage = nullptr)
      : places(places), engine(engine), damage(damage) {}

  void add(grammar::AdvxParser::FileContext *tree, File &file);

private:
  using G = grammar::AdvxParser;
  /// Kinds of bodies, by what they may hold.
  enum class Body { Function, Head, Network, Solver, Optimizer, SetMember, Start, Augmentation };

  // AstBuilder.cpp: declarations and experiments.
  void addTopLevel(G::TopLevelContext *context, File &file);
  Decl begin(Decl::Kind kind, antlr4::ParserRuleContext *context, G::IdContext *id,
             G::ParamsContext *params);
  Decl importDecl(G::ImportDeclContext *context);
  Decl fnDecl(G::FnDeclContext *context);
  Decl headDecl(G::HeadDeclContext *context);
  Decl networkDecl(G::NetworkDeclContext *context);
  Decl solverDecl(G::SolverDeclContext *context);
  Decl optimizerDecl(G::OptimizerDeclContext *context);
  Decl attackDecl(G::AttackDeclContext *context);
  Decl setDecl(G::SetDeclContext *context);
  Decl startDecl(G::StartDeclContext *context);
  Decl datasetDecl(G::DatasetDeclContext *context);
  Decl augmentationDecl(G::AugmentationDeclContext *context);
  Experiment experiment(G::ExperimentContext *context);
  void loseLine(const antlr4::Token *first, Experiment &result);
  /// `part`, unless an error lies in it or follows it on its line.
  template <typename Context> Context *whole(Context *part) {
    if (damage && part->stop && damage->endings.count(part->stop->getTokenIndex()))
      throw Damaged();
    return intact(part);
  }
  Item item(G::ItemContext *context);
  Item outerItem(G::OuterItemContext *context);
  Item evaluateItem(G::EvaluateItemContext *context);
  ModelSource source(G::SourceContext *context);
  std::vector<Param> params(G::ParamsContext *context);
  TypeExpr type(G::TypeContext *context);
  std::string doc(antlr4::ParserRuleContext *context);
  void collectStrayDocs(File &file);
  void missingPart(const Decl &decl, std::string what, std::string line);
  void repeatedPart(Span again, Span first, const std::string &what);

  // AstStatements.cpp
  std::vector<Stmt> stmts(const std::vector<G::StmtContext *> &contexts, Body body,
                          bool nested = false);
  /// The body of `= e` or `{ … return e }`: one Return, or the statements.
  std::vector<Stmt> valueBody(G::ExprContext *value, G::BlockContext *block, Body body,
                              const Name &owner);
  void requireReturn(const std::vector<Stmt> &body, const Name &owner);
  Stmt stmt(G::StmtContext *context, Body body);
  Stmt letStmt(G::LetStmtContext *context);
  Stmt stateStmt(G::StateStmtContext *context);
  Stmt drawStmt(G::DrawStmtContext *context);
  Stmt ifStmt(G::IfStmtContext *context, Body body);
  ExprPtr target(G::TargetContext *context);
  std::vector<Name> pattern(G::PatternContext *context);
  bool checkPlace(const Stmt &stmt, Body body, bool nested);

  // AstExpressions.cpp
  ExprPtr expr(G::ExprContext *context);
  ExprPtr adversary(G::AdversaryContext *context);
  ExprPtr choice(antlr4::ParserRuleContext *context, ExprPtr test, ExprPtr yes, ExprPtr no);
  /// One level of operators: operands and operators alternate among the children.
  ExprPtr chain(antlr4::tree::ParseTree *tree);
  /// Operands of one chain, or calls on one value; more are refused, since the tree
  /// of a chain is as deep as the chain is long.
  static constexpr size_t longestChain = 1000;
  /// Of the tree of one expression; a chain in the first operand of a chain adds up.
  static constexpr size_t deepestTree = 2000;
  void checkLength(size_t length, antlr4::ParserRuleContext *context);
  ExprPtr prefix(antlr4::ParserRuleContext *context, const char *op, antlr4::tree::ParseTree *rest);
  ExprPtr application(G::ApplicationContext *context);
  ExprPtr primary(G::PrimaryContext *context);
  ExprPtr call(G::CallContext *context);
  ExprPtr nameExpr(G::IdContext *context);
  ExprPtr string(antlr4::tree::TerminalNode *node);
  Arg arg(G::ArgContext *context);
  Arg named(G::IdContext *id, G::ExprContext *value, antlr4::ParserRuleContext *context);
  std::vector<Arg> map(G::MapContext *context);
  std::vector<EvalItem> evalItems(const std::vector<G::EvalItemContext *> &contexts);
  ExprPtr evalValue(G::EvalValueContext *context);
  Name name(G::IdContext *context);
  std::vector<Name> names(const std::vector<G::IdContext *> &contexts, size_t from = 0);

  Span span(antlr4::ParserRuleContext *context) { return places.span(context); }
  Span span(antlr4::tree::TerminalNode *node) { return places.span(node->getSymbol()); }
  ExprPtr make(Expr::Kind kind, Span span) { return std::make_unique<Expr>(kind, span); }

  /// So many levels of the tree above what is built, as long as it lives.
  struct Below {
    Below(AstBuilder &builder, size_t levels, antlr4::ParserRuleContext *context);
    ~Below() { depth -= levels; }
    size_t &depth;
    size_t levels;
  };

  const TokenPlaces &places;
  diag::Engine &engine;
  const Damage *damage;
  size_t depth = 0;
  static constexpr size_t docChannel = 2;
  std::set<size_t> docLines; ///< Tokens that stand above what they document.
};

/// Runs `build`; where it meets a syntax error, which the parser has reported, its
/// part of the tree is left out and the parts around it are still made.
template <typename Build> bool buildPart(Build build) {
  try {
    build();
    return true;
  } catch (const Damaged &) {
    return false;
  }
}

/// Whether any part of this tree has a syntax error.
bool isDamaged(antlr4::ParserRuleContext *context);

} // namespace advx::syntax

#endif // ADVX_COMPILER_SYNTAX_ASTBUILDER_H
