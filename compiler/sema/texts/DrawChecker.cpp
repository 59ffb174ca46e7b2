//===- DrawChecker.cpp - Distributions, and what a draw of each is ------------===//

#include "compiler/sema/texts/DrawChecker.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <sstream>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

struct Distribution {
  const char *name;
  std::vector<std::string> params;
};

const std::vector<Distribution> &distributions() {
  static const std::vector<Distribution> all = {{"uniform", {"low", "high"}},
                                                {"normal", {"mean", "std"}},
                                                {"beta", {"a", "b"}},
                                                {"integer", {"low", "high"}},
                                                {"sign", {}},
                                                {"bernoulli", {"p"}},
                                                {"categorical", {"p"}},
                                                {"permutation", {}}};
  return all;
}

const Distribution *findDistribution(const std::string &name) {
  for (const Distribution &known : distributions())
    if (known.name == name)
      return &known;
  return nullptr;
}

Type realTensor(std::vector<int64_t> shape, bool perExample) {
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = std::move(shape);
  type.perExample = perExample;
  return type;
}

/// `classes`, or that without some.
bool isClasses(const syntax::Expr &expr) {
  if (expr.kind == Kind::Binary && expr.text == "except")
    return isClasses(*expr.children[0]);
  return expr.kind == Kind::Name && expr.text == "classes";
}

} // namespace

bool isDistribution(const std::string &name) { return findDistribution(name) != nullptr; }

std::optional<DrawChecker::Per> DrawChecker::scopeOf(const Line &line) {
  const std::string &per = line.per.text;
  if (per.empty() || per == "example")
    return Per::Example;
  if (per == "batch")
    return Per::Batch;
  if (per == "run" && line.ofPage)
    return Per::Run;
  findings
      .report(diag::Code::WrongArgument, line.per.span,
              per == "run" ? "a draw of a text is made in each step"
                           : "there is no draw per `" + per + "`")
      .label("here")
      .found("`per " + per + "`")
      .expected(line.ofPage ? "`per example`, `per batch` or `per run`"
                            : "`per example` or `per batch`")
      .help(per == "run" ? "draw it on the page and pass it" : "leave it out for each example");
  return std::nullopt;
}

ExprPtr DrawChecker::check(const Line &line, Env &env, std::vector<Stmt> &out) {
  std::optional<Per> per = scopeOf(line);
  if (!per)
    return nullptr;
  Draw draw{line, env, out, *per, {}};
  if (env.weight) // of a set of weights
    draw.per = Per::Batch;
  if (line.like) {
    ExprPtr like = exprChecker.checkExpr(*line.like, env);
    if (!like)
      return nullptr;
    draw.shape = like->type.shape;
  }
  ExprPtr value = distribution(draw);
  if (!value || value->kind == Expr::Kind::Local)
    return value;
  // One value for all that read the name.
  Stmt let;
  let.kind = Stmt::Kind::Let;
  let.span = line.span;
  let.local = sheet.local(line.name.text, value->type, line.name.span);
  let.value = value;
  out.push_back(let);
  return build.localRef(let.local, line.name.span);
}

void DrawChecker::unknown(const syntax::Expr &callee) {
  std::vector<std::string> names;
  for (const Distribution &known : distributions())
    names.push_back(known.name);
  names.push_back("classes");
  findings
      .report(diag::Code::UnknownName, callee.span,
              "unknown distribution `" + findings.source(callee.span) + "`")
      .label("not a distribution")
      .found("`" + findings.source(callee.span) + "`")
      .expected("`uniform(low, high)`, `normal(mean, std)` or another of the reference")
      .help(suggestions.suggest(callee.text, names));
}

