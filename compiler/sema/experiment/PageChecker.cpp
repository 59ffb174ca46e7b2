//===- PageChecker.cpp - The items of a page, in the order of the text ---===//

#include "compiler/sema/experiment/PageChecker.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/adversaries/SetRanges.h"
#include "compiler/sema/experiment/AugmentationChecker.h"
#include "compiler/sema/experiment/DataChecker.h"
#include "compiler/sema/experiment/EvaluationChecker.h"
#include "compiler/sema/experiment/LetChecker.h"
#include "compiler/sema/experiment/ProblemChecker.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/experiment/StopChecker.h"
#include "compiler/sema/experiment/SweepChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ModelChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

bool PageChecker::run() {
  const syntax::Experiment &text = *sheet.page;
  sheet.experiment->name = text.name.text;
  sheet.experiment->doc = diag::visible(text.doc, true);
  sheet.experiment->span = text.span;
  const SourceFile &file = program.sourceManager().file(text.span.file);
  sheet.experiment->path = file.path;
  sheet.experiment->text = file.text;
  // Functions are named after these.
  for (const syntax::Item &item : text.items)
    if (item.kind == syntax::Item::Kind::Features || item.kind == syntax::Item::Kind::Head ||
        item.kind == syntax::Item::Kind::Threat) {
      functions.symbols[item.name.text] = 1;
      if (item.kind != syntax::Item::Kind::Threat)
        functions.models.insert(item.name.text);
    }

  unsigned errors = engine.errorCount();
  const syntax::Item *data = nullptr;
  for (const syntax::Item &item : text.items)
    if (item.kind == syntax::Item::Kind::Data) {
      if (data)
        findings.report(diag::Code::RepeatedItem, item.span, "an experiment has one `data`")
            .label("the second")
            .expected("one `data` line")
            .help("remove one of them")
            .note(data->span, "the first");
      else
        data = &item;
    }
  // Shapes come from the data, wherever the page says what they are.
  if (data)
    dataChecker.checkData(*data);
  else if (!text.isDamaged)
    findings.report(diag::Code::MissingItem, text.name.span, "the experiment has no `data`")
        .label("this experiment")
        .expected("`data DATASET() { batch = 128 }`")
        .help("add it as the first line");
  if (!sheet.dataReady) {
    // Said already: what the data would declare is no second mistake.
    for (const char *name : {"x", "y"})
      sheet.pageScope->names[name];
    sheet.rootScope->names["classes"];
  }
  size_t inners = std::count_if(text.items.begin(), text.items.end(), [](const syntax::Item &item) {
    return item.kind == syntax::Item::Kind::Inner;
  });
  for (const syntax::Item &item : text.items) {
    // Its arguments are read where the line stands, or before what needs them.
    if (item.kind == syntax::Item::Kind::Data || item.kind == syntax::Item::Kind::Inner ||
        item.kind == syntax::Item::Kind::Outer)
      augmentationChecker.check(dataChecker.augment());
    if (item.kind == syntax::Item::Kind::Inner)
      problemChecker.checkInner(item, inners);
    else
      checkItem(item);
  }
  if (!sheet.experiment->outer && !problemChecker.hasOuter() &&
      !sheet.hasLine(syntax::Item::Kind::Evaluate))
    findings.report(diag::Code::MissingItem, text.name.span, "the experiment does nothing")
        .label("this experiment")
        .found("neither `outer` nor `evaluate`")
        .expected("at least one of them")
        .help("add `outer minimize …` or `evaluate on test { clean }`");
  sweepChecker.check();
  if (!engine.hasErrors())
    stateChecker.checkUpdated();
  if (!engine.hasErrors()) {
    reportLostItems();
    evaluationChecker.addClean();
  }
  if (engine.errorCount() == errors)
    setRanges.checkSetRanges();
  return engine.errorCount() == errors;
}

/// Nothing is ignored: a line that left no trace in the experiment and no finding
/// either is refused here.
void PageChecker::reportLostItems() {
  using ItemKind = syntax::Item::Kind;
  std::map<ItemKind, size_t> counts, kept;
  std::map<ItemKind, Span> last;
  for (const syntax::Item &item : sheet.page->items) {
    ++counts[item.kind];
    last[item.kind] = item.span;
  }
  kept[ItemKind::Data] = sheet.dataReady;
  kept[ItemKind::Features] = sheet.experiment->models.size();
  kept[ItemKind::Head] = sheet.experiment->heads.size();
  kept[ItemKind::Threat] = sheet.threats.size() + sheet.threatsOfWeights;
  kept[ItemKind::Inner] = problemChecker.innerCount();
  kept[ItemKind::Outer] = sheet.experiment->outer.has_value();
  kept[ItemKind::Evaluate] = sheet.experiment->evaluations.size();
  kept[ItemKind::Keep] = sheet.experiment->keep.has_value();
  for (ItemKind named :
       {ItemKind::Let, ItemKind::Draw, ItemKind::State}) // read where they are used
    kept[named] = counts[named];
  kept[ItemKind::Stop] = sheet.experiment->stop.has_value();
  kept[ItemKind::Sweep] = !sheet.experiment->sweep.empty();
  for (const auto &[kind, count] : counts)
    if (kept[kind] != count)
      findings.unsupported(last[kind], "this form of the line");
  size_t index = 0;
  for (const syntax::Item &item : sheet.page->items) {
    if (item.kind != ItemKind::Evaluate || index >= sheet.experiment->evaluations.size())
      continue;
    const Evaluation &evaluation = sheet.experiment->evaluations[index++];
    if (evaluation.items.size() < item.items.size())
      findings.unsupported(item.span, "a line of this evaluation");
  }
}

void PageChecker::checkItem(const syntax::Item &item) {
  using ItemKind = syntax::Item::Kind;
  switch (item.kind) {
  case ItemKind::Data:
  case ItemKind::Inner:
    return;
  case ItemKind::Let:
    return letChecker.checkLet(item);
  case ItemKind::Features:
    return modelChecker.checkFeatures(item);
  case ItemKind::Head:
    return modelChecker.checkHead(item);
  case ItemKind::Threat:
    return setChecker.checkThreat(item);
  case ItemKind::State:
    return letChecker.checkState(item);
  case ItemKind::Draw:
    return letChecker.checkDraw(item);
  case ItemKind::Outer:
    return problemChecker.checkOuter(item);
  case ItemKind::Evaluate:
    return evaluationChecker.checkEvaluate(item);
  case ItemKind::Keep:
    return evaluationChecker.checkKeep(item);
  case ItemKind::Stop:
    return stopChecker.checkStop(item);
  case ItemKind::Sweep:
    return; // after all other lines
  }
}

} // namespace advx::sema
