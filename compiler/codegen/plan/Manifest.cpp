#include "compiler/codegen/plan/Manifest.h"

#include "compiler/codegen/plan/Layout.h"
#include "compiler/codegen/plan/Plan.h"
#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"
#include "llvm/Support/raw_ostream.h"
#include <set>

using namespace mlir;
namespace json = llvm::json;

namespace advx::codegen {
namespace {

/// The bytes of a leaf, or -1 if its entry does not say.
int64_t leafBytes(const StateLeaf &leaf) {
  int64_t size = llvm::StringSwitch<int64_t>(leaf.dtype)
                     .Case("f32", 4)
                     .Cases("f64", "i64", 8)
                     .Case("bool", 1)
                     .Default(-1);
  for (int64_t axis : leaf.shape)
    size = axis < 0 ? -1 : size * axis;
  return size;
}

std::optional<StateLeaf> readLeaf(const json::Value &value) {
  const json::Object *entry = value.getAsObject();
  if (!entry)
    return std::nullopt;
  std::optional<llvm::StringRef> name = entry->getString("name");
  std::optional<llvm::StringRef> dtype = entry->getString("dtype");
  const json::Array *shape = entry->getArray("shape");
  if (!name || !dtype || !shape)
    return std::nullopt;
  StateLeaf leaf;
  leaf.name = name->str();
  leaf.dtype = dtype->str();
  for (const json::Value &axis : *shape) {
    if (!axis.getAsInteger())
      return std::nullopt;
    leaf.shape.push_back(*axis.getAsInteger());
  }
  return leaf;
}

json::Object port(llvm::StringRef name, RankedTensorType type, Attribute offset) {
  json::Array shape;
  for (int64_t axis : mlir::advx::exampleShape(type))
    shape.push_back(axis);
  return json::Object{{"name", name},
                      {"arena", mlir::advx::isBatched(type) ? "batch" : "state"},
                      {"offset", cast<IntegerAttr>(offset).getInt()},
                      {"shape", std::move(shape)},
                      {"dtype", dtypeName(type.getElementType())}};
}

/// Whether what a step makes of an example depends on no other: nothing without a batch axis is
/// made of what has one.
bool keepsExamplesApart(func::FuncOp step) {
  WalkResult walked = step.walk([](Operation *op) {
    bool mixes = op->getNumRegions() == 0 &&
                 llvm::any_of(op->getOperandTypes(), mlir::advx::isBatched) &&
                 !llvm::all_of(op->getResultTypes(), mlir::advx::isBatched);
    return mixes ? WalkResult::interrupt() : WalkResult::advance();
  });
  return !walked.wasInterrupted();
}

} // namespace

FailureOr<Manifest> Manifest::read(ModuleOp module) {
  Manifest manifest;
  auto text = module->getAttrOfType<StringAttr>(kManifestAttr);
  if (text) {
    llvm::Expected<json::Value> parsed = json::parse(text.getValue());
    if (!parsed)
      return module.emitError("the manifest is not JSON: ") << llvm::toString(parsed.takeError());
    if (!parsed->getAsObject())
      return module.emitError("the manifest is not a JSON object");
    manifest.object = std::move(*parsed->getAsObject());
  }
  if (json::Array *entries = manifest.object.getArray("state")) {
    for (auto [index, entry] : llvm::enumerate(*entries)) {
      std::optional<StateLeaf> leaf = readLeaf(entry);
      if (!leaf || leafBytes(*leaf) < 0)
        return module.emitError("state entry ")
               << index << " of the manifest lacks a name, shape or dtype";
      leaf->offset = manifest.bytes;
      manifest.bytes += roundUp(leafBytes(*leaf), kStateAlignment);
      (*entry.getAsObject())["offset"] = leaf->offset;
      manifest.state.push_back(std::move(*leaf));
    }
  } else {
    manifest.object["state"] = json::Array();
  }
  return manifest;
}

void Manifest::addStep(func::FuncOp step) {
  step.walk([&](Operation *op) {
    auto text = [&](llvm::StringRef name) {
      auto attribute = dyn_cast_or_null<StringAttr>(op->getInherentAttr(name).value_or(nullptr));
      return attribute ? attribute.str() : std::string();
    };
    if (!text("provider").empty())
      ++library[{op->getName().stripDialect().str(), text("provider"), text("algorithm")}];
  });
  std::set<int64_t> slots;
  step.walk([&](mlir::advx::UniformOp op) { slots.insert(op.getSlot()); });
  json::Array inputs;
  for (unsigned i = 0; i < step.getNumArguments(); ++i)
    if (auto name = step.getArgAttrOfType<StringAttr>(i, kInputAttr))
      inputs.push_back(port(name.getValue(), bufferType(step.getArgumentTypes()[i]),
                            step.getArgAttr(i, kOffsetAttr)));
  json::Array outputs;
  for (unsigned i = 0; i < step.getNumResults(); ++i)
    if (auto name = step.getResultAttrOfType<StringAttr>(i, kOutputAttr))
      outputs.push_back(port(name.getValue(), bufferType(step.getResultTypes()[i]),
                             step.getResultAttr(i, kOffsetAttr)));
  json::Object entry{{"name", step.getSymName()},
                     {"inputs", std::move(inputs)},
                     {"outputs", std::move(outputs)},
                     {"uniforms", json::Array(slots)},
                     {"state_arena", step->getAttrOfType<IntegerAttr>(kStateArenaAttr).getInt()},
                     {"batch_arena", step->getAttrOfType<IntegerAttr>(kBatchArenaAttr).getInt()}};
  if (keepsExamplesApart(step))
    entry["apart"] = true;
  if (auto slot = step->getAttrOfType<IntegerAttr>(mlir::advx::kTwoExamplesAttr)) {
    bool isLeaf = slot.getInt() >= 0 && slot.getInt() < static_cast<int64_t>(state.size());
    llvm::StringRef weight = isLeaf ? llvm::StringRef(state[slot.getInt()].name) : "";
    entry["two_examples"] = weight.rsplit('.').first;
  }
  steps.push_back(std::move(entry));
}

void Manifest::write(ModuleOp module, int64_t uniforms) {
  json::Array sites;
  for (const auto &[call, count] : library) {
    const auto &[op, provider, algorithm] = call;
    sites.push_back(json::Object{
        {"op", op}, {"provider", provider}, {"algorithm", algorithm}, {"sites", count}});
  }
  if (!sites.empty())
    object["library"] = std::move(sites);
  object["uniforms"] = uniforms;
  if (auto reads = module->getAttrOfType<ArrayAttr>(kUniformReadsAttr)) {
    json::Array lists;
    for (Attribute list : reads) {
      json::Array names;
      for (auto name : cast<ArrayAttr>(list).getAsRange<StringAttr>())
        names.push_back(name.getValue());
      lists.push_back(std::move(names));
    }
    object["uniform_reads"] = std::move(lists);
    module->removeAttr(kUniformReadsAttr);
  }
  object["state_bytes"] = bytes;
  object["steps"] = std::move(steps);
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << json::Value(std::move(object));
  module->setAttr(kManifestAttr, StringAttr::get(module.getContext(), text));
}

} // namespace advx::codegen
