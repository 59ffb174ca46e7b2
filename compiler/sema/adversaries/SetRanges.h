#ifndef ADVX_SEMA_ADVERSARIES_SETRANGES_H
#define ADVX_SEMA_ADVERSARIES_SETRANGES_H

#include "compiler/sema/Room.h"

namespace advx::sema {

/// Whether the values that a set may hold are those of the data.
class SetRanges : Room {
public:
  explicit SetRanges(const Tools &tools) : Room(tools) {}

  void checkSetRanges();
};

} // namespace advx::sema

#endif
