#include "service/Settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/support/TempFolder.h"

namespace tsunagi::service {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ConfigSchema sample() {
  ConfigSchema schema;
  schema.add({.name = "relay",
              .keys = {{.name = "url", .type = ConfigType::url, .choices = {"wss"}, .wanted = true},
                       {.name = "token", .type = ConfigType::secret, .doc = "the unit's token", .wanted = true},
                       {.name = "window", .type = ConfigType::bytes, .fallback = "1MiB"},
                       {.name = "wait", .type = ConfigType::duration, .fallback = "90s"},
                       {.name = "tries", .type = ConfigType::integer, .fallback = "3", .maximum = 9},
                       {.name = "legacy", .type = ConfigType::boolean},
                       {.name = "names", .type = ConfigType::list},
                       {.name = "folder", .type = ConfigType::path}}});
  schema.add({.name = "line",
              .form = SectionForm::plainOrFamily,
              .keys = {{.name = "channel_secret", .type = ConfigType::secret, .environment = "LINE_CHANNEL_SECRET"},
                       {.name = "api_base"}}});
  schema.add({.name = "responder", .form = SectionForm::family, .open = true, .keys = {{.name = "plugin"}}});
  return schema;
}

class SettingsTest : public testing::Test {
 protected:
  SettingsLoad load(const std::string& text, const Settings* previous = nullptr, unsigned mode = 0600) {
    return Settings::load(folder.write("bridge.ini", text, mode), sample(), environment, previous);
  }
  std::shared_ptr<const Settings> good(const std::string& text) {
    SettingsLoad result = load(text);
    EXPECT_THAT(result.errors, IsEmpty());
    return result.settings;
  }
  test::TempFolder folder;
  Environment environment;
};

TEST_F(SettingsTest, typedValuesAndDefaults) {
  const auto settings =
      good("[relay]\nurl = wss://a.example\nwindow = 64KiB\nlegacy = yes\nnames = a, b\nfolder = data\nwait =\n");
  EXPECT_EQ(settings->text("relay", "url"), "wss://a.example");
  EXPECT_EQ(settings->bytes("relay", "window"), 65536);
  EXPECT_EQ(settings->duration("relay", "wait"), std::chrono::seconds(90));
  EXPECT_EQ(settings->integer("relay", "tries"), 3);
  EXPECT_TRUE(settings->boolean("relay", "legacy"));
  EXPECT_THAT(settings->list("relay", "names"), ElementsAre("a", "b"));
  EXPECT_EQ(settings->path("relay", "folder"), folder.file("data"));
  EXPECT_TRUE(settings->isSet("relay", "window"));
  EXPECT_FALSE(settings->isSet("relay", "wait"));
  EXPECT_FALSE(settings->isSet("relay", "tries"));
  EXPECT_EQ(settings->where("relay", "legacy"), folder.file("bridge.ini") + ":4");
  EXPECT_FALSE(settings->secret("relay", "token"));
}

TEST_F(SettingsTest, askingForWhatIsNotDeclaredThrows) {
  const auto settings = good("");
  EXPECT_THROW(settings->text("relay", "nothing"), std::logic_error);
  EXPECT_THROW(settings->integer("relay", "url"), std::logic_error);
  EXPECT_THROW(settings->text("relay", "token"), std::logic_error);
  EXPECT_THROW(settings->secret("relay", "url"), std::logic_error);
}

TEST_F(SettingsTest, everyErrorIsToldWithFileLineAndKey) {
  const SettingsLoad result =
      load("[relay]\nulr = x\nwindow = big\ntries = 10\ntries = 2\n[realy]\nx = 1\n[line.shop]\nfoo = 1\n");
  EXPECT_EQ(result.settings, nullptr);
  const std::string file = folder.file("bridge.ini");
  EXPECT_THAT(result.errors,
              testing::UnorderedElementsAre(HasSubstr(file + ":2: unknown key [relay] ulr; did you mean url?"),
                                            HasSubstr(file + ":3: [relay] window must be a size"),
                                            HasSubstr(file + ":4: [relay] tries must be a number from 0 to 9"),
                                            HasSubstr(file + ":5: [relay] tries is already set in line 4"),
                                            HasSubstr(file + ":6: unknown section [realy]; did you mean [relay]?"),
                                            HasSubstr(file + ":9: unknown key [line.shop] foo")));
}

TEST_F(SettingsTest, aMissingFileSaysSo) {
  const SettingsLoad result = Settings::load(folder.file("none.ini"), sample(), environment);
  EXPECT_THAT(result.errors, ElementsAre("cannot read " + folder.file("none.ini") + ": No such file or directory"));
  EXPECT_THAT(Settings::load(folder.path(), sample(), environment).errors, ElementsAre(HasSubstr("is not a file")));
}

TEST_F(SettingsTest, secretsComeFromTheirFile) {
  folder.write("keys/token", "tsgu_abc\r\n\n");
  const auto settings = good("[relay]\ntoken_file = keys/token\n");
  EXPECT_EQ(settings->secret("relay", "token")->reveal(), "tsgu_abc");
  EXPECT_TRUE(settings->isSet("relay", "token"));
  EXPECT_THAT(settings->where("relay", "token"), testing::EndsWith("bridge.ini:2"));
}

TEST_F(SettingsTest, aSecretFileOthersCanReadIsRefusedWithTheCommandToRun) {
  for (const unsigned mode : {0640u, 0604u, 0660u, 0620u}) {
    const std::string path = folder.write("token", "abc", mode);
    const SettingsLoad result = load("[relay]\ntoken_file = token\n");
    EXPECT_EQ(result.settings, nullptr);
    EXPECT_THAT(result.errors, ElementsAre(HasSubstr("bridge.ini:2: [relay] token_file")));
    EXPECT_THAT(result.errors, ElementsAre(HasSubstr("chmod 600 " + path)));
    EXPECT_THAT(result.errors, ElementsAre(Not(HasSubstr("abc"))));
  }
}

TEST_F(SettingsTest, badSecretFilesAreErrorsWithoutTheirContent) {
  for (const std::string& content : {std::string(), std::string("\n"), std::string("canary\x01"),
                                     std::string("canary\ncanary"), std::string(70'000, 'c')}) {
    folder.write("token", content);
    const SettingsLoad result = load("[relay]\ntoken_file = token\n");
    EXPECT_THAT(result.errors, ElementsAre(HasSubstr("[relay] token_file")));
    EXPECT_THAT(result.errors, ElementsAre(Not(HasSubstr("canary"))));
  }
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_THAT(load("[relay]\ntoken_file = pipe\n").errors, ElementsAre(HasSubstr("is not a file")));
}

TEST_F(SettingsTest, aSecretFileThatIsNotThereYetIsAState) {
  const SettingsLoad result = load("[relay]\ntoken_file = later\n");
  ASSERT_NE(result.settings, nullptr);
  EXPECT_FALSE(result.settings->secret("relay", "token"));
  EXPECT_FALSE(result.settings->isSet("relay", "token"));
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("later does not exist")));
  EXPECT_THAT(result.settings->report(), Contains(HasSubstr("unset [relay] token: " + folder.file("later"))));
}

TEST_F(SettingsTest, aSecretFileThatWentAwayIsAnError) {
  folder.write("token", "abc");
  const auto before = good("[relay]\ntoken_file = token\n");
  const SettingsLoad result = load("[relay]\ntoken_file = gone\n", before.get());
  EXPECT_EQ(result.settings, nullptr);
  EXPECT_THAT(result.errors, ElementsAre(HasSubstr("names a file that is gone")));
}

TEST_F(SettingsTest, inlineSecretsWarnWhenOthersCanReadTheFile) {
  const std::string text = "[relay]\ntoken = canary\n";
  EXPECT_THAT(load(text).warnings, IsEmpty());
  const SettingsLoad open = load(text, nullptr, 0644);
  EXPECT_EQ(open.settings->secret("relay", "token")->reveal(), "canary");
  EXPECT_THAT(open.warnings, ElementsAre(HasSubstr("chmod 600")));
  for (const std::string& line : open.settings->report()) EXPECT_THAT(line, Not(HasSubstr("canary")));
}

TEST_F(SettingsTest, inlineAndFileTogetherAreAnError) {
  folder.write("t", "abc");
  EXPECT_THAT(load("[relay]\ntoken = x\ntoken_file = t\n").errors, ElementsAre(HasSubstr("are both set")));
}

TEST_F(SettingsTest, theEnvironmentServesWhereTheFileHasNone) {
  environment["LINE_CHANNEL_SECRET"] = SecretString("from-env");
  const auto empty = good("");
  EXPECT_EQ(empty->secret("line", "channel_secret")->reveal(), "from-env");
  EXPECT_THAT(empty->sections("line"), ElementsAre("line"));
  const auto named = good("[line.shop]\napi_base = x\n");
  EXPECT_FALSE(named->secret("line.shop", "channel_secret"));
  const auto inFile = good("[line]\nchannel_secret = from-file\n");
  EXPECT_EQ(inFile->secret("line", "channel_secret")->reveal(), "from-file");
}

TEST_F(SettingsTest, sectionsOfAFamily) {
  const auto settings = good("[line]\napi_base=a\n[line.shop]\napi_base=b\n[responder.home]\nplugin=echo\n");
  EXPECT_THAT(settings->sections("line"), ElementsAre("line", "line.shop"));
  EXPECT_THAT(settings->sections("responder"), ElementsAre("responder.home"));
  EXPECT_EQ(settings->text("line.shop", "api_base"), "b");
  EXPECT_TRUE(settings->hasSection("responder.home"));
  EXPECT_FALSE(settings->hasSection("relay"));
}

TEST_F(SettingsTest, openSectionsPassTheirKeysOn) {
  folder.write("key", "sk-1");
  const auto settings =
      good("[responder.home]\nplugin=openai\nmodel = m\napi_key_file = key\nbase_url = ${x}\nempty =\n");
  EXPECT_THAT(settings->freeKeys("responder.home"),
              ElementsAre(testing::Pair("model", "m"), testing::Pair("base_url", "${x}")));
  EXPECT_THAT(settings->freeSecrets("responder.home"), ElementsAre("api_key"));
  EXPECT_EQ(settings->secret("responder.home", "api_key")->reveal(), "sk-1");
  EXPECT_FALSE(settings->secret("responder.home", "other"));
}

TEST_F(SettingsTest, credentialsOfTheServiceManager) {
  folder.write("credentials/token", "abc", 0440);
  ::setenv("CREDENTIALS_DIRECTORY", folder.file("credentials").c_str(), 1);
  const auto settings = good("[relay]\ntoken_file = $CREDENTIALS_DIRECTORY/token\n");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(settings->secret("relay", "token")->reveal(), "abc");
  EXPECT_THAT(load("[relay]\ntoken_file = $CREDENTIALS_DIRECTORY/token\n").warnings,
              ElementsAre(HasSubstr("$CREDENTIALS_DIRECTORY/token does not exist")));
}

TEST_F(SettingsTest, theReportNamesWhatIsWanted) {
  const auto settings = good("[relay]\nurl = wss://a\n");
  EXPECT_THAT(settings->report(), ElementsAre(HasSubstr("ok    [relay] url"), "unset [relay] token: the unit's token"));
}

TEST_F(SettingsTest, sameAsLooksAtValuesOnly) {
  folder.write("token", "one");
  const auto first = good("[relay]\nwait = 1s\ntoken_file = token\n");
  EXPECT_TRUE(first->sameAs(*good("# note\n[relay]\ntoken_file = token\nwait  =  1s\n")));
  EXPECT_FALSE(first->sameAs(*good("[relay]\nwait = 2s\ntoken_file = token\n")));
  folder.write("token", "two");
  EXPECT_FALSE(first->sameAs(*good("[relay]\nwait = 1s\ntoken_file = token\n")));
}

}  // namespace
}  // namespace tsunagi::service
