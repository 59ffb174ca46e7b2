//===- ExperimentChecker.cpp - The items of a page, in the order of the text ---===//

#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/Checker.h"
#include "compiler/sema/Limits.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

std::unique_ptr<Experiment> Checker::run(const syntax::Experiment &text) {
  page = &text;
  experiment->name = text.name.text;
  experiment->doc = diag::visible(text.doc, true);
  experiment->span = text.span;
  const SourceFile &file = program.sourceManager().file(text.span.file);
  experiment->path = file.path;
  experiment->text = file.text;
  rootScope = std::make_shared<Scope>(nullptr, program.userFileIndex());
  for (const char *clock : {"epoch", "iteration", "epochs", "iterations"}) {
    auto expr = std::make_shared<Expr>();
    expr->kind = Expr::Kind::Clock;
    expr->name = clock;
    expr->type.element = Type::Element::Int;
    rootScope->names[clock] = Value::of(expr);
  }
  auto infinity = std::make_shared<Expr>();
  infinity->kind = Expr::Kind::Infinity;
  rootScope->names["infinity"] = Value::of(infinity);
  for (const syntax::Name &lost : text.lostNames)
    rootScope->names.emplace(lost.text, Value::error());
  pageScope = std::make_shared<Scope>(rootScope, text.span.file);
  // Functions are named after these.
  for (const syntax::Item &item : text.items)
    if (item.kind == syntax::Item::Kind::Features || item.kind == syntax::Item::Kind::Head ||
        item.kind == syntax::Item::Kind::Threat) {
      symbols[item.name.text] = 1;
      if (item.kind != syntax::Item::Kind::Threat)
        models.insert(item.name.text);
    }

  unsigned errors = engine.errorCount();
  const syntax::Item *data = nullptr;
  for (const syntax::Item &item : text.items)
    if (item.kind == syntax::Item::Kind::Data) {
      if (data)
        report(diag::Code::RepeatedItem, item.span, "an experiment has one `data`")
            .label("the second")
            .expected("one `data` line")
            .help("remove one of them")
            .note(data->span, "the first");
      else
        data = &item;
    }
  // Shapes come from the data, wherever the page says what they are.
  if (data)
    checkData(*data);
  else if (!text.isDamaged)
    report(diag::Code::MissingItem, text.name.span, "the experiment has no `data`")
        .label("this experiment")
        .expected("`data DATASET() { batch = 128 }`")
        .help("add it as the first line");
  if (!dataReady) {
    // Said already: what the data would declare is no second mistake.
    for (const char *name : {"x", "y"})
      pageScope->names[name];
    rootScope->names["classes"];
  }
  size_t inners = std::count_if(text.items.begin(), text.items.end(), [](const syntax::Item &item) {
    return item.kind == syntax::Item::Kind::Inner;
  });
  for (const syntax::Item &item : text.items)
    if (item.kind == syntax::Item::Kind::Inner)
      checkInner(item, inners);
    else
      checkItem(item);
  if (!experiment->outer && !outerSeen && !hasLine(syntax::Item::Kind::Evaluate))
    report(diag::Code::MissingItem, text.name.span, "the experiment does nothing")
        .label("this experiment")
        .found("neither `outer` nor `evaluate`")
        .expected("at least one of them")
        .help("add `outer minimize …` or `evaluate on test { clean }`");
  if (!engine.hasErrors())
    reportLostItems();
  if (engine.errorCount() == errors)
    checkSetRanges();
  if (engine.errorCount() != errors)
    return nullptr;
  checkBatchStatistics(*this);
  lint(*this);
  if (!engine.hasErrors())
    lintPage(*this);
  return std::move(experiment);
}

/// Nothing is ignored: a line that left no trace in the experiment and no finding
/// either is refused here.
void Checker::reportLostItems() {
  using ItemKind = syntax::Item::Kind;
  std::map<ItemKind, size_t> counts, kept;
  std::map<ItemKind, Span> last;
  for (const syntax::Item &item : page->items) {
    ++counts[item.kind];
    last[item.kind] = item.span;
  }
  kept[ItemKind::Data] = dataReady;
  kept[ItemKind::Features] = experiment->models.size();
  kept[ItemKind::Head] = experiment->heads.size();
  kept[ItemKind::Threat] = threats.size();
  kept[ItemKind::Inner] = experiment->inner.size();
  kept[ItemKind::Outer] = experiment->outer.has_value();
  kept[ItemKind::Evaluate] = experiment->evaluations.size();
  kept[ItemKind::Keep] = experiment->keep.has_value();
  kept[ItemKind::Let] = counts[ItemKind::Let];
  for (const auto &[kind, count] : counts)
    if (kept[kind] != count)
      unsupported(last[kind], "this form of the line");
  size_t index = 0;
  for (const syntax::Item &item : page->items) {
    if (item.kind != ItemKind::Evaluate || index >= experiment->evaluations.size())
      continue;
    const Evaluation &evaluation = experiment->evaluations[index++];
    if (evaluation.items.size() < item.items.size())
      unsupported(item.span, "a line of this evaluation");
  }
}

