#ifndef ADVX_SEMA_TYPES_OPS_H
#define ADVX_SEMA_TYPES_OPS_H

#include <cstdint>

namespace advx::sema {

/// What an expression of kind Op computes; see Ops.def.
enum class Op : uint8_t {
#define ADVX_EXPR_OP(Name, name) Name,
#include "compiler/sema/types/Ops.def"
};

/// `log_sum_exp`.
const char *opName(Op op);

/// The comparisons, in the order of `compare`'s attribute `predicate`.
enum class Predicate : uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };

} // namespace advx::sema

#endif
