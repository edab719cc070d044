#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "line/PlainText.h"

namespace tsunagi::line {

// A Markdown table (GitHub's extension) on its way to plain text.
class PlainTable {
 public:
  static constexpr size_t MAX_COLUMNS = 24;  // with more it is no table

  // Do these two lines, without indentation, begin a table: cells, and under them as many "---", ":--:" or "--:"?
  static bool begins(std::string_view header, std::string_view delimiters);

  PlainTable(std::string_view header, std::string_view delimiters, const PlainTextOptions& options);
  void addRow(std::string_view line);

  // The lines, without line ends. Aligned by display width where that is at most options.tableColumns wide; else, with
  // two columns, "first: second" per row; with more, a block of "header: value" lines per row. Time and size: linear.
  std::vector<std::string> lines() const;

 private:
  using Row = std::vector<std::string>;
  Row cellsOf(std::string_view line) const;
  size_t widthOf(size_t column) const;
  std::vector<std::string> aligned(const std::vector<size_t>& widths) const;
  std::vector<std::string> listed() const;

  const PlainTextOptions& _options;
  std::vector<bool> _right;  // columns aligned to the right
  std::vector<Row> _rows;    // the header first
};

}  // namespace tsunagi::line
