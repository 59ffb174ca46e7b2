#ifndef ADVX_RUNTIME_LIBRARY_PROVIDERS_H
#define ADVX_RUNTIME_LIBRARY_PROVIDERS_H

#include <set>
#include <string>

namespace advx::runtime {

/// Notes that `ran` computed an op that the program asks the provider oneDNN for. Whoever computes
/// an op for another provider is that provider: the others do the work or fail. Safe from any
/// thread; the texts outlive the process.
void noteProvider(const char *op, const char *ran);

/// Who has computed the op for oneDNN in this process so far, by name.
std::set<std::string> providersThatRan(const std::string &op);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_PROVIDERS_H
