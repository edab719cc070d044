#include "chat/PosixZone.h"

#include "chat/PromptText.h"

namespace tsunagi::chat {
namespace {

constexpr int64_t DAY = 86'400;

bool isLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

int64_t daysTo(int64_t year, int month, int day) {
  // Counted in years that begin on 1 March, as civilTime() does.
  const int64_t shifted = year - (month <= 2 ? 1 : 0);
  const int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int64_t yearOfEra = shifted - era * 400;
  const int64_t dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719'468;
}

// Reads from the front; each function says whether it found what it is for.
struct PosixZone::Reader {
  std::string_view rest;

  bool skip(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool name() {
    const bool quoted = skip('<');
    size_t length = 0;
    const auto belongs = [quoted](char c) {
      const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      return letter || (quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
    };
    while (length < rest.size() && belongs(rest[length])) ++length;
    rest.remove_prefix(length);
    return length >= 3 && (!quoted || skip('>'));
  }
  bool number(int& value, int most) {
    size_t digits = 0;
    value = 0;
    while (digits < rest.size() && digits < 3 && rest[digits] >= '0' && rest[digits] <= '9')
      value = value * 10 + (rest[digits++] - '0');
    rest.remove_prefix(digits);
    return digits > 0 && value <= most;
  }
  // [+-]hh[:mm[:ss]]
  bool time(int& seconds, int mostHours) {
    const bool negative = skip('-');
    if (!negative) skip('+');
    int hours = 0, minutes = 0, rests = 0;
    if (!number(hours, mostHours)) return false;
    if (skip(':') && (!number(minutes, 59) || (skip(':') && !number(rests, 59)))) return false;
    seconds = (hours * 3600 + minutes * 60 + rests) * (negative ? -1 : 1);
    return true;
  }
  bool change(Change& change) {
    if (!skip(',')) return false;
    if (skip('M')) {
      change.kind = Change::Kind::MonthWeekDay;
      if (!number(change.month, 12) || !skip('.') || !number(change.week, 5) || !skip('.') || !number(change.day, 6))
        return false;
      if (change.month < 1 || change.week < 1) return false;
    } else {
      change.kind = skip('J') ? Change::Kind::JulianDay : Change::Kind::DayOfYear;
      if (!number(change.day, 365)) return false;
    }
    return !skip('/') || time(change.seconds, 167);
  }
};

std::optional<PosixZone> PosixZone::parse(std::string_view text) {
  Reader reader{text};
  PosixZone zone;
  int west = 0;
  if (!reader.name() || !reader.time(west, 24)) return std::nullopt;
  zone._standard = -west;
  if (reader.rest.empty()) return zone;
  if (!reader.name()) return std::nullopt;
  zone._summer = zone._standard + 3600;
  if (!reader.rest.empty() && reader.rest.front() != ',') {
    if (!reader.time(west, 24)) return std::nullopt;
    zone._summer = -west;
  }
  zone._changes = true;
  if (!reader.change(zone._begin) || !reader.change(zone._end) || !reader.rest.empty()) return std::nullopt;
  return zone;
}

int64_t PosixZone::Change::at(int64_t year) const {
  int64_t date = 0;
  if (kind == Kind::MonthWeekDay) {
    const int64_t first = daysTo(year, month, 1);
    const int64_t weekday = ((first + 4) % 7 + 7) % 7;
    date = first + (day - weekday + 7) % 7 + int64_t{7} * (week - 1);
    const int64_t next = month == 12 ? daysTo(year + 1, 1, 1) : daysTo(year, month + 1, 1);
    while (date >= next) date -= 7;  // week 5 is the last one
  } else {
    // Julian days never count 29 February.
    const bool skipsLeapDay = kind == Kind::JulianDay && isLeap(year) && day >= 60;
    date = daysTo(year, 1, 1) + day + (kind == Kind::JulianDay ? -1 : 0) + (skipsLeapDay ? 1 : 0);
  }
  return date * DAY + seconds;
}

int PosixZone::offsetSeconds(int64_t utcSeconds) const {
  if (!_changes) return _standard;
  const int64_t year = civilTime((utcSeconds + _standard) * 1000, 0).year;
  const int64_t begin = _begin.at(year) - _standard;
  const int64_t end = _end.at(year) - _summer;
  const bool summer = begin < end ? utcSeconds >= begin && utcSeconds < end : utcSeconds >= begin || utcSeconds < end;
  return summer ? _summer : _standard;
}

}  // namespace tsunagi::chat
