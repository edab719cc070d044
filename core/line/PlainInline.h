#pragma once
#include <string>
#include <string_view>

#include "line/PlainText.h"

namespace tsunagi::line {

// The inline half of plainText(): one paragraph, heading or table cell (its lines joined by '\n') without the markers
// of emphasis, code, links, images, escapes, entities and tags. Line ends stay; "<br>" makes one. Every rule follows
// CommonMark except that a marker beside a Chinese or Japanese character needs no space around it, and that a single
// '*' between ASCII letters or digits ("2*3*4") is a sign of its own. LinkPolicy::Strip here only takes the addresses
// of links; those in the text are withoutAddresses()'s (WebAddresses.h).
std::string plainInline(std::string_view text, const PlainTextOptions& options);

}  // namespace tsunagi::line
