#pragma once
#include <string>
#include <vector>

namespace tsunagi::test {

// A table of a page in docs/, so that a test can compare the page with the code.
struct MarkdownTable {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // each as long as the head; cells trimmed
};

// The first table behind the line `heading` of docs/<page>. Throws std::runtime_error with the reason when there is
// none or a row has too few or too many cells.
MarkdownTable readTable(const std::string& page, const std::string& heading);
// The parts of a cell between commas, trimmed; an empty cell has none.
std::vector<std::string> listIn(const std::string& cell);

}  // namespace tsunagi::test