void Checker::checkItem(const syntax::Item &item) {
  using ItemKind = syntax::Item::Kind;
  Value planned;
  planned.kind = Value::Kind::Unsupported;
  switch (item.kind) {
  case ItemKind::Data:
  case ItemKind::Inner:
    return;
  case ItemKind::Let:
    return checkLet(item);
  case ItemKind::Features:
    return checkFeatures(item);
  case ItemKind::Head:
    return checkHead(item);
  case ItemKind::Threat:
    return checkThreat(item);
  case ItemKind::State:
  case ItemKind::Draw: {
    bool state = item.kind == ItemKind::State;
    PageEnv env(pageScope);
    if (state && dataReady && item.value)
      check(*item.value, env);
    planned.text =
        state ? "the state `" + item.name.text + "`" : "the draw `" + item.name.text + "`";
    unsupported(item.span, state ? "`state` in an experiment" : "`draw` in an experiment");
    declareName(*pageScope, item.name, planned);
    return;
  }
  case ItemKind::Outer:
    return checkOuter(item);
  case ItemKind::Evaluate:
    return checkEvaluate(item);
  case ItemKind::Keep:
    return checkKeep(item);
  case ItemKind::Stop:
    unsupported(item.span, "`stop when` in an experiment");
    return;
  case ItemKind::Sweep:
    for (const syntax::Arg &axis : item.args) {
      bool known = axis.name.text == "seed";
      for (const Setting &setting : experiment->settings)
        known |= setting.path == axis.name.text;
      if (!known) {
        std::vector<std::string> paths = {"seed"};
        for (const Setting &setting : experiment->settings)
          paths.push_back(setting.path);
        report(diag::Code::UnknownName, axis.name.span, "unknown setting `" + axis.name.text + "`")
            .label("not a setting")
            .found("`" + axis.name.text + "`")
            .expected("the name of a constant `let`, or `seed`")
            .help(suggest(axis.name.text, paths));
      }
    }
    unsupported(item.span, "`sweep`", "run the executable once for each value with `--set`");
    return;
  }
}

void Checker::checkLet(const syntax::Item &item) {
  Value bad;
  auto fail = [&] {
    for (const syntax::Name &name : item.pattern)
      declareName(*pageScope, name, bad);
  };
  if (item.pattern.size() != 1) {
    // The names inside are checked all the same.
    PageEnv env(pageScope);
    check(*item.value, env);
    unsupported(item.span, "a `let` of several names", "write one `let` for each name");
    return fail();
  }
  const syntax::Name &name = item.pattern[0];
  Kind kind = item.value->kind;
  if (kind == Kind::Argmax || kind == Kind::Best || kind == Kind::Worst) {
    unsupported(item.value->span, "an adversary bound by `let`", "bind it with `inner`");
    return fail();
  }
  size_t index = pageLets.size();
  pageLets.push_back({&item, true});
  PageEnv env(pageScope);
  env.mode = Mode::Train;
  env.role = name.text;
  const size_t settings = experiment->settings.size();
  Value value = check(*item.value, env);
  pageLets[index].active = false;
  // The text of tensors is read anew at each use, where its calls are no settings.
  if (!value.isNumber())
    experiment->settings.resize(settings);
  if (value.isNumber()) {
    Type::Element element = value.expr->type.element;
    // `let beta = 6` may be set to 6.5: only a count is an integer.
    if (element == Type::Element::Int)
      element = Type::Element::Real;
    value = Value::of(
        setting(name.text, element, value.expr, source(item.value->span), false, name.span));
  } else if (value.isTensor()) {
    value = Value();
    value.kind = Value::Kind::PageLet;
    value.index = index;
  }
  declareName(*pageScope, name, value);
}

