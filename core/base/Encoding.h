#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tsunagi {

std::string toHex(std::string_view bytes);                  // lower case
std::optional<std::string> fromHex(std::string_view text);  // either case; nothing on odd length or a bad digit

std::string toBase64(std::string_view bytes);                  // RFC 4648 section 4, padded
std::optional<std::string> fromBase64(std::string_view text);  // strict: padded, canonical, no white space

bool isValidUtf8(std::string_view bytes);  // RFC 3629: no surrogates, no overlong forms

}  // namespace tsunagi
