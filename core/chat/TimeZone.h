#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"
#include "chat/PosixZone.h"

namespace tsunagi::chat {

// Where the clock stands in the zone of [bridge] timezone. Immutable.
class TimeZone {
 public:
  TimeZone() = default;  // UTC

  // "UTC", an offset ("+09:00", "-0330", "+8") or a zone's name ("Asia/Taipei"), which is read by readZoneFile: it gets
  // the name, never with ".." or a leading '/', and returns the bytes of the tzdata file, or nothing.
  static Result<TimeZone> named(std::string_view name,
                                const std::function<std::optional<std::string>(const std::string&)>& readZoneFile);
  // A file of RFC 8536, versions 1 to 4.
  static Result<TimeZone> parse(std::string_view tzif);

  int offsetMinutes(int64_t wallMs) const;  // east of UTC
 private:
  struct Transition {
    int64_t atSeconds;
    int offsetMinutes;
  };
  int _first = 0;  // before the first transition
  std::vector<Transition> _transitions;
  std::optional<PosixZone> _after;  // from the last transition on
};

}  // namespace tsunagi::chat
