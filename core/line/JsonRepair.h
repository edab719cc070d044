#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tsunagi::line {

// Copies JSON text so that a strict parser takes it: inside strings, an escape that is half of a surrogate pair becomes
// \ufffd, and bytes that are not UTF-8 become U+FFFD. Everything else stays, faults of the grammar included.
// Nothing when objects and arrays nest deeper than maxDepth. Linear time, no recursion.
std::optional<std::string> repairJson(std::string_view text, size_t maxDepth);

}  // namespace tsunagi::line