void Checker::checkData(const syntax::Item &item) {
  const syntax::Expr &call = *item.value;
  const syntax::Expr *callee = call.kind == Kind::Call ? call.children[0].get() : &call;
  std::vector<const Decl *> decls;
  if (callee->kind == Kind::Name)
    decls = program.find(Decl::Kind::Dataset, callee->text, pageScope->file);
  Data &data = experiment->data;
  data.span = item.span;
  bool ok = true;
  if (decls.empty()) {
    std::string name = source(callee->span);
    if (name == "mix" || name == "npz")
      unsupported(callee->span, name == "mix" ? "a mixture of data sets" : "data from an npz file");
    else
      report(diag::Code::UnknownName, callee->span, "unknown dataset `" + name + "`")
          .label("nothing declares this")
          .found("`" + name + "`")
          .expected("a dataset")
          .help(nameHelp({diag::NamePlace::Dataset}, name,
                         program.names(Decl::Kind::Dataset, pageScope->file)));
    return;
  }
  const Decl &decl = *decls.front();
  data.name = decl.name.text;
  Frame frame(*this, call.span, "in this use of `" + decl.name.text + "`");
  Env env;
  env.scope = std::make_shared<Scope>(rootScope, decl.span.file);
  std::vector<const syntax::Arg *> bound;
  std::vector<syntax::Arg> none;
  std::vector<std::string> names;
  names.reserve(decl.params.size());
  for (const syntax::Param &param : decl.params)
    names.push_back(param.name.text);
  bool augmented = false;
  for (const syntax::Arg &arg : call.args)
    if (arg.name.text == "augment" &&
        std::find(names.begin(), names.end(), "augment") == names.end()) {
      unsupported(arg.span, "augmentation (`augment`)");
      augmented = true;
    }
  if (!augmented)
    bindArguments(names, 0, call.args, 0, call.span, decl.name.text, decl.name.span, bound);

  auto strings = [&](const syntax::Arg &field, std::vector<std::string> &out) {
    std::vector<const syntax::Expr *> values;
    if (field.value->kind == Kind::List)
      for (const syntax::Arg &arg : field.value->args)
        values.push_back(arg.value.get());
    else
      values.push_back(field.value.get());
    if (values.empty()) {
      report(diag::Code::WrongArgument, field.value->span,
             "`" + field.name.text + "` names no file")
          .label("an empty list")
          .found("`[]`")
          .expected("at least one file name")
          .help("name the files, relative to the folder of `--data`");
      ok = false;
    }
    for (const syntax::Expr *value : values) {
      if (value->kind == Kind::String) {
        out.push_back(value->text);
        continue;
      }
      report(diag::Code::WrongType, value->span, "`" + field.name.text + "` lists file names")
          .label("not a string")
          .found("`" + source(value->span) + "`")
          .expected("a string")
          .help("write the names in quotes");
      ok = false;
    }
  };
  std::set<std::string> seen;
  for (const syntax::Arg &field : decl.fields) {
    const std::string &name = field.name.text;
    if (!seen.insert(name).second) {
      report(diag::Code::DuplicateArgument, field.name.span, "`" + name + "` is given twice")
          .label("second value")
          .help("keep one of them");
      ok = false;
      continue;
    }
    if (name == "format") {
      std::vector<std::string> text;
      strings(field, text);
      data.format = text.empty() ? "" : text[0];
      if (!text.empty() && data.format != "idx") {
        report(diag::Code::NotSupportedYet, call.span,
               "the data format \"" + data.format + "\" is not supported yet")
            .label("data of this format")
            .found("`" + source(call.span) + "`")
            .expected("data in the format \"idx\"")
            .help("convert the files to IDX")
            .note(field.value->span, "its format");
      }
    } else if (name == "train" || name == "test") {
      strings(field, name == "train" ? data.train : data.test);
    } else if (name == "image" || name == "range") {
      Value value = check(*field.value, env);
      std::vector<Rational> numbers;
      if (value.kind == Value::Kind::List)
        for (const Value &element : value.elements)
          if (std::optional<Rational> exact =
                  element.isNumber() ? evaluate(element.expr) : std::nullopt)
            numbers.push_back(*exact);
      size_t want = name == "image" ? 3 : 2;
      bool fine = numbers.size() == want;
      std::vector<int64_t> extents;
      for (const Rational &number : numbers) {
        fine &= name == "range" || (number.isInteger() && Rational(0) < number);
        extents.push_back(number.numerator());
      }
      if (!fine) {
        if (!value.isError())
          report(diag::Code::WrongType, field.value->span, "`" + name + "` cannot be read")
              .label("here")
              .found("`" + source(field.value->span) + "`")
              .expected(want == 3 ? "`[channels, height, width]`" : "`[low, high]`")
              .help("write constants");
        ok = false;
      } else if (want == 3) {
        ok &= checkSize(extents, field.value->span, "the image");
        data.image = extents;
      } else {
        data.low = numbers[0].toDouble();
        data.high = numbers[1].toDouble();
      }
    } else if (name == "classes") {
      Value value = check(*field.value, env);
      std::optional<int64_t> classes = integer(value, field.value->span, "`classes`");
      ok &= classes && checkRange(*classes, 2, limits::classes, field.value->span, "`classes`");
      data.classes = classes.value_or(0);
    } else {
      report(diag::Code::UnknownParameter, field.name.span, "a dataset has no field `" + name + "`")
          .label("unknown field")
          .found("`" + name + "`")
          .expected("`format`, `image`, `classes`, `range`, `train`, `test`")
          .help(suggest(name, {"format", "image", "classes", "range", "train", "test"}));
      ok = false;
    }
  }
  for (const char *needed : {"format", "image", "classes", "train", "test"})
    if (!seen.count(needed)) {
      report(diag::Code::MissingPart, decl.name.span,
             "the dataset `" + decl.name.text + "` has no `" + needed + "`")
          .label("declared here")
          .expected("`" + std::string(needed) + " = …`")
          .help("add it");
      ok = false;
    }
  if (!ok)
    return;

  // The settings in braces.
  Env settings;
  settings.scope = pageScope;
  ExprPtr batch;
  std::string batchText = "128";
  Span batchSpan = item.span;
  bool batchGiven = false, validGiven = false, lastGiven = false;
  std::set<std::string> given;
  for (const syntax::Arg &arg : item.args) {
    const std::string &name = arg.name.text;
    if (!given.insert(name).second) {
      report(diag::Code::DuplicateArgument, arg.name.span, "`" + name + "` is given twice")
          .label("second value")
          .help("keep one of them");
      continue;
    }
    if (name == "batch" || name == "valid") {
      Value value = check(*arg.value, settings);
      std::optional<int64_t> count =
          integer(value, arg.value->span, "`" + name + "`", name != "batch");
      if (!count)
        continue;
      if (!checkRange(*count, name == "batch" ? 1 : 0,
                      name == "batch" ? limits::batch : limits::count, arg.value->span,
                      "`" + name + "`"))
        continue;
      if (name == "valid") {
        data.valid = *count;
        validGiven = true;
        structural("data.valid", source(arg.value->span), false, arg.span);
      } else {
        batch = value.expr;
        batchText = source(arg.value->span);
        batchSpan = arg.span;
        batchGiven = true;
      }
    } else if (name == "last") {
      lastGiven = true;
      bool keep = arg.value->kind == Kind::Name && arg.value->text == "keep";
      bool drop = arg.value->kind == Kind::Name && arg.value->text == "drop";
      if (!keep && !drop) {
        report(diag::Code::WrongArgument, arg.value->span,
               "`last` says what happens to a short last batch")
            .label("here")
            .found("`" + source(arg.value->span) + "`")
            .expected("`keep` or `drop`")
            .help("write one of them");
        continue;
      }
      data.dropLast = drop;
    } else if (name == "augment" || name == "transform") {
      unsupported(arg.span, "augmentation (`" + name + "`)");
    } else if (name == "epoch") {
      unsupported(arg.span, "an epoch of another length (`epoch = …`)");
    } else {
      report(diag::Code::UnknownParameter, arg.name.span, "`data` has no setting `" + name + "`")
          .label("unknown setting")
          .found("`" + name + "`")
          .expected("`batch`, `valid` or `last`")
          .help(nameHelp({diag::NamePlace::Setting}, name, {"batch", "valid", "last"}));
    }
  }
  if (!batch)
    batch = number(Rational(128), item.span, Type::Element::Int);
  setting("data.batch", Type::Element::Int, batch, batchText, !batchGiven, batchSpan);
  experiment->settings.back().range.minimum = 1;
  experiment->settings.back().range.maximum = limits::batch;
  data.batch = "data.batch";
  if (!validGiven)
    structural("data.valid", "0", true, item.span);
  structural("data.last", data.dropLast ? "drop" : "keep", !lastGiven, item.span);
  // What the page leaves out, for explain-experiment.
  std::string missing;
  auto add = [&](bool isGiven, const std::string &text) {
    if (!isGiven)
      missing += (missing.empty() ? "" : ", ") + text;
  };
  add(batchGiven, "batch = 128");
  add(validGiven, "valid = 0");
  add(lastGiven, "last = keep");
  if (!missing.empty()) {
    if (item.args.empty())
      pageEdits.push_back({call.span.end, 0, " { " + missing + " }"});
    else
      pageEdits.push_back({item.args.back().span.end, 0, ", " + missing});
  }

  rootScope->names["classes"] =
      Value::of(number(Rational(data.classes), item.span, Type::Element::Int));
  Type image;
  image.kind = Type::Kind::Tensor;
  image.shape = data.image;
  image.perExample = true;
  Type label;
  label.kind = Type::Kind::Tensor;
  label.element = Type::Element::Int;
  label.perExample = true;
  experiment->x = local("x", image, item.span);
  experiment->y = local("y", label, item.span);
  for (const Local *given : {experiment->x, experiment->y})
    pageScope->names[given->name] = Value::of(localRef(given, item.span));
  dataReady = true;
}

