#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tsunagi::line {

// The text with every web address ("scheme://…", "www.…") replaced.
std::string withoutAddresses(std::string_view text, std::string_view replacement);

// How many bytes at position at are a web address written out in text: "http://" or "https://" and what belongs to it,
// without the punctuation behind it; 0 for none.
size_t bareAddressAt(std::string_view text, size_t at);

}  // namespace tsunagi::line
