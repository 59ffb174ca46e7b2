#ifndef ADVX_RUNTIME_CORE_PHILOX_H
#define ADVX_RUNTIME_CORE_PHILOX_H

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

/// Random numbers as pure functions of a key (Salmon, Moraes, Dror, Shaw, "Parallel random numbers:
/// as easy as 1, 2, 3", SC 2011: Philox4x32-10).
///
/// Every draw of the system uses one layout. The 64-bit Philox key is
///
///   mix(mix(seed) + streamHash) + pack, mixed once more
///
/// where `mix` is a bijection of 64-bit words, streamHash is the FNV-1a hash of the draw's name and
/// `pack` holds the n loop counters in fields of 64/n bits. The 128-bit Philox counter is
///
///   word 0  element index / 2; the element index is the row-major (CHW) index in one example
///   word 1  the example's index in its data set; 0 for a draw per batch or run
///   word 2  completed epochs
///   word 3  replay in bits 0..29, kind in bits 30..31: 0 train, 1 valid, 2 test, 3 initial state;
///           the replay of a draw that is held is 0
///
/// So two draws of one stream never share a block as long as loop counters are below 2^(64/n), data
/// indices and epochs below 2^32, replays below 2^30 and examples hold fewer than 2^33 elements.
/// A block has four 32-bit words, hence two numbers: elements 2k and 2k + 1 share block k.
namespace advx::runtime {

using PhiloxBlock = std::array<uint32_t, 4>;

/// Philox4x32 with ten rounds.
inline PhiloxBlock philox(PhiloxBlock counter, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = uint64_t(0xD2511F53u) * counter[0];
    uint64_t product1 = uint64_t(0xCD9E8D57u) * counter[2];
    counter = {
        static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key0, static_cast<uint32_t>(product1),
        static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key1, static_cast<uint32_t>(product0)};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection of 64-bit words.
inline uint64_t mixBits(uint64_t word) {
  word += 0x9E3779B97F4A7C15u;
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
  return word ^ (word >> 31);
}

/// 64-bit FNV-1a, the hash that names a stream.
inline uint64_t streamHash(std::string_view name) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (char character : name)
    hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001B3u;
  return hash;
}

enum class DrawKind : uint32_t { Train = 0, Valid = 1, Test = 2, InitialState = 3 };

/// The draws of one stream for one example: a pair of numbers per pair of elements.
class DrawStream {
public:
  DrawStream(uint64_t seed, uint64_t stream, const int64_t *counters, int64_t counterCount) {
    uint64_t pack = 0;
    int64_t width = counterCount > 1 ? 64 / counterCount : 0;
    for (int64_t i = 0; i < counterCount; ++i)
      pack = (width ? pack << width : 0) ^ static_cast<uint64_t>(counters[i]);
    key = mixBits(mixBits(mixBits(seed) + stream) + pack);
  }

  void setExample(uint64_t index, uint64_t epoch, uint64_t replay, DrawKind kind) {
    word1 = static_cast<uint32_t>(index);
    word2 = static_cast<uint32_t>(epoch);
    word3 = static_cast<uint32_t>(replay & 0x3FFFFFFFu) | static_cast<uint32_t>(kind) << 30;
  }

  /// Elements 2 * pair and 2 * pair + 1, uniform in [0, 1), with 53 bits each.
  std::pair<double, double> uniformPair(uint64_t pair) const {
    PhiloxBlock bits = block(pair);
    return {unit(bits[0], bits[1]), unit(bits[2], bits[3])};
  }

  /// Elements 2 * pair and 2 * pair + 1, standard normal, by Box and Muller (1958). The first
  /// uniform is taken from (0, 1], so the logarithm is finite.
  std::pair<double, double> normalPair(uint64_t pair) const {
    std::pair<double, double> uniform = uniformPair(pair);
    double radius = std::sqrt(-2.0 * std::log(1.0 - uniform.first));
    double angle = 6.283185307179586476925 * uniform.second;
    return {radius * std::cos(angle), radius * std::sin(angle)};
  }

  double uniform(uint64_t element) const {
    std::pair<double, double> both = uniformPair(element / 2);
    return element % 2 ? both.second : both.first;
  }

  double normal(uint64_t element) const {
    std::pair<double, double> both = normalPair(element / 2);
    return element % 2 ? both.second : both.first;
  }

private:
  static double unit(uint32_t high, uint32_t low) {
    return static_cast<double>((uint64_t(high) << 32 | low) >> 11) * 0x1p-53;
  }

  PhiloxBlock block(uint64_t pair) const {
    return philox({static_cast<uint32_t>(pair), word1, word2, word3}, static_cast<uint32_t>(key),
                  static_cast<uint32_t>(key >> 32));
  }

  uint64_t key = 0;
  uint32_t word1 = 0, word2 = 0, word3 = 0;
};

/// The stream that fills a state leaf before the first step: keyed by the seed and the leaf's name,
/// with the row-major element index as the element.
inline DrawStream initialStateStream(uint64_t seed, std::string_view leaf) {
  DrawStream stream(seed, streamHash(leaf), nullptr, 0);
  stream.setExample(0, 0, 0, DrawKind::InitialState);
  return stream;
}

/// A uniform in [0, 1) of type T. The f32 value is the f64 one cut to 24 bits rather than rounded:
/// rounding could reach 1.
template <typename T> T uniformAs(double value);
template <> inline double uniformAs<double>(double value) { return value; }
template <> inline float uniformAs<float>(double value) {
  return static_cast<float>(static_cast<uint32_t>(value * 0x1p24)) * 0x1p-24f;
}

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_PHILOX_H
