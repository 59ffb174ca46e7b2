#ifndef ADVX_SEMA_TEXTS_SOURCECHECKER_H
#define ADVX_SEMA_TEXTS_SOURCECHECKER_H

#include "compiler/sema/Room.h"

#include <string>
#include <vector>

namespace advx::sema {

/// Weights from files: `from`, `rename`, `skip` and `frozen`.
class SourceChecker : Room {
public:
  explicit SourceChecker(const Tools &tools) : Room(tools) {}

  void applySource(const syntax::Item &item, const std::vector<const Leaf *> &leaves,
                   const std::string &component);

private:
  bool checkSourceFormat(const syntax::ModelSource &from);
};

} // namespace advx::sema

#endif
