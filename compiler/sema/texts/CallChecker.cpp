//===- CallChecker.cpp - Calls: text instantiated at the types of its use ---===//

#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/adversaries/StartChecker.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/IndexRanges.h"
#include "compiler/sema/texts/LayerChecker.h"
#include "compiler/sema/texts/Literals.h"
#include "compiler/sema/texts/ParamRanges.h"
#include "compiler/sema/texts/PrimitiveLayers.h"
#include "compiler/sema/texts/StatementChecker.h"
#include "compiler/sema/types/PrimitiveChecker.h"
#include "compiler/sema/types/Primitives.h"
#include "compiler/syntax/DeclWords.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

/// Words that the language gives a meaning which this version does not compile.
const std::map<std::string, std::string> &plannedCalls() {
  static const std::map<std::string, std::string> planned = {
      {"bounds", "`bounds`, interval arithmetic"},
      {"proved", "`proved`, certified evaluation"},
      {"mix", "a mixture of data sets"},
      {"npz", "data from an npz file"},
  };
  return planned;
}

} // namespace

Value CallChecker::checkCall(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &callee = *expr.children[0];
  bool fresh = freshNumbers.count(&expr) != 0;
  if (callee.kind == Kind::Index && callee.children[0]->kind == Kind::Name) {
    const Value *model = uses.find(*env.scope, *callee.children[0]);
    if (model && (model->kind == Value::Kind::Head || model->kind == Value::Kind::Model)) {
      std::optional<ModelAt> at = modelAt(*model, callee, env);
      if (!at)
        return Value::error();
      return model->kind == Value::Kind::Head ? applyHead(*model->head, expr, *at, env, fresh)
                                              : applyModel(*model->model, expr, *at, env, fresh);
    }
  }
  if (callee.kind != Kind::Name) {
    Value value = exprChecker.check(callee, env);
    if (value.kind == Value::Kind::Layer && expr.args.size() == 1) {
      ExprPtr input = exprChecker.checkExpr(*expr.args[0].value, env);
      return input ? Value::of(layerChecker.applyLayer(value.layer, input, expr.span, env))
                   : Value::error();
    }
    if (!value.isError())
      findings.report(diag::Code::NotCallable, callee.span, "this cannot be called")
          .label(value.str())
          .found(value.str())
          .expected("a function, a network or a head")
          .help("remove the parentheses");
    return Value::error();
  }
  const Value *value = uses.find(*env.scope, callee);
  auto oneArgument = [&](const std::string &what) -> ExprPtr {
    std::vector<const syntax::Arg *> bound;
    if (!binder.bindArguments({"x"}, 1, expr.args, 0, expr.span, what, value->span, bound))
      return nullptr;
    return exprChecker.checkExpr(*bound[0]->value, env);
  };
  if (value)
    switch (value->kind) {
    case Value::Kind::Head:
      return applyHead(*value->head, expr, {env.mode, nullptr}, env, fresh);
    case Value::Kind::Model:
      return applyModel(*value->model, expr, {env.mode, nullptr}, env, fresh);
    case Value::Kind::Layer: {
      LayerPtr layer = value->layer;
      ExprPtr input = oneArgument(callee.text);
      return input ? Value::of(layerChecker.applyLayer(layer, input, expr.span, env))
                   : Value::error();
    }
    case Value::Kind::Objective:
    case Value::Kind::Hit: {
      bool hit = value->kind == Value::Kind::Hit;
      if (env.body && env.body->set && env.body->set->set->group)
        return objectiveAtWeights(expr, callee.text, *value, env);
      ExprPtr point = oneArgument(callee.text);
      if (!point)
        return Value::error();
      if (point->type.shape != sheet.experiment->data.image) {
        findings
            .report(diag::Code::ShapeMismatch, point->span,
                    "`" + callee.text + "` is asked at something else than a point")
            .label(point->type.str())
            .found(point->type.str())
            .expected(shapeText(sheet.experiment->data.image))
            .help("pass the point that the solver moves");
        return Value::error();
      }
      return Value::of(build.askedAt(point, hit, expr.span));
    }
    case Value::Kind::Start:
      return startChecker.callStart(*value->start, expr, env);
    case Value::Kind::Threat:
      return setChecker.checkSet(expr, env);
    case Value::Kind::Function: {
      std::vector<Value> values;
      values.reserve(expr.args.size());
      for (const syntax::Arg &arg : expr.args)
        values.push_back(exprChecker.check(*arg.value, env));
      for (const Value &v : values)
        if (v.isError())
          return v;
      return callFunctionValue(*value, values, expr.span, env);
    }
    case Value::Kind::Error:
    case Value::Kind::Unsupported:
      return Value::error();
    default:
      break;
    }
  return callNamed(expr, callee.text, callee.span, env);
}

