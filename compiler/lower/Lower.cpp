//===- Lower.cpp - The checked experiment to the problem tier --------------===//

#include "compiler/lower/Lower.h"
#include "compiler/lower/BodyBuilder.h"
#include "compiler/sema/Checked.h"
#include "dialect/IR/AdvxDialect.h"
#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
namespace ops = mlir::advx;

namespace advx::lower {

void loadDialects(MLIRContext &context) {
  context.loadDialect<ops::AdvxDialect, arith::ArithDialect, math::MathDialect, func::FuncDialect,
                      scf::SCFDialect>();
}

BodyBuilder::Owners ownersOf(const sema::Experiment &page) {
  BodyBuilder::Owners owners;
  auto own = [&](const std::vector<const sema::Leaf *> &leaves, const sema::Model *model) {
    for (const sema::Leaf *leaf : leaves)
      if (!leaf->isBuffer)
        owners[leaf] = model;
  };
  for (const sema::Model *model : page.models)
    own(model->leaves, model);
  for (const sema::Head *head : page.heads)
    own(head->leaves, head->model);
  return owners;
}

namespace {

/// Emits one experiment, declaration by declaration in the order of the page.
class ExperimentLowering {
public:
  ExperimentLowering(const sema::Experiment &page, const SourceManager &sources,
                     MLIRContext &context, const Options &options)
      : page(page), sources(sources), options(options), builder(&context),
        floatType(options.f64 ? builder.getF64Type() : builder.getF32Type()),
        owners(ownersOf(page)) {}

  OwningOpRef<ModuleOp> run();

private:
  BodyBuilder body() { return BodyBuilder(builder, floatType, sources, results, owners); }
  Location at(Span span) { return body().location(span); }
  RankedTensorType tensor(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, floatType);
  }
  Type imageType() { return tensor(page.data.image); }
  Type labelType() { return RankedTensorType::get({}, builder.getI64Type()); }

  /// Starts the region's one block with arguments for the locals, bound in `into`; with a model,
  /// the first argument are its weights.
  void begin(Region &region, ArrayRef<const sema::Local *> locals, BodyBuilder &into,
             const sema::Model *model = nullptr);
  ops::WeightsType weightsType(const sema::Model &model) {
    MLIRContext *context = builder.getContext();
    return ops::WeightsType::get(context, FlatSymbolRefAttr::get(context, model.name));
  }
  void yield(Span span, ValueRange values) { builder.create<ops::YieldOp>(at(span), values); }

  void functions();
  void networks();
  void heads();
  void givenDistribution(const sema::Head &head);
  /// The functions that the examples of training go through, in order.
  ArrayAttr augmentations();
  void threats();
  void adversary(const sema::Adversary &adversary, ArrayRef<const sema::Local *> scope,
                 const sema::Head *judge);
  void judge(Region &region, const sema::Head &head, Span span);
  /// The symbol of the experiment or an evaluation. Users name these as they like, even as a
  /// step or a function; no other symbol ends with a dot.
  static std::string symbol(const std::string &name) { return name + "."; }
  void outer(ArrayRef<const sema::Local *> scope);
  /// Adds what the updates make of their states.
  void newStates(const std::vector<sema::Outer::Update> &updates, BodyBuilder &from,
                 SmallVectorImpl<Value> &values);
  /// Begins the region with the update of one weight; answers the new weight and states.
  SmallVector<Value> update(const sema::Optimizer &optimizer, Region &region);
  /// The functions of the groups, by leaf.
  DictionaryAttr groups(ArrayRef<sema::Optimizer> groups);
  /// Adds, for each trained head and each of x and the inner variables that the block
  /// applies it to, whether the label is found there: `accuracy.f(x')`. No network is
  /// applied for that.
  void accuracies(Block &loss, ArrayRef<const sema::Local *> scope,
                  SmallVectorImpl<std::string> &names, SmallVectorImpl<Value> &values);
  void stop(const sema::Stop &stop);
  void evaluations();
  /// The weights that an evaluation is of, and the forward that finds statistics for them.
  void evaluatedModel(const sema::EvaluatedModel &with, ops::EvaluateOp op, Span span);

