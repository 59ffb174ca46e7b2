//===- Manifest.cpp - What the runtime is told, apart from offsets ---------===//

#include "compiler/lower/BodyBuilder.h"
#include "compiler/lower/Lower.h"
#include "compiler/sema/Checked.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/source/Source.h"
#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/SHA256.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

using namespace mlir;
namespace fs = std::filesystem;
namespace ops = mlir::advx;

namespace advx::lower {

bool isTrained(const sema::Experiment &page, const sema::Leaf &leaf) {
  return leaf.trainable && !leaf.isBuffer && page.outer.has_value();
}

std::string membershipStep(const sema::Experiment &page, const sema::Adversary &adversary) {
  if (adversary.set->group)
    return ""; // it holds weights, not examples
  bool plain = true, closed = true;
  // Rows of training examples are there in training alone.
  closed &= !sema::findRows(adversary.set->project->body.stmts);
  for (auto [arg, param] : llvm::zip(adversary.setArgs, adversary.set->params)) {
    const sema::Local *own = param->name == page.x->name ? page.x : page.y;
    plain &= arg->kind == sema::Expr::Kind::Local && arg->local == own;
    sema::visitExprs(arg, [&](const sema::Expr &expr) {
      for (const sema::Adversary *inner : page.inner)
        closed &= expr.local != inner->variable;
    });
  }
  if (!closed)
    return "";
  return "x in " + (plain ? adversary.set->name : "the set of " + adversary.path);
}

SmallVector<std::string> measuredInputs(const sema::Stop &stop) {
  SmallVector<std::string> names;
  for (const sema::Stop::Measured &measured : stop.measured)
    names.push_back((measured.isPrevious ? "previous " : "") + measured.evaluation + "." +
                    measured.item);
  return names;
}

double membershipTolerance(const sema::Data &data) {
  constexpr double levels = 255, unit = 0x1p-24; // of f32
  return std::max((data.high - data.low) / levels / 1000,
                  32 * unit * std::max(std::abs(data.low), std::abs(data.high)));
}

/// What the value of a setting follows from.
struct Reads {
  std::set<size_t> settings; ///< Through all others.
  bool clock = false;        ///< It is a schedule.
};

/// Settings read those before them.
static std::vector<Reads> settingReads(const sema::Experiment &page) {
  std::vector<Reads> result(page.settings.size());
  for (auto [index, setting] : llvm::enumerate(page.settings)) {
    Reads &reads = result[index];
    sema::visitExprs(setting.value, [&](const sema::Expr &part) {
      reads.clock |= part.kind == sema::Expr::Kind::Clock;
      if (part.kind != sema::Expr::Kind::Setting)
        return;
      const Reads &below = result[part.index];
      reads.settings.insert(part.index);
      reads.settings.insert(below.settings.begin(), below.settings.end());
      reads.clock |= below.clock;
    });
  }
  return result;
}

namespace {

/// Creates the ops of `advx.program`.
class ProgramLowering {
public:
  ProgramLowering(const sema::Experiment &page, const SourceManager &sources, OpBuilder &builder,
                  FloatType floatType, const Options &options)
      : page(page), sources(sources), builder(builder), floatType(floatType), options(options),
        owners(ownersOf(page)) {}

  void run();

private:
  Location at(Span span) { return body().location(span); }
  BodyBuilder body() { return BodyBuilder(builder, floatType, sources, noResults, owners); }
  /// The line of a place in its file, 0 for none.
  int64_t line(Span span) {
    return span.isValid() ? sources.lineColumn(span.file, span.begin).line : 0;
  }
  UnitAttr unit(bool is) { return is ? builder.getUnitAttr() : UnitAttr(); }
  FloatAttr number(std::optional<double> value) {
    return value ? builder.getF64FloatAttr(*value) : FloatAttr();
  }
  template <typename T> IntegerAttr integer(std::optional<T> value) {
    return value ? builder.getI64IntegerAttr(static_cast<int64_t>(*value)) : IntegerAttr();
  }
  StringAttr path(const std::optional<std::string> &setting) {
    return setting ? builder.getStringAttr(*setting) : StringAttr();
  }
  ArrayAttr strings(ArrayRef<std::string> texts) {
    return builder.getStrArrayAttr(SmallVector<StringRef>(texts.begin(), texts.end()));
  }
  FlatSymbolRefAttr symbol(StringRef name) {
    return name.empty() ? FlatSymbolRefAttr() : FlatSymbolRefAttr::get(builder.getContext(), name);
  }

