#ifndef ADVX_SEMA_TYPES_ARITHMETIC_H
#define ADVX_SEMA_TYPES_ARITHMETIC_H

#include "compiler/sema/types/Ops.h"
#include "compiler/source/Rational.h"

#include <optional>
#include <vector>

namespace advx::sema {

/// What an op makes of numbers that are known; nothing where that is no fraction, or overflows.
std::optional<Rational> exactResult(Op op, const std::vector<Rational> &values,
                                    Predicate predicate);

/// The same in doubles; nothing where the op is one of tensors.
std::optional<double> roundedResult(Op op, const std::vector<double> &values, Predicate predicate);

/// Where an op of numbers gives a whole number.
enum class Whole { Never, OfWhole, Always };
Whole wholeOf(Op op);

} // namespace advx::sema

#endif