Value CallChecker::callNamed(const syntax::Expr &call, const std::string &name, Span nameSpan,
                             Env &env) {
  uint32_t file = env.scope->file;
  std::vector<const Decl *> functions = program.find(Decl::Kind::Fn, name, file);
  if (!functions.empty()) {
    const Decl *decl = functions.front();
    if (functions.size() > 1 && !call.args.empty() && call.args[0].name.empty()) {
      Env probe = env; // read for its type alone
      probe.role.clear();
      Value first = exprChecker.check(*call.args[0].value, probe);
      if (first.isError())
        return first;
      decl = chooseOverload(functions, {first});
    }
    std::vector<BoundArgument> arguments;
    bool tensors = false;
    CallBinder::Site site{*decl, call, env, env.role};
    site.holds = false; // below, once a number is a setting that has the range itself
    if (!callBinder.bind(site, [&](BoundArgument &argument) {
          tensors |= argument.value.isTensor() || argument.value.isWeights();
          arguments.push_back(argument);
          return true;
        }))
      return Value::error();
    if (!env.role.empty() && !tensors)
      settingTable.declareParts(*decl, call, env.role, arguments);
    std::vector<Value> values;
    bool ok = true;
    for (BoundArgument &argument : arguments) {
      ok &= !argument.value.isError() &&
            ParamRanges(*this, exprChecker)
                .hold(argument.param, decl->name.text, argument.value, argument.place);
      values.push_back(std::move(argument.value));
    }
    if (!ok)
      return Value::error();
    return callText(*decl, std::move(values), call.span, env);
  }
  std::vector<const Decl *> networks = program.find(Decl::Kind::Network, name, file);
  if (!networks.empty())
    return layerChecker.makeTextLayer(*networks.front(), call, env);
  const PrimitiveInfo *primitive = findPrimitive(name);
  if (primitive && primitive->rule == PrimitiveInfo::Rule::Form)
    return callForm(*primitive, call, env);
  if (!program.find(Decl::Kind::Set, name, file).empty() || SetChecker::isForm(call))
    return setChecker.checkSet(call, env);
  if (const LayerInfo *layer = findLayer(name))
    return primitiveLayers.make(*layer, call, env);
  if (primitive && IndexRanges::isLoop(*primitive, call))
    return indexRanges.loop(*primitive, call, env);
  if (primitive)
    return primitiveChecker.callPrimitive(*primitive, call, env);
  if (name == "previous") {
    findings.report(diag::Code::MisplacedStatement, call.span, "`previous` stands in `stop when`")
        .label("not in the condition of `stop when`")
        .found("`" + findings.source(call.span) + "`")
        .expected("`previous(EVALUATION.LINE)` in the condition of `stop when`")
        .help("as in `stop when val.clean < previous(val.clean)`");
    return Value::error();
  }
  auto planned = plannedCalls().find(name);
  if (planned != plannedCalls().end()) {
    findings.unsupported(nameSpan, planned->second);
    return Value::error();
  }
  const Value *value = env.scope->find(name);
  if (value) {
    findings.report(diag::Code::NotCallable, nameSpan, "`" + name + "` cannot be called")
        .label(value->kind == Value::Kind::PageLet ? "a value" : value->str())
        .found(value->kind == Value::Kind::PageLet ? "a value" : value->str())
        .expected("a function, a network or a head")
        .help("remove the parentheses")
        .note(value->span, "`" + name + "` is declared here");
    return Value::error();
  }
  for (Decl::Kind kind :
       {Decl::Kind::Solver, Decl::Kind::Head, Decl::Kind::Optimizer, Decl::Kind::Start,
        Decl::Kind::Attack, Decl::Kind::Dataset, Decl::Kind::Augmentation})
    if (!program.find(kind, name, file).empty()) {
      std::string word = kindName(kind);
      std::string message = "`" + name + "` is ";
      message += word[0] == 'o' || word[0] == 'a' ? "an " : "a ";
      message += word + ", not a function";
      findings.report(diag::Code::WrongKind, nameSpan, message)
          .label("called here")
          .found(std::string("the ").append(word).append(" `").append(name).append("`"))
          .expected("a function, a network or a set")
          .help(kind == Decl::Kind::Solver ? "a solver stands after `by`"
                                           : "use it where a " + word + " stands");
      return Value::error();
    }
  suggestions.unknownFunction(call, name, nameSpan, env);
  return Value::error();
}

