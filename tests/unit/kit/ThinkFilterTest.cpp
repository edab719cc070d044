#include "kit/ThinkFilter.hpp"

#include <gtest/gtest.h>

namespace responder {
namespace {

struct Parts {
  std::string text, thought;
  friend bool operator==(const Parts& a, const Parts& b) { return a.text == b.text && a.thought == b.thought; }
};
std::ostream& operator<<(std::ostream& out, const Parts& parts) {
  return out << "[" << parts.text << "|" << parts.thought << "]";
}

// The same however the text is cut.
Parts filtered(const std::string& all, bool opened = false) {
  Parts first;
  for (size_t size = 1; size <= all.size(); ++size) {
    ThinkFilter filter(opened);
    Parts parts;
    for (size_t at = 0; at < all.size(); at += size) filter.feed(all.substr(at, size), parts.text, parts.thought);
    filter.end(parts.text, parts.thought);
    if (size == 1) first = parts;
    EXPECT_EQ(parts, first) << "in pieces of " << size;
  }
  return first;
}

TEST(ThinkFilterTest, ThoughtsGoElsewhere) {
  EXPECT_EQ(filtered("<think>hm <b> 1 < 2</think>\n\nHello"), (Parts{"Hello", "hm <b> 1 < 2"}));
  EXPECT_EQ(filtered("\n <thinking>a</thinking>b"), (Parts{"\n b", "a"}));
  EXPECT_EQ(filtered("One\n<think>two</think>three"), (Parts{"One\nthree", "two"}));
  EXPECT_EQ(filtered("<think></think>"), (Parts{"", ""}));
  EXPECT_EQ(filtered("<think>never closed </thin"), (Parts{"", "never closed </thin"}));
}

TEST(ThinkFilterTest, TagsThatAreTalkedAboutStay) {
  EXPECT_EQ(filtered("Use `<think>` and <think> in a line"), (Parts{"Use `<think>` and <think> in a line", ""}));
  EXPECT_EQ(filtered("```\n<think>code</think>\n```\n<think>x</think>end"),
            (Parts{"```\n<think>code</think>\n```\nend", "x"}));
  EXPECT_EQ(filtered("<thin"), (Parts{"<thin", ""}));
  EXPECT_EQ(filtered("<thinker>"), (Parts{"<thinker>", ""}));
  EXPECT_EQ(filtered("``"), (Parts{"``", ""}));
}

TEST(ThinkFilterTest, TheOpeningTagMayStandInThePrompt) {
  EXPECT_EQ(filtered("plan</think>answer", true), (Parts{"answer", "plan"}));
  EXPECT_EQ(filtered("</think>answer"), (Parts{"answer", ""}));
  EXPECT_EQ(filtered("a </think> b"), (Parts{"a </think> b", ""}));
}

}  // namespace
}  // namespace responder
