//===- Dump.cpp - The checked experiment as stable text -------------------------===//

#include "compiler/sema/Checked.h"

#include <algorithm>
#include <sstream>

namespace advx::sema {

namespace {

const char *modeText(Mode mode) {
  return mode == Mode::Eval ? "eval" : mode == Mode::Batch ? "batch" : "train";
}

class Printer {
public:
  std::string print(const Experiment &e);

private:
  /// One expression of a line. Where writing what has several readers once for each would be long,
  /// it is written once, with a number.
  std::string expr(const ExprPtr &e);
  std::string shared(const ExprPtr &e);
  std::string node(const ExprPtr &e);
  static bool isLong(const ExprPtr &e, unsigned &left);
  std::string args(const std::vector<ExprPtr> &list, size_t from = 0);
  void line(const std::string &text) { out << std::string(2 * depth, ' ') << text << "\n"; }
  void stmts(const std::vector<Stmt> &list);
  void block(const Block &block);
  void function(const Function &f);
  void adversary(const Adversary &a, const std::string &title);
  static std::string type(const Type &t) {
    return (t.perExample ? "each " : "") + t.str() +
           (t.isTensor() && t.isScalar() ? " tensor" : "");
  }

  std::ostringstream out;
  unsigned depth = 0;
  bool numbers = false; ///< shared expressions of this one have numbers
  std::map<const Expr *, size_t> numbered;
};

std::string number(double value) {
  std::ostringstream text;
  text.precision(17);
  text << value;
  return text.str();
}

std::string Printer::args(const std::vector<ExprPtr> &list, size_t from) {
  std::string text;
  for (size_t i = from; i < list.size(); ++i)
    text += (i > from ? ", " : "") + shared(list[i]);
  return text;
}

/// Whether the expression, written out, has more parts than `left`, which it uses up.
bool Printer::isLong(const ExprPtr &e, unsigned &left) {
  if (left == 0)
    return true;
  --left;
  return std::any_of(e->args.begin(), e->args.end(),
                     [&](const ExprPtr &arg) { return isLong(arg, left); });
}

std::string Printer::expr(const ExprPtr &e) {
  if (!e)
    return "<none>";
  unsigned left = 1000;
  numbers = isLong(e, left);
  numbered.clear();
  return shared(e);
}

std::string Printer::shared(const ExprPtr &e) {
  if (!numbers || e->args.empty())
    return node(e);
  auto [known, isNew] = numbered.try_emplace(e.get(), numbered.size() + 1);
  std::string name = "#" + std::to_string(known->second);
  return isNew ? name + " = " + node(e) : name;
}

std::string Printer::node(const ExprPtr &e) {
  switch (e->kind) {
  case Expr::Kind::Number:
    return e->value.str();
  case Expr::Kind::Bool:
    return e->value == Rational(0) ? "false" : "true";
  case Expr::Kind::Infinity:
    return "infinity";
  case Expr::Kind::Setting:
    return "$" + e->name;
  case Expr::Kind::Clock:
    return e->name;
  case Expr::Kind::Local:
    return e->local->name;
  case Expr::Kind::Leaf:
    return "%" + e->leaf->name;
  case Expr::Kind::State:
    return "%" + e->state->name;
  case Expr::Kind::Op: {
    std::string text = opName(e->op);
    if (!e->ints.empty() || !e->stream.empty()) {
      text += "{";
      bool first = true;
      for (const auto &[name, values] : e->ints) {
        text += (first ? "" : ", ") + name + " = [";
        for (size_t i = 0; i < values.size(); ++i)
          text += (i ? ", " : "") + std::to_string(values[i]);
        text += "]";
        first = false;
      }
      if (!e->stream.empty())
        text += (first ? "" : ", ") + std::string("stream = ") + e->stream;
      text += "}";
    }
    return text + "(" + (e->numbers ? "\"" + e->name + "\"" : args(e->args)) + ")";
  }
  case Expr::Kind::Call:
    return (e->stream.empty() ? "@" : e->stream + " ~ @") + e->function->symbol + "(" +
           args(e->args) + ")";
  case Expr::Kind::Apply:
    return e->name + "[" + modeText(e->mode) +
           (e->occurrence ? ", fresh " + std::to_string(e->occurrence) : "") + "](" +
           args(e->args) + ")";
  case Expr::Kind::Logits:
    return "logits " + e->name + (e->given ? " given" : "") + "(" + args(e->args) + ")";
  case Expr::Kind::Gradient:
    return "grad(" + args(e->args) + ", " + e->local->name + ")";
  case Expr::Kind::Weights:
    return e->type.group->name;
  case Expr::Kind::Weight:
    return "%" + e->leaf->name + "{" + args(e->args) + "}";
  case Expr::Kind::Bundle:
    return "{" + args(e->args) + "}";
  case Expr::Kind::LossGradient:
    return "grad(loss)";
  case Expr::Kind::WeightSum:
    return "weight_sum(" + args(e->args) + ")";
  case Expr::Kind::Objective:
    return "objective(" + args(e->args) + ")";
  case Expr::Kind::Hit:
    return "hit(" + args(e->args) + ")";
  }
  return "";
}

void Printer::stmts(const std::vector<Stmt> &list) {
  for (const Stmt &s : list)
    switch (s.kind) {
    case Stmt::Kind::Let:
    case Stmt::Kind::Var:
      line((s.kind == Stmt::Kind::Let ? "let " : "var ") + s.local->name + " : " +
           type(s.local->type) + " = " + expr(s.value));
      break;
    case Stmt::Kind::Assign:
      line(s.local->name + " := " + expr(s.value));
      break;
    case Stmt::Kind::Draw:
      line("draw " + s.local->name + " : " + type(s.local->type) + " ~ " + s.name + "(" +
           args(s.args) + ")" + (s.perBatch ? " per batch" : "") +
           (s.ofPage ? " of the page" : ""));
      break;
    case Stmt::Kind::If:
      line("if " + expr(s.value));
      ++depth;
      stmts(s.body);
      --depth;
      if (!s.orElse.empty()) {
        line("else");
        ++depth;
        stmts(s.orElse);
        --depth;
      }
      break;
    case Stmt::Kind::Repeat:
      line("repeat " + expr(s.value) + (s.local ? " as " + s.local->name : ""));
      ++depth;
      stmts(s.body);
      --depth;
      break;
    case Stmt::Kind::StopWhen:
      line("stop when " + expr(s.value));
      break;
    case Stmt::Kind::Solve:
      line("solve " + s.local->name);
      ++depth;
      stmts(s.body);
      --depth;
      break;
    case Stmt::Kind::Return:
      line("return " + expr(s.value));
      break;
    }
}

void Printer::block(const Block &b) {
  ++depth;
  stmts(b.stmts);
  line("value " + expr(b.value) + (b.value ? " : " + type(b.value->type) : ""));
  --depth;
}

void Printer::function(const Function &f) {
  std::string text = "function @" + f.symbol + "(";
  for (size_t i = 0; i < f.params.size(); ++i)
    text += (i ? ", " : "") + f.params[i]->name + " : " + type(f.params[i]->type);
  line(text + ")");
  block(f.body);
}

void Printer::adversary(const Adversary &a, const std::string &title) {
  line(title + " : argmax " + a.variable->name + " in " + modeText(a.mode));
  ++depth;
  line("objective");
  block(a.objective);
  if (a.until) {
    line("until");
    block(*a.until);
  }
  line("over @" + a.set->name + "(" + args(a.setArgs) + ")");
  line("by " + a.solverText);
  ++depth;
  stmts(a.solver);
  depth -= 2;
}

std::string Printer::print(const Experiment &e) {
  line("experiment " + e.name);
  ++depth;
  std::string image;
  for (int64_t extent : e.data.image)
    image += (image.empty() ? "" : ", ") + std::to_string(extent);
  line("data " + e.data.name + " : image [" + image + "], " + std::to_string(e.data.classes) +
       " classes, range [" + number(e.data.low) + ", " + number(e.data.high) + "], format " +
       e.data.format + ", valid " + std::to_string(e.data.valid) + ", last " +
       (e.data.dropLast ? "drop" : "keep"));
  for (const Setting &s : e.settings)
    line("setting " + s.path + " : " +
         (s.element == Type::Element::Real  ? "real"
          : s.element == Type::Element::Int ? "int"
                                            : "bool") +
         " = " + expr(s.value) + (s.isDefault ? " default" : "") +
         (s.range.minimum || s.range.maximum ? ", " + s.range.str() : "") +
         (s.isDerived ? ", derived" : ""));
  for (const Structural &s : e.structural)
    line("structural " + s.path + " = " + s.text + (s.isDefault ? " default" : ""));
  for (const Leaf *l : e.leaves) {
    const char *kinds[] = {"constant", "uniform", "normal"};
    std::string text = (l->isBuffer ? "buffer %" : "param %") + l->name + " : [";
    for (size_t i = 0; i < l->shape.size(); ++i)
      text += (i ? ", " : "") + std::to_string(l->shape[i]);
    text += "] = " + std::string(kinds[static_cast<int>(l->init.kind)]) + "(" + number(l->init.a) +
            (l->init.kind == Initialiser::Kind::Constant ? "" : ", " + number(l->init.b)) + ")";
    if (!l->isBuffer && !l->trainable)
      text += " frozen";
    if (l->project)
      text += " in @" + l->project->symbol;
    if (l->source) {
      text += " from \"" + e.sources[*l->source].file + "\"";
      for (size_t i = 0; i < l->keys.size(); ++i)
        text += (i ? ", " : " as ") + l->keys[i];
    }
    line(text);
  }
  static const char *per[] = {"run", "slot", "example", "class"};
  for (const State *s : e.states) {
    std::string text = "state %" + s->name + " : " + type(s->type) + " per " +
                       per[static_cast<int>(s->per)] + " = ";
    if (s->drawn)
      text += s->drawn->kind == Initialiser::Kind::Normal ? "normal(0, 1)" : "uniform(0, 1)";
    line(text + (s->drawn ? "" : s->copied ? "%" + s->copied->name : "$" + s->init));
  }
  for (const Function *f : e.functions)
    function(*f);
  for (const Model *m : e.models) {
    line("features " + m->name + "(" + m->input->name + " : " + type(m->input->type) + ")" +
         (m->frozen ? " frozen" : ""));
    block(m->forward);
  }
  for (const Head *h : e.heads) {
    std::string text = "head " + h->name + "(" + h->z->name + " : " + type(h->z->type);
    for (size_t i = 0; i < h->numbers.size(); ++i)
      text += ", " + h->numbers[i]->name + " = " + expr(h->numberValues[i]);
    line(text + ") on " + h->model->name + (h->frozen ? " frozen" : ""));
    ++depth;
    stmts(h->lets);
    line("logits " + expr(h->logits) + " : " + type(h->logits->type));
    if (h->y)
      line("logits given " + h->y->name + " " + expr(h->logitsGiven));
    if (h->logitsGivenDistribution) {
      line("logits given " + h->distribution->name + " : " + type(h->distribution->type));
      ++depth;
      stmts(h->distributionLets);
      line(expr(h->logitsGivenDistribution));
      --depth;
    }
    --depth;
  }
  for (const Set *s : e.sets) {
    if (s->group) {
      line("set " + s->name + " of " + s->group->name);
      continue;
    }
    auto symbol = [](const Function *f) { return f ? "@" + f->symbol : std::string("none"); };
    line("set " + s->name + " : project " + symbol(s->project) + ", steepest " +
         symbol(s->steepest) + ", radius " + symbol(s->radius) + ", start " + symbol(s->start));
  }
  for (const Augmentation &a : e.augmentations) {
    line("augmentation " + a.path + " : " + a.text + " of " + a.x->name +
         (a.y ? ", " + a.y->name : ""));
    ++depth;
    stmts(a.body);
    --depth;
  }
  for (const Adversary *a : e.inner)
    adversary(*a, a->path);
  if (e.outer) {
    line("outer for $" + e.outer->epochs + " epochs" +
         (e.outer->replays ? ", each batch $" + *e.outer->replays + " times" : ""));
    block(e.outer->loss);
    ++depth;
    for (const Outer::Update &u : e.outer->also)
      line("also %" + u.state->name + " := " + expr(u.value));
    stmts(e.outer->after);
    for (const Outer::Update &u : e.outer->then)
      line("then %" + u.state->name + " := " + expr(u.value));
    line("by " + e.outer->optimizer.name + " at " + e.outer->optimizer.weight->name);
    ++depth;
    for (const Optimizer::State &s : e.outer->optimizer.states)
      line("state " + s.name + " = " + s.init.str());
    stmts(e.outer->optimizer.body);
    --depth;
    for (const Optimizer &group : e.outer->groups) {
      std::string text = "by " + group.name + " of";
      for (const Leaf *leaf : group.leaves)
        text += " %" + leaf->name;
      line(text);
      ++depth;
      stmts(group.body);
      --depth;
    }
    --depth;
  }
  if (e.stop) {
    line(std::string("stop when") + (e.stop->keepsPrevious ? ", keep previous" : ""));
    block(e.stop->condition);
  }
  for (const Evaluation &v : e.evaluations) {
    line("evaluate " + v.name + " on " + v.split + (v.count ? "($" + *v.count + ")" : "") +
         (v.every ? " every $" + *v.every + " epochs" : "") + (v.atEnd ? " at end" : ""));
    ++depth;
    if (v.with) {
      static const char *statistics[] = {"none", "own", "estimated"};
      line("with " + v.with->text + ", statistics " +
           statistics[static_cast<int>(v.with->statistics)]);
      block(v.with->weights);
    }
    for (const EvaluationItem &i : v.items) {
      std::string head = i.head ? " of " + i.head->name : "";
      if (i.kind == EvaluationItem::Kind::Clean)
        line(i.name + " : clean" + head);
      else if (i.kind == EvaluationItem::Kind::Adversary)
        adversary(*i.adversary, i.name + head);
      else {
        std::string text = i.name + " : worst";
        for (const std::string &name : i.of)
          text += " " + name;
        line(text);
      }
    }
    --depth;
  }
  if (e.keep)
    line("keep best " + e.keep->evaluation + "." + e.keep->item);
  --depth;
  return out.str();
}

} // namespace

std::string dump(const Experiment &experiment) { return Printer().print(experiment); }

} // namespace advx::sema
