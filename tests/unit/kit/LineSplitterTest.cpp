#include "kit/LineSplitter.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace responder {
namespace {

using testing::ElementsAre;

// The lines of text fed in reads of every size up to its own.
std::vector<std::vector<std::string>> allWays(const std::string& text) {
  std::vector<std::vector<std::string>> ways;
  for (size_t size = 1; size <= text.size(); ++size) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
    for (size_t at = 0; at < text.size(); at += size) splitter.feed(std::string_view(text).substr(at, size), keep);
    splitter.end(keep);
    ways.push_back(lines);
  }
  return ways;
}

TEST(LineSplitterTest, EveryLineEndHoweverItIsRead) {
  for (const auto& lines : allWays("a\nb\r\nc\rd\n\n\r\n\r\re"))
    EXPECT_THAT(lines, ElementsAre("a", "b", "c", "d", "", "", "", "", "e"));
}

TEST(LineSplitterTest, AByteOrderMarkCountsAtTheStartOnly) {
  for (const auto& lines : allWays("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n"))
    EXPECT_THAT(lines, ElementsAre("one", "\xEF\xBB\xBFtwo"));
}

TEST(LineSplitterTest, ALongLineIsRefusedBeforeItsEndComes) {
  LineSplitter splitter(8);
  const auto ignore = [](std::string_view) {};
  splitter.feed("12345678\n", ignore);
  splitter.feed("1234", ignore);
  EXPECT_THROW(splitter.feed("56789", ignore), Error);
  LineSplitter inOneRead(8);
  inOneRead.feed("a\n", ignore);
  EXPECT_THROW(inOneRead.feed("123456789\n", ignore), Error);
}

}  // namespace
}  // namespace responder