  const sema::Experiment &page;
  const SourceManager &sources;
  const Options &options;
  OpBuilder builder;
  FloatType floatType;
  BodyBuilder::Results results;
  BodyBuilder::Owners owners;
};

void ExperimentLowering::begin(Region &region, ArrayRef<const sema::Local *> locals,
                               BodyBuilder &into, const sema::Model *model) {
  Block *block = builder.createBlock(&region);
  if (model)
    into.bindWeights(model, block->addArgument(weightsType(*model), at(model->span)));
  for (const sema::Local *local : locals)
    into.bind(local, block->addArgument(into.type(local->type), into.location(local->span)));
}

void ExperimentLowering::functions() {
  for (const sema::Function *function : page.functions) {
    OpBuilder::InsertionGuard guard(builder);
    BodyBuilder value = body();
    SmallVector<Type> types;
    for (const sema::Local *param : function->params)
      types.push_back(value.type(param->type));
    auto op = builder.create<func::FuncOp>(at(function->span), function->symbol,
                                           builder.getFunctionType(types, {}));
    op.setPrivate();
    begin(op.getBody(), function->params, value);
    Value result = value.block(function->body);
    builder.create<func::ReturnOp>(at(function->span), result);
    op.setFunctionType(builder.getFunctionType(types, result.getType()));
    results[function] = result.getType();
  }
}

void ExperimentLowering::networks() {
  for (const sema::Model *model : page.models) {
    OpBuilder::InsertionGuard guard(builder);
    auto op = builder.create<ops::NetworkOp>(at(model->span), model->name);
    BodyBuilder value = body();
    begin(op.getForward(), {model->input}, value, model);
    yield(model->span, value.block(model->forward));
  }
}

void ExperimentLowering::heads() {
  for (const sema::Head *head : page.heads) {
    OpBuilder::InsertionGuard guard(builder);
    auto op = builder.create<ops::HeadOp>(at(head->span), head->name, head->model->name);
    BodyBuilder value = body();
    SmallVector<const sema::Local *> arguments{head->z};
    arguments.append(head->numbers.begin(), head->numbers.end());
    begin(op.getBody(), arguments, value, head->model);
    Value label = op.getBody().front().addArgument(labelType(), at(head->span));
    if (head->y)
      value.bind(head->y, label);
    value.statements(head->lets);
    Value logits = value.tensorExpr(*head->logits);
    Value given = head->logitsGiven == head->logits ? logits : value.tensorExpr(*head->logitsGiven);
    yield(head->span, {logits, given});
  }
  for (const sema::Head *head : page.heads)
    if (head->logitsGivenDistribution)
      givenDistribution(*head);
}

/// The head once more, with a distribution in place of the label.
void ExperimentLowering::givenDistribution(const sema::Head &head) {
  OpBuilder::InsertionGuard guard(builder);
  auto op = builder.create<ops::HeadOp>(at(head.span), distributionHead(head), head.model->name);
  BodyBuilder value = body();
  SmallVector<const sema::Local *> arguments{head.z};
  arguments.append(head.numbers.begin(), head.numbers.end());
  arguments.push_back(head.distribution);
  begin(op.getBody(), arguments, value, head.model);
  value.statements({head.lets.begin(), head.lets.begin() + head.sharedLets});
  Value logits = value.tensorExpr(*head.logits);
  value.statements(head.distributionLets);
  yield(head.span, {logits, value.tensorExpr(*head.logitsGivenDistribution)});
}

ArrayAttr ExperimentLowering::augmentations() {
  SmallVector<Attribute> symbols;
  auto function = [&](const std::string &path, Span span, const sema::Local *x,
                      const sema::Local *y, llvm::function_ref<void(BodyBuilder &)> write) {
    OpBuilder::InsertionGuard guard(builder);
    BodyBuilder value = body();
    Type types[] = {value.type(x->type), value.type(y->type)};
    auto op =
        builder.create<func::FuncOp>(at(span), symbol(path), builder.getFunctionType(types, {}));
    op.setPrivate();
    begin(op.getBody(), {x, y}, value);
    write(value);
    symbols.push_back(FlatSymbolRefAttr::get(op));
  };
  auto giveBack = [&](func::ReturnOp op) {
    auto parent = cast<func::FuncOp>(op->getParentOp());
    parent.setFunctionType(
        builder.getFunctionType(parent.getArgumentTypes(), op->getOperandTypes()));
  };
  if (page.trainingLabel != page.y)
    function("data.label.distribution", page.data.span, page.x, page.y, [&](BodyBuilder &value) {
      Location where = at(page.data.span);
      Value y = value.lookup(page.y);
      Value hot = builder.create<ops::OneHotOp>(where, y, page.data.classes);
      Value distribution = builder.create<ops::CastOp>(where, hot, floatType);
      giveBack(
          builder.create<func::ReturnOp>(where, ValueRange{value.lookup(page.x), distribution}));
    });
  for (const sema::Augmentation &one : page.augmentations) {
    const sema::Local *y = one.y ? one.y : page.trainingLabel;
    function(one.path, one.span, one.x, y, [&](BodyBuilder &value) {
      value.statements(one.body);
      giveBack(builder.create<func::ReturnOp>(at(one.span),
                                              ValueRange{value.lookup(one.x), value.lookup(y)}));
    });
  }
  return symbols.empty() ? ArrayAttr() : builder.getArrayAttr(symbols);
}

void ExperimentLowering::threats() {
  auto symbol = [&](const sema::Function *function) {
    return function ? FlatSymbolRefAttr::get(builder.getContext(), function->symbol)
                    : FlatSymbolRefAttr();
  };
  for (const sema::Set *set : page.sets) {
    if (set->group)
      continue; // what a solver asks of it is asked of the sets of its leaves
    builder.create<ops::ThreatOp>(at(set->span), builder.getStringAttr(set->name),
                                  symbol(set->project), symbol(set->steepest), symbol(set->radius),
                                  symbol(set->start));
  }
}

void ExperimentLowering::judge(Region &region, const sema::Head &head, Span span) {
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&region);
  Value point = block->addArgument(imageType(), at(span));
  BodyBuilder value = body();
  Value weights = value.weights(head.model, at(span));
  Value z = builder.create<ops::ApplyOp>(at(span), value.type(head.z->type), head.model->name,
                                         weights, point, ops::ModelMode::eval, 0);
  SmallVector<Value> numbers;
  for (const sema::ExprPtr &number : head.numberValues)
    numbers.push_back(value.expr(*number));
  Value logits = builder.create<ops::LogitsOp>(at(span), value.type(head.logits->type), head.name,
                                               weights, z, numbers, Value());
  yield(span, logits);
}

