#include "line/PlainTable.h"

#include <algorithm>

#include "line/CharacterClasses.h"
#include "line/PlainInline.h"
#include "line/WebAddresses.h"

namespace tsunagi::line {
namespace {

constexpr size_t MAX_HEADER_BYTES = 400;  // of all headers, when each row repeats them
constexpr std::string_view GAP = "  ";
constexpr size_t NONE = std::string_view::npos;

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  return first == NONE ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The cells of a line as written, split at every '|' that no backslash escapes.
std::vector<std::string_view> split(std::string_view line) {
  line = trimmed(line);
  if (!line.empty() && line.front() == '|') line.remove_prefix(1);
  std::vector<std::string_view> cells;
  size_t begin = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (line[at] == '|') {
      cells.push_back(trimmed(line.substr(begin, at - begin)));
      begin = at + 1;
    }
  }
  if (begin < line.size() || cells.empty()) cells.push_back(trimmed(line.substr(std::min(begin, line.size()))));
  return cells;
}

bool isDelimiter(std::string_view cell) {
  if (!cell.empty() && cell.front() == ':') cell.remove_prefix(1);
  if (!cell.empty() && cell.back() == ':') cell.remove_suffix(1);
  return !cell.empty() && cell.find_first_not_of('-') == NONE;
}

std::string joined(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) line += (line.empty() ? "" : " | ") + cell;
  return line;
}

void trimEnd(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

}  // namespace

bool PlainTable::begins(std::string_view header, std::string_view delimiters) {
  if (header.find('|') == NONE || delimiters.find('-') == NONE) return false;
  if (delimiters.find_first_not_of("|:- \t") != NONE) return false;
  const auto marks = split(delimiters);
  return marks.size() <= MAX_COLUMNS && std::all_of(marks.begin(), marks.end(), isDelimiter) &&
         split(header).size() == marks.size();
}

PlainTable::PlainTable(std::string_view header, std::string_view delimiters, const PlainTextOptions& options)
    : _options(options) {
  for (const std::string_view mark : split(delimiters)) _right.push_back(mark.front() != ':' && mark.back() == ':');
  addRow(header);
}

PlainTable::Row PlainTable::cellsOf(std::string_view line) const {
  Row row;
  for (const std::string_view cell : split(line)) {
    std::string text = plainInline(cell, _options);
    if (_options.links == LinkPolicy::Strip)
      text = withoutAddresses(text, _options.removedLink);  // before it is measured
    for (size_t at = text.find('\n'); at != NONE; at = text.find('\n', at)) text.replace(at, 1, " / ");
    row.emplace_back(trimmed(text));
  }
  return row;
}

void PlainTable::addRow(std::string_view line) { _rows.push_back(cellsOf(line)); }

size_t PlainTable::widthOf(size_t column) const {
  size_t width = 0;
  for (const Row& row : _rows)
    if (column < row.size()) width = std::max(width, displayWidth(row[column]));
  return width;
}

std::vector<std::string> PlainTable::lines() const {
  size_t columns = _right.size();
  for (const Row& row : _rows) columns = std::max(columns, row.size());
  if (columns > MAX_COLUMNS) return listed();
  std::vector<size_t> widths;
  size_t total = 0;
  for (size_t column = 0; column < columns; ++column) {
    widths.push_back(widthOf(column));
    total += widths.back() + (column == 0 ? 0 : GAP.size());
  }
  return total <= _options.tableColumns ? aligned(widths) : listed();
}

std::vector<std::string> PlainTable::aligned(const std::vector<size_t>& widths) const {
  std::vector<std::string> lines;
  for (const Row& row : _rows) {
    std::string line;
    for (size_t column = 0; column < row.size(); ++column) {
      const std::string padding(widths[column] - displayWidth(row[column]), ' ');
      if (column > 0) line += GAP;
      const bool right = column < _right.size() && _right[column];
      line += right ? padding + row[column] : row[column] + padding;
    }
    trimEnd(line);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> PlainTable::listed() const {
  const Row& headers = _rows.front();
  size_t bytes = 0;
  for (const auto& header : headers) bytes += header.size();
  std::vector<std::string> lines;
  const bool pairs = std::all_of(_rows.begin(), _rows.end(), [](const Row& row) { return row.size() <= 2; });
  if (pairs || bytes > MAX_HEADER_BYTES || _rows.size() == 1) {
    for (const Row& row : _rows)
      lines.push_back(pairs && row.size() == 2 ? row[0] + (row[0].empty() ? "" : ": ") + row[1] : joined(row));
    for (auto& line : lines) trimEnd(line);
    return lines;
  }
  for (size_t i = 1; i < _rows.size(); ++i) {
    if (i > 1) lines.emplace_back();
    const Row& row = _rows[i];
    for (size_t column = 0; column < std::max(row.size(), headers.size()); ++column) {
      const std::string header = column < headers.size() ? headers[column] : std::string();
      std::string line = header + (header.empty() ? "" : ": ") + (column < row.size() ? row[column] : std::string());
      trimEnd(line);
      if (!line.empty()) lines.push_back(std::move(line));
    }
  }
  return lines;
}

}  // namespace tsunagi::line
