#include "chat/TimeZone.h"

#include <gtest/gtest.h>

#include "chat/PromptText.h"

namespace tsunagi::chat {
namespace {

constexpr int64_t HOUR = 3'600'000;

std::optional<std::string> noFiles(const std::string&) { return std::nullopt; }

int64_t utc(int64_t year, int month, int day, int hour = 0, int minute = 0) {
  return (daysTo(year, month, day) * 1440 + hour * 60 + minute) * 60'000;
}

void put(std::string& bytes, uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

// A file of version 2 as zic writes it: an empty first block, then 64-bit times.
std::string zoneFile(const std::vector<std::pair<int64_t, int>>& transitions, const std::vector<int64_t>& offsets,
                     const std::string& footer, char version = '2') {
  const auto header = [version](size_t times, size_t types) {
    std::string bytes = std::string("TZif") + version + std::string(15, '\0');
    for (const size_t count : {size_t{0}, size_t{0}, size_t{0}, times, types, size_t{4}}) put(bytes, count, 4);
    return bytes;
  };
  std::string file = header(0, 1) + std::string(6, '\0') + std::string("UTC\0", 4);
  file += header(transitions.size(), offsets.size());
  for (const auto& [at, type] : transitions) put(file, static_cast<uint64_t>(at), 8);
  for (const auto& [at, type] : transitions) file += static_cast<char>(type);
  for (const int64_t offset : offsets) {
    put(file, static_cast<uint64_t>(offset) & 0xFFFFFFFF, 4);
    put(file, 0, 2);
  }
  return file + std::string("UTC\0", 4) + "\n" + footer + "\n";
}

TEST(TimeZone, DaysAndDatesAreInverse) {
  for (int64_t day = -800'000; day < 800'000; day += 37) {
    const CivilTime date = civilTime(day * 24 * HOUR, 0);
    EXPECT_EQ(daysTo(date.year, date.month, date.day), day);
  }
  EXPECT_EQ(daysTo(1970, 1, 1), 0);
  EXPECT_EQ(daysTo(2026, 1, 1), 20'454);
}

TEST(TimeZone, Offsets) {
  const std::pair<const char*, int> good[] = {{"UTC", 0},  {"Z", 0},        {"+09:00", 540}, {"-0330", -210},
                                              {"+8", 480}, {"+05:45", 345}, {"-11", -660},   {"+00:00", 0}};
  for (const auto& [text, minutes] : good) {
    const auto zone = TimeZone::named(text, noFiles);
    ASSERT_TRUE(zone) << text;
    EXPECT_EQ(zone->offsetMinutes(0), minutes) << text;
  }
  for (const auto* text : {"", "+", "+19", "+9:0", "+09:60", "+0900a", "+12345", "Asia/Nowhere", "/etc/passwd",
                           "../../etc/passwd", "Asia/../x", "Asia Tokyo"})
    EXPECT_FALSE(TimeZone::named(text, noFiles)) << text;
}

TEST(TimeZone, UnsafeNamesAreNeverRead) {
  for (const auto* text : {"/etc/passwd", "../x", "a/../../b", "", "a\nb", "x\xFF"}) {
    bool asked = false;
    const auto zone = TimeZone::named(text, [&](const std::string&) {
      asked = true;
      return std::optional<std::string>("TZif");
    });
    EXPECT_FALSE(zone) << text;
    EXPECT_FALSE(asked) << text;
  }
}

TEST(TimeZone, TransitionsThenTheRule) {
  // An hour east until 2000, two hours until 2010, then the rule.
  const int64_t first = utc(2000, 1, 1) / 1000;
  const int64_t second = utc(2010, 1, 1) / 1000;
  const auto zone = TimeZone::parse(zoneFile({{first, 1}, {second, 2}}, {3600, 7200, 0}, "EST5EDT,M3.2.0,M11.1.0"));
  ASSERT_TRUE(zone) << zone.error();
  EXPECT_EQ(zone->offsetMinutes(first * 1000 - 1), 60);
  EXPECT_EQ(zone->offsetMinutes(first * 1000), 120);
  EXPECT_EQ(zone->offsetMinutes(second * 1000 - 1), 120);
  EXPECT_EQ(zone->offsetMinutes(utc(2030, 1, 1)), -300);
  EXPECT_EQ(zone->offsetMinutes(utc(2030, 7, 1)), -240);
  EXPECT_EQ(zone->offsetMinutes(-utc(2030, 1, 1)), 60) << "before 1970";

  const auto plain = TimeZone::parse(zoneFile({{first, 1}}, {0, 7200}, ""));
  ASSERT_TRUE(plain) << plain.error();
  EXPECT_EQ(plain->offsetMinutes(utc(2100, 1, 1)), 120) << "no rule: the last offset stays";
}

TEST(TimeZone, TheSystemsFilesAreRead) {
  std::string asked;
  const auto file = zoneFile({}, {32'400}, "JST-9");
  const auto zone = TimeZone::named("Asia/Tokyo", [&](const std::string& name) {
    asked = name;
    return std::optional<std::string>(file);
  });
  ASSERT_TRUE(zone) << zone.error();
  EXPECT_EQ(asked, "Asia/Tokyo");
  EXPECT_EQ(zone->offsetMinutes(utc(2026, 8, 1)), 540);
}

TEST(TimeZone, BrokenFiles) {
  const auto file = zoneFile({{0, 0}, {1000, 1}}, {0, 3600}, "JST-9");
  ASSERT_TRUE(TimeZone::parse(file));
  const size_t footer = file.rfind("\nJST-9\n");
  for (size_t length = 0; length < footer; ++length) EXPECT_FALSE(TimeZone::parse(file.substr(0, length))) << length;
  EXPECT_FALSE(TimeZone::parse(zoneFile({{0, 2}}, {0, 3600}, ""))) << "a type that is not there";
  EXPECT_FALSE(TimeZone::parse(zoneFile({{5, 0}, {5, 1}}, {0, 3600}, ""))) << "times out of order";
  EXPECT_FALSE(TimeZone::parse(zoneFile({}, {}, ""))) << "no type";
  EXPECT_FALSE(TimeZone::parse(zoneFile({}, {200'000}, ""))) << "an offset of days";
  EXPECT_FALSE(TimeZone::parse(zoneFile({}, {0}, "nonsense")));
  EXPECT_FALSE(TimeZone::parse("TZif2" + std::string(15, '\0') + std::string(24, '\xFF'))) << "huge counts";
  EXPECT_FALSE(TimeZone::parse(std::string(1'000'000, 'T')));
  std::string noise = file;
  for (size_t i = 5; i < footer; ++i) {
    noise[i] = static_cast<char>(noise[i] ^ 0x80);
    if (const auto zone = TimeZone::parse(noise)) zone->offsetMinutes(0);
    noise[i] = file[i];
  }
}

TEST(PosixZone, Rules) {
  struct Case {
    const char* rule;
    int64_t atMs;
    int minutes;
  };
  const Case cases[] = {
      {"JST-9", 0, 540},
      {"<+0330>-3:30", 0, 210},
      {"<-03>3", 0, -180},
      // New York: 2 h on the second Sunday of March, 2 h on the first Sunday of November.
      {"EST5EDT,M3.2.0,M11.1.0", utc(2026, 3, 8, 6, 59), -300},
      {"EST5EDT,M3.2.0,M11.1.0", utc(2026, 3, 8, 7), -240},
      {"EST5EDT,M3.2.0,M11.1.0", utc(2026, 11, 1, 5, 59), -240},
      {"EST5EDT,M3.2.0,M11.1.0", utc(2026, 11, 1, 6), -300},
      // Berlin: last Sundays.
      {"CET-1CEST,M3.5.0,M10.5.0/3", utc(2026, 3, 29, 0, 59), 60},
      {"CET-1CEST,M3.5.0,M10.5.0/3", utc(2026, 3, 29, 1), 120},
      {"CET-1CEST,M3.5.0,M10.5.0/3", utc(2026, 10, 25, 0, 59), 120},
      {"CET-1CEST,M3.5.0,M10.5.0/3", utc(2026, 10, 25, 1), 60},
      // Sydney: summer spans the year's end.
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", utc(2026, 1, 1), 660},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", utc(2026, 7, 1), 600},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", utc(2026, 12, 31, 23), 660},
      // A half hour of summer time; days of the year, with and without 29 February.
      {"LHST-10:30LHDT-11,M10.1.0,M4.1.0", utc(2026, 1, 1), 660},
      {"AAA0BBB,J60/0,J300/0", utc(2024, 2, 29, 12), 0},
      {"AAA0BBB,J60/0,J300/0", utc(2024, 3, 1, 0), 60},
      {"AAA0BBB,59/0,300/0", utc(2024, 2, 29, 0), 60},
      {"AAA0BBB,59/0,300/0", utc(2025, 3, 1, 0), 60},
      {"AAA0BBB,59/0,300/0", utc(2025, 2, 28, 23), 0},
      // Hours beyond the day.
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", utc(2026, 3, 29, 0, 59), -120},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", utc(2026, 3, 29, 1), -60},
  };
  for (const auto& c : cases) {
    const auto zone = PosixZone::parse(c.rule);
    ASSERT_TRUE(zone) << c.rule;
    EXPECT_EQ(zone->offsetSeconds(c.atMs / 1000), c.minutes * 60) << c.rule << " at " << c.atMs;
  }
  for (const auto* bad :
       {"", "J", "JST", "9", "JST-", "JST-25", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2.0,M11.1.0x", "<+03-3", "EST5EDT,J366,J1/168"})
    EXPECT_FALSE(PosixZone::parse(bad)) << bad;
}

}  // namespace
}  // namespace tsunagi::chat