void ExperimentLowering::adversary(const sema::Adversary &adversary,
                                   ArrayRef<const sema::Local *> scope, const sema::Head *head) {
  OpBuilder::InsertionGuard guard(builder);
  Span span = adversary.span;
  auto op = builder.create<ops::AdversaryOp>(at(span), adversary.path, adversary.variable->name,
                                             adversary.set->name);
  op->setAttr(ops::kMembershipAttr, builder.getStringAttr(membershipStep(page, adversary)));
  op->setAttr(ops::kToleranceAttr, builder.getF64FloatAttr(membershipTolerance(page.data)));
  SmallVector<const sema::Local *> withCandidate(scope);
  withCandidate.push_back(adversary.variable);

  BodyBuilder objective = body();
  begin(op.getObjective(), withCandidate, objective);
  Value j = objective.toTensor(objective.block(adversary.objective), at(span));
  yield(span, j);
  if (adversary.until) {
    BodyBuilder until = body();
    begin(op.getUntil(), withCandidate, until);
    Value hit = until.toTensor(until.block(*adversary.until), at(span));
    yield(span, hit);
  }
  BodyBuilder solver = body();
  begin(op.getSolver(), scope, solver);
  yield(span, solver.statements(adversary.solver));

  BodyBuilder member = body();
  begin(op.getMember(), withCandidate, member);
  SmallVector<Value> args;
  for (auto [arg, param] : llvm::zip(adversary.setArgs, adversary.set->params))
    args.push_back(member.convert(member.expr(*arg), member.type(param->type), at(span)));
  args.push_back(member.lookup(adversary.variable));
  SmallVector<Value> projections;
  auto project = [&](const sema::Function *part) -> Value {
    return builder.create<func::CallOp>(at(span), part->symbol, results.lookup(part), args)
        .getResult(0);
  };
  if (const sema::WeightGroup *group = adversary.set->group) {
    Value candidate = args.pop_back_val();
    auto set = adversary.set->ofLeaves.begin();
    projections.push_back(member.bundle(*group, at(span), [&](const sema::Leaf &leaf, Type) {
      args = {member.weight(candidate, leaf, at(span))};
      return project((*set++)->project);
    }));
  }
  for (const sema::Function *part : adversary.set->parts)
    projections.push_back(project(part));
  yield(span, projections);
  if (head)
    judge(op.getJudge(), *head, span);
}

