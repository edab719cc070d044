#include "tests/support/MarkdownTable.h"

#include <fstream>
#include <stdexcept>

namespace tsunagi::test {
namespace {

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t at = text.find(separator); at != std::string::npos; at = text.find(separator, from)) {
    parts.push_back(trimmed(text.substr(from, at - from)));
    from = at + 1;
  }
  parts.push_back(trimmed(text.substr(from)));
  return parts;
}

}  // namespace

MarkdownTable readTable(const std::string& page, const std::string& heading) {
  std::ifstream file(std::string(TSUNAGI_TEST_DATA_DIR) + "/../../docs/" + page);
  if (!file) throw std::runtime_error("cannot read docs/" + page);
  MarkdownTable table;
  bool below = false;
  for (std::string line; std::getline(file, line);) {
    if (!below) {
      below = trimmed(line) == heading;
      continue;
    }
    if (line.empty() || line.front() != '|') {
      if (!table.head.empty()) break;
      continue;
    }
    const std::string row = trimmed(line);
    auto cells = split(row.substr(1, row.size() - 2), '|');
    if (row.find_first_not_of("|-: ") == std::string::npos) continue;
    if (table.head.empty()) {
      table.head = std::move(cells);
    } else if (cells.size() == table.head.size()) {
      table.rows.push_back(std::move(cells));
    } else {
      throw std::runtime_error("docs/" + page + ", a row of another length: " + row);
    }
  }
  if (table.rows.empty()) throw std::runtime_error("docs/" + page + " has no table behind " + heading);
  return table;
}

std::vector<std::string> listIn(const std::string& cell) {
  return cell.empty() ? std::vector<std::string>{} : split(cell, ',');
}

}  // namespace tsunagi::test
