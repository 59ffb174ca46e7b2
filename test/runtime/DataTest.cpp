#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/data/Gzip.h"
#include "runtime/data/Idx.h"
#include "runtime/data/Shuffle.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <zlib.h>

using namespace advx::runtime;

namespace {

std::vector<int64_t> shuffled(size_t count, const char *name, uint64_t seed, uint64_t epoch) {
  std::vector<int64_t> items(count);
  std::iota(items.begin(), items.end(), 0);
  shuffle(items, name, seed, epoch);
  return items;
}

std::vector<char> compress(const std::string &text) {
  std::string path = testing::TempDir() + "/compressed.gz";
  gzFile file = ::gzopen(path.c_str(), "wb");
  ::gzwrite(file, text.data(), unsigned(text.size()));
  ::gzclose(file);
  return readFile(path, "data file");
}

std::string complaint(const std::vector<char> &bytes) {
  try {
    inflateGzip(bytes, "file.gz");
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Data);
    return error.what();
  }
  return "accepted";
}

} // namespace

TEST(Shuffle, IsAPermutationKeyedByNameSeedAndEpoch) {
  std::vector<int64_t> order = shuffled(1000, "shuffle", 1, 0), sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (int64_t i = 0; i < 1000; ++i)
    ASSERT_EQ(sorted[size_t(i)], i);
  EXPECT_EQ(order, shuffled(1000, "shuffle", 1, 0));
  EXPECT_NE(order, shuffled(1000, "shuffle", 2, 0));
  EXPECT_NE(order, shuffled(1000, "shuffle", 1, 1));
  EXPECT_NE(order, shuffled(1000, "valid", 1, 0));
}

TEST(Shuffle, SendsEveryItemEverywhere) {
  // 6,000 shuffles of three items: each order is expected 1,000 times, with a
  // standard deviation of 29.
  std::vector<int> counts(27);
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    std::vector<int64_t> order = shuffled(3, "shuffle", seed, 0);
    ++counts[size_t(order[0] * 9 + order[1] * 3 + order[2])];
  }
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      int expected = a == b ? 0 : 1000;
      EXPECT_NEAR(counts[size_t(a * 9 + b * 3 + std::max(0, 3 - a - b))], expected,
                  0.15 * expected);
    }
}

TEST(Gzip, ReadsBackWhatWasCompressed) {
  std::string text;
  for (int i = 0; i < 100000; ++i)
    text += std::to_string(i * 7919 % 1000);
  std::vector<char> bytes = inflateGzip(compress(text), "file.gz");
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), text);
}

TEST(Gzip, RefusesEveryTruncationDamageAndExtraBytes) {
  std::vector<char> bytes = compress("some text that is compressed, some text that is compressed");
  for (size_t length = 2; length < bytes.size(); ++length)
    EXPECT_EQ(complaint({bytes.begin(), bytes.begin() + long(length)}),
              "`file.gz` is truncated: the compressed data ends early")
        << length;
  std::vector<char> damaged = bytes;
  damaged[bytes.size() - 6] ^= 1; // in the checksum
  EXPECT_EQ(complaint(damaged).rfind("`file.gz` is damaged", 0), 0u);
  bytes.push_back(0);
  EXPECT_EQ(complaint(bytes), "`file.gz` has 1 extra bytes behind the compressed data");
}