void ExperimentLowering::accuracies(Block &loss, ArrayRef<const sema::Local *> scope,
                                    SmallVectorImpl<std::string> &names,
                                    SmallVectorImpl<Value> &values) {
  // Of several applications to one point, the one that trains it counts.
  llvm::MapVector<std::pair<StringAttr, unsigned>, ops::LogitsOp> judges;
  for (ops::LogitsOp logits : loss.getOps<ops::LogitsOp>()) {
    const sema::Head *head = *llvm::find_if(page.heads, [&](const sema::Head *head) {
      return logits.getHead() == head->name || logits.getHead() == distributionHead(*head);
    });
    auto apply = logits.getZ().getDefiningOp<ops::ApplyOp>();
    auto point = apply ? dyn_cast<BlockArgument>(apply.getInput()) : BlockArgument();
    // At other weights it is another model.
    if (!point || !logits.getWeights().getDefiningOp<ops::WeightsOp>() ||
        (head->frozen && head->model->frozen))
      continue;
    ops::LogitsOp &judge = judges[{builder.getStringAttr(head->name), point.getArgNumber()}];
    if (!judge || (apply.getMode() == ops::ModelMode::train &&
                   judge.getZ().getDefiningOp<ops::ApplyOp>().getMode() != ops::ModelMode::train))
      judge = logits;
  }
  Value y = loss.getArgument(1);
  // Of a distribution, the class that has the most of it.
  if (isa<FloatType>(getElementTypeOrSelf(y.getType())) && !judges.empty())
    y = builder.create<ops::ArgmaxOp>(builder.getUnknownLoc(), y);
  for (auto &[key, judge] : judges) {
    Location where = judge.getLoc();
    Value logits = judge.getResult();
    if (judge.getLabel())
      logits = builder.create<ops::LogitsOp>(where, judge.getType(), key.first.getValue(),
                                             judge.getWeights(), judge.getZ(), judge.getNumbers(),
                                             Value());
    Value label = builder.create<ops::ArgmaxOp>(where, logits);
    names.push_back(
        ("accuracy." + key.first.getValue() + "(" + scope[key.second]->name + ")").str());
    values.push_back(builder.create<ops::CompareOp>(where, ops::ComparePredicate::eq, label, y));
  }
}

