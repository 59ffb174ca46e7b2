//===- SourceChecker.cpp - `from "FILE" rename { … }` of a model ---------------===//
//
// A renaming puts a prefix of the file's names in place of one of ours. Prefixes
// are whole parts between dots, and of several that fit the longest applies, so a
// parameter is looked for under one name. What concerns the file alone (is the
// name there?) is checked when a run reads it.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/texts/SourceChecker.h"

namespace advx::sema {

namespace {

/// `module.` and `module` are the same prefix.
std::string withoutDot(std::string prefix) {
  if (!prefix.empty() && prefix.back() == '.')
    prefix.pop_back();
  return prefix;
}

bool isPrefix(const std::string &prefix, const std::string &name) {
  return prefix.empty() || name == prefix ||
         (name.compare(0, prefix.size(), prefix) == 0 && name[prefix.size()] == '.');
}

/// `name` with `theirs` in place of its prefix `ours`.
std::string renamed(const std::string &name, const ModelSource::Rename &rename) {
  std::string rest = name.substr(rename.ours.size());
  if (!rest.empty() && rest[0] == '.')
    rest.erase(0, 1);
  return rename.theirs + (rename.theirs.empty() || rest.empty() ? "" : ".") + rest;
}

/// Every prefix of the names, for suggestions.
std::vector<std::string> prefixes(const std::vector<std::string> &names) {
  std::set<std::string> result;
  for (const std::string &name : names)
    for (size_t end = 0; end != std::string::npos;) {
      end = name.find('.', end + 1);
      result.insert(name.substr(0, end));
    }
  return {result.begin(), result.end()};
}

} // namespace

/// Whether `from` can name a safetensors file; other libraries' files are refused by their ending.
bool SourceChecker::checkSourceFormat(const syntax::ModelSource &from) {
  const size_t dot = from.file.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : from.file.substr(dot + 1);
  static const std::set<std::string> pickles = {"pt", "pth", "ckpt", "bin", "pkl", "tar"};
  static const std::set<std::string> others = {"npz", "npy", "h5", "onnx"};
  if (!pickles.count(ending) && !others.count(ending))
    return true;
  std::string stem = from.file.substr(0, from.file.find('.', from.file.rfind('/') + 1));
  findings.report(diag::Code::WrongArgument, from.fileSpan, "weights come from a safetensors file")
      .label("another format")
      .found("`\"" + from.file + "\"`")
      .expected("a file that ends in `.safetensors`")
      .help(pickles.count(ending)
                ? "convert it: `scripts/import_torch.py " + from.file + " " + stem +
                      ".safetensors` (or `advx-import-torch`, where advx is installed), and write "
                      "`from \"" +
                      stem + ".safetensors\"`"
                : "save the tensors as safetensors, under PyTorch's names");
  return false;
}

void SourceChecker::applySource(const syntax::Item &item, const std::vector<const Leaf *> &leaves,
                                const std::string &component) {
  if (!item.source || !checkSourceFormat(*item.source))
    return;
  ModelSource from;
  from.model = component;
  from.file = item.source->file;
  from.span = item.span;
  std::vector<Span> places;
  std::vector<std::string> names;
  for (const Leaf *leaf : leaves)
    names.push_back(leaf->name.substr(component.size() + 1));
  for (const syntax::Arg &arg : item.source->rename) {
    bool skips =
        arg.value && arg.value->kind == syntax::Expr::Kind::Name && arg.value->text == "skip";
    if (!arg.key || arg.key->kind != syntax::Expr::Kind::String ||
        (!skips && arg.value->kind != syntax::Expr::Kind::String)) {
      findings.report(diag::Code::WrongArgument, arg.span, "this renaming cannot be read")
          .label("here")
          .found("`" + findings.source(arg.span) + "`")
          .expected("`\"prefix in the file\" : \"prefix here\"` or `\"pattern\" : skip`")
          .help("write both sides as strings");
      continue;
    }
    if (skips) {
      from.skips.push_back(arg.key->text);
      continue;
    }
    ModelSource::Rename rename{withoutDot(arg.key->text), withoutDot(arg.value->text)};
    for (size_t i = 0; i < from.renames.size(); ++i)
      if (from.renames[i].ours == rename.ours)
        findings
            .report(diag::Code::DuplicateArgument, arg.value->span,
                    "the names below \"" + rename.ours + "\" are renamed twice")
            .label("second renaming")
            .found("\"" + rename.theirs + "\" after \"" + from.renames[i].theirs + "\"")
            .expected("one prefix of the file for each of ours")
            .help("keep one of them, or rename longer prefixes: the longest applies")
            .note(places[i], "the first");
    from.renames.push_back(std::move(rename));
    places.push_back(arg.span);
  }
  std::vector<bool> applies(from.renames.size());
  for (size_t i = 0; i < leaves.size(); ++i) {
    Leaf *leaf = const_cast<Leaf *>(leaves[i]);
    leaf->source = sheet.experiment->sources.size();
    for (size_t r = 0; r < from.renames.size(); ++r)
      if (isPrefix(from.renames[r].ours, names[i]) &&
          (!leaf->rename || from.renames[*leaf->rename].ours.size() < from.renames[r].ours.size()))
        leaf->rename = r;
    if (leaf->rename) {
      applies[*leaf->rename] = true;
      leaf->keys = {renamed(names[i], from.renames[*leaf->rename])};
    } else {
      leaf->keys = {leaf->name, names[i]};
    }
    if (item.source->frozen)
      leaf->trainable = false;
  }
  for (size_t r = 0; r < from.renames.size(); ++r)
    if (!applies[r] && !leaves.empty())
      findings
          .report(diag::Code::UnknownName, places[r],
                  "no parameter of `" + component + "` is renamed by this")
          .label("matches nothing")
          .found("\"" + from.renames[r].ours + "\"")
          .expected("a prefix of its parameters' names, up to a dot")
          .help(suggestions.suggest(from.renames[r].ours, prefixes(names)));
  sheet.experiment->sources.push_back(std::move(from));
}

} // namespace advx::sema