  void data();
  void settings();
  void modelSources();
  void leaves();
  int64_t optimizerLeaves(int64_t slot);
  int64_t states(int64_t slot);
  void keptStatistics(int64_t slot);
  void train();
  void evaluations();
  void sweep();
  void attack(const sema::EvaluationItem &item);
  ArrayAttr report(const sema::ReportText &text);
  void text(StringRef path, StringRef bytes, bool isPage);
  void texts();

  const sema::Experiment &page;
  const SourceManager &sources;
  OpBuilder &builder;
  FloatType floatType;
  const Options &options;
  const BodyBuilder::Results noResults; ///< Settings call no function.
  const BodyBuilder::Owners owners;
};

void ProgramLowering::data() {
  const sema::Data &data = page.data;
  auto name = [&](const std::string &text) { return builder.getStringAttr(text); };
  builder.create<ops::DataOp>(
      at(data.span), name(data.name), TypeAttr::get(RankedTensorType::get(data.image, floatType)),
      builder.getI64IntegerAttr(data.classes), number(data.low), number(data.high),
      name(data.format), strings(data.train), strings(data.test),
      builder.getI64IntegerAttr(data.valid), name(data.batch), unit(data.dropLast),
      data.archive.empty() ? StringAttr() : name(data.archive), integer(data.labelBytes),
      data.names.empty() ? ArrayAttr() : strings(data.names));
}

void ProgramLowering::settings() {
  auto kindOf = [](sema::Type::Element element) {
    switch (element) {
    case sema::Type::Element::Real:
      return ops::SettingKind::real;
    case sema::Type::Element::Int:
      return ops::SettingKind::integer;
    case sema::Type::Element::Bool:
      return ops::SettingKind::boolean;
    }
    llvm_unreachable("an element of no kind");
  };
  std::vector<Reads> allReads = settingReads(page);
  for (auto [index, setting] : llvm::enumerate(page.settings)) {
    OpBuilder::InsertionGuard guard(builder);
    const sema::Range &range = setting.range;
    std::vector<std::string> reads;
    for (size_t read : allReads[index].settings)
      reads.push_back(page.settings[read].path);
    auto op = builder.create<ops::SettingOp>(
        at(setting.span), builder.getStringAttr(setting.path),
        ops::SettingKindAttr::get(builder.getContext(), kindOf(setting.element)),
        builder.getStringAttr(setting.text), unit(setting.isDefault),
        builder.getI64IntegerAttr(line(setting.span)),
        setting.report.empty() ? StringAttr() : builder.getStringAttr(setting.report),
        number(range.minimum), number(range.maximum), unit(range.openMinimum),
        unit(range.openMaximum), unit(setting.isDerived), unit(allReads[index].clock),
        reads.empty() ? ArrayAttr() : strings(reads));
    builder.createBlock(&op.getValue());
    BodyBuilder value = body();
    Value result = value.expr(*setting.value);
    if (result.getType().isInteger(1))
      result = builder.create<arith::UIToFPOp>(at(setting.span), builder.getF64Type(), result);
    builder.create<ops::YieldOp>(at(setting.span), result);
  }
  for (const sema::Structural &entry : page.structural)
    builder.create<ops::StructuralOp>(at(entry.span), entry.path, entry.text, entry.isDefault,
                                      line(entry.span));
  // Files of numbers shape the program, too: which ones, and what was in them.
  for (const sema::InputFile &input : page.inputs) {
    auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(input.bytes));
    std::string text = input.form + ", sha256 " + llvm::toHex(digest, /*LowerCase=*/true);
    builder.create<ops::StructuralOp>(at(input.span), input.path, text, /*isDefault=*/false,
                                      line(input.span));
  }
}

/// The folder of files of weights is that of the page, so that an executable finds them from
/// wherever it runs.
void ProgramLowering::modelSources() {
  std::string folder = fs::absolute(page.path).lexically_normal().parent_path().string();
  for (const sema::ModelSource &source : page.sources) {
    SmallVector<Attribute> renames;
    for (const sema::ModelSource::Rename &rename : source.renames)
      renames.push_back(builder.getStrArrayAttr({rename.theirs, rename.ours}));
    builder.create<ops::ModelSourceOp>(at(source.span), source.model, source.file, folder,
                                       line(source.span), builder.getArrayAttr(renames),
                                       strings(source.skips));
  }
}

void ProgramLowering::leaves() {
  static constexpr ops::LeafInit inits[] = {ops::LeafInit::constant, ops::LeafInit::uniform,
                                            ops::LeafInit::normal};
  MLIRContext *context = builder.getContext();
  int64_t slot = 0;
  for (const sema::Leaf *leaf : page.leaves) {
    const sema::Initialiser &init = leaf->init;
    const sema::Model *owner = owners.lookup(leaf);
    bool isDrawn = init.kind != sema::Initialiser::Kind::Constant;
    builder.create<ops::LeafOp>(
        at(page.span), builder.getStringAttr(leaf->name),
        TypeAttr::get(RankedTensorType::get(leaf->shape, floatType)),
        builder.getI64IntegerAttr(slot++),
        ops::LeafRoleAttr::get(context,
                               leaf->isBuffer ? ops::LeafRole::buffer : ops::LeafRole::parameter),
        owner ? builder.getStringAttr(owner->name) : StringAttr(), unit(isTrained(page, *leaf)),
        ops::LeafInitAttr::get(context, inits[static_cast<int>(init.kind)]),
        builder.getF64FloatAttr(init.a), isDrawn ? builder.getF64FloatAttr(init.b) : FloatAttr(),
        StringAttr(), integer(leaf->source), leaf->source ? strings(leaf->keys) : ArrayAttr(),
        leaf->source ? integer(leaf->rename) : IntegerAttr(), IntegerAttr());
  }
  keptStatistics(states(optimizerLeaves(slot)));
}

/// Running statistics that evaluations of other weights estimate, where they keep them.
void ProgramLowering::keptStatistics(int64_t slot) {
  MLIRContext *context = builder.getContext();
  std::set<std::string> known;
  for (const sema::Evaluation &evaluation : page.evaluations) {
    const std::optional<sema::EvaluatedModel> &with = evaluation.with;
    if (!with || with->statistics != sema::EvaluatedModel::Statistics::Estimated ||
        !known.insert(with->estimation()).second)
      continue;
    for (const sema::Leaf *leaf : with->head->model->leaves)
      if (leaf->isBuffer)
        builder.create<ops::LeafOp>(
            at(evaluation.span), builder.getStringAttr(with->keeper(*leaf)),
            TypeAttr::get(RankedTensorType::get(leaf->shape, floatType)),
            builder.getI64IntegerAttr(slot++),
            ops::LeafRoleAttr::get(context, ops::LeafRole::state), StringAttr(), UnitAttr(),
            ops::LeafInitAttr::get(context, ops::LeafInit::constant),
            builder.getF64FloatAttr(leaf->init.a), FloatAttr(), StringAttr(), IntegerAttr(),
            ArrayAttr(), IntegerAttr(), IntegerAttr());
  }
}

/// What the page keeps: leaves, and tables of rows. Answers the next slot.
int64_t ProgramLowering::states(int64_t slot) {
  MLIRContext *context = builder.getContext();
  for (const sema::State *state : page.states) {
    sema::Type kept = state->type;
    kept.shape = state->shape;
    TypeAttr type = TypeAttr::get(body().type(kept));
    StringAttr name = builder.getStringAttr(state->name);
    StringAttr setting =
        state->drawn || state->copied ? StringAttr() : builder.getStringAttr(state->init);
    if (state->hasRows() && !state->drawn) {
      bool slots = state->per == sema::State::Per::Slot;
      builder.create<ops::TableOp>(
          at(state->span), name, type,
          ops::RowsAttr::get(context, slots ? ops::Rows::slot : ops::Rows::example), setting);
      continue;
    }
    const sema::Initialiser init = state->drawn.value_or(sema::Initialiser());
    bool isNormal = init.kind == sema::Initialiser::Kind::Normal;
    auto kind = !state->drawn ? ops::LeafInit::constant
                : isNormal    ? ops::LeafInit::normal
                              : ops::LeafInit::uniform;
    auto leaf = builder.create<ops::LeafOp>(
        at(state->span), name, type, builder.getI64IntegerAttr(slot++),
        ops::LeafRoleAttr::get(context, ops::LeafRole::state), StringAttr(), UnitAttr(),
        ops::LeafInitAttr::get(context, kind), builder.getF64FloatAttr(init.a),
        state->drawn ? builder.getF64FloatAttr(init.b) : FloatAttr(), setting, IntegerAttr(),
        ArrayAttr(), IntegerAttr(), IntegerAttr());
    if (state->copied)
      leaf->setAttr(ops::kCopiedAttr, symbol(state->copied->name));
  }
  return slot;
}

/// For each state of the optimiser a leaf of each trained one. Answers the next slot.
int64_t ProgramLowering::optimizerLeaves(int64_t slot) {
  if (!page.outer)
    return slot;
  MLIRContext *context = builder.getContext();
  for (const sema::Optimizer::State &state : page.outer->optimizer.states)
    for (const sema::Leaf *leaf : page.leaves)
      if (isTrained(page, *leaf))
        builder.create<ops::LeafOp>(
            at(page.span), builder.getStringAttr("outer." + state.name + "[" + leaf->name + "]"),
            TypeAttr::get(RankedTensorType::get(leaf->shape, floatType)),
            builder.getI64IntegerAttr(slot++),
            ops::LeafRoleAttr::get(context, ops::LeafRole::optimizer), StringAttr(), UnitAttr(),
            ops::LeafInitAttr::get(context, ops::LeafInit::constant),
            builder.getF64FloatAttr(state.init.toDouble()), FloatAttr(), StringAttr(),
            IntegerAttr(), ArrayAttr(), IntegerAttr(), IntegerAttr());
  return slot;
}

void ProgramLowering::train() {
  if (!page.outer)
    return;
  std::vector<std::string> sets;
  SmallVector<Attribute> memberships;
  for (const sema::Adversary *inner : page.inner)
    if (std::string step = membershipStep(page, *inner); !step.empty()) {
      sets.push_back(inner->path);
      memberships.push_back(symbol(step));
    }
  builder.create<ops::TrainOp>(
      at(page.outer->span), symbol("train_step"), builder.getStringAttr(page.outer->epochs),
      builder.getI64IntegerAttr(1), path(page.outer->replays), strings(sets),
      builder.getArrayAttr(memberships), symbol(page.stop ? "stop_step" : ""),
      page.stop ? strings(measuredInputs(*page.stop)) : ArrayAttr(),
      unit(page.stop && page.stop->keepsPrevious));
}

/// Words, and settings in their places.
ArrayAttr ProgramLowering::report(const sema::ReportText &text) {
  SmallVector<Attribute> pieces;
  for (const sema::ReportPiece &piece : text) {
    if (!piece.setting) {
      pieces.push_back(builder.getStringAttr(piece.text));
      continue;
    }
    StringAttr path = builder.getStringAttr(page.settings[*piece.setting].path);
    pieces.push_back(builder.getDictionaryAttr(builder.getNamedAttr("setting", path)));
  }
  return builder.getArrayAttr(pieces);
}

void ProgramLowering::attack(const sema::EvaluationItem &item) {
  const sema::Adversary &adversary = *item.adversary;
  const sema::Setting *index = item.index ? &page.settings[*item.index] : nullptr;
  builder.create<ops::AttackLineOp>(
      at(item.span), builder.getStringAttr(item.name), symbol(adversary.path),
      symbol(membershipStep(page, adversary)), unit(item.inWorst),
      report(adversary.objectiveReport), report(adversary.solverReport),
      report(adversary.setReport), index ? builder.getStringAttr(index->path) : StringAttr(),
      index ? number(index->index[item.candidate].toDouble()) : FloatAttr(),
      index ? builder.getI64IntegerAttr(static_cast<int64_t>(item.candidate)) : IntegerAttr());
}

void ProgramLowering::sweep() {
  for (const sema::SweepAxis &axis : page.sweep)
    builder.create<ops::SweepOp>(at(axis.span), builder.getStringAttr(axis.path),
                                 strings(axis.values));
}

void ProgramLowering::evaluations() {
  for (const sema::Evaluation &evaluation : page.evaluations) {
    OpBuilder::InsertionGuard guard(builder);
    const std::optional<sema::EvaluatedModel> &with = evaluation.with;
    using Statistics = sema::EvaluatedModel::Statistics;
    const Statistics statistics = with ? with->statistics : Statistics::None;
    auto op = builder.create<ops::EvaluationOp>(
        at(evaluation.span), builder.getStringAttr(evaluation.name),
        builder.getStringAttr(evaluation.split), path(evaluation.count), path(evaluation.every),
        unit(evaluation.atEnd));
    if (with)
      op->setAttr(ops::kModelAttr, builder.getStringAttr(with->text));
    if (statistics == Statistics::Estimated)
      op->setAttr(ops::kEstimationAttr, symbol(with->estimation()));
    if (statistics == Statistics::Own)
      op->setAttr(ops::kOwnStatisticsAttr, builder.getUnitAttr());
    builder.createBlock(&op.getBody());
    for (const sema::EvaluationItem &item : evaluation.items)
      switch (item.kind) {
      case sema::EvaluationItem::Kind::Clean:
        builder.create<ops::CleanLineOp>(at(item.span), item.name,
                                         evaluation.name + "." + item.name, item.inWorst);
        break;
      case sema::EvaluationItem::Kind::Adversary:
        attack(item);
        break;
      case sema::EvaluationItem::Kind::Worst:
        builder.create<ops::WorstLineOp>(at(item.span), item.name, strings(item.of), item.inWorst);
        break;
      }
  }
  if (page.keep)
    builder.create<ops::KeepOp>(at(page.span), page.keep->evaluation, page.keep->item);
}

/// The name of a file as a name of a resource, which MLIR prints without quotes.
std::string resourceName(StringRef path) {
  std::string name = fs::path(path.str()).filename().string();
  for (char &c : name)
    if (!llvm::isAlnum(c) && c != '.')
      c = '_';
  return llvm::isAlpha(name[0]) ? name : "_" + name;
}

void ProgramLowering::text(StringRef path, StringRef bytes, bool isPage) {
  auto type = RankedTensorType::get({static_cast<int64_t>(bytes.size())}, builder.getI8Type());
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyInferAlign(
      ArrayRef<char>(bytes.data(), bytes.size()), /*dataIsMutable=*/false);
  builder.create<ops::TextOp>(
      at(page.span), builder.getStringAttr(path), unit(isPage),
      DenseResourceElementsAttr::get(type, resourceName(path), std::move(blob)));
}

/// The files that the page was read with: imports, relative to its folder, and texts of the
/// standard library; in the order of their names.
void ProgramLowering::texts() {
  text(page.path, page.text, /*isPage=*/true);
  std::map<std::string, const SourceFile *> files;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    const SourceFile &file = sources.file(i);
    if (i == page.span.file)
      continue;
    fs::path path(file.path);
    if (file.path.compare(0, 1, "<") != 0)
      path = fs::absolute(path).lexically_normal().lexically_relative(
          fs::absolute(page.path).lexically_normal().parent_path());
    files[path.string()] = &file;
  }
  for (const auto &[path, file] : files)
    text(path, file->text, /*isPage=*/false);
}

void ProgramLowering::run() {
  OpBuilder::InsertionGuard guard(builder);
  auto entry = [&](StringRef name, StringRef value) {
    return builder.getNamedAttr(name, builder.getStringAttr(value));
  };
  DictionaryAttr compiler = builder.getDictionaryAttr(
      {entry("version", ADVX_VERSION), entry("llvm", LLVM_VERSION_STRING),
       entry("options", "-O" + std::to_string(options.level)), entry("cpu", options.cpu)});
  auto program = builder.create<ops::ProgramOp>(
      at(page.span), builder.getStringAttr(page.name),
      page.doc.empty() ? StringAttr() : builder.getStringAttr(page.doc), compiler, IntegerAttr());
  builder.createBlock(&program.getBody());
  settings();
  data();
  modelSources();
  leaves();
  train();
  evaluations();
  sweep();
  texts();
}

} // namespace

void lowerProgram(const sema::Experiment &page, const SourceManager &sources, OpBuilder &builder,
                  FloatType floatType, const Options &options) {
  ProgramLowering(page, sources, builder, floatType, options).run();
}

} // namespace advx::lower
