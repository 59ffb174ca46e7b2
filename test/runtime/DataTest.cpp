#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/data/Archive.h"
#include "runtime/data/Cifar.h"
#include "runtime/data/DataFile.h"
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

std::string written(const char *name, const std::vector<char> &bytes) {
  std::string path = testing::TempDir() + "/" + name;
  writeFileAtomically(path, {bytes.data(), bytes.size()});
  return path;
}

/// All content of a file, read in pieces of `piece` bytes.
std::string content(const std::vector<char> &bytes, size_t piece = 1000) {
  DataFile file(written("file.gz", bytes));
  std::string text, part(piece, '\0');
  while (size_t count = file.read(part.data(), piece))
    text.append(part, 0, count);
  return text;
}

/// What reading a file to its end complains about, without the place of the file.
std::string complaint(const std::vector<char> &bytes) {
  try {
    content(bytes);
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Data);
    std::string text = error.what();
    return text.replace(0, text.rfind('/'), "`");
  }
  return "accepted";
}

std::vector<char> join(const std::vector<std::vector<char>> &parts) {
  std::vector<char> all;
  for (const std::vector<char> &part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<char> idx(std::vector<uint32_t> extents, const std::string &data) {
  std::vector<char> bytes = {0, 0, 8, char(extents.size())};
  for (uint32_t extent : extents)
    for (int shift : {24, 16, 8, 0})
      bytes.push_back(char(extent >> shift));
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

/// What readIdx says of one file of images.
std::string idxComplaint(const std::vector<char> &images, const std::vector<int64_t> &image) {
  written("labels", idx({2}, "\1\2"));
  written("images", images);
  try {
    readIdx(testing::TempDir(), {"images", "labels"}, image);
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Data);
    std::string text = error.what();
    return text.substr(text.find("` ") + 2);
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
  EXPECT_EQ(content(compress(text)), text);
}

TEST(Gzip, ReadsAllMembers) {
  std::string text(70000, 'a'); // more than one piece of the reader's buffer, uncompressed
  std::vector<char> a = compress(text), b = compress("b"), none = compress("");
  EXPECT_EQ(content(join({a, b, none, a}), 1), text + "b" + text);
  // Members of every length: the border between two lies anywhere in the reader's buffer.
  std::vector<std::vector<char>> many(4000, compress("some text"));
  EXPECT_EQ(content(join(many)).size(), 4000 * 9);
  EXPECT_EQ(complaint(join({b, {a.begin(), a.end() - 1}})),
            "`/file.gz` is truncated: the compressed data ends early");
  EXPECT_EQ(complaint(join({b, {'x'}})), "`/file.gz` has 1 extra bytes behind the compressed data");
}

TEST(Idx, ABombIsNotInflated) {
  std::string zeros(16 << 20, '\0');
  std::vector<char> header = idx({2, 2, 2}, std::string(8, 'x'));
  std::string bomb = std::string(header.begin(), header.end()) + zeros;
  std::string text = idxComplaint(compress(bomb), {1, 2, 2});
  EXPECT_EQ(text, "has extra bytes behind the 8 of its header [2, 2, 2]");
  std::vector<char> liar = idx({2, 1 << 15, 1 << 15}, "");
  EXPECT_EQ(idxComplaint(compress(std::string(liar.begin(), liar.end())), {1, 1 << 15, 1 << 15})
                .rfind("is truncated: it holds at most ", 0),
            0u);
}

TEST(Idx, ImagesHaveAnyNumberOfAxes) {
  EXPECT_EQ(idxComplaint(idx({2, 3}, "abcdef"), {3}), "accepted");
  EXPECT_EQ(idxComplaint(idx({2, 1, 3, 1, 1}, "abcdef"), {1, 3, 1, 1}), "accepted");
  EXPECT_EQ(idxComplaint(idx({2, 3, 1, 1}, "abcdef"), {1, 3, 1, 1}), "accepted");
  EXPECT_EQ(idxComplaint(idx({2, 3}, "abcdef"), {3, 1}).rfind("does not hold images", 0), 0u);
  EXPECT_EQ(idxComplaint(idx({2, 2}, "abcd"), {3}),
            "holds images of shape [2], and the program is compiled for [3]");
}

TEST(Cifar, ImagesAreFoundAcrossFiles) {
  // Records of a superclass, a class and an image of two bytes.
  DataDescription data;
  data.name = "tiny";
  data.image = {1, 1, 2};
  data.classes = 5;
  data.labelBytes = 2;
  auto bytes = [](const std::string &text) { return std::vector<char>(text.begin(), text.end()); };
  written("one", bytes("\7\1ab\7\2cd"));
  written("two", {});
  written("three.gz", compress("\7\4ef"));
  Images images = readCifar(testing::TempDir(), {"one", "two", "three"}, data);
  EXPECT_EQ(images.labels, (std::vector<int64_t>{1, 2, 4}));
  std::string all;
  for (int64_t i = 0; i < images.count; ++i)
    all.append(reinterpret_cast<const char *>(images.image(i)), 2);
  EXPECT_EQ(all, "abcdef");
  data.classes = 4;
  EXPECT_THROW(readCifar(testing::TempDir(), {"one", "two", "three"}, data), Error);
}

TEST(Idx, HeadersAreCheckedFirst) {
  EXPECT_EQ(idxComplaint(idx({2, 2, 2}, std::string(8, 'x')), {1, 2, 2}), "accepted");
  EXPECT_EQ(idxComplaint(idx({2, 1, 2, 2}, std::string(8, 'x')), {1, 2, 2}), "accepted");
  EXPECT_EQ(idxComplaint(idx({2, 3, 2}, std::string(12, 'x')), {1, 2, 2}),
            "holds images of shape [1, 3, 2], and the program is compiled for [1, 2, 2]");
  EXPECT_EQ(
      idxComplaint(idx({3, 2, 2}, std::string(12, 'x')), {1, 2, 2}).rfind("holds 3 images", 0), 0u);
  for (uint32_t huge : {0x7fffffffu, 0xffffffffu})
    EXPECT_EQ(idxComplaint(idx({huge, huge, huge, huge}, ""), {1, 2, 2})
                  .rfind("is truncated: it holds at most 0 bytes", 0),
              0u);
}

TEST(Gzip, RefusesEveryTruncationDamageAndExtraBytes) {
  std::vector<char> bytes = compress("some text that is compressed, some text that is compressed");
  for (size_t length = 2; length < bytes.size(); ++length)
    EXPECT_EQ(complaint({bytes.begin(), bytes.begin() + long(length)}),
              "`/file.gz` is truncated: the compressed data ends early")
        << length;
  std::vector<char> damaged = bytes;
  damaged[bytes.size() - 6] ^= 1; // in the checksum
  EXPECT_EQ(complaint(damaged).rfind("`/file.gz` is damaged", 0), 0u);
  bytes.push_back(0);
  EXPECT_EQ(complaint(bytes), "`/file.gz` has 1 extra bytes behind the compressed data");
}
