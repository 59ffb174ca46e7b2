#ifndef ADVX_SEMA_SCOPES_SHEET_H
#define ADVX_SEMA_SCOPES_SHEET_H

#include "compiler/sema/scopes/Values.h"

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace advx::sema {

/// An insertion that makes a default visible (`explain-experiment`).
struct Edit {
  uint32_t offset;
  uint32_t length;
  std::string text;
};

/// The page that is being checked, and what it has come to so far.
class Sheet {
public:
  /// Starts with the names that every page has.
  Sheet(const syntax::Experiment &page, uint32_t userFile);

  /// Nodes live as long as the experiment.
  template <typename T> T *make() {
    auto node = std::make_shared<T>();
    T *raw = node.get();
    experiment->storage.push_back(std::shared_ptr<const void>(node));
    return raw;
  }
  Local *local(const std::string &name, Type type, Span span);

  /// Whether a line of the page, above `end`, is of the kind, be it one with an error: what it was
  /// to declare is not missing. A line that could not be read may be of any kind.
  bool hasLine(syntax::Item::Kind kind, uint32_t end = UINT32_MAX) const;

  const syntax::Experiment *page;
  std::unique_ptr<Experiment> experiment;
  ScopePtr rootScope, pageScope;
  bool dataReady = false; ///< The line of the data has been read without an error.
  std::vector<std::shared_ptr<SetForm>> threats;
  size_t threatsOfWeights = 0; ///< Of the page; they are no default of an attack.
  std::vector<std::pair<const syntax::Item *, std::shared_ptr<SetForm>>> threatItems;
  std::vector<Edit> edits;
  /// Reads the text of a head's `logits given y` for a y that is a distribution; false after an
  /// error. Of heads that have such a text, and that nothing has asked yet.
  std::map<const Head *, std::function<bool()>> givenDistribution;
};

} // namespace advx::sema

#endif
