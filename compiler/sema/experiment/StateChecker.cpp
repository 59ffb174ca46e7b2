//===- StateChecker.cpp - What a page keeps from step to step ---------------===//

#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/texts/ExprChecker.h"

namespace advx::sema {

using Kind = syntax::Expr::Kind;
using Per = State::Per;

std::optional<Per> StateChecker::perOf(const syntax::Item &item) {
  static const std::map<std::string, Per> words = {
      {"run", Per::Run}, {"slot", Per::Slot}, {"example", Per::Example}, {"class", Per::Class}};
  if (auto known = words.find(item.per.text); known != words.end())
    return known->second;
  if (item.per.text == "weight") {
    findings.unsupported(item.per.span, "a state per weight",
                         "name the model, as in `state " + item.name.text +
                             " : weights(f) per run = 0`");
    return std::nullopt;
  }
  findings
      .report(diag::Code::WrongArgument, item.per.empty() ? item.name.span : item.per.span,
              item.per.empty() ? "a state says what it has a value for"
                               : "there is no state per `" + item.per.text + "`")
      .label("here")
      .found(item.per.empty() ? "no `per`" : "`per " + item.per.text + "`")
      .expected("`per run`, `per slot`, `per example` or `per class`")
      .help("one value is `per run`, one for each place of the batch `per slot`, one for each "
            "training example `per example`");
  return std::nullopt;
}

/// The type of what is read.
std::optional<Type> StateChecker::typeOf(const syntax::Item &item) {
  Type type;
  type.kind = Type::Kind::Tensor;
  const std::string &name = item.type.name.text;
  if (name == "real" || name == "int")
    return type;
  if (name == "label") {
    type.element = Type::Element::Int;
    return type;
  }
  if (name == "image" || name == "point") {
    type.shape = sheet.experiment->data.image;
    return type;
  }
  if (name == "logits") {
    type.shape = {sheet.experiment->data.classes};
    return type;
  }
  Env env;
  env.scope = sheet.pageScope;
  std::optional<std::vector<int64_t>> shape = typeRules.shapeOf(item.type, env);
  if (!shape || !sizes.checkSize(*shape, item.type.span, "the state"))
    return std::nullopt;
  type.shape = *shape;
  return type;
}

/// The value that every entry begins as is a setting called like the state.
bool StateChecker::begin(const syntax::Item &item, State &state) {
  Env env;
  env.scope = sheet.pageScope;
  env.role = item.name.text;
  Value value = exprChecker.check(*item.value, env);
  if (value.isError())
    return false;
  const bool clock = value.isNumber() && settingTable.isSchedule(value.expr);
  if (!value.isNumber() || value.expr->type.element == Type::Element::Bool || clock) {
    findings.report(diag::Code::NotConstant, item.value->span, "a state begins as a number")
        .label(clock ? "changes with the clock" : value.str())
        .found(clock ? "a schedule" : value.str())
        .expected("a number, which every entry of the state begins as")
        .help("give it its first value by an `also` line");
    return false;
  }
  const bool isWhole = state.type.isLabel() || item.type.name.text == "int";
  const Type::Element element = isWhole ? Type::Element::Int : Type::Element::Real;
  if (isWhole && !build.integer(value, item.value->span, "what the state begins as", false))
    return false;
  Range range;
  if (state.type.isLabel()) {
    range.minimum = 0;
    range.maximum = static_cast<double>(sheet.experiment->data.classes - 1);
  }
  ExprPtr first = settingTable.setting(item.name.text, element, value.expr,
                                       findings.source(item.value->span), false, item.name.span);
  if (!first || !settingTable.bounded(first, range, diag::Code::WrongArgument,
                                      "what the state begins as", item.name.text, item.value->span))
    return false;
  state.init = item.name.text;
  return true;
}

bool StateChecker::isFree(const syntax::Item &item) {
  for (const Evaluation &evaluation : sheet.experiment->evaluations)
    if (evaluation.name == item.name.text) {
      findings
          .report(diag::Code::DuplicateName, item.name.span,
                  "the state has the name of the evaluation `" + item.name.text + "`")
          .label("the second")
          .expected("another name")
          .help("rename one of them")
          .note(evaluation.span, "the evaluation");
      return false;
    }
  return true;
}

bool StateChecker::declare(const syntax::Item &item) {
  static const std::set<std::string> ofWeights = {"weights", "matrices", "norms", "biases"};
  if (ofWeights.count(item.type.name.text))
    return declareWeights(item);
  std::optional<Per> per = perOf(item);
  std::optional<Type> type = typeOf(item);
  if (!per || !type)
    return false;
  State *state = sheet.make<State>();
  state->name = state->item = item.name.text;
  state->per = *per;
  state->type = *type;
  state->type.perExample = *per != Per::Run;
  state->shape = type->shape;
  state->span = item.span;
  if (*per == Per::Class) {
    if (type->isLabel()) {
      findings.unsupported(item.type.span, "a label per class");
      return false;
    }
    state->shape.insert(state->shape.begin(), sheet.experiment->data.classes);
  }
  if (!isFree(item))
    return false;
  if (!sizes.checkSize(state->shape, item.type.span, "the state") || !begin(item, *state))
    return false;
  sheet.experiment->states.push_back(state);
  declared[item.name.text] = {state, item.name.span, nullptr, {}};
  return true;
}

ExprPtr StateChecker::raw(const State &state, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::State;
  expr->state = &state;
  expr->type = state.type;
  expr->type.shape = state.shape;
  expr->type.perExample = state.hasRows();
  expr->span = span;
  return expr;
}

/// 1 at the label of the example.
ExprPtr StateChecker::ownClass(Span span) {
  return vectors.oneHot(build.localRef(sheet.experiment->y, span), span);
}

Value StateChecker::read(const syntax::Name &name) {
  const Declared &known = declared.at(name.text);
  if (known.group) {
    std::vector<Value> tensors;
    for (const State *state : known.ofLeaves)
      tensors.push_back(Value::of(raw(*state, name.span)));
    return weightRules.bundle(*known.group, std::move(tensors), name.span);
  }
  const State &state = *known.state;
  ExprPtr kept = raw(state, name.span);
  if (state.per != Per::Class)
    return Value::of(kept);
  if (state.type.isScalar())
    return Value::of(
        vectors.entryAt(kept, build.localRef(sheet.experiment->y, name.span), name.span));
  const std::vector<int64_t> &shape = state.type.shape;
  const int64_t size = sizeOf(shape);
  auto reshaped = [&](ExprPtr value, std::vector<int64_t> to) {
    if (value->type.shape == to)
      return value;
    Type type = value->type;
    type.shape = to;
    return build.node(Op::Reshape, {std::move(value)}, type, name.span, {{"shape", to}});
  };
  ExprPtr rows = reshaped(kept, {state.shape[0], size});
  return Value::of(reshaped(vectors.product(ownClass(name.span), rows, name.span), shape));
}

const StateChecker::Declared *StateChecker::target(const syntax::Expr &expr, const Env &env) {
  const syntax::Expr &base = expr.kind == Kind::Index ? *expr.children[0] : expr;
  const Value *value = base.kind == Kind::Name ? uses.find(*env.scope, base) : nullptr;
  auto known = base.kind == Kind::Name ? declared.find(base.text) : declared.end();
  if (known != declared.end())
    return &known->second;
  if (value && value->isError())
    return nullptr;
  std::vector<std::string> names;
  for (const auto &[name, state] : declared)
    names.push_back(name);
  findings
      .report(value ? diag::Code::NotAVariable : diag::Code::UnknownName, base.span,
              value ? "`" + findings.source(base.span) + "` is no state"
                    : "unknown state `" + findings.source(base.span) + "`")
      .label(value ? "keeps no value" : "nothing declares this")
      .found("`" + findings.source(base.span) + "`")
      .expected("a name declared with `state`")
      .help(names.empty() ? "declare it, as in `state d : image per slot = 0`"
                          : suggestions.suggest(base.text, names))
      .note(value ? value->span : Span(), "declared here");
  return nullptr;
}

ExprPtr StateChecker::fit(ExprPtr value, const State &state, Span span) {
  if (state.type.isLabel() && value->type.isNumber())
    value = labels.classLabel(value, span);
  if (!value)
    return nullptr;
  const Type &have = value->type;
  const bool elements = state.type.isLabel()
                            ? have.isLabel()
                            : have.element == Type::Element::Real || have.isNumber();
  const bool shapes = have.isScalar() || have.shape == state.type.shape;
  if (have.element == Type::Element::Bool || !elements || !shapes || have.anyShape ||
      have.isWeights()) {
    findings
        .report(diag::Code::WrongType, span,
                "the value does not fit the state `" + state.name + "`")
        .label(have.str())
        .found(have.str())
        .expected(state.type.str())
        .help(have.element == Type::Element::Bool ? "write `if … then 1 else 0`"
                                                  : "a state keeps its shape")
        .note(state.span, "declared here");
    return nullptr;
  }
  if (state.per == Per::Run && have.perExample) {
    findings
        .report(diag::Code::WrongType, span,
                "`" + state.name + "` has one value, and this differs from example to example")
        .label("of each example")
        .found("a value of each example")
        .expected("one value for the batch")
        .help(
            "take `batch_mean(…)` or `batch_sum(…)`, or make the state `per slot` or `per example`")
        .note(state.span, "declared here");
    return nullptr;
  }
  return value;
}

ExprPtr StateChecker::entry(const State &state, ExprPtr old, const syntax::Expr &place,
                            ExprPtr value, Env &env, Span span) {
  if (state.per != Per::Run || state.shape.size() != 1 || place.children.size() != 2) {
    findings.report(diag::Code::WrongType, place.span, "only an entry of a vector is assigned")
        .label("here")
        .found(state.type.str() + (state.per == Per::Run ? "" : ", one for each"))
        .expected("`state " + state.name + " : vector[n] per run = 0`")
        .help(state.per == Per::Class
                  ? "a state per class is assigned for the label of each example: `also " +
                        state.name + " := …`"
                  : "assign all of it")
        .note(state.span, "declared here");
    return nullptr;
  }
  const syntax::Expr &index = *place.children[1];
  ExprPtr at = exprChecker.checkExpr(index, env);
  if (!at)
    return nullptr;
  const int64_t size = state.shape[0];
  if (at->type.isNumber()) {
    std::optional<int64_t> known = build.integer(Value::of(at), index.span, "an index");
    if (!known)
      return nullptr;
    if (*known < 0 || *known >= size) {
      findings.report(diag::Code::IndexOutOfRange, index.span, "the index lies outside the vector")
          .label("here")
          .found("`" + std::to_string(*known) + "`")
          .expected("0 to " + std::to_string(size - 1))
          .help("indices count from 0")
          .note(state.span, "declared here");
      return nullptr;
    }
    Type type;
    type.kind = Type::Kind::Tensor;
    type.element = Type::Element::Int;
    at = build.node(Op::Constant, {}, type, index.span, {{"label", {*known}}});
  }
  if (!at->type.isLabel() || at->type.perExample) {
    findings.report(diag::Code::WrongType, index.span, "one entry is assigned in each step")
        .label(at->type.perExample ? "of each example" : at->type.str())
        .found(at->type.perExample ? "a place for each example" : at->type.str())
        .expected("a constant, or a label that is drawn `per batch`")
        .help(at->type.perExample ? "make the state `per class` to keep a value for each label"
                                  : "as in `draw k ~ categorical(p) per batch`");
    return nullptr;
  }
  return build.select(vectors.mask(at, size, span), std::move(value), std::move(old), span);
}

ExprPtr StateChecker::classMeans(const State &state, ExprPtr value, Span span) {
  std::vector<int64_t> axes;
  for (size_t i = 1; i < state.shape.size(); ++i)
    axes.push_back(static_cast<int64_t>(i));
  auto spread = [&](ExprPtr part, const std::vector<int64_t> &to) {
    if (part->type.shape.empty() || part->type.shape == state.shape)
      return part;
    Type type = part->type;
    type.shape = state.shape;
    return build.node(Op::Broadcast, {std::move(part)}, type, span,
                      {{"shape", state.shape}, {"axes", to}});
  };
  auto summed = [&](ExprPtr part) {
    Type type = part->type;
    type.perExample = false;
    return build.node(Op::BatchSum, {std::move(part)}, type, span);
  };
  ExprPtr own = ownClass(span);
  // A value of one number goes to every entry, so the classes alone need not be spread for it.
  ExprPtr weight = spread(own, {0});
  ExprPtr sums = summed(build.elementwise(Op::Mul, {weight, spread(value, axes)}, span));
  ExprPtr counts = spread(summed(own), {0});
  ExprPtr divisor = build.elementwise(Op::Maximum, {counts, build.number(Rational(1), span)}, span);
  ExprPtr means = build.elementwise(Op::Div, {sums, divisor}, span);
  ExprPtr some =
      build.comparison(Predicate::Greater, counts, build.number(Rational(0), span), span);
  return build.select(some, means, raw(state, span), span);
}

void StateChecker::update(const syntax::Item::Update &line, Env &env,
                          std::vector<Outer::Update> &updates) {
  const Declared *found = target(*line.target, env);
  Value given = exprChecker.check(*line.value, env);
  if (found)
    updated.insert(found->state->item); // be it by a line with a mistake
  if (!found || given.isError())
    return;
  if (found->group)
    return updateWeights(*found, line, given, updates);
  ExprPtr value = exprChecker.expectExpr(given, line.value->span);
  if (!value)
    return;
  const State &state = *found->state;
  Outer::Update *earlier = nullptr;
  for (Outer::Update &known : updates)
    if (known.state == &state)
      earlier = &known;
  const Span span = line.value->span;
  if (line.target->kind == Kind::Index) {
    if (!value->type.isScalar() ||
        !(value->type.element == Type::Element::Real || value->type.isNumber())) {
      findings.report(diag::Code::WrongType, span, "an entry is one number")
          .label(value->type.str())
          .found(value->type.str())
          .expected("`real`")
          .help("reduce it");
      return;
    }
    State whole = state;
    whole.type.shape.clear();
    value = fit(value, whole, span);
    if (value)
      value =
          entry(state, earlier ? earlier->value : raw(state, span), *line.target, value, env, span);
    if (value && earlier)
      earlier->value = value;
    else if (value)
      updates.push_back({&state, value});
    return;
  }
  if (earlier) {
    findings.givenTwice(line.target->span, state.name, earlier->value->span);
    return;
  }
  value = fit(value, state, span);
  if (!value)
    return;
  if (state.per == Per::Class)
    value = classMeans(state, value, span);
  updates.push_back({&state, value});
}

void StateChecker::checkUpdated() {
  for (const auto &[name, known] : declared)
    if (!updated.count(name))
      findings
          .report(diag::Code::MissingPart, known.name, "nothing updates the state `" + name + "`")
          .label("never changes")
          .expected("an `also` or `then` line of `outer`, as in `also " + name + " := …`")
          .help("write a `let` where it is a constant");
}

//===----------------------------------------------------------------------===//
// Who reads rows
//===----------------------------------------------------------------------===//

namespace {

class Rows {
public:
  const State *found = nullptr;

  template <typename T> void in(const T &what) {
    visitExprs(what, [&](const Expr &part) {
      if (part.kind == Expr::Kind::State && part.state->hasRows() && !part.state->drawn)
        found = part.state;
      if (part.kind == Expr::Kind::Call && seen.insert(part.function).second)
        in(part.function->body);
    });
  }

private:
  std::set<const Function *> seen;
};

} // namespace

const State *findRows(const ExprPtr &expr) {
  Rows rows;
  rows.in(expr);
  return rows.found;
}

const State *findRows(const std::vector<Stmt> &stmts) {
  Rows rows;
  rows.in(stmts);
  return rows.found;
}

} // namespace advx::sema
