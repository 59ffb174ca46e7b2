#ifndef ADVX_RUNTIME_DATA_SHUFFLE_H
#define ADVX_RUNTIME_DATA_SHUFFLE_H

#include <cstdint>
#include <string_view>
#include <vector>

namespace advx::runtime {

/// Permutes `items` by the draws of the stream `name` at (seed, epoch): Fisher
/// and Yates's shuffle (Durstenfeld, CACM 7(7), 1964). The bias of scaling a
/// 53-bit uniform to n items is below n / 2^53.
void shuffle(std::vector<int64_t> &items, std::string_view name, uint64_t seed, uint64_t epoch);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_SHUFFLE_H
