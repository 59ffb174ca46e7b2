#ifndef ADVX_SEMA_ROOM_H
#define ADVX_SEMA_ROOM_H

//===- Room.h - What every part of the checker works with ------------------===//
//
// The checker is a house of rooms, each a class that reads one kind of thing: sets,
// calls, evaluations. All of them work with the same tools; which other rooms one
// calls is said in its constructor.
//
// A function that answers null (or a Value of kind Error) has reported why, and
// callers pass it on in silence.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/experiment/ReportTexts.h"
#include "compiler/sema/experiment/SettingTable.h"
#include "compiler/sema/scopes/Binder.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/OpenTexts.h"
#include "compiler/sema/scopes/Program.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/scopes/SizeLimits.h"
#include "compiler/sema/scopes/Suggestions.h"
#include "compiler/sema/scopes/Uses.h"
#include "compiler/sema/texts/Functions.h"
#include "compiler/sema/types/Expressions.h"
#include "compiler/sema/types/LabelRules.h"
#include "compiler/sema/types/TypeRules.h"
#include "compiler/sema/types/Vectors.h"
#include "compiler/sema/types/WeightRules.h"

namespace advx::sema {

/// Whoever has them has all of them; none is null or ends before the checker does.
struct Tools {
  const Program &program;
  diag::Engine &engine;
  Sheet &sheet;
  Findings &findings;
  SizeLimits &sizes;
  OpenTexts &openTexts;
  Suggestions &suggestions;
  Binder &binder;
  Expressions &build;
  LabelRules &labels;
  Vectors &vectors;
  WeightRules &weightRules;
  TypeRules &typeRules;
  SettingTable &settingTable;
  ReportTexts &reports;
  Functions &functions;
  Uses &uses;
};

class Room : protected Tools {
protected:
  explicit Room(const Tools &tools) : Tools(tools) {}
};

} // namespace advx::sema

#endif