ExprPtr DrawChecker::distribution(Draw &draw) {
  const syntax::Expr &value = draw.line.value;
  if (isClasses(value))
    return classes(draw);
  const syntax::Expr &callee = *calleeOf(value);
  const Distribution *known = callee.kind == Kind::Name ? findDistribution(callee.text) : nullptr;
  if (!known) {
    unknown(callee);
    return nullptr;
  }
  const std::string name = known->name;
  // `uniform(SET)`.
  if (name == "uniform" && value.args.size() == 1 && value.args[0].name.empty())
    return ofSet(draw, *value.args[0].value);
  Arguments bound;
  if (!binder.bindArguments(known->params, known->params.size(), value.args, 0, value.span, name,
                            Span(), bound))
    return nullptr;
  if (name == "integer")
    return integers(draw, bound);
  if (name == "bernoulli")
    return truth(draw, bound);
  if (name == "categorical")
    return category(draw, bound);
  if (name == "permutation")
    return permutation(draw);
  if (name == "sign") {
    ExprPtr u = uniform(draw, draw.shape);
    Span span = draw.line.span;
    ExprPtr low =
        build.comparison(Predicate::Less, u, build.number(*Rational::make(1, 2), span), span);
    return build.select(low, build.number(Rational(-1), span), build.number(Rational(1), span),
                        span);
  }
  return ofNumbers(draw, name, bound);
}

ExprPtr DrawChecker::number(Draw &draw, const syntax::Arg &argument) {
  ExprPtr number = exprChecker.checkExpr(*argument.value, draw.env);
  if (number && (!number->type.isNumber() || number->type.element == Type::Element::Bool)) {
    findings.report(diag::Code::WrongType, number->span, "a distribution takes numbers")
        .label(number->type.str())
        .found(number->type.str())
        .expected("`real`")
        .help("scale the draw instead");
    return nullptr;
  }
  return number;
}

ExprPtr DrawChecker::sample(Draw &draw, const char *distribution, std::vector<ExprPtr> numbers,
                            std::vector<int64_t> shape) {
  const Line &line = draw.line;
  if (draw.per == Per::Run) {
    const State *&state = kept[&line.value];
    if (!state) {
      State *made = sheet.make<State>();
      made->name = "draw " + line.name.text;
      made->type = realTensor(shape, false);
      made->shape = shape;
      const bool isNormal = distribution == std::string("normal");
      made->drawn =
          Initialiser{isNormal ? Initialiser::Kind::Normal : Initialiser::Kind::Uniform, 0, 1};
      made->span = line.span;
      sheet.experiment->states.push_back(state = made);
    }
    auto unit = std::make_shared<Expr>();
    unit->kind = Expr::Kind::State;
    unit->state = state;
    unit->type = state->type;
    unit->span = line.span;
    // uniform(a, b) = a + (b - a) u, normal(a, b) = a + b n.
    ExprPtr width = distribution == std::string("normal")
                        ? numbers[1]
                        : build.elementwise(Op::Sub, {numbers[1], numbers[0]}, line.span);
    ExprPtr scaled = build.elementwise(Op::Mul, {unit, width}, line.span);
    return build.elementwise(Op::Add, {scaled, numbers[0]}, line.span);
  }
  Stmt stmt;
  stmt.kind = Stmt::Kind::Draw;
  stmt.span = line.span;
  stmt.name = distribution;
  stmt.args = std::move(numbers);
  stmt.perBatch = draw.per == Per::Batch;
  stmt.ofPage = line.ofPage;
  // A stream is named after what it draws.
  const Leaf *weight = draw.env.weight;
  stmt.local = sheet.local(line.name.text + (weight ? "[" + weight->name + "]" : ""),
                           realTensor(std::move(shape), !stmt.perBatch), line.name.span);
  draw.out.push_back(stmt);
  return build.localRef(stmt.local, line.name.span);
}

ExprPtr DrawChecker::uniform(Draw &draw, std::vector<int64_t> shape) {
  return sample(
      draw, "uniform",
      {build.number(Rational(0), draw.line.span), build.number(Rational(1), draw.line.span)},
      std::move(shape));
}

ExprPtr DrawChecker::ofNumbers(Draw &draw, const std::string &name, const Arguments &arguments) {
  std::vector<ExprPtr> numbers;
  for (const syntax::Arg *argument : arguments) {
    ExprPtr value = number(draw, *argument);
    if (value && name == "beta") {
      Range above;
      above.minimum = 0;
      above.openMinimum = true;
      value = settingTable.bounded(value, above, diag::Code::WrongArgument, "a shape of `beta`",
                                   settingTable.freePath(draw.line.name.text, "beta", "shape"),
                                   argument->span);
    }
    if (!value)
      return nullptr;
    numbers.push_back(std::move(value));
  }
  if (name == "beta" && draw.per == Per::Run) {
    findings.unsupported(draw.line.per.span, "`beta` per run", "draw it `per batch`");
    return nullptr;
  }
  return sample(draw,
                name == "beta"     ? "beta"
                : name == "normal" ? "normal"
                                   : "uniform",
                std::move(numbers), draw.shape);
}

