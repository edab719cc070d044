#include <gmock/gmock.h>

#include "responder/ConfigSchema.h"

namespace tsunagi::responder {
namespace {

using testing::HasSubstr;

constexpr const char* kSchema = R"({"type":"object","properties":{
  "url": {"type":"string","minLength":3,"maxLength":5,"description":"where it is"},
  "mode": {"type":"string","enum":["a","b"],"default":"a"},
  "flag": {"type":"boolean","default":false},
  "count": {"type":"integer","minimum":1,"maximum":10},
  "heat": {"type":"number","minimum":0},
  "tags": {"type":"array","items":{"type":"string"},"default":["x","y"]},
  "key": {"type":"string","writeOnly":true,"description":"its key"}},
  "required":["url","key"]})";

ConfigSchema::Checked check(std::map<std::string, std::string> config, bool withKey = true) {
  const auto schema = ConfigSchema::parse(kSchema);
  EXPECT_TRUE(schema.ok()) << schema.error();
  ResponderSettings settings;
  settings.name = "home";
  settings.plugin = "p";
  settings.config = std::move(config);
  if (withKey) settings.secrets.emplace("key", SecretString("s3cret"));
  return schema->check(settings);
}

TEST(ConfigSchemaTest, ConvertsByTypeAndFillsDefaultsIn) {
  const auto checked = check(
      {{"url", "つなぎつな"}, {"flag", "Yes"}, {"count", "10"}, {"heat", "0.7"}, {"tags", " a , b"}, {"mode", "b"}});
  EXPECT_TRUE(checked.problems.empty()) << checked.problems[0].message;
  EXPECT_EQ(checked.values, (std::map<std::string, std::string, std::less<>>{{"url", "つなぎつな"},
                                                                             {"flag", "true"},
                                                                             {"count", "10"},
                                                                             {"heat", "0.7"},
                                                                             {"tags", "[\"a\",\"b\"]"},
                                                                             {"mode", "b"}}));
  EXPECT_EQ(check({{"url", "abc"}}).values.at("tags"), "[\"x\",\"y\"]");
  EXPECT_EQ(check({{"url", "abc"}}).values.at("flag"), "false");
  EXPECT_EQ(check({{"url", "abc"}}).values.count("count"), 0u);
}

TEST(ConfigSchemaTest, EachProblemNamesItsKeyAndWhatWouldBeRight) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"flag", "maybe", "\"flag\" must be yes or no"},
      {"count", "11", "\"count\" must be a whole number from 1 to 10"},
      {"count", "3.5", "\"count\" must be a whole number from 1 to 10"},
      {"count", "99999999999999999999", "\"count\" must be a whole number from 1 to 10"},
      {"count", "", "\"count\" must be a whole number from 1 to 10"},
      {"heat", "nan", "\"heat\" must be a number of at least 0"},
      {"heat", "warm", "\"heat\" must be a number of at least 0"},
      {"mode", "c", "\"mode\" must be one of: a, b"},
      {"tags", "a,,b", "\"tags\" must be a list separated by commas, without empty items"},
      {"url", "ab", "\"url\" must have at least 3 characters"},
      {"url", "abcdef", "\"url\" must have at most 5 characters"},
      {"url", "\xFF\xFF\xFF", "\"url\" must be UTF-8 text of at most 64 KiB"},
      {"urk", "abc", "unknown key \"urk\"; plugin p takes count, flag, heat, key_file, mode, tags, url"},
      {"key", "s3cret",
       "\"key\" is a secret and does not belong into the file: put it into a file of its own (mode "
       "0600) and set key_file to its path"}};
  for (const auto& [key, value, message] : cases) {
    std::map<std::string, std::string> config = {{"url", "abc"}};
    config[key] = value;
    const auto checked = check(config);
    ASSERT_EQ(checked.problems.size(), 1u) << key << " = " << value;
    EXPECT_EQ(checked.problems[0].key, key);
    EXPECT_EQ(checked.problems[0].responder, "home");
    EXPECT_EQ(checked.problems[0].kind, SetupProblem::Kind::Config);
    EXPECT_EQ(checked.problems[0].message, message);
  }
}

TEST(ConfigSchemaTest, AllProblemsAreToldAtOnce) {
  const auto checked = check({{"count", "0"}, {"what", "x"}}, false);
  std::string all;
  for (const auto& problem : checked.problems) all += problem.message + "\n";
  EXPECT_EQ(checked.problems.size(), 4u) << all;
  EXPECT_THAT(all, HasSubstr("\"url\" is missing: where it is\n"));
  EXPECT_THAT(all, HasSubstr("\"key_file\" is missing: its key\n"));
}

TEST(ConfigSchemaTest, ASecretThatThePluginDoesNotTakeIsAnError) {
  ResponderSettings settings;
  settings.plugin = "p";
  settings.secrets.emplace("password", SecretString("s3cret"));
  const auto checked = ConfigSchema().check(settings);
  ASSERT_EQ(checked.problems.size(), 1u);
  EXPECT_EQ(checked.problems[0].message, "unknown key \"password\"; plugin p takes none");
}

TEST(ConfigSchemaTest, SchemasThatCannotBeUsedAreRefused) {
  const auto errorOf = [](std::string_view json) {
    const auto schema = ConfigSchema::parse(json);
    return schema.ok() ? std::string("taken") : schema.error();
  };
  EXPECT_EQ(errorOf("{"), "is no JSON");
  EXPECT_EQ(errorOf("[]"), "does not describe an object");
  EXPECT_EQ(errorOf(R"({"type":"array"})"), "does not describe an object");
  EXPECT_EQ(errorOf(R"({"type":"object","properties":[]})"), "has properties that are no object");
  EXPECT_THAT(errorOf(R"({"type":"object","properties":{"a":{"type":"null"}}})"),
              HasSubstr("key \"a\" has a type other"));
  EXPECT_THAT(errorOf(R"({"type":"object","properties":{"a":{"type":"integer","default":"x"}}})"),
              HasSubstr("its default is of another type"));
  EXPECT_THAT(errorOf(R"({"type":"object","properties":{"a":{"type":"integer","default":5,"maximum":4}}})"),
              HasSubstr("its default must be a whole number of at most 4"));
  EXPECT_EQ(errorOf(R"({"type":"object","required":["b"]})"), "requires a key it does not describe");
  EXPECT_EQ(errorOf(R"({"type":"object","properties":{"a":7}})"), "key \"a\" is no object");
  EXPECT_EQ(errorOf(std::string(70000, ' ')), "is longer than 64 KiB");
  EXPECT_EQ(errorOf(R"({"type":"object"})"), "taken");
}

}  // namespace
}  // namespace tsunagi::responder
