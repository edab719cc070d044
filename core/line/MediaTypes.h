#pragma once
#include <string>
#include <string_view>

namespace tsunagi::line {

// The media type of a Content-Type field in lower case and without parameters; empty when it is none.
std::string mediaTypeOf(std::string_view contentType);

// The file extension for a media type, without dot, from our own table and from nothing else (S10): "jpg" for
// "image/jpeg", "bin" for what is not in the table.
std::string_view extensionOf(std::string_view mediaType);

}  // namespace tsunagi::line
