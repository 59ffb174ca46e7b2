#include "runtime/core/Safetensors.h"
#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/core/Text.h"

#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

using namespace advx::runtime;

namespace {

std::string scratch(const char *name) { return testing::TempDir() + "/" + name; }

void writeRaw(const std::string &path, const std::string &header, const std::string &data) {
  std::string bytes(8, '\0');
  uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  writeFileAtomically(path, bytes + header + data);
}

/// What reading a file with this header and so many bytes of data complains about.
std::string complaint(const std::string &header, size_t dataBytes) {
  std::string path = scratch("bad.safetensors");
  writeRaw(path, header, std::string(dataBytes, 'x'));
  try {
    SafetensorsFile file(path);
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Data);
    std::string text = error.what();
    EXPECT_EQ(text.rfind("`" + path + "` cannot be read: ", 0), 0u) << text;
    return text.substr(text.find(": ") + 2);
  }
  return "accepted";
}

std::vector<char> exampleFile(const std::string &path) {
  float values[6] = {1, 2, 3, 4, 5, 6};
  int64_t label = 7;
  char flags[3] = {1, 0, 1};
  writeSafetensors(path,
                   {{"flags", "BOOL", {3}, flags, sizeof(flags)},
                    {"a.weight", "F32", {2, 3}, values, sizeof(values)},
                    {"scalar", "I64", {}, &label, sizeof(label)}},
                   {{"key", "value \"quoted\""}});
  return readFile(path, "checkpoint");
}

} // namespace

TEST(Safetensors, ReadBackWhatWasWritten) {
  std::string path = scratch("good.safetensors");
  exampleFile(path);
  SafetensorsFile file(path);
  EXPECT_EQ(file.tensors().size(), 3u);
  EXPECT_EQ(file.metadata().at("key"), "value \"quoted\"");
  const StoredTensor *weight = file.find("a.weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->shape, (std::vector<int64_t>{2, 3}));
  float last;
  std::vector<char> data(weight->bytes);
  file.read(*weight, data.data());
  std::memcpy(&last, data.data() + 20, 4);
  EXPECT_EQ(last, 6.0f);
  EXPECT_TRUE(file.find("scalar")->shape.empty());
  EXPECT_EQ(file.find("b"), nullptr);
}

TEST(Safetensors, RefuseEveryTruncationAndExtraBytes) {
  std::vector<char> bytes = exampleFile(scratch("whole.safetensors"));
  std::string path = scratch("cut.safetensors");
  for (size_t length = 0; length < bytes.size(); ++length) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(length));
    EXPECT_THROW(SafetensorsFile{path}, Error) << length;
  }
  bytes.push_back(0);
  writeFileAtomically(path, {bytes.data(), bytes.size()});
  EXPECT_THROW(SafetensorsFile{path}, Error);
}

TEST(Safetensors, ExplainWhatIsWrong) {
  EXPECT_EQ(complaint("[]", 0), "its header is not a JSON object");
  EXPECT_EQ(complaint("{", 0), "its header is not a JSON object");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[2]}})", 8),
            "tensor `a` needs a dtype, a shape and two data_offsets");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}})", 8),
            "tensor `a` has the unknown type `F99`");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8),
            "the shape of tensor `a` is not a list of whole numbers");
  EXPECT_EQ(
      complaint(R"({"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,8]}})", 8),
      "the shape of tensor `a` is too large");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
            "tensor `a` has 12 bytes by its shape and type, and others by its data_offsets");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8),
            "tensor `a` has 8 bytes by its shape and type, and others by its data_offsets");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4),
            "it ends inside tensor `a` (truncated: 4 bytes of data, at least 8 expected)");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 10),
            "it has 2 extra bytes behind the last tensor");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                      R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                      3),
            "its tensors overlap or leave a gap at byte 2 of the data");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                      R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                      1),
            "its header names `a` twice");
  EXPECT_EQ(complaint(R"({"__metadata__":{"a":1}})", 0), "`__metadata__.a` is not a string");
  EXPECT_EQ(complaint(R"({"__metadata__":[]})", 0), "`__metadata__` is not an object");
  EXPECT_EQ(complaint(R"({"__metadata__":{},"__metadata__":{}})", 0),
            "its header names `__metadata__` twice");
  const char *incomplete = "tensor `a` needs a dtype, a shape and two data_offsets";
  for (const char *entry :
       {"1", "[]", "{}", R"({"dtype":"U8"})", R"({"dtype":1})", R"({"dtype":{"a":1}})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0]})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0,1,2]})",
        R"({"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":1})",
        R"({"dtype":"U8","shape":"1","data_offsets":[0,1]})"})
    EXPECT_EQ(complaint(std::string("{\"a\":") + entry + "}", 1), incomplete) << entry;
  for (const char *extent : {"1.5", "-1", "true", "null", "\"1\"", "[1]", "{}", "1e2", "1e400"})
    EXPECT_EQ(complaint(std::string(R"({"a":{"dtype":"U8","data_offsets":[0,1],"shape":[)") +
                            extent + "]}}",
                        1),
              std::string(extent) == "1e400"
                  ? "its header is not a JSON object"
                  : "the shape of tensor `a` is not a list of whole numbers")
        << extent;
  EXPECT_EQ(
      complaint(
          R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[18446744073709551615,18446744073709551615]}})",
          0),
      "it ends inside tensor `a` (truncated: 0 bytes of data, at least 18446744073709551615 "
      "expected)");
}

