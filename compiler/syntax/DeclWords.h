#ifndef ADVX_SYNTAX_DECLWORDS_H
#define ADVX_SYNTAX_DECLWORDS_H

#include "compiler/syntax/AST.h"

#include <cstddef>
#include <iterator>

namespace advx::syntax {

/// The words that declarations begin with, in the order of Decl::Kind.
inline constexpr const char *kindNames[] = {"import", "fn",        "head",        "network",
                                            "solver", "optimizer", "set",         "start",
                                            "attack", "dataset",   "augmentation"};
static_assert(std::size(kindNames) == static_cast<size_t>(Decl::Kind::Augmentation) + 1);

inline const char *kindName(Decl::Kind kind) { return kindNames[static_cast<size_t>(kind)]; }

} // namespace advx::syntax

#endif
