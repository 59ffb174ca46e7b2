#ifndef ADVX_SEMA_CHECKER_H
#define ADVX_SEMA_CHECKER_H

//===- Checker.h - The rooms of the checker, put together -------------------===//
//
// One Checker makes one Experiment. Texts lead from any room into any other (a call in
// a set in a solver), so the rooms know each other by reference, and this is the one
// place that knows them all.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/adversaries/Candidates.h"
#include "compiler/sema/adversaries/Combinations.h"
#include "compiler/sema/adversaries/OptimizerChecker.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/adversaries/SetRanges.h"
#include "compiler/sema/adversaries/SolverChecker.h"
#include "compiler/sema/adversaries/StartChecker.h"
#include "compiler/sema/experiment/AugmentationChecker.h"
#include "compiler/sema/experiment/BestIndices.h"
#include "compiler/sema/experiment/DataChecker.h"
#include "compiler/sema/experiment/EvaluationChecker.h"
#include "compiler/sema/experiment/LetChecker.h"
#include "compiler/sema/experiment/PageChecker.h"
#include "compiler/sema/experiment/ProblemChecker.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/experiment/StopChecker.h"
#include "compiler/sema/experiment/SweepChecker.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/DrawChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/IndexRanges.h"
#include "compiler/sema/texts/InitialiserChecker.h"
#include "compiler/sema/texts/LayerChecker.h"
#include "compiler/sema/texts/Literals.h"
#include "compiler/sema/texts/MemberChecker.h"
#include "compiler/sema/texts/ModelChecker.h"
#include "compiler/sema/texts/OperatorChecker.h"
#include "compiler/sema/texts/PrimitiveLayers.h"
#include "compiler/sema/texts/Remainders.h"
#include "compiler/sema/texts/SourceChecker.h"
#include "compiler/sema/texts/StatementChecker.h"
#include "compiler/sema/types/PrimitiveChecker.h"

namespace advx::sema {

class Checker {
public:
  Checker(const Program &program, diag::Engine &engine, const syntax::Experiment &page)
      : program(program), engine(engine), sheet(page, program.userFileIndex()) {}
  Checker(const Checker &) = delete;
  Checker &operator=(const Checker &) = delete;

  /// Null after an error.
  std::unique_ptr<Experiment> run();
  const std::vector<Edit> &edits() const { return sheet.edits; }
  std::vector<Use> uses() const { return names.all(); }

private:
  const Program &program;
  diag::Engine &engine;

  Sheet sheet;
  Findings findings{program, engine};
  OpenTexts openTexts{findings};
  SizeLimits sizes{findings};
  Suggestions suggestions{program, sheet, findings, exprChecker};
  Binder binder{findings, suggestions};
  Expressions build{sheet, findings, labels, settingTable};
  LabelRules labels{sheet, findings, build};
  Vectors vectors{sheet, findings, sizes, build, labels};
  WeightRules weightRules{sheet, findings, build};
  TypeRules typeRules{sheet, findings, sizes, build, exprChecker};
  SettingTable settingTable{sheet, findings, build, reports};
  ReportTexts reports{program, sheet, build};
  Functions functions{sheet, settingTable};
  Uses names;
  const Tools tools{program,     engine,       sheet,   findings,  sizes,   openTexts,
                    suggestions, binder,       build,   labels,    vectors, weightRules,
                    typeRules,   settingTable, reports, functions, names};

  PrimitiveChecker primitiveChecker{tools, exprChecker};
  ExprChecker exprChecker{tools,        operatorChecker, memberChecker, callChecker,
                          layerChecker, letChecker,      literals};
  Remainders remainders{tools, exprChecker};
  OperatorChecker operatorChecker{tools,        exprChecker, callChecker,
                                  layerChecker, setChecker,  remainders};
  IndexRanges indexRanges{tools, exprChecker};
  Literals literals{tools, exprChecker};
  MemberChecker memberChecker{tools, exprChecker};
  CallBinder callBinder{tools, exprChecker, startChecker};
  CallChecker callChecker{tools,           primitiveChecker, exprChecker, layerChecker,
                          primitiveLayers, statementChecker, setChecker,  startChecker,
                          callBinder,      indexRanges,      literals};
  LayerChecker layerChecker{tools,        exprChecker, callChecker,
                            modelChecker, callBinder,  primitiveLayers};
  InitialiserChecker initialisers{tools, exprChecker};
  PrimitiveLayers primitiveLayers{tools, exprChecker, layerChecker, initialisers};
  ModelChecker modelChecker{tools,         exprChecker, layerChecker, initialisers,
                            sourceChecker, setChecker,  callBinder};
  SourceChecker sourceChecker{tools};
  DrawChecker drawChecker{tools, exprChecker, setChecker};
  StatementChecker statementChecker{tools,       exprChecker, solverChecker,
                                    callChecker, indexRanges, drawChecker};
  SetChecker setChecker{tools, exprChecker, callChecker, callBinder};
  SetRanges setRanges{tools};
  StartChecker startChecker{tools, exprChecker, callChecker, setChecker, callBinder};
  SolverChecker solverChecker{tools, exprChecker, statementChecker, startChecker, callBinder};
  OptimizerChecker optimizerChecker{tools, exprChecker, statementChecker, solverChecker};
  AdversaryChecker adversaryChecker{tools, exprChecker, callChecker, setChecker, solverChecker};
  StateChecker stateChecker{tools, exprChecker, callChecker};
  LetChecker letChecker{tools, exprChecker, callChecker, drawChecker, stateChecker};
  DataChecker dataChecker{tools, exprChecker, callBinder};
  AugmentationChecker augmentationChecker{tools, solverChecker, statementChecker};
  Combinations combinations{tools};
  Candidates candidates{tools, exprChecker, setChecker, indexRanges};
  BestIndices bestIndices{tools, indexRanges, candidates};
  ProblemChecker problemChecker{tools,      exprChecker,  optimizerChecker, adversaryChecker,
                                candidates, combinations, stateChecker,     letChecker};
  EvaluationChecker evaluationChecker{tools,      exprChecker, callChecker, adversaryChecker,
                                      callBinder, candidates,  bestIndices, stateChecker};
  SweepChecker sweepChecker{tools, indexRanges};
  StopChecker stopChecker{tools, exprChecker};
  PageChecker pageChecker{
      tools,       modelChecker,        setChecker,     setRanges,         letChecker,
      dataChecker, augmentationChecker, problemChecker, evaluationChecker, sweepChecker,
      stopChecker, stateChecker};
};

} // namespace advx::sema

#endif
