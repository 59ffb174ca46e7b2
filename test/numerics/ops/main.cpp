#include "test/numerics/ops/OpTest.h"

#include "runtime/library/Ops.h"

#include <ATen/Parallel.h>
#include <cstdio>
#include <cstring>
#include <set>

using namespace advx::test;

/// Usage: test-ops [OP]...; without names, every op.
int main(int argc, char **argv) {
  // A crash must not swallow the lines before it.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  at::manual_seed(7);
  at::set_num_threads(1);
  std::vector<OpEntry> entries;
  for (auto &&family : {elementwiseOps(), shapeOps(), reductionOps(), orderOps(), linearOps(),
                        imageOps(), randomOps(), providedOps()})
    entries.insert(entries.end(), family.begin(), family.end());

  std::set<std::string> wanted(argv + 1, argv + argc), covered;
  int passed = 0, failed = 0;
  for (const OpEntry &entry : entries) {
    covered.insert(entry.name);
    if (!wanted.empty() && !wanted.count(entry.name))
      continue;
    OpTest test(entry.name, entry.op);
    entry.cases(test);
    std::printf("%-30s %4d passed %3d failed\n", entry.name, test.passed, test.failed);
    passed += test.passed;
    failed += test.failed;
  }
#define ADVX_RUNTIME_OP(mnemonic, ...)                                                             \
  if (!covered.count(#mnemonic)) {                                                                 \
    std::printf("no cases for %s\n", #mnemonic);                                                   \
    ++failed;                                                                                      \
  }
#include "runtime/abi/ops.def"
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
