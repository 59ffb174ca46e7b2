// Finding libadvx_aten.so, and the memory that it gets from us.

#include "runtime/library/Aten.h"
#include "runtime/library/LibraryScratch.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

using namespace advx::runtime;

namespace {

/// Buffers that ATen's temporaries take turns in: a step asks for the same sizes again and again,
/// so that after the first one nothing is allocated.
class Buffers {
public:
  void *take(int64_t bytes) {
    std::lock_guard<std::mutex> lock(mutex);
    Buffer buffer{nullptr, 0};
    for (auto at = idle.begin(); at != idle.end(); ++at)
      if (at->bytes >= bytes && at->bytes / 2 <= bytes) {
        buffer = std::move(*at);
        idle.erase(at);
        break;
      }
    if (!buffer.scratch)
      buffer = {std::make_unique<LibraryScratch>(), bytes};
    void *memory = buffer.scratch->reserve(buffer.bytes);
    taken.emplace(memory, std::move(buffer));
    return memory;
  }

  void giveBack(void *memory) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = taken.find(memory);
    idle.push_back(std::move(found->second));
    taken.erase(found);
  }

private:
  struct Buffer {
    std::unique_ptr<LibraryScratch> scratch;
    int64_t bytes;
  };
  std::mutex mutex;
  std::vector<Buffer> idle;
  std::unordered_map<void *, Buffer> taken;
};

Buffers &buffers() {
  // Never destroyed: LibTorch's own statics may give back after ours are gone.
  static auto *instance = new Buffers;
  return *instance;
}

struct Loaded {
  const AtenProducts *products = nullptr;
  std::string reason;

  Loaded() {
    // ATen's products are OpenBLAS's, which takes its oldest kernels on processors that are newer
    // than it is. Whoever has set the variable knows better.
    if (__builtin_cpu_supports("avx512bw"))
      setenv("OPENBLAS_CORETYPE", "SkylakeX", /*overwrite=*/0);
    // Found by the path that the executable was linked with, or in LD_LIBRARY_PATH.
    void *library = dlopen("libadvx_aten.so", RTLD_NOW | RTLD_LOCAL);
    void *open = library ? dlsym(library, openAtenSymbol) : nullptr;
    if (!open) {
      reason = dlerror();
      return;
    }
    products =
        reinterpret_cast<OpenAten *>(open)({[](int64_t bytes) { return buffers().take(bytes); },
                                            [](void *memory) { buffers().giveBack(memory); }});
  }
};

const Loaded &loaded() {
  static const Loaded instance;
  return instance;
}

} // namespace

bool advx::runtime::atenIsPresent() { return loaded().products != nullptr; }

const AtenProducts &advx::runtime::aten() {
  if (!atenIsPresent())
    throw std::runtime_error(
        "cannot load the provider `aten`: " + loaded().reason +
        "; name the folder of libadvx_aten.so in LD_LIBRARY_PATH, or build the page again");
  return *loaded().products;
}
