//===- Candidates.cpp - What an index of `best` stands for --------------------===//
//
// An index runs over numbers, or over things that have no value: sets, starts, solvers,
// adversaries. A set is read once. The others depend on where they stand (a start asks the set of
// its solver), so their name stands for their text.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/Candidates.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>
#include <map>
#include <set>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

/// What stands after `in`, without what `except` leaves out of it.
const syntax::Expr &listOf(const syntax::Expr &best) {
  const syntax::Expr *over = best.children[0].get();
  while (over->kind == Kind::Binary && over->text == "except")
    over = over->children[0].get();
  return *over;
}

bool isSame(const Edit &a, const Edit &b) { return a.length == b.length && a.text == b.text; }

} // namespace

Candidates::Form Candidates::formOf(const syntax::Expr &element, const Scope &scope) {
  switch (element.kind) {
  case Kind::List:
    return Form::List;
  case Kind::Argmax:
  case Kind::Best:
  case Kind::Worst:
    return Form::Text;
  case Kind::If:
    return formOf(*element.children[1], scope) == Form::Text ? Form::Text : Form::Number;
  case Kind::Binary:
    return element.text == "&" ? Form::Set : Form::Number;
  case Kind::Name:
  case Kind::Call:
    break;
  default:
    return Form::Number;
  }
  const syntax::Expr &callee = *calleeOf(element);
  if (callee.kind != Kind::Name)
    return Form::Number;
  if (const Value *known = scope.find(callee.text)) {
    const bool isSet = known->kind == Value::Kind::Set || known->kind == Value::Kind::Threat;
    const bool isText = known->kind == Value::Kind::Start || known->kind == Value::Kind::Candidate;
    return isSet ? Form::Set : isText ? Form::Text : Form::Number;
  }
  auto declared = [&](Decl::Kind kind) {
    return !program.find(kind, callee.text, scope.file).empty();
  };
  if (declared(Decl::Kind::Start) || declared(Decl::Kind::Solver) || declared(Decl::Kind::Attack))
    return Form::Text;
  return declared(Decl::Kind::Set) || SetChecker::isForm(element) ? Form::Set : Form::Number;
}

Value Candidates::element(const syntax::Expr &element, const Env &env, const std::string &role) {
  Env where = env;
  switch (formOf(element, *env.scope)) {
  case Form::Number:
    break;
  case Form::Set:
    where.role = role;
    return setChecker.checkSet(element, where);
  case Form::Text: {
    Value text;
    text.kind = Value::Kind::Candidate;
    text.span = element.span;
    text.written = &element;
    text.scope = env.scope;
    return text;
  }
  case Form::List: {
    Value list;
    list.kind = Value::Kind::List;
    list.span = element.span;
    for (const syntax::Arg &part : element.args) {
      list.elements.push_back(this->element(*part.value, env, role));
      if (list.elements.back().isError())
        return Value::error();
    }
    return list;
  }
  }
  return exprChecker.check(element, where);
}

bool Candidates::mayBeNumbers(const syntax::Expr &best, const Scope &scope) {
  const syntax::Expr &over = listOf(best);
  return over.kind != Kind::List ||
         std::all_of(over.args.begin(), over.args.end(), [&](const syntax::Arg &part) {
           return !part.key && formOf(*part.value, scope) == Form::Number;
         });
}

std::optional<IndexRanges::Range> Candidates::read(const syntax::Expr &best, const Env &env,
                                                   const std::string &role) {
  Env where = env;
  const syntax::Expr &over = *best.children[0];
  if (over.kind == Kind::List && !mayBeNumbers(best, *env.scope)) {
    IndexRanges::Range range;
    for (const syntax::Arg &part : over.args) {
      const std::string own = role + "." + std::to_string(range.values.size() + 1);
      range.values.push_back(element(*part.value, env, own));
      if (range.values.back().isError())
        return std::nullopt;
    }
    return range;
  }
  std::optional<IndexRanges::Range> range = indexRanges.read(over, where);
  if (!range || !range->except || indexRanges.isAllClasses(*range))
    return range;
  // Other lists leave out the class of an example where they have it.
  for (const Value &value : range->values)
    if (!labels.classLabel(value.expr, value.span.isValid() ? value.span : over.span))
      return std::nullopt;
  if (!indexRanges.isSeveral(*range)) {
    findings.report(diag::Code::WrongType, over.span, "there is nothing left to try")
        .label("one class, and that is left out")
        .found("`" + findings.source(over.span) + "`")
        .expected("at least two classes before `except`")
        .help("as in `classes except y`");
    return std::nullopt;
  }
  return range;
}

