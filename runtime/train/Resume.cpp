#include "runtime/train/Resume.h"

namespace advx::runtime {

namespace {

Error refuse(const std::string &difference) {
  return usageError("this run cannot be resumed: " + difference,
                    "a resumed run repeats what it was started with; leave the option out, or "
                    "start a new run in another --out");
}

Error refuseProgram(const std::string &differences) {
  return usageError("this run cannot be resumed: " + differences,
                    "a resumed run goes on with the program that it was started with; build that "
                    "again, or start a new run in another --out");
}

/// A text is named with its kind, so that no file can be called like something else.
std::string textKey(const std::string &path) { return "text " + path; }

std::string describe(const std::string &key, const std::string &was, const std::string &is) {
  if (key.rfind("text ", 0) == 0) {
    std::string name = "`" + key.substr(5) + "`";
    return was.empty()  ? name + " is read and was not"
           : is.empty() ? name + " was read and is not"
                        : name + " differs";
  }
  return key == "page" ? "the page differs"
                       : key + " " + (is.empty() ? "unknown" : is) + " instead of " +
                             (was.empty() ? "unknown" : was);
}

void compare(const std::map<std::string, std::string> &past,
             const std::map<std::string, std::string> &present) {
  std::map<std::string, std::pair<std::string, std::string>> all;
  for (const auto &[key, value] : past)
    all[key].first = value;
  for (const auto &[key, value] : present)
    all[key].second = value;
  std::string differences;
  for (const auto &[key, values] : all)
    if (values.first != values.second)
      differences += (differences.empty() ? "" : "; ") + describe(key, values.first, values.second);
  if (!differences.empty())
    throw refuseProgram(differences);
}

} // namespace

std::map<std::string, std::string> programIdentity(const Manifest &manifest) {
  std::map<std::string, std::string> identity = {
      {"experiment", "`" + manifest.experiment + "`"},
      {"page", manifest.sourceHash},
      {"compiler", manifest.compilerVersion},
      {"llvm", manifest.compilerLlvm},
      {"level", manifest.compilerOptions},
      {"precision", name(manifest.dtype)},
      {"processor of the kernels", manifest.compilerCpu}};
  for (const SourceText &text : manifest.texts)
    identity[textKey(text.path)] = text.hash;
  return identity;
}

uint64_t configure(const Manifest &manifest, const TrainOptions &options, const TrainingState *past,
                   Settings &settings) {
  if (past) {
    compare(past->program, programIdentity(manifest));
    if (!options.init.empty())
      throw refuse("its weights are those of its checkpoint, so --init has no effect");
    if (options.seed && *options.seed != past->seed)
      throw refuse("its seed is " + std::to_string(past->seed) + ", not " +
                   std::to_string(*options.seed));
    if (options.limit && options.limit != past->limit)
      throw refuse(past->limit ? "its limit is " + std::to_string(*past->limit) + " images, not " +
                                     std::to_string(*options.limit)
                               : "it was started without a limit");
    for (const auto &[path, text] : past->overrides)
      settings.restore(path, text, "command line");
  }
  for (const std::string &assignment : options.set)
    settings.assign(assignment);
  if (options.epochs) {
    const Quantity &quantity = manifest.train->epochs;
    if (!quantity.setting)
      throw usageError("the page fixes the number of epochs, so --epochs cannot change it");
    settings.assign(manifest.settings[*quantity.setting].path + "=" +
                    std::to_string(*options.epochs));
  }
  settings.verify();
  if (past) {
    for (const auto &[path, text] : settings.texts()) {
      bool found = false;
      for (const auto &[pastPath, pastText] : past->settings) {
        if (pastPath != path)
          continue;
        found = true;
        if (pastText != text)
          throw refuse("its `" + path + "` is " + pastText + ", not " + text);
      }
      if (!found)
        throw refuse("it knows no setting `" + path + "`");
    }
  }
  return past ? past->seed : options.seed.value_or(0);
}

} // namespace advx::runtime