/// The whole numbers from low to high, both among them.
ExprPtr DrawChecker::integers(Draw &draw, const Arguments &arguments) {
  Span span = draw.line.span;
  ExprPtr low = number(draw, *arguments[0]), high = number(draw, *arguments[1]);
  if (!low || !high)
    return nullptr;
  ExprPtr least = build.elementwise(Op::Ceil, {low}, span);
  ExprPtr most = build.elementwise(Op::Floor, {high}, span);
  ExprPtr room = build.elementwise(Op::Sub, {most, least}, span);
  Range range;
  range.minimum = 0;
  room =
      settingTable.bounded(room, range, diag::Code::WrongArgument, "`high` less `low` of `integer`",
                           settingTable.freePath(draw.line.name.text, "integer", "room"), span);
  if (!room)
    return nullptr;
  ExprPtr u = uniform(draw, draw.shape);
  ExprPtr count = build.elementwise(Op::Add, {room, build.number(Rational(1), span)}, span);
  ExprPtr steps =
      build.elementwise(Op::Floor, {build.elementwise(Op::Mul, {u, count}, span)}, span);
  // A product just below a whole number may be rounded up to it.
  steps = build.elementwise(Op::Minimum, {steps, room}, span);
  return build.elementwise(Op::Add, {steps, least}, span);
}

ExprPtr DrawChecker::truth(Draw &draw, const Arguments &arguments) {
  ExprPtr p = exprChecker.checkExpr(*arguments[0]->value, draw.env);
  if (!p)
    return nullptr;
  if (!p->type.isScalar() || p->type.element == Type::Element::Bool || p->type.isLabel()) {
    findings.report(diag::Code::WrongType, p->span, "`bernoulli` takes a probability")
        .label(p->type.str())
        .found(p->type.str())
        .expected("`real`, from 0 to 1")
        .help("as in `bernoulli(1/2)`");
    return nullptr;
  }
  Range range;
  range.minimum = 0;
  range.maximum = 1;
  p = settingTable.bounded(p, range, diag::Code::WrongArgument, "the probability",
                           settingTable.freePath(draw.line.name.text, "bernoulli", "p"),
                           arguments[0]->span);
  if (!p)
    return nullptr;
  return build.comparison(Predicate::Less, uniform(draw, draw.shape), p, draw.line.span);
}

/// The place of an entry of p, with a probability in proportion to it: the largest of
/// log p + Gumbel noise (Gumbel 1954; Maddison, Tarlow, Minka 2014).
ExprPtr DrawChecker::category(Draw &draw, const Arguments &arguments) {
  Span span = draw.line.span;
  ExprPtr p = exprChecker.checkExpr(*arguments[0]->value, draw.env);
  if (!p || !isPlain(draw, "categorical", false))
    return nullptr;
  if (!p->type.isTensor() || p->type.shape.size() != 1 || p->type.element != Type::Element::Real) {
    findings
        .report(diag::Code::WrongType, p->span, "`categorical` takes a probability for each place")
        .label(p->type.str())
        .found(p->type.str())
        .expected("a vector; its entries need not add up to 1")
        .help("as in `categorical([1, 1, 2])`");
    return nullptr;
  }
  if (p->is(Op::ConstantList)) {
    bool some = false;
    const std::vector<double> entries = p->listed();
    for (size_t i = 0; i < entries.size(); ++i) {
      some |= entries[i] != 0;
      if (entries[i] < 0) {
        std::ostringstream rounded;
        rounded << entries[i];
        findings.report(diag::Code::WrongArgument, p->span, "a probability is negative")
            .label("here")
            .found("`" + (p->args.empty() ? rounded.str() : p->args[i]->value.str()) + "`")
            .expected("0 or more")
            .help("write how often each place comes, in any unit");
        return nullptr;
      }
    }
    if (!some) {
      findings.report(diag::Code::WrongArgument, p->span, "no place has a probability")
          .label("here")
          .found("only zeros")
          .expected("an entry above 0")
          .help("write how often each place comes, in any unit");
      return nullptr;
    }
  }
  ExprPtr u = uniform(draw, p->type.shape);
  auto log = [&](ExprPtr value) { return build.elementwise(Op::Log, {std::move(value)}, span); };
  auto negative = [&](ExprPtr value) {
    return build.elementwise(Op::Neg, {std::move(value)}, span);
  };
  ExprPtr noise = negative(log(negative(log(u))));
  ExprPtr keys = build.elementwise(Op::Add, {log(p), noise}, span);
  if (!keys)
    return nullptr;
  Type label = keys->type;
  label.shape.clear();
  label.element = Type::Element::Int;
  return build.node(Op::Argmax, {keys}, label, span);
}

