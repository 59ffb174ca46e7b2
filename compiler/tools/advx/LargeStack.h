#ifndef ADVX_TOOLS_LARGESTACK_H
#define ADVX_TOOLS_LARGESTACK_H

#include <functional>

namespace advx {

/// Runs `work` with a stack on which the deepest page that the limits of the language
/// admit can be walked; with the caller's own where the machine gives no such stack.
/// `work` must not throw.
void onLargeStack(const std::function<void()> &work);

} // namespace advx

#endif // ADVX_TOOLS_LARGESTACK_H
