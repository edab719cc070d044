#include "service/JsonConfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/TempFolder.h"

namespace tsunagi::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::vector<JsonMapping> MAPPING = {{"relay_url", "relay", "url"},
                                          {"relay_token", "relay", "token"},
                                          {"tries", "relay", "tries"},
                                          {"legacy", "relay", "legacy"},
                                          {"comment", "", "", true}};

class JsonConfigTest : public testing::Test {
 protected:
  JsonConfigTest() {
    schema.add({.name = "relay",
                .keys = {{.name = "url", .type = ConfigType::url, .choices = {"wss"}},
                         {.name = "token", .type = ConfigType::secret},
                         {.name = "tries", .type = ConfigType::integer, .maximum = 9},
                         {.name = "legacy", .type = ConfigType::boolean}}});
  }
  SettingsLoad load(const std::string& text, unsigned mode = 0600) {
    return loadJsonSettings(folder.write("unit.json", text, mode), MAPPING, schema, {}, nullptr, complete);
  }
  test::TempFolder folder;
  ConfigSchema schema;
  std::function<void(IniDocument&, std::vector<std::string>&)> complete;
};

TEST_F(JsonConfigTest, givesTheSameSettings) {
  const SettingsLoad result = load(
      "\xEF\xBB\xBF {\"relay_url\": \"wss://a.example/gmk\", \"relay_token\": \"t\\u0041\\/\", \"tries\": 4, "
      "\"legacy\": true, "
      "\"comment\": \"x\"}");
  ASSERT_THAT(result.errors, IsEmpty());
  EXPECT_EQ(result.settings->text("relay", "url"), "wss://a.example/gmk");
  EXPECT_EQ(result.settings->secret("relay", "token")->reveal(), "tA/");
  EXPECT_EQ(result.settings->integer("relay", "tries"), 4);
  EXPECT_TRUE(result.settings->boolean("relay", "legacy"));
}

TEST_F(JsonConfigTest, saysWhereByTheMembersName) {
  const SettingsLoad result = load("{\"relay_url\": \"wss://a.example/gmk\", \"tries\": 4}");
  ASSERT_THAT(result.errors, IsEmpty());
  const std::string file = folder.file("unit.json");
  EXPECT_EQ(result.settings->where("relay", "url"), file + ": relay_url");
  EXPECT_EQ(result.settings->where("relay", "legacy"), file);
  EXPECT_THAT(result.settings->report(), testing::Contains("ok    [relay] tries (" + file + ": tries)"));
}

TEST_F(JsonConfigTest, nullAndMissingAreUnset) {
  const SettingsLoad result = load("{\"relay_url\": null}");
  ASSERT_THAT(result.errors, IsEmpty());
  EXPECT_FALSE(result.settings->isSet("relay", "url"));
}

TEST_F(JsonConfigTest, completesWhatFollowsFromSeveralMembers) {
  complete = [](IniDocument& document, std::vector<std::string>& errors) {
    if (!document.set("relay", "url", "wss://b/" + document.find("relay", "token")->value).ok()) errors.push_back("no");
  };
  EXPECT_EQ(load("{\"relay_token\": \"tok\"}").settings->text("relay", "url"), "wss://b/tok");
}

TEST_F(JsonConfigTest, errorsNameFileAndMember) {
  const std::string file = folder.file("unit.json");
  EXPECT_THAT(load("{\"relay_ulr\": \"x\"}").errors,
              ElementsAre(file + ": unknown member relay_ulr; did you mean relay_url?"));
  EXPECT_THAT(load("{\"tries\": 10}").errors, ElementsAre(file + ": tries must be a number from 0 to 9"));
  EXPECT_THAT(load("{\"relay_url\": \"http://x\"}").errors,
              ElementsAre(HasSubstr(file + ": relay_url must be an absolute URL")));
  EXPECT_THAT(load("{\"relay_url\": {}}").errors, ElementsAre(HasSubstr("relay_url must be a string")));
  EXPECT_THAT(load("{\"tries\": 1.5}").errors, ElementsAre(HasSubstr("tries must be")));
  EXPECT_THAT(load("{\"tries\": 1, \"tries\": 2}").errors, ElementsAre(file + ": tries is given twice"));
  EXPECT_THAT(load("{\"relay_token\": \"a\\nb\"}").errors, ElementsAre(HasSubstr("relay_token: the value")));
}

TEST_F(JsonConfigTest, refusesWhatIsNoObject) {
  for (const std::string& text :
       {std::string("{\"relay_token\": \"canary\""), std::string("[]"), std::string("1"), std::string(),
        std::string("{} x"), std::string("{\"a\\u0000b\": 1}"), std::string("{\"tries\": 18446744073709551616}"),
        std::string("{\"tries\": 1e400}"), std::string("{\"relay_token\": \"\\ud800\"}"),
        std::string("{\"relay_token\": \"\xff\"}"), std::string("{\0}", 3), std::string(100'000, '['),
        "{\"x\":" + std::string(1000, '[') + std::string(1000, ']') + "}"}) {
    const SettingsLoad result = load(text);
    EXPECT_EQ(result.settings, nullptr) << text.substr(0, 40);
    ASSERT_FALSE(result.errors.empty()) << text.substr(0, 40);
    EXPECT_THAT(result.errors.front(), HasSubstr("unit.json: "));
    EXPECT_THAT(result.errors.front(), Not(HasSubstr("canary")));
  }
}

TEST_F(JsonConfigTest, othersMustNotReadIt) {
  const SettingsLoad result = load("{}", 0644);
  EXPECT_THAT(result.errors, ElementsAre(HasSubstr("chmod 600 " + folder.file("unit.json"))));
}

TEST_F(JsonConfigTest, isToldByItsFirstByte) {
  EXPECT_TRUE(looksLikeJson(folder.write("a", " \r\n\t{")));
  EXPECT_TRUE(looksLikeJson(folder.write("a", "\xEF\xBB\xBF{")));
  EXPECT_FALSE(looksLikeJson(folder.write("a", "[relay]\n")));
  EXPECT_FALSE(looksLikeJson(folder.write("a", "")));
  EXPECT_FALSE(looksLikeJson(folder.file("none")));
}

}  // namespace
}  // namespace tsunagi::service
