// docs/events.md names every type the program knows, and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "line/Events.h"

namespace tsunagi::line {
namespace {

// The words in backticks that begin the rows of the table under a heading.
std::set<std::string> firstCells(const std::string& heading) {
  std::ifstream page(TSUNAGI_TEST_DATA_DIR "/../../docs/events.md");
  std::set<std::string> cells;
  std::string line;
  bool inside = false;
  while (std::getline(page, line)) {
    if (line.rfind("## ", 0) == 0) inside = line == "## " + heading;
    if (inside && line.rfind("| `", 0) == 0) cells.insert(line.substr(3, line.find('`', 3) - 3));
  }
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
