#include "kit/SseReader.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace responder {
namespace {

using testing::ElementsAre;

struct Read {
  std::vector<std::string> data;
  std::string stray;
};
Read readIn(const std::string& text, size_t size) {
  SseReader reader;
  Read read;
  const auto keep = [&](std::string_view data) { read.data.emplace_back(data); };
  for (size_t at = 0; at < text.size(); at += size) reader.feed(std::string_view(text).substr(at, size), keep);
  reader.end(keep);
  read.stray = reader.stray();
  return read;
}

TEST(SseReaderTest, EventsHoweverTheyAreRead) {
  const std::string stream =
      ": keep-alive\r\n\r\ndata: {\"a\":1}\r\n\r\nevent: x\r\nid: 7\r\nretry: 1\r\ndata:no space\r\ndata:  two\r\n\r\n"
      ":\n\n\ndata\n\ndata: [DONE]";
  for (size_t size = 1; size <= stream.size(); ++size) {
    const Read read = readIn(stream, size);
    EXPECT_THAT(read.data, ElementsAre("{\"a\":1}", "no space\n two", "", "[DONE]")) << "reads of " << size;
    EXPECT_EQ(read.stray, "");
  }
}

TEST(SseReaderTest, WhatIsNoEventIsKeptForTheErrorsText) {
  const Read read = readIn("{\"error\":{\"message\":\"no\"}}\nand: more\n\n", 3);
  EXPECT_TRUE(read.data.empty());
  EXPECT_EQ(read.stray, "{\"error\":{\"message\":\"no\"}}\nand: more");
  EXPECT_LE(readIn(std::string(3000, 'x') + "\n" + std::string(3000, 'y') + "\n", 100).stray.size(),
            SseReader::kMaxStray);
}

TEST(SseReaderTest, AnEventWithoutEndIsRefused) {
  SseReader reader;
  const std::string line = "data: " + std::string(LineSplitter::kMaxLine - 10, 'x') + "\n";
  const auto ignore = [](std::string_view) {};
  for (int i = 0; i < 3; ++i) reader.feed(line, ignore);
  EXPECT_THROW(
      {
        reader.feed(line, ignore);
        reader.feed(line, ignore);
      },
      Error);
}

}  // namespace
}  // namespace responder
