#include "runtime/core/Safetensors.h"
#include "runtime/core/Error.h"
#include "runtime/core/Files.h"

#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

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
  std::memcpy(&last, weight->data + 20, 4);
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

TEST(Files, WritingToAFullDeviceFails) {
  try {
    writeFileAtomically("/dev/full", "text");
    FAIL() << "writing to a full device succeeded";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Environment);
    EXPECT_NE(std::string(error.what()).find("/dev/full"), std::string::npos);
  }
}