TEST(Safetensors, TakeLongAndDeepHeadersInLinearTime) {
  std::string deep(1 << 20, '[');
  EXPECT_EQ(complaint(deep, 0), "its header is not a JSON object");
  EXPECT_EQ(complaint("{\"a\":" + deep, 0),
            "tensor `a` needs a dtype, a shape and two data_offsets");
  std::string objects = "{";
  for (int i = 0; i < 100000; ++i)
    objects += "\"a\":{";
  EXPECT_EQ(complaint(objects, 0), "tensor `a` needs a dtype, a shape and two data_offsets");
  std::string rank = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1";
  for (int i = 0; i < 64; ++i)
    rank += ",1";
  EXPECT_EQ(complaint(rank + "],\"data_offsets\":[0,1]}}", 1),
            "tensor `a` has more than 64 dimensions");

  // 200,000 tensors; a list of names that is searched for each would take minutes.
  std::string header = "{\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
  for (int i = 0; i < 200000; ++i)
    header +=
        ",\"t" + std::to_string(i) + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
  EXPECT_EQ(complaint(header + "}", 0), "accepted");
}

TEST(Safetensors, LeaveTheOldFileWhereWritingFails) {
  std::string path = scratch("kept.safetensors");
  std::vector<char> before = exampleFile(path);
  {
    AtomicFile file(path);
    file.write("half");
  } // not committed
  EXPECT_EQ(readFile(path, "checkpoint"), before);
  EXPECT_FALSE(fileExists(scratch(".kept.safetensors.tmp")));
}

TEST(Files, OnlyRegularFilesAreRead) {
  std::string fifo = scratch("fifo");
  ::unlink(fifo.c_str());
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const auto &[path, text] :
       {std::pair(fifo, "` is a FIFO, not a checkpoint"),
        std::pair(std::string("/dev/zero"), "` is a device, not a checkpoint"),
        std::pair(testing::TempDir(), "` is a directory, not a checkpoint")})
    try {
      readFile(path, "checkpoint");
      FAIL() << path << " was read";
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), ExitCode::Data);
      EXPECT_EQ(error.what(), "`" + path + text);
    }
  // A hundred gigabytes without a block on the disk, of which only the header is looked at.
  std::string sparse = scratch("sparse");
  std::string header =
      R"({"a":{"dtype":"U8","shape":[100000000000],"data_offsets":[0,100000000000]}})";
  writeRaw(sparse, header, "");
  ASSERT_EQ(::truncate(sparse.c_str(), 8 + long(header.size()) + 100000000000), 0);
  EXPECT_EQ(SafetensorsFile(sparse).find("a")->bytes, 100000000000u);
  ::unlink(sparse.c_str());
}

TEST(Files, WhatIsNoRegularFileIsNeverReplaced) {
  std::string fifo = scratch("output"), file = scratch("file"), link = scratch("link");
  for (const std::string &path : {fifo, file, link})
    ::unlink(path.c_str());
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THROW(writeFileAtomically(fifo, "text"), Error); // nobody reads
  int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  writeFileAtomically(fifo, "text");
  char text[8] = {};
  EXPECT_EQ(::read(reader, text, sizeof(text)), 4);
  ::close(reader);
  struct stat status{};
  ASSERT_EQ(::lstat(fifo.c_str(), &status), 0);
  EXPECT_TRUE(S_ISFIFO(status.st_mode));
  EXPECT_THROW(writeFileAtomically(testing::TempDir(), "text"), Error);

  ASSERT_EQ(::symlink(file.c_str(), link.c_str()), 0);
  EXPECT_THROW(writeFileAtomically(link, "text"), Error); // to nothing
  EXPECT_FALSE(fileExists(file));
  writeFileAtomically(file, "kept");
  EXPECT_THROW(writeFileAtomically(link, "text"), Error);
  EXPECT_EQ(readFile(file, "file"), (std::vector<char>{'k', 'e', 'p', 't'}));
}

TEST(Texts, BecomeUtf8AndHarmless) {
  EXPECT_EQ(validUtf8("a\xff\xc3\xa9\xc3"), "a\\xff\xc3\xa9\\xc3");
  EXPECT_EQ(validUtf8("\xed\xa0\x80\xc0\xaf"),
            "\\xed\\xa0\\x80\\xc0\\xaf"); // a surrogate, overlong
  EXPECT_EQ(validUtf8("\xf0\x9f\x98\x80\xf4\x90\x80\x80"), "\xf0\x9f\x98\x80\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(printable("a\x1b[2J\n\x7f\xc2\x9b"), "a\\x1b[2J\n\\x7f\\xc2\\x9b");
  EXPECT_EQ(jsonText({{"path", "\xff"}, {"list", {"\xfe"}}}),
            R"({"path":"\\xff","list":["\\xfe"]})");
}

TEST(Files, WritingToAFullDeviceFails) {
  try {
    writeFileAtomically("/dev/full", "text");
    FAIL() << "writing to a full device succeeded";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Environment);
    EXPECT_NE(std::string(error.what()).find("/dev/full"), std::string::npos);
  }
}