void ExperimentLowering::outer(ArrayRef<const sema::Local *> scope) {
  OpBuilder::InsertionGuard guard(builder);
  const sema::Outer &outer = *page.outer;
  const sema::Optimizer &optimizer = outer.optimizer;
  SmallVector<StringRef> names;
  for (const sema::Optimizer::State &state : optimizer.states)
    names.push_back(state.name);
  SmallVector<NamedAttribute> projections;
  for (const sema::Leaf *leaf : page.leaves)
    if (leaf->project && isTrained(page, *leaf))
      projections.push_back(builder.getNamedAttr(
          leaf->name, FlatSymbolRefAttr::get(builder.getContext(), leaf->project->symbol)));
  auto updated = [&](const std::vector<sema::Outer::Update> &updates) {
    SmallVector<Attribute> symbols;
    for (const sema::Outer::Update &update : updates)
      symbols.push_back(FlatSymbolRefAttr::get(builder.getContext(), update.state->name));
    return symbols.empty() ? ArrayAttr() : builder.getArrayAttr(symbols);
  };
  ArrayAttr augment = augmentations();
  auto op = builder.create<ops::MinimizeOp>(
      at(outer.span), builder.getStrArrayAttr(names),
      projections.empty() ? DictionaryAttr() : builder.getDictionaryAttr(projections),
      updated(outer.also), updated(outer.then));
  if (augment)
    op->setAttr(ops::kAugmentAttr, augment);
  if (!outer.groups.empty())
    op->setAttr(ops::kGroupsAttr, groups(outer.groups));

  BodyBuilder loss = body();
  begin(op.getLoss(), scope, loss);
  SmallVector<Value> yields{loss.toTensor(loss.block(outer.loss), at(outer.span))};
  SmallVector<std::string> measures;
  for (const sema::Local *term : outer.terms) {
    measures.push_back("terms." + term->name);
    yields.push_back(loss.lookup(term));
  }
  accuracies(op.getLoss().front(), scope, measures, yields);
  newStates(outer.also, loss, yields);
  yield(outer.span, yields);
  if (!measures.empty())
    op->setAttr(ops::kMeasuresAttr,
                builder.getStrArrayAttr(SmallVector<StringRef>(measures.begin(), measures.end())));

  yield(optimizer.span, update(optimizer, op.getUpdate()));

  if (outer.then.empty())
    return;
  BodyBuilder after = body();
  begin(op.getAfter(), scope, after);
  after.statements(outer.after);
  SmallVector<Value> states;
  newStates(outer.then, after, states);
  yield(outer.span, states);
}

SmallVector<Value> ExperimentLowering::update(const sema::Optimizer &optimizer, Region &region) {
  BodyBuilder update = body();
  Block *block = builder.createBlock(&region);
  Type any = UnrankedTensorType::get(floatType);
  update.bind(optimizer.weight, block->addArgument(any, at(optimizer.span)));
  update.setLossGradient(block->addArgument(any, at(optimizer.span)));
  for (const sema::Optimizer::State &state : optimizer.states)
    update.bind(state.local, block->addArgument(any, at(optimizer.span)));
  update.statements(optimizer.body);
  SmallVector<Value> results{update.lookup(optimizer.weight)};
  for (const sema::Optimizer::State &state : optimizer.states)
    results.push_back(update.lookup(state.local));
  return results;
}

DictionaryAttr ExperimentLowering::groups(ArrayRef<sema::Optimizer> groups) {
  SmallVector<NamedAttribute> leaves;
  for (auto [i, group] : llvm::enumerate(groups)) {
    OpBuilder::InsertionGuard guard(builder);
    std::string name = symbol("outer.only." + std::to_string(i + 1));
    SmallVector<Type> types(group.states.size() + 2, UnrankedTensorType::get(floatType));
    auto function =
        builder.create<func::FuncOp>(at(group.span), name, builder.getFunctionType(types, {}));
    function.setPrivate();
    SmallVector<Value> results = update(group, function.getBody());
    builder.create<func::ReturnOp>(at(group.span), results);
    function.setFunctionType(builder.getFunctionType(types, ValueRange(results).getTypes()));
    for (const sema::Leaf *leaf : group.leaves)
      leaves.push_back(
          builder.getNamedAttr(leaf->name, FlatSymbolRefAttr::get(builder.getContext(), name)));
  }
  return builder.getDictionaryAttr(leaves);
}

void ExperimentLowering::newStates(const std::vector<sema::Outer::Update> &updates,
                                   BodyBuilder &from, SmallVectorImpl<Value> &values) {
  for (const sema::Outer::Update &update : updates) {
    sema::Type kept = update.state->type;
    kept.shape = update.state->shape;
    Location where = at(update.value->span);
    values.push_back(from.convert(from.expr(*update.value), from.type(kept), where));
  }
}

void ExperimentLowering::stop(const sema::Stop &stop) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<std::string> names = measuredInputs(stop);
  auto op = builder.create<ops::StopOp>(
      at(stop.span), builder.getStrArrayAttr(SmallVector<StringRef>(names.begin(), names.end())));
  SmallVector<const sema::Local *> accuracies;
  for (const sema::Stop::Measured &measured : stop.measured)
    accuracies.push_back(measured.local);
  BodyBuilder condition = body();
  begin(op.getCondition(), accuracies, condition);
  Value ends = condition.toTensor(condition.block(stop.condition), at(stop.span));
  yield(stop.span, ends);
}

