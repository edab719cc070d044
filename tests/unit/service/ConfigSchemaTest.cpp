#include "service/ConfigSchema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tsunagi::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

bool good(const ConfigKey& key, std::string_view value) { return ConfigSchema::check(key, value).ok(); }

TEST(ConfigValues, durations) {
  EXPECT_EQ(parseDurationMs("250ms"), 250);
  EXPECT_EQ(parseDurationMs("90"), 90'000);
  EXPECT_EQ(parseDurationMs("90s"), 90'000);
  EXPECT_EQ(parseDurationMs("10 m"), 600'000);
  EXPECT_EQ(parseDurationMs("24h"), 86'400'000);
  EXPECT_EQ(parseDurationMs("3d"), 259'200'000);
  for (const char* bad :
       {"", "s", "-1s", "1.5h", "10 minutes", "99999999999999999999", "9223372036854775807d", "1s ", "+1"})
    EXPECT_FALSE(parseDurationMs(bad)) << bad;
}

TEST(ConfigValues, sizes) {
  EXPECT_EQ(parseBytes("4096"), 4096);
  EXPECT_EQ(parseBytes("64KiB"), 65'536);
  EXPECT_EQ(parseBytes("1 MiB"), 1'048'576);
  EXPECT_EQ(parseBytes("2GiB"), int64_t{2} << 30);
  for (const char* bad : {"", "KiB", "-1", "1kb", "1MB", "9223372036854775807KiB"})
    EXPECT_FALSE(parseBytes(bad)) << bad;
}

TEST(ConfigValues, booleansAndLists) {
  EXPECT_EQ(parseBoolean("yes"), true);
  EXPECT_EQ(parseBoolean("off"), false);
  EXPECT_FALSE(parseBoolean("1"));
  EXPECT_FALSE(parseBoolean("Yes please"));
  EXPECT_THAT(parseList(" a, b ,,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(parseList(" , "), ElementsAre());
}

TEST(ConfigValues, theNearestWord) {
  EXPECT_EQ(nearestWord("ulr", {"unit", "url"}), "url");
  EXPECT_EQ(nearestWord("channel_secert_file", {"channel_secret_file", "channel_access_token"}), "channel_secret_file");
  EXPECT_EQ(nearestWord("zebra", {"url", "unit"}), "");
  EXPECT_EQ(nearestWord(std::string(100'000, 'a'), {"a"}), "");
}

TEST(ConfigSchema, checksEachType) {
  const ConfigKey port{.name = "port", .type = ConfigType::integer, .minimum = 1, .maximum = 65535};
  EXPECT_TRUE(good(port, "1"));
  EXPECT_TRUE(good(port, "65535"));
  for (const char* bad : {"0", "65536", "x", "1x", "", " 1", "1.0", "0x10", "99999999999999999999"})
    EXPECT_FALSE(good(port, bad)) << bad;
  EXPECT_THAT(ConfigSchema::check(port, "0").error(), HasSubstr("from 1 to 65535"));

  const ConfigKey wait{.name = "w", .type = ConfigType::duration, .minimum = 1000, .maximum = 3'600'000};
  EXPECT_TRUE(good(wait, "1h"));
  EXPECT_FALSE(good(wait, "61m"));
  EXPECT_THAT(ConfigSchema::check(wait, "0").error(), HasSubstr("from 1s to 1h"));

  const ConfigKey word{.name = "w", .choices = {"hold", "push"}};
  EXPECT_TRUE(good(word, "hold"));
  EXPECT_THAT(ConfigSchema::check(word, "drop").error(), HasSubstr("one of hold, push"));
  EXPECT_THAT(ConfigSchema::check(word, "hold ; note").error(), HasSubstr("comments stand on lines of their own"));

  const ConfigKey items{.name = "l", .type = ConfigType::list, .choices = {"a", "b"}};
  EXPECT_TRUE(good(items, "a, b"));
  EXPECT_FALSE(good(items, "a, c"));
}

TEST(ConfigSchema, checksAddresses) {
  const ConfigKey url{.name = "u", .type = ConfigType::url, .choices = {"ws", "wss"}};
  EXPECT_TRUE(good(url, "wss://relay.example/gmk/u/ws"));
  EXPECT_TRUE(good(url, "ws://[::1]:80"));
  for (const char* bad :
       {"http://a", "wss://", "wss:///x", "relay.example", "wss://u:p@h/", "wss://:80/", "wss://h/a b"})
    EXPECT_FALSE(good(url, bad)) << bad;

  const ConfigKey listen{.name = "l", .type = ConfigType::listen};
  for (const char* ok : {"127.0.0.1:0", "[::1]:8080", "0.0.0.0:443", "unix:/run/x", "localhost:80"})
    EXPECT_TRUE(good(listen, ok)) << ok;
  for (const char* bad : {"8080", ":8080", "::1:80", "1.2.3.4:65536", "1.2.3.4:", "unix:x", "a b:80", "h:80x",
                          "example.com:80", "1.2.3:80", "[1.2.3.4]:80", "1.2.3.4:-1"})
    EXPECT_FALSE(good(listen, bad)) << bad;
}

ConfigSchema sample() {
  ConfigSchema schema;
  schema.add({.name = "relay", .keys = {{.name = "url"}, {.name = "token", .type = ConfigType::secret}}});
  schema.add({.name = "line", .form = SectionForm::plainOrFamily, .keys = {{.name = "api_base"}}});
  schema.add({.name = "responder", .form = SectionForm::family, .open = true, .keys = {{.name = "plugin"}}});
  return schema;
}

TEST(ConfigSchema, findsSectionsAndFamilies) {
  const ConfigSchema schema = sample();
  EXPECT_NE(schema.section("relay"), nullptr);
  EXPECT_EQ(schema.section("relay.x"), nullptr);
  EXPECT_NE(schema.section("line"), nullptr);
  EXPECT_NE(schema.section("line.shop"), nullptr);
  EXPECT_EQ(schema.section("responder"), nullptr);
  EXPECT_NE(schema.section("responder.home"), nullptr);
  EXPECT_EQ(schema.section("responder."), nullptr);
  EXPECT_EQ(schema.section("lineage"), nullptr);
  EXPECT_EQ(schema.key("relay", "token_file")->type, ConfigType::path);
  EXPECT_EQ(schema.key("relay", "url_file"), nullptr);
  EXPECT_NE(schema.key("line.shop", "api_base"), nullptr);
}

TEST(ConfigSchema, suggests) {
  const ConfigSchema schema = sample();
  EXPECT_EQ(schema.unknownKey("relay", "ulr"), "unknown key [relay] ulr; did you mean url?");
  EXPECT_EQ(schema.unknownKey("relay", "tokn_file"), "unknown key [relay] tokn_file; did you mean token_file?");
  EXPECT_EQ(schema.unknownSection("realy"), "unknown section [realy]; did you mean [relay]?");
  EXPECT_EQ(schema.unknownSection("responder"), "unknown section [responder]; it needs a name: [responder.<name>]");
  EXPECT_EQ(schema.unknownSection("relay.two"), "unknown section [relay.two]; there is only [relay]");
}

TEST(ConfigSchema, aBadDefaultIsAProgrammingError) {
  ConfigSchema schema;
  EXPECT_THROW(schema.add({.name = "a", .keys = {{.name = "n", .type = ConfigType::integer, .fallback = "x"}}}),
               std::logic_error);
}

}  // namespace
}  // namespace tsunagi::service