size_t Candidates::count(const IndexRanges::Range &range) {
  return range.values.size() - (range.except && indexRanges.isAllClasses(range) ? 1 : 0);
}

ExprPtr Candidates::otherClass(const ExprPtr &label, ExprPtr place, Span span) {
  // In order: from the label on, each is the next one.
  const int64_t classes = sheet.experiment->data.classes;
  ExprPtr own =
      build.reduceSum(build.select(vectors.mask(label, classes, span), labels.places(classes, span),
                                   build.number(Rational(0), span), span),
                      span);
  ExprPtr passed = build.comparison(Predicate::LessEqual, own, place, span);
  ExprPtr one = build.number(Rational(1), span, Type::Element::Int);
  ExprPtr zero = build.number(Rational(0), span, Type::Element::Int);
  return labels.labelOf(
      build.elementwise(Op::Add, {std::move(place), build.select(passed, one, zero, span)}, span),
      span);
}

size_t Candidates::insteadOf(const IndexRanges::Range &range, size_t i) {
  const size_t count = range.values.size();
  size_t next = (i + 1) % count;
  while (next != i &&
         build.evaluate(range.values[next].expr) == build.evaluate(range.values[i].expr))
    next = (next + 1) % count;
  return next;
}

bool Candidates::bind(const syntax::Expr &best, const IndexRanges::Range &range, size_t i,
                      Scope &scope) {
  Value value = range.values[i];
  const Span span = best.pattern[0].span;
  if (range.except && indexRanges.isAllClasses(range)) {
    ExprPtr place = build.number(Rational(static_cast<int64_t>(i)), span, Type::Element::Int);
    value = Value::of(otherClass(range.except, place, span));
  } else if (range.except) {
    const ExprPtr &other = range.values[insteadOf(range, i)].expr;
    value = Value::of(
        build.select(labels.compare(Predicate::NotEqual, range.except, value.expr, span),
                     labels.classLabel(value.expr, span), labels.classLabel(other, span), span));
  }
  if (value.isError())
    return false;
  if (best.pattern.size() == 1) {
    if (value.kind != Value::Kind::Candidate)
      value.span = span;
    scope.names[best.pattern[0].text] = value;
    return true;
  }
  // As `let (a, b) = e`: an entry for each name.
  if (value.kind != Value::Kind::List || value.elements.size() != best.pattern.size()) {
    const std::string names = std::to_string(best.pattern.size());
    findings.report(diag::Code::WrongType, best.children[0]->span, "`best` has several names")
        .label("what they stand for")
        .found(value.str())
        .expected("a list of lists of " + names)
        .help("as in `best (r, t) in [[1, 3], [2, 5]] of …`; every pair of two ranges is "
              "`best r in … of best t in … of …`");
    return false;
  }
  for (size_t part = 0; part < best.pattern.size(); ++part)
    scope.names[best.pattern[part].text] = value.elements[part];
  return true;
}

bool Candidates::hasTwoMeasures(const syntax::Expr &outer, const syntax::Expr &inner) {
  if (!outer.by || !inner.by)
    return false;
  findings.report(diag::Code::WrongArgument, outer.by->span, "a `best` in a `best` has one measure")
      .label("the second")
      .found("`by " + findings.source(outer.by->span) + "`")
      .expected("one `by E` behind both")
      .help("remove one of them")
      .note(inner.by->span, "the first");
  return true;
}

void CandidateEdits::next() {
  candidates.push_back(std::move(sheet.edits));
  sheet.edits.clear();
}

CandidateEdits::~CandidateEdits() {
  next();
  std::map<uint32_t, std::vector<Edit>> first;
  std::set<uint32_t> differ;
  for (const std::vector<Edit> &edits : candidates) {
    std::map<uint32_t, std::vector<Edit>> own;
    for (const Edit &edit : edits)
      own[edit.offset].push_back(edit);
    for (auto &[offset, here] : own) {
      auto [known, isNew] = first.try_emplace(offset, here);
      if (!isNew &&
          !std::equal(here.begin(), here.end(), known->second.begin(), known->second.end(), isSame))
        differ.insert(offset);
    }
  }
  for (const auto &[offset, here] : first)
    if (!differ.count(offset))
      before.insert(before.end(), here.begin(), here.end());
  sheet.edits = std::move(before);
}

} // namespace advx::sema
