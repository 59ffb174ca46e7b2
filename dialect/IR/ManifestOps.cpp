//===- ManifestOps.cpp - What the runtime must not be told -----------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::advx;

//===----------------------------------------------------------------------===//
// One op at a time
//===----------------------------------------------------------------------===//

ProgramOp ProgramOp::of(ModuleOp module) {
  auto programs = module.getOps<ProgramOp>();
  return programs.empty() ? ProgramOp() : *programs.begin();
}

LogicalResult ProgramOp::verify() {
  auto module = cast<ModuleOp>((*this)->getParentOp());
  if (ProgramOp::of(module) != *this)
    return emitOpError() << "is the second of its module";
  return success();
}

LogicalResult DataOp::verify() {
  auto image = dyn_cast<RankedTensorType>(getImage());
  if (!image || !image.hasStaticShape() || !isFloatTensor(image))
    return emitOpError() << "the image must be a float tensor of known shape, found " << getImage();
  if (!(getLow() <= getHigh()))
    return emitOpError() << "its range ends before it begins";
  if (getLabelBytes() && static_cast<int64_t>(*getLabelBytes()) < 1)
    return emitOpError() << "a label has at least one byte, found "
                         << static_cast<int64_t>(*getLabelBytes());
  if (std::optional<ArrayAttr> names = getClassNames(); names && names->size() != getClasses())
    return emitOpError() << "has " << getClasses() << " classes, but names " << names->size();
  return success();
}

LogicalResult SettingOp::verify() {
  if ((getOpenMinimum() && !getMinimum()) || (getOpenMaximum() && !getMaximum()))
    return emitOpError() << "a bound that is outside is not given";
  if (getMinimum() && getMaximum() && *getMaximum() < *getMinimum())
    return emitOpError() << "the least value lies above the largest one";
  return success();
}

LogicalResult SettingOp::verifyRegions() {
  if (getValue().empty())
    return success();
  auto yield = dyn_cast<YieldOp>(getValue().front().back());
  if (!yield || yield.getNumOperands() != 1 || !yield.getOperand(0).getType().isF64())
    return emitOpError() << "a setting is an f64 number";
  llvm::StringSet<> known;
  if (std::optional<ArrayAttr> reads = getReads())
    for (StringRef path : reads->getAsValueRange<StringAttr>())
      known.insert(path);
  for (auto value : getValue().getOps<SettingValueOp>())
    if (!known.contains(value.getPath()))
      return emitOpError() << "its value follows from '" << value.getPath()
                           << "', which it does not say that it reads";
  if (!getSchedule() && !getValue().getOps<ClockOp>().empty())
    return emitOpError() << "its value follows from the clock, so it is a schedule";
  return success();
}

LogicalResult LeafOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || !type.hasStaticShape() || !isTensor(type))
    return emitOpError() << "must be a tensor of known shape, found " << getType();
  if (getTrainable() && getRole() != LeafRole::parameter)
    return emitOpError() << "only a parameter is trainable";
  if (getB().has_value() != (getInit() != LeafInit::constant))
    return emitOpError() << "a constant is one number, what is drawn has two";
  if (getRename() && !getSource())
    return emitOpError() << "is renamed in no source";
  if (getSetting() && getRole() != LeafRole::state)
    return emitOpError() << "only a state begins as a setting";
  if ((*this)->hasAttr(kCopiedAttr) && (getRole() != LeafRole::state || getSetting()))
    return emitOpError() << "only a state without a setting copies a leaf";
  return success();
}

LogicalResult TableOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || !type.hasStaticShape() || !isTensor(type))
    return emitOpError() << "a row must be a tensor of known shape, found " << getType();
  return success();
}

LogicalResult ModelSourceOp::verify() {
  for (Attribute names : getRenames())
    if (cast<ArrayAttr>(names).size() != 2)
      return emitOpError() << "a renaming is two names, theirs and ours";
  return success();
}

LogicalResult TextOp::verify() {
  const AsmResourceBlob *blob = getText().getRawHandle().getBlob();
  if (!blob)
    return emitOpError() << "its bytes are not here: the module was printed without resources";
  ShapedType type = getText().getType();
  if (!type.getElementType().isInteger(8) || type.getRank() != 1 ||
      type.getDimSize(0) != static_cast<int64_t>(blob->getData().size()))
    return emitOpError() << "has " << blob->getData().size() << " bytes, but is of type " << type;
  return success();
}

StringRef TextOp::getBytes() {
  ArrayRef<char> data = getText().getRawHandle().getBlob()->getData();
  return StringRef(data.data(), data.size());
}

LogicalResult TrainOp::verify() {
  if (getSets().size() != getMemberships().size())
    return emitOpError() << "each adversary has one step that checks its set";
  return success();
}