void PageEnv::begin(Block &block) const {
  for (const auto &[index, instance] : lets.lets)
    block.stmts.insert(block.stmts.end(), instance.stmts.begin(), instance.stmts.end());
  block.stmts.insert(block.stmts.end(), inlined.begin(), inlined.end());
}

void Checker::finishBlock(Block &block, const PageEnv &env, ExprPtr value) {
  env.begin(block);
  block.value = std::move(value);
}

void Checker::checkOuter(const syntax::Item &item) {
  if (outerSeen) {
    report(diag::Code::RepeatedItem, item.span, "an experiment has one `outer`")
        .label("the second")
        .expected("one `outer` line")
        .help("add the losses up in one line");
    return;
  }
  outerSeen = true;
  if (!dataReady)
    return;
  if (item.replays)
    unsupported(item.replays->span, "`each batch N times`");
  Outer outer;
  outer.span = item.span;
  PageEnv env(pageScope);
  env.mode = Mode::Train;
  ExprPtr loss = checkExpr(*item.value, env);
  for (const syntax::Item::Update &update : item.updates) {
    check(*update.value, env);
    unsupported(update.span,
                update.afterStep ? "`then` updates of a state" : "`also` updates of a state");
  }
  if (loss && (!loss->type.isScalar() || loss->type.element != Type::Element::Real)) {
    report(diag::Code::WrongType, item.value->span, "`outer` minimises one number for each example")
        .label(loss->type.str())
        .found(loss->type.str())
        .expected("`real`")
        .help("reduce it, as in `sum(v)` or `norm(v)`");
    loss = nullptr;
  }
  if (loss && !loss->type.isTensor()) {
    report(diag::Code::WrongType, item.value->span, "the loss does not depend on the model")
        .label("a constant")
        .found(loss->type.str())
        .expected("an expression of a head or of features")
        .help("as in `ce(f(x' | y), y)`");
    loss = nullptr;
  }
  bool trainable = false;
  for (const Leaf *leaf : experiment->leaves)
    trainable |= leaf->trainable;
  if (loss && !trainable && !experiment->leaves.empty())
    report(diag::Code::NothingToTrain, item.span, "there is nothing to train")
        .label("this minimisation")
        .found("frozen models only")
        .expected("at least one model without `frozen`")
        .help("remove `frozen`, or remove `outer`");
  Env numbers;
  numbers.scope = pageScope;
  std::optional<Optimizer> optimizer = checkOptimizer(*item.by, numbers);
  numbers.role = "outer.epochs";
  Value epochs = check(*item.count, numbers);
  if (!epochs.isError()) {
    std::optional<Rational> exact = epochs.isNumber() ? evaluate(epochs.expr) : std::nullopt;
    if (!exact || !exact->isInteger() || *exact < Rational(0)) {
      report(diag::Code::NotAnInteger, item.count->span,
             "the number of epochs must be a whole number")
          .label("here")
          .found(exact ? "`" + exact->str() + "`" : epochs.str())
          .expected("0, 1, 2, …")
          .help("write a constant");
    } else if (checkRange(exact->numerator(), 0, limits::count, item.count->span,
                          "the number of epochs")) {
      setting("outer.epochs", Type::Element::Int, epochs.expr, source(item.count->span), false,
              item.count->span);
      experiment->settings.back().range.minimum = 0;
      experiment->settings.back().range.maximum = limits::count;
      outer.epochs = "outer.epochs";
    }
  }
  if (!loss || !optimizer || outer.epochs.empty())
    return;
  finishBlock(outer.loss, env, loss);
  for (const auto &[index, instance] : env.lets.lets)
    if (const Value &value = instance.value; value.isTensor() && value.expr->type.isScalar() &&
                                             value.expr->type.element != Type::Element::Int)
      outer.terms.push_back(value.expr->local);
  outer.optimizer = std::move(*optimizer);
  experiment->outer = std::move(outer);
}

} // namespace advx::sema
