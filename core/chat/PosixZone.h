#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace tsunagi::chat {

// The rule at the end of a tzdata file, for the time behind its last transition (RFC 8536 section 3.3): the form of the
// variable TZ in POSIX, "JST-9", "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30". Offsets here are seconds east of UTC.
class PosixZone {
 public:
  static std::optional<PosixZone> parse(std::string_view text);  // nothing when it is not of the form
  int offsetSeconds(int64_t utcSeconds) const;

 private:
  // A day of the year and the local time on it at which the clock changes.
  struct Change {
    enum class Kind : uint8_t { MonthWeekDay, JulianDay, DayOfYear } kind = Kind::MonthWeekDay;
    int month = 1, week = 1, day = 0;  // day: of the week (0 = Sunday), or of the year
    int seconds = 7200;                // of the day; may be negative or beyond it
    int64_t at(int64_t year) const;    // local seconds since 1970
  };
  struct Reader;

  int _standard = 0;
  int _summer = 0;
  bool _changes = false;
  Change _begin, _end;
};

// Days from 1970-01-01 to a date of the proleptic Gregorian calendar; month from 1.
int64_t daysTo(int64_t year, int month, int day);

}  // namespace tsunagi::chat
