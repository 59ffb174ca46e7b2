//===- advx-syntax.cpp - The front end's first half, for its tests --------===//
//
//   advx-syntax ast FILE          the tree with places
//   advx-syntax check [--json] FILE   what there is to say; status 1 on errors
//   advx-syntax print FILE        the tree as a page
//   advx-syntax ambiguities FILE… what ANTLR's exact mode finds
//   advx-syntax round-trip FILE…  parse, print, parse: the same tree
//   advx-syntax fuzz SEED COUNT FILE…  damaged copies give a tree or an error
//
//===----------------------------------------------------------------------===//

#include "compiler/diagnostics/Render.h"
#include "compiler/syntax/Parser.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>

using namespace advx;

namespace {

std::string read(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    std::cerr << "cannot read " << path << "\n";
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// File name without folders, so that goldens do not depend on where tests run.
std::string baseName(const std::string &path) { return path.substr(path.rfind('/') + 1); }

/// One parse with everything it needs to be looked at.
struct Page {
  SourceManager sources;
  diag::Engine engine{sources};
  uint32_t index;
  syntax::File file;

  Page(const std::string &name, std::string text)
      : index(sources.add(name, std::move(text))), file(syntax::parse(sources, index, engine)) {}
};

bool roundTrips(const std::string &path) {
  Page first(baseName(path), read(path));
  const std::string text = syntax::print(first.file);
  Page second("printed " + baseName(path), text);
  std::cout << diag::render(first.engine) << diag::render(second.engine);
  first.file.allows.clear(); // comments, which are not printed
  const bool same = !first.engine.hasErrors() && !second.engine.hasErrors() &&
                    syntax::dump(first.file, first.sources, false) ==
                        syntax::dump(second.file, second.sources, false) &&
                    syntax::print(second.file) == text;
  if (!same)
    std::cout << path << ": the printed page has another tree\n" << text;
  return same;
}

/// Removes, repeats, swaps or replaces a few pieces of the text.
std::string damage(std::string text, std::mt19937 &random) {
  static const char *const pieces[] = {
      "(",  ")",     "{",    "}",           "[",  "]",      ",",
      "=",  ":",     ";",    "'",           "\"", "argmax", "by",
      "in", "if",    "let ", "experiment ", "\n", "//",     "\xE2\x88\x88",
      "0",  "fresh "};
  const unsigned changes = 1 + random() % 4;
  for (unsigned i = 0; i < changes && !text.empty(); ++i) {
    const size_t at = random() % text.size();
    const size_t length = 1 + random() % 12;
    switch (random() % 4) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, pieces[random() % std::size(pieces)]);
      break;
    case 2:
      text.insert(random() % text.size(), text.substr(at, length));
      break;
    default:
      text.resize(at > text.size() / 2 ? at : text.size());
      text[random() % text.size()] = static_cast<char>(random() % 256);
      break;
    }
  }
  return text;
}

/// A damaged page has errors, or is a page: then its printed form is one too.
bool survives(const std::string &text) {
  Page page("damaged", text);
  for (const diag::Diagnostic *finding : page.engine.sorted()) {
    const bool worded = !finding->message.empty() && !finding->foundText.empty() &&
                        !finding->expectedText.empty() && !finding->helpText.empty();
    if (!worded || finding->primary.end < finding->primary.begin ||
        finding->primary.end > text.size())
      return false;
  }
  diag::render(page.engine);
  if (page.engine.hasErrors())
    return true;
  Page again("printed", syntax::print(page.file));
  return syntax::dump(page.file, page.sources, false).size() <= 200000 && !again.engine.hasErrors();
}

int fuzz(unsigned seed, unsigned count, const std::vector<std::string> &files) {
  std::mt19937 random(seed);
  for (unsigned i = 0; i < count; ++i) {
    const std::string text = damage(read(files[random() % files.size()]), random);
    if (!survives(text)) {
      std::cout << "case " << i << " of seed " << seed << " is not answered:\n" << text << "\n";
      return 1;
    }
  }
  return 0;
}

int usage() {
  std::cerr << "usage: advx-syntax ast|check|print|ambiguities|round-trip|fuzz …\n";
  return 2;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3)
    return usage();
  const std::string mode = argv[1];
  std::vector<std::string> rest(argv + 2, argv + argc);
  if (mode == "fuzz" && rest.size() > 2)
    return fuzz(std::stoul(rest[0]), std::stoul(rest[1]), {rest.begin() + 2, rest.end()});
  if (mode == "round-trip") {
    bool good = true;
    for (const std::string &path : rest)
      good = roundTrips(path) && good;
    return good ? 0 : 1;
  }
  if (mode == "ambiguities") {
    size_t found = 0;
    for (const std::string &path : rest) {
      SourceManager sources;
      const uint32_t index = sources.add(baseName(path), read(path));
      for (const std::string &line : syntax::findAmbiguities(sources, index)) {
        std::cout << baseName(path) << ": " << line << "\n";
        ++found;
      }
    }
    return found == 0 ? 0 : 1;
  }
  const bool json = rest[0] == "--json";
  Page page(baseName(rest.back()), read(rest.back()));
  std::cout << (json ? diag::renderJson(page.engine) : diag::render(page.engine));
  if (mode == "ast")
    std::cout << syntax::dump(page.file, page.sources);
  else if (mode == "print")
    std::cout << syntax::print(page.file);
  else if (mode != "check")
    return usage();
  return page.engine.hasErrors() ? 1 : 0;
}