LogicalResult AttackLineOp::verify() {
  if (getIndex().has_value() != getIndexValue().has_value() ||
      getIndex().has_value() != getCandidate().has_value())
    return emitOpError() << "a candidate has an index, its value and its place";
  return success();
}

LogicalResult EvaluationOp::verifyRegions() {
  if (!(*this)->hasAttr(kModelAttr) &&
      ((*this)->hasAttr(kEstimationAttr) || (*this)->hasAttr(kOwnStatisticsAttr)))
    return emitOpError() << "has statistics of no model at other weights";
  llvm::StringSet<> earlier;
  for (Operation &line : getBody().front()) {
    if (auto worst = dyn_cast<WorstLineOp>(line))
      for (StringRef member : worst.getMembers().getAsValueRange<StringAttr>())
        if (!earlier.contains(member))
          return worst.emitOpError() << "'" << member << "' is no line before it";
    auto name = line.getAttrOfType<StringAttr>("name");
    if (!name)
      return line.emitOpError() << "is no line of an evaluation";
    if (!earlier.insert(name).second)
      return line.emitOpError() << "another line is called '" << name.getValue() << "'";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// What ops say of each other
//===----------------------------------------------------------------------===//

namespace {

/// Looks up what the ops of one program name.
class References {
public:
  explicit References(ProgramOp program) : program(program) {}

  LogicalResult verify() {
    collectSteps(cast<ModuleOp>(program->getParentOp()));
    if (failed(verifyOnce<DataOp>()) || failed(verifyOnce<TrainOp>()) ||
        failed(verifyOnce<KeepOp>()))
      return failure();
    // In this order, so that what an op names is known when it comes.
    for (SettingOp setting : program.all<SettingOp>())
      if (failed(verifySetting(setting)))
        return failure();
    sources = program.all<ModelSourceOp>();
    for (auto [slot, leaf] : llvm::enumerate(program.all<LeafOp>()))
      if (failed(verifyLeaf(leaf, static_cast<int64_t>(slot))))
        return failure();
    for (TableOp table : program.all<TableOp>())
      if (failed(verifySettingOf(table, table.getSetting())))
        return failure();
    if (auto data = program.one<DataOp>())
      if (failed(verifyInteger(data, data.getBatch())))
        return failure();
    if (auto train = program.one<TrainOp>())
      if (failed(verifyTrain(train)))
        return failure();
    for (EvaluationOp evaluation : program.all<EvaluationOp>())
      if (failed(verifyEvaluation(evaluation)))
        return failure();
    for (SweepOp axis : program.all<SweepOp>())
      if (axis.getSetting() != "seed" && failed(verifySettingOf(axis, axis.getSetting())))
        return failure();
    auto keep = program.one<KeepOp>();
    return keep ? verifyKeep(keep) : success();
  }

private:
  /// The steps of the module, and those that `advx-instantiate` makes of an experiment.
  void collectSteps(ModuleOp module) {
    for (auto function : module.getOps<func::FuncOp>())
      if (function->hasAttr("advx.step"))
        steps.insert(function.getSymName());
    for (auto experiment : module.getOps<ExperimentOp>()) {
      if (!experiment.getBody().getOps<MinimizeOp>().empty())
        steps.insert("train_step");
      if (!experiment.getBody().getOps<StopOp>().empty())
        steps.insert("stop_step");
      experiment.walk([&](AdversaryOp adversary) {
        if (isa<EvaluateOp>(adversary->getParentOp()))
          steps.insert(adversary.getPath());
        if (auto membership = adversary->getAttrOfType<StringAttr>(kMembershipAttr))
          steps.insert(membership);
      });
      for (EvaluateOp evaluation : experiment.getBody().getOps<EvaluateOp>())
        if (auto estimation = evaluation->getAttrOfType<StringAttr>(kEstimationAttr))
          steps.insert(estimation);
      experiment.walk([&](CleanOp clean) {
        auto evaluation = cast<EvaluateOp>(clean->getParentOp());
        steps.insert((evaluation.getSymName() + clean.getName()).str());
      });
    }
  }

  template <typename OpTy> LogicalResult verifyOnce() {
    SmallVector<OpTy> ops = program.all<OpTy>();
    if (ops.size() > 1)
      return ops[1].emitOpError() << "is the second of its program";
    return success();
  }

  LogicalResult verifySetting(SettingOp setting) {
    if (std::optional<ArrayAttr> reads = setting.getReads())
      for (StringRef path : reads->getAsValueRange<StringAttr>())
        if (!settings.count(path))
          return setting.emitOpError() << "'" << path << "' is no setting before it";
    if (!settings.try_emplace(setting.getPath(), setting).second)
      return setting.emitOpError() << "another setting has its path";
    return success();
  }

  LogicalResult verifySettingOf(Operation *op, StringRef path) {
    if (!settings.count(path))
      return op->emitOpError() << "'" << path << "' is no setting";
    return success();
  }

  LogicalResult verifyInteger(Operation *op, StringRef path) {
    auto found = settings.find(path);
    if (found == settings.end() || found->second.getKind() != SettingKind::integer)
      return op->emitOpError() << "'" << path << "' is no integer setting";
    return success();
  }

  LogicalResult verifyLeaf(LeafOp leaf, int64_t slot) {
    if (static_cast<int64_t>(leaf.getSlot()) != slot)
      return leaf.emitOpError() << "has slot " << leaf.getSlot() << " but is leaf " << slot;
    if (leaf.getSetting() && failed(verifySettingOf(leaf, *leaf.getSetting())))
      return failure();
    if (auto copied = leaf->getAttrOfType<FlatSymbolRefAttr>(kCopiedAttr)) {
      auto of = program.lookupSymbol<LeafOp>(copied.getAttr());
      if (!of || of.getSlot() >= leaf.getSlot() || of.getType() != leaf.getType())
        return leaf.emitOpError() << copied << " is no leaf of its type before it";
    }
    if (!leaf.getSource())
      return success();
    uint64_t source = *leaf.getSource();
    if (source >= sources.size())
      return leaf.emitOpError() << "there is no model source " << source;
    if (leaf.getRename() && *leaf.getRename() >= sources[source].getRenames().size())
      return leaf.emitOpError() << "model source " << source << " has no renaming "
                                << *leaf.getRename();
    return success();
  }

  LogicalResult verifyStep(Operation *op, StringRef name) {
    if (!steps.contains(name))
      return op->emitOpError() << "'" << name << "' is no step";
    return success();
  }

  LogicalResult verifyTrain(TrainOp train) {
    if (failed(verifyStep(train, train.getStep())) ||
        failed(verifyInteger(train, train.getEpochs())) ||
        (train.getReplaySetting() && failed(verifyInteger(train, *train.getReplaySetting()))) ||
        (train.getStop() && failed(verifyStep(train, *train.getStop()))))
      return failure();
    for (auto step : train.getMemberships().getAsRange<FlatSymbolRefAttr>())
      if (failed(verifyStep(train, step.getValue())))
        return failure();
    return success();
  }

  LogicalResult verifyEvaluation(EvaluationOp evaluation) {
    for (std::optional<StringRef> number : {evaluation.getCount(), evaluation.getEvery()})
      if (number && failed(verifyInteger(evaluation, *number)))
        return failure();
    auto estimation = evaluation->getAttrOfType<FlatSymbolRefAttr>(kEstimationAttr);
    if (estimation && failed(verifyStep(evaluation, estimation.getValue())))
      return failure();
    for (Operation &line : evaluation.getBody().front())
      if (failed(verifyLine(line)))
        return failure();
    return success();
  }

  LogicalResult verifyLine(Operation &line) {
    if (auto clean = dyn_cast<CleanLineOp>(line))
      return verifyStep(clean, clean.getStep());
    auto attack = dyn_cast<AttackLineOp>(line);
    return attack ? verifyAttack(attack) : success();
  }

  LogicalResult verifyAttack(AttackLineOp line) {
    if (failed(verifyStep(line, line.getStep())) ||
        (line.getMembership() && failed(verifyStep(line, *line.getMembership()))) ||
        (line.getIndex() && failed(verifySettingOf(line, *line.getIndex()))))
      return failure();
    for (ArrayAttr text : {line.getObjective(), line.getSolver(), line.getOver()})
      for (Attribute piece : text) {
        if (isa<StringAttr>(piece))
          continue;
        auto reference = dyn_cast<DictionaryAttr>(piece);
        auto path = reference ? reference.getAs<StringAttr>("setting") : StringAttr();
        if (!path || reference.size() != 1)
          return line.emitOpError() << piece << " is neither words nor a setting";
        if (!settings.count(path))
          return line.emitOpError() << "'" << path.getValue() << "' is no setting";
      }
    return success();
  }

  LogicalResult verifyKeep(KeepOp keep) {
    auto evaluation = program.lookupSymbol<EvaluationOp>(keep.getEvaluation());
    if (!evaluation)
      return keep.emitOpError() << "'" << keep.getEvaluation() << "' is no evaluation";
    for (Operation &line : evaluation.getBody().front())
      if (line.getAttrOfType<StringAttr>("name") == keep.getLineAttr())
        return success();
    return keep.emitOpError() << "'" << keep.getLine() << "' is no line of '"
                              << keep.getEvaluation() << "'";
  }

  ProgramOp program;
  llvm::StringSet<> steps;
  llvm::StringMap<SettingOp> settings;
  SmallVector<ModelSourceOp> sources;
};

} // namespace

LogicalResult ProgramOp::verifyRegions() { return References(*this).verify(); }
