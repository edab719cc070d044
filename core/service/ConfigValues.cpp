#include <algorithm>
#include <charconv>
#include <utility>

#include "service/ConfigSchema.h"

namespace tsunagi::service {
namespace {

using Unit = std::pair<std::string_view, int64_t>;

// "<digits><unit>", the unit one of units; nothing on overflow or anything else.
template <size_t N>
std::optional<int64_t> parseWithUnit(std::string_view text, const Unit (&units)[N]) {
  int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || number < 0 || text.empty() || text.front() == '-') return std::nullopt;
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const auto& [name, factor] : units) {
    if (name != unit) continue;
    if (number > INT64_MAX / factor) return std::nullopt;
    return number * factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<bool> parseBoolean(std::string_view text) {
  for (const std::string_view yes : {"yes", "true", "on"})
    if (text == yes) return true;
  for (const std::string_view no : {"no", "false", "off"})
    if (text == no) return false;
  return std::nullopt;
}

std::optional<int64_t> parseDurationMs(std::string_view text) {
  static constexpr Unit units[] = {{"", 1000},    {"ms", 1},        {"s", 1000},
                                   {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  return parseWithUnit(text, units);
}

std::optional<int64_t> parseBytes(std::string_view text) {
  static constexpr Unit units[] = {{"", 1},
                                   {"B", 1},
                                   {"KiB", int64_t{1} << 10},
                                   {"MiB", int64_t{1} << 20},
                                   {"GiB", int64_t{1} << 30},
                                   {"TiB", int64_t{1} << 40}};
  return parseWithUnit(text, units);
}

std::vector<std::string> parseList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
  }
  return items;
}

std::string nearestWord(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > 64) return {};
  std::string best;
  size_t bestDistance = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 64) continue;
    // Edit distance where swapping two neighbours counts once; the three newest rows are enough.
    std::vector<size_t> before(candidate.size() + 1), above(candidate.size() + 1), row(candidate.size() + 1);
    for (size_t j = 0; j <= candidate.size(); ++j) above[j] = j;
    for (size_t i = 1; i <= word.size(); ++i) {
      row[0] = i;
      for (size_t j = 1; j <= candidate.size(); ++j) {
        const size_t change = word[i - 1] == candidate[j - 1] ? 0 : 1;
        row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
        if (i > 1 && j > 1 && word[i - 1] == candidate[j - 2] && word[i - 2] == candidate[j - 1])
          row[j] = std::min(row[j], before[j - 2] + 1);
      }
      std::swap(before, above);
      std::swap(above, row);
    }
    if (above[candidate.size()] < bestDistance) {
      bestDistance = above[candidate.size()];
      best = candidate;
    }
  }
  return best;
}

}  // namespace tsunagi::service
