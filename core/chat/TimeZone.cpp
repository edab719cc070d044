#include "chat/TimeZone.h"

#include <algorithm>
#include <iterator>

namespace tsunagi::chat {
namespace {

constexpr size_t HEADER = 44;
constexpr size_t MAX_FILE = 262'144;
constexpr int MAX_OFFSET_MINUTES = 26 * 60;  // RFC 8536 section 3.2 suggests -25 h to +26 h

int64_t bigEndian(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<int64_t>(value);
}

struct Header {
  char version = 0;
  size_t utcMarks = 0, standardMarks = 0, leaps = 0, times = 0, types = 0, letters = 0;

  size_t bodySize(size_t timeBytes) const {
    return times * (timeBytes + 1) + types * 6 + letters + leaps * (timeBytes + 4) + standardMarks + utcMarks;
  }
};

std::optional<Header> readHeader(std::string_view file, size_t at) {
  if (file.size() < at + HEADER || file.substr(at, 4) != "TZif") return std::nullopt;
  Header header;
  header.version = file[at + 4];
  size_t* const counts[] = {&header.utcMarks, &header.standardMarks, &header.leaps,
                            &header.times,    &header.types,         &header.letters};
  for (size_t i = 0; i < 6; ++i) {
    const int64_t count = bigEndian(file, at + 20 + i * 4, 4);
    if (count < 0 || count > static_cast<int64_t>(MAX_FILE)) return std::nullopt;
    *counts[i] = static_cast<size_t>(count);
  }
  return header;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// "+09:00", "-0330", "+8".
std::optional<int> offsetOf(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  std::string digits;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ':' && i + 3 == text.size()) continue;
    if (!isDigit(text[i])) return std::nullopt;
    digits += text[i];
  }
  if (digits.size() > 4) return std::nullopt;
  if (digits.size() <= 2) digits += "00";
  const int hours = std::stoi(digits.substr(0, digits.size() - 2));
  const int minutes = std::stoi(digits.substr(digits.size() - 2));
  if (hours > 18 || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes);
}

bool isZoneName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name.find("..") != std::string_view::npos)
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || isDigit(c) || c == '/' || c == '_' || c == '-' ||
           c == '+';
  });
}

}  // namespace

Result<TimeZone> TimeZone::named(std::string_view name,
                                 const std::function<std::optional<std::string>(const std::string&)>& readZoneFile) {
  if (name == "UTC" || name == "Z") return TimeZone();
  if (const auto offset = offsetOf(name)) {
    TimeZone zone;
    zone._first = *offset;
    return zone;
  }
  if (!isZoneName(name)) return Error{"not a time zone: write a name such as Asia/Tokyo, or an offset such as +09:00"};
  const auto file = readZoneFile(std::string(name));
  if (!file)
    return Error{"the system does not know the time zone " + std::string(name) +
                 ": install tzdata, or write an offset such as +09:00"};
  auto zone = parse(*file);
  if (!zone) return Error{"the system's file of the time zone " + std::string(name) + " " + zone.error()};
  return zone;
}

Result<TimeZone> TimeZone::parse(std::string_view tzif) {
  const Error broken{"is no tzdata file (RFC 8536)"};
  if (tzif.size() > MAX_FILE) return broken;
  auto header = readHeader(tzif, 0);
  if (!header) return broken;
  size_t at = HEADER;
  size_t timeBytes = 4;
  if (header->version >= '2') {
    at += header->bodySize(timeBytes);
    header = readHeader(tzif, at);
    if (!header) return broken;
    at += HEADER;
    timeBytes = 8;
  }
  if (header->types == 0 || tzif.size() - at < header->bodySize(timeBytes)) return broken;

  const size_t kinds = at + header->times * timeBytes;
  const size_t types = kinds + header->times;
  const auto offsetOfType = [&](size_t type) -> std::optional<int> {
    if (type >= header->types) return std::nullopt;
    const int64_t minutes = bigEndian(tzif, types + type * 6, 4) / 60;
    if (minutes > MAX_OFFSET_MINUTES || minutes < -MAX_OFFSET_MINUTES) return std::nullopt;
    return static_cast<int>(minutes);
  };
  TimeZone zone;
  const auto first = offsetOfType(0);
  if (!first) return broken;
  zone._first = *first;
  for (size_t i = 0; i < header->times; ++i) {
    const auto offset = offsetOfType(static_cast<unsigned char>(tzif[kinds + i]));
    const int64_t seconds = bigEndian(tzif, at + i * timeBytes, timeBytes);
    if (!offset || (i > 0 && seconds <= zone._transitions.back().atSeconds)) return broken;
    zone._transitions.push_back({seconds, *offset});
  }
  const size_t footer = at + header->bodySize(timeBytes);
  if (timeBytes == 8 && footer < tzif.size() && tzif[footer] == '\n') {
    const auto rule = tzif.substr(footer + 1, tzif.find('\n', footer + 1) - footer - 1);
    zone._after = PosixZone::parse(rule);
    if (!rule.empty() && !zone._after) return broken;
  }
  return zone;
}

int TimeZone::offsetMinutes(int64_t wallMs) const {
  const int64_t seconds = wallMs >= 0 ? wallMs / 1000 : -((-wallMs + 999) / 1000);
  const auto after = std::upper_bound(_transitions.begin(), _transitions.end(), seconds,
                                      [](int64_t at, const Transition& t) { return at < t.atSeconds; });
  if (after == _transitions.end() && _after) return _after->offsetSeconds(seconds) / 60;
  return after == _transitions.begin() ? _first : std::prev(after)->offsetMinutes;
}

}  // namespace tsunagi::chat
