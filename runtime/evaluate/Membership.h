#ifndef ADVX_RUNTIME_EVALUATE_MEMBERSHIP_H
#define ADVX_RUNTIME_EVALUATE_MEMBERSHIP_H

#include "runtime/core/Session.h"
#include "runtime/data/Dataset.h"

namespace advx::runtime {

/// Whose set is asked about, as messages name it.
struct SetUse {
  size_t step;       ///< of Manifest::steps, with the output `outside`
  std::string user;  ///< "`inner`", "line `a` of evaluation `test`"
  std::string set;   ///< as the report names it; may be empty
  std::string split; ///< whose examples are asked about
};

/// Refuses examples that are not in their own set: with one of them neither is the set a
/// neighbourhood of the example nor is what an attack finds in it. A data error names the
/// first such image of the `count` at `rows` (indices into the file set), and how far
/// outside it lies. Overwrites the batch arena. Throws Interrupted between batches on a signal.
void requireMembers(Session &session, const Manifest &manifest, const SetUse &use,
                    const Images &images, const int64_t *rows, int64_t count, uint64_t seed,
                    const double *uniforms);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_MEMBERSHIP_H
