#pragma once
#include <string>
#include <string_view>

namespace tsunagi {

// The one escaper for text from outside that enters a log line, an error or a status (S25): control characters
// (C0, DEL, C1), line and paragraph separators, bidirectional marks and bytes that are not UTF-8 become \u{..} or \x..;
// a backslash is doubled. Cut after maxBytes of output, on a character, with "..." added.
std::string logEscape(std::string_view text, size_t maxBytes = 200);

}  // namespace tsunagi