/// The functions whose arguments are no values.
Value CallChecker::callForm(const PrimitiveInfo &info, const syntax::Expr &call, Env &env) {
  switch (info.primitive) {
  case Primitive::Grad:
    return checkGradient(info, call, env);
  case Primitive::WeightSum:
    return checkWeightSum(info, call, env);
  case Primitive::Weights:
  case Primitive::Matrices:
  case Primitive::Norms:
  case Primitive::Biases:
    return checkWeights(info, call, env);
  case Primitive::Piecewise:
    return primitiveChecker.checkPiecewise(info, call, env);
  case Primitive::Ramp:
    return primitiveChecker.checkRamp(info, call, env);
  case Primitive::Load:
    return literals.load(info, call);
  case Primitive::Project:
  case Primitive::Steepest:
  case Primitive::Radius:
  case Primitive::Sample:
  case Primitive::Boundary:
  case Primitive::Members:
    return setChecker.callSetMember(info, call, env);
#define ADVX_IF_Elementwise(Name) case Primitive::Name:
#define ADVX_IF_OfNumbers(Name) case Primitive::Name:
#define ADVX_IF_Own(Name) case Primitive::Name:
#define ADVX_IF_Form(Name)
#define ADVX_PRIMITIVE(Name, name, rule, required, meaning, ...) ADVX_IF_##rule(Name)
#include "compiler/sema/types/Primitives.def"
#undef ADVX_IF_Elementwise
#undef ADVX_IF_OfNumbers
#undef ADVX_IF_Own
#undef ADVX_IF_Form
    break;
  }
  return Value::error();
}

//--- Text ---------------------------------------------------------------------

const syntax::Decl *CallChecker::chooseOverload(const std::vector<const Decl *> &decls,
                                                const std::vector<Value> &values) {
  for (const Decl *decl : decls) {
    if (decl->params.empty())
      continue;
    OpenTexts::Inside inside(openTexts, OpenTexts::Part::Signature, *decl, values[0].span);
    if (!inside)
      break;
    Scope scratch(sheet.rootScope, decl->span.file);
    std::string expected;
    if (typeRules.fits(decl->params[0].type, values[0], scratch, expected))
      return decl;
  }
  return decls.front();
}

/// Types the parameters of `decl` at `values` and names them in `scope`: Numbers
/// that shape shapes and values that are no expressions by themselves, the rest
/// as locals, which `locals` and `passed` receive.
bool CallChecker::bindParams(const Decl &decl, const std::vector<Value> &values, Scope &scope,
                             Span use, std::vector<const Local *> *locals,
                             std::vector<ExprPtr> *passed, bool keepNumbers) {
  OpenTexts::Inside inside(openTexts, OpenTexts::Part::Signature, decl, use);
  if (!inside)
    return false;
  for (size_t i = 0; i < decl.params.size(); ++i) {
    const syntax::Param &param = decl.params[i];
    if (!typeRules.isKnownType(param.type))
      return false;
    const Value value = labels.asLabel(param.type, values[i], use);
    if (value.isError())
      return false;
    std::string expected;
    if (!typeRules.fits(param.type, value, scope, expected)) {
      Span place = value.span.isValid() ? value.span : use;
      diag::Diagnostic &misfit = typeRules.misfit(place.file == use.file ? place : use, param,
                                                  decl.name.text, value, expected);
      if (param.type.name.text == "logits" && sheet.experiment->heads.empty())
        misfit.help("logits come from a head: add `head h = linear(" +
                    suggestions.boundOnPage(syntax::Item::Kind::Features, "z") +
                    ")` and apply `h`");
      return false;
    }
    if (!binder.isFree(scope, param.name))
      return false;
    if (value.isWeights() && locals) {
      ExprPtr whole = weightRules.whole(value, use);
      if (!whole)
        return false;
      const Local *formal = sheet.local(param.name.text, whole->type, param.name.span);
      locals->push_back(formal);
      passed->push_back(whole);
      scope.names[param.name.text] = weightRules.ofWhole(build.localRef(formal, param.name.span));
      continue;
    }
    bool direct = !value.isExpr() || !locals || (value.isNumber() && !keepNumbers) ||
                  (value.isNumber() && param.type.name.text == "int" && build.evaluate(value.expr));
    if (direct) {
      scope.names[param.name.text] = value;
      scope.names[param.name.text].span = param.name.span;
      continue;
    }
    const Local *formal = sheet.local(param.name.text, value.expr->type, param.name.span);
    locals->push_back(formal);
    passed->push_back(value.expr);
    scope.names[param.name.text] = Value::of(build.localRef(formal, param.name.span));
  }
  return true;
}