void ExperimentLowering::evaluatedModel(const sema::EvaluatedModel &with, ops::EvaluateOp op,
                                        Span span) {
  const sema::Model &network = *with.head->model;
  auto function = [&](const std::string &name, TypeRange types,
                      llvm::function_ref<Value(BodyBuilder &, Block &)> value) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(op);
    auto function =
        builder.create<func::FuncOp>(at(span), symbol(name), builder.getFunctionType(types, {}));
    function.setPrivate();
    BodyBuilder from = body();
    begin(function.getBody(), {}, from);
    Block &block = function.getBody().front();
    for (Type type : types)
      block.addArgument(type, at(span));
    Value result = value(from, block);
    builder.create<func::ReturnOp>(at(span), result);
    function.setFunctionType(builder.getFunctionType(types, result.getType()));
    return FlatSymbolRefAttr::get(function);
  };
  const std::string name = op.getSymName().str();
  op->setAttr(ops::kWeightsAttr, function(name + " weights", {}, [&](BodyBuilder &from, Block &) {
                return from.block(with.weights);
              }));
  if (with.statistics != sema::EvaluatedModel::Statistics::Estimated)
    return;
  SmallVector<NamedAttribute> keepers;
  for (const sema::Leaf *leaf : network.leaves)
    if (leaf->isBuffer)
      keepers.push_back(builder.getNamedAttr(
          leaf->name, FlatSymbolRefAttr::get(builder.getContext(), with.keeper(*leaf))));
  op->setAttr(ops::kStatisticsAttr, builder.getDictionaryAttr(keepers));
  op->setAttr(ops::kEstimationAttr, builder.getStringAttr(with.estimation()));
  op->setAttr(
      ops::kForwardAttr,
      function(name + " forward", imageType(), [&](BodyBuilder &from, Block &block) -> Value {
        return builder.create<ops::ApplyOp>(at(span), from.type(with.head->z->type), network.name,
                                            from.weights(&network, at(span)), block.getArgument(0),
                                            ops::ModelMode::train, 0);
      }));
}

void ExperimentLowering::evaluations() {
  for (const sema::Evaluation &evaluation : page.evaluations) {
    OpBuilder::InsertionGuard guard(builder);
    auto op = builder.create<ops::EvaluateOp>(at(evaluation.span), symbol(evaluation.name));
    if (evaluation.with)
      evaluatedModel(*evaluation.with, op, evaluation.span);
    builder.createBlock(&op.getBody());
    for (const sema::EvaluationItem &item : evaluation.items) {
      if (item.kind == sema::EvaluationItem::Kind::Clean) {
        auto clean = builder.create<ops::CleanOp>(at(item.span), item.name);
        judge(clean.getJudge(), *item.head, item.span);
      } else if (item.kind == sema::EvaluationItem::Kind::Adversary && item.candidate == 0) {
        adversary(*item.adversary, {page.x, page.y}, item.head);
      }
    }
  }
}

OwningOpRef<ModuleOp> ExperimentLowering::run() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(at(page.span));
  builder.setInsertionPointToEnd(module->getBody());
  lowerProgram(page, sources, builder, floatType, options);
  auto experiment = builder.create<ops::ExperimentOp>(at(page.span), symbol(page.name));
  builder.createBlock(&experiment.getBody());

  functions();
  networks();
  heads();
  threats();
  SmallVector<const sema::Local *> scope{page.x, page.trainingLabel};
  for (const sema::Adversary *inner : page.inner) {
    adversary(*inner, scope, nullptr);
    scope.push_back(inner->variable);
  }
  if (page.outer)
    outer(scope);
  if (page.stop)
    stop(*page.stop);
  evaluations();
  return module;
}

} // namespace

OwningOpRef<ModuleOp> lowerExperiment(const sema::Experiment &experiment,
                                      const SourceManager &sources, MLIRContext &context,
                                      const Options &options) {
  return ExperimentLowering(experiment, sources, context, options).run();
}

} // namespace advx::lower
