#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/Clock.h"

namespace tsunagi::relay {

using EventHeaders = std::vector<std::pair<std::string, std::string>>;

// Headers as they stand in the spool: [["name","value"],…]. Bytes that are not UTF-8 become U+FFFD.
std::string encodeHeaders(const EventHeaders& headers);
EventHeaders decodeHeaders(std::string_view text);  // empty when the text is damaged

// When an event came, on both clocks.
struct Received {
  int64_t steadyMs = 0;
  int64_t wallMs = 0;
  bool sameBoot = false;  // steadyMs is of the run of the steady clock that goes on now
};

// How long ago that was: by the steady clock where it is comparable, else the wall clock's difference; never below 0
// (J4).
int64_t ageMs(const Received& received, const Clock& clock);

}  // namespace tsunagi::relay