/// A text that changes variables.
Value CallChecker::checkProgram(const std::vector<syntax::Stmt> &body, const Env &env) {
  BodyState state;
  Env inner = env;
  inner.body = &state;
  inner.stmts = nullptr;
  inner.role.clear();
  unsigned errors = engine.errorCount();
  std::vector<Stmt> stmts;
  statementChecker.checkProgram(body, inner, stmts);
  if (engine.errorCount() != errors || stmts.empty() || stmts.back().kind != Stmt::Kind::Return)
    return Value::error();
  ExprPtr result = stmts.back().value;
  stmts.pop_back();
  env.stmts->insert(env.stmts->end(), stmts.begin(), stmts.end());
  return Value::of(result);
}

Value CallChecker::checkBody(const std::vector<syntax::Stmt> &body, Env &env, bool inlined) {
  auto isOfProgram = [](const syntax::Stmt &stmt) {
    using K = syntax::Stmt::Kind;
    return stmt.kind == K::Var || stmt.kind == K::Assign || stmt.kind == K::If ||
           stmt.kind == K::Repeat || stmt.kind == K::StopWhen;
  };
  if (!inlined && std::any_of(body.begin(), body.end(), isOfProgram))
    return checkProgram(body, env);
  for (const syntax::Stmt &stmt : body) {
    if (stmt.kind == syntax::Stmt::Kind::Return)
      return exprChecker.check(*stmt.value, env);
    if (stmt.kind == syntax::Stmt::Kind::Draw && !inlined) {
      statementChecker.checkDraw(stmt, env, *env.stmts);
      continue;
    }
    if (stmt.kind != syntax::Stmt::Kind::Let) {
      findings.report(diag::Code::MisplacedStatement, stmt.span, "this statement cannot stand here")
          .label("here")
          .expected("`let` and `return`")
          .help("a number is a formula; what takes a point may change variables");
      return Value::error();
    }
    std::vector<Value> values = {Value::error()};
    if (stmt.pattern.size() == 1)
      values[0] = exprChecker.check(*stmt.value, env);
    else
      values = exprChecker.checkParts(*stmt.value, stmt.pattern.size(), env);
    if (values.size() != stmt.pattern.size())
      return Value::error();
    for (size_t i = 0; i < values.size(); ++i) {
      Value &value = values[i];
      const syntax::Name &name = stmt.pattern[i];
      if (value.isError())
        return value;
      if (!inlined && value.isWeights() && !WeightRules::isNumbers(value)) {
        value = bindWeights(value, name, stmt.span, *env.stmts);
      } else if (!inlined && value.isTensor()) {
        Stmt let;
        let.kind = Stmt::Kind::Let;
        let.span = stmt.span;
        let.local = sheet.local(name.text, value.expr->type, name.span);
        let.value = value.expr;
        value = Value::of(build.localRef(let.local, stmt.span));
        env.stmts->push_back(std::move(let));
      }
      if (!binder.declareName(*env.scope, name, value))
        return Value::error();
    }
  }
  if (!body.empty())
    findings
        .report(diag::Code::MissingReturn, body.back().span, "this text does not return a value")
        .label("the last statement")
        .expected("`return …`")
        .help("end with `return`");
  return Value::error();
}

Value CallChecker::callFunctionValue(const Value &function, std::vector<Value> values, Span use,
                                     Env &env) {
  for (Value &value : values)
    if (value.isError())
      return value;
  if (function.kind == Value::Kind::Layer) {
    ExprPtr input = values.size() == 1 ? exprChecker.expectExpr(values[0], use) : nullptr;
    return input ? Value::of(layerChecker.applyLayer(function.layer, input, use, env))
                 : Value::error();
  }
  auto takes = [&](size_t least, size_t most, Span declared) {
    if (least <= values.size() && values.size() <= most)
      return true;
    findings
        .report(diag::Code::TooManyArguments, use,
                "wrong number of arguments for `" + function.text + "`")
        .label("here")
        .found(std::to_string(values.size()))
        .expected((least == most ? "" : std::to_string(least) + " to ") + std::to_string(most))
        .help("pass a function of that many parameters")
        .note(declared, "declared here");
    return false;
  };
  if (function.decls.empty()) {
    const PrimitiveInfo &info = *findPrimitive(function.text);
    return takes(info.required, info.params.size(), Span())
               ? primitiveChecker.callPrimitiveOn(info, std::move(values), use)
               : Value::error();
  }
  const Decl *decl = function.decls.size() > 1 && !values.empty()
                         ? chooseOverload(function.decls, values)
                         : function.decls.front();
  if (!takes(decl->params.size(), decl->params.size(), decl->name.span))
    return Value::error();
  for (size_t i = 0; i < values.size(); ++i)
    if (!ParamRanges(*this, exprChecker).hold(decl->params[i], decl->name.text, values[i], use))
      return Value::error();
  return callText(*decl, std::move(values), use, env);
}

} // namespace advx::sema