/// The largest of equal draws, one for each class.
ExprPtr DrawChecker::classes(Draw &draw) {
  Span span = draw.line.span;
  if (!isPlain(draw, "classes", false))
    return nullptr;
  ExprPtr keys = uniform(draw, {sheet.experiment->data.classes});
  const syntax::Expr *rest = &draw.line.value;
  for (; rest->kind == Kind::Binary; rest = rest->children[0].get()) {
    ExprPtr without = exprChecker.checkExpr(*rest->children[1], draw.env);
    if (without && without->type.isNumber())
      without = labels.classLabel(without, without->span);
    if (!without)
      return nullptr;
    if (!without->type.isLabel()) {
      findings.report(diag::Code::WrongType, without->span, "a class is left out by its label")
          .label(without->type.str())
          .found(without->type.str())
          .expected("a label")
          .help("as in `classes except y`");
      return nullptr;
    }
    ExprPtr mask = vectors.mask(without, sheet.experiment->data.classes, span);
    keys = build.select(mask, build.number(Rational(-1), span), keys, span);
  }
  Type label = keys->type;
  label.shape.clear();
  label.element = Type::Element::Int;
  return build.node(Op::Argmax, {keys}, label, span);
}

ExprPtr DrawChecker::ofSet(Draw &draw, const syntax::Expr &expr) {
  if (!draw.line.ofPage) {
    findings.report(diag::Code::WrongKind, expr.span, "a text draws from a set by `sample`")
        .label("here")
        .found("`uniform(" + findings.source(expr.span) + ")`")
        .expected("`sample(B, radius)`")
        .help("write `sample(" + findings.source(expr.span) + ")`");
    return nullptr;
  }
  if (!isPlain(draw, "uniform(SET)", true))
    return nullptr;
  auto [entry, isNew] = sets.try_emplace(&expr);
  if (isNew) {
    Env env = draw.env;
    env.role.clear();
    entry->second = setChecker.checkSet(expr, env);
  }
  const Value &set = entry->second;
  if (set.isError())
    return nullptr;
  ExprPtr point = setChecker.sampleOf(set, draw.line.span);
  if (!point)
    return nullptr;
  auto drawn = std::make_shared<Expr>(*point);
  drawn->stream = "draw " + draw.line.name.text;
  return drawn;
}

/// The places of the examples in the order of keys that are drawn for them.
ExprPtr DrawChecker::permutation(Draw &draw) {
  const syntax::Name &per = draw.line.per;
  if (draw.line.like || (!per.empty() && per.text != "batch")) {
    findings
        .report(diag::Code::WrongArgument, draw.line.like ? draw.line.like->span : per.span,
                "a permutation is one of the examples of a batch")
        .label("here")
        .expected("`draw " + draw.line.name.text + " ~ permutation() per batch`")
        .help("remove it");
    return nullptr;
  }
  draw.per = Per::Example; // each example has a key
  ExprPtr keys = uniform(draw, {});
  Type type = keys->type;
  type.element = Type::Element::Int;
  type.places = true;
  return build.node(Op::OrderExamples, {keys}, type, draw.line.span);
}

bool DrawChecker::isPlain(Draw &draw, const std::string &name, bool scope) {
  const Line &line = draw.line;
  const bool wrongScope = scope && draw.per != Per::Example;
  if (!line.like && !wrongScope)
    return true;
  findings
      .report(diag::Code::WrongArgument, line.like ? line.like->span : line.per.span,
              line.like ? "`" + name + "` has a shape of its own"
                        : "a point of a set is drawn for each example")
      .label("here")
      .expected("`draw " + line.name.text + " ~ …` alone")
      .help("remove it");
  return false;
}

} // namespace advx::sema
