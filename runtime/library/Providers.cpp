// Who really computed what oneDNN was asked for: where it has only a reference implementation, or
// no type, others step in.

#include "runtime/library/Providers.h"

#include <map>
#include <mutex>
#include <string_view>

namespace advx::runtime {

namespace {

struct Notes {
  std::mutex mutex;
  std::map<std::string_view, std::set<std::string_view>> ran;
};

Notes &notes() {
  static Notes instance;
  return instance;
}

} // namespace

void noteProvider(const char *op, const char *ran) {
  std::lock_guard<std::mutex> lock(notes().mutex);
  notes().ran[op].insert(ran);
}

std::set<std::string> providersThatRan(const std::string &op) {
  std::lock_guard<std::mutex> lock(notes().mutex);
  std::set<std::string> result;
  if (auto known = notes().ran.find(op); known != notes().ran.end())
    for (std::string_view name : known->second)
      result.emplace(name);
  return result;
}

} // namespace advx::runtime
