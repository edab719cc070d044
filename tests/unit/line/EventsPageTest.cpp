// docs/events.md names every type the program knows, and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "line/Events.h"
#include "tests/support/MarkdownTable.h"

namespace tsunagi::line {
namespace {

// The words in backticks that begin the rows of the table under a heading.
std::set<std::string> firstCells(const std::string& heading) {
  std::set<std::string> cells;
  for (const auto& row : test::readTable("events.md", "## " + heading).rows)
    if (row[0].front() == '`') cells.insert(row[0].substr(1, row[0].size() - 2));
  return cells;
}

TEST(EventsPage, NamesEveryType) {
  std::set<std::string> known;
  for (auto kind = static_cast<int>(EventKind::Unknown) + 1; kind <= static_cast<int>(EventKind::Things); ++kind)
    known.emplace(kindName(static_cast<EventKind>(kind)));
  EXPECT_THAT(firstCells("Types"), testing::ContainerEq(known));
}

TEST(EventsPage, NamesEveryKindOfMessage) {
  for (const auto& name : firstCells("Messages by kind")) {
    EventMessage message;
    message.type = name;
    EXPECT_NE(kindOf(message), MessageKind::Unknown) << name;
  }
  EXPECT_EQ(firstCells("Messages by kind").size(), static_cast<size_t>(MessageKind::Sticker));
}

}  // namespace
}  // namespace tsunagi::line
