#pragma once
#include <string>
#include <string_view>

namespace tsunagi::linesim {

// Ids of LINE's form, always the same for one name: "U", "C" or "R" and 32 hex digits.
std::string userIdOf(std::string_view name);
std::string groupIdOf(std::string_view name);
std::string roomIdOf(std::string_view name);

}  // namespace tsunagi::linesim
