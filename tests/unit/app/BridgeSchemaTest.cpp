#include "app/BridgeSchema.h"
#include "app/UnitJson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/Url.h"
#include "service/JsonConfig.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string backend(const char* url) { return backendOf(*net::Url::parse(url)); }

TEST(BackendOf, TellsByPortAndPath) {
  EXPECT_EQ(backend("http://127.0.0.1:18789/v1/chat/completions"), "openclaw");
  EXPECT_EQ(backend("http://nas.local:8080/v1/chat/completions"), "openclaw");
  EXPECT_EQ(backend("http://127.0.0.1:11434"), "ollama");
  EXPECT_EQ(backend("http://127.0.0.1:11434/v1/chat/completions"), "ollama");
  EXPECT_EQ(backend("http://nas.local:8080/api/chat"), "ollama");
  EXPECT_EQ(backend("http://127.0.0.1:1234/v1"), "lmstudio");
  EXPECT_EQ(backend("http://nas.local:8080/api/v0/chat/completions"), "lmstudio");
  EXPECT_EQ(backend("https://api.openai.com/v1"), "openai");
}

TEST(SplitRelayAddress, TakesTheUnitOutOfAWholeAddress) {
  const auto whole = splitRelayAddress("wss://relay.example.com/gmk/a1b2/ws", "");
  EXPECT_EQ(whole.url, "wss://relay.example.com/gmk");
  EXPECT_EQ(whole.unit, "a1b2");
  EXPECT_EQ(splitRelayAddress("wss://relay.example.com/gmk", "a1b2").unit, "a1b2");
  EXPECT_EQ(splitRelayAddress("wss://relay.example.com/ws", "").url, "wss://relay.example.com/ws");
}

class BridgeSchemaTest : public testing::Test {
 protected:
  BridgeSchemaTest() { defineBridgeSchema(schema); }
  std::vector<std::string> ini(const std::string& text) {
    const auto load = service::Settings::load(folder.write("bridge.ini", text), schema, {});
    EXPECT_THAT(load.errors, IsEmpty());
    return load.settings ? checkBridgeSettings(*load.settings) : load.errors;
  }
  service::SettingsLoad json(const std::string& text) {
    return service::loadJsonSettings(folder.write("unit.json", text, 0600), unitJsonMapping(), schema, {}, nullptr,
                                     completeUnitJson);
  }
  test::TempFolder folder;
  service::ConfigSchema schema;
};

TEST_F(BridgeSchemaTest, ADirectListenerOnAPublicAddressIsClosedByDefault) {
  EXPECT_THAT(ini("[direct]\nlisten = 127.0.0.1:8080\n"), IsEmpty());
  EXPECT_THAT(ini("[direct]\nlisten = unix:/run/x\n"), IsEmpty());
  EXPECT_THAT(ini("[direct]\nlisten = 0.0.0.0:8080\nallowed_hosts = bot.example.com\n"),
              ElementsAre(HasSubstr("bridge.ini:2: [direct] listen: a plain listener on a public address")));
  EXPECT_THAT(ini("[direct]\nlisten = 0.0.0.0:8080\nbehind_proxy = yes\n"),
              ElementsAre(HasSubstr("[direct] allowed_hosts: name the host")));
  EXPECT_THAT(ini("[direct]\nlisten = 0.0.0.0:8080\nbehind_proxy = yes\nallowed_hosts = bot.example.com\n"), IsEmpty());
}

TEST_F(BridgeSchemaTest, ABudgetThatIsAllReserveIsTold) {
  EXPECT_THAT(ini("[reply]\nslow = push\npush_budget_month = 10\n"),
              ElementsAre(HasSubstr("bridge.ini:3: [reply] push_budget_month: must be more than push_reserve")));
  EXPECT_THAT(ini("[reply]\nslow = push\npush_budget_month = 0\n"), IsEmpty()) << "no limit";
  EXPECT_THAT(ini("[reply]\npush_budget_month = 10\n"), IsEmpty()) << "nothing is pushed anyway";
}

TEST_F(BridgeSchemaTest, AChannelSecretBelongsToOneChannel) {
  EXPECT_THAT(ini("[line.a]\nchannel_secret = one\nchannel_secret_previous = one\n[line.b]\nchannel_secret = two\n"),
              IsEmpty());
  EXPECT_THAT(ini("[line.a]\nchannel_secret = one\n[line.b]\nchannel_secret = one\n"),
              ElementsAre(HasSubstr("bridge.ini:4: [line.b] channel_secret: is the same as one of [line.a]")));
  EXPECT_THAT(ini("[line.a]\nchannel_secret = one\n[line.b]\nchannel_secret = two\nchannel_secret_previous = one\n"),
              ElementsAre(HasSubstr("bridge.ini:5: [line.b] channel_secret_previous: is the same as one of [line.a]")));
}

std::map<std::string, std::string> responderKeys(const service::Settings& settings) {
  const auto keys = settings.freeKeys("responder.main");
  return {keys.begin(), keys.end()};
}

TEST_F(BridgeSchemaTest, TheOriginalsTokenGoesIntoItsAddress) {
  const auto load = json(R"({"relay_url":"wss://relay.example.com/gmk/{token}/ws","relay_token":"abc123",
                             "gateway_token":"secret","openclaw_url":"http://127.0.0.1:11434/api/chat"})");
  ASSERT_THAT(load.errors, IsEmpty());
  EXPECT_EQ(load.settings->text("relay", "url"), "wss://relay.example.com/gmk");
  EXPECT_EQ(load.settings->text("relay", "unit"), "abc123");
  EXPECT_EQ(load.settings->secret("relay", "token")->reveal(), "abc123");
  EXPECT_THAT(responderNames(*load.settings), ElementsAre("main"));
  EXPECT_EQ(load.settings->text("responder.main", "plugin"), "ollama");
  EXPECT_EQ(responderKeys(*load.settings).at("base_url"), "http://127.0.0.1:11434");
  EXPECT_EQ(load.settings->text("direct", "path"), "/api/linebot/webhook");
}

TEST_F(BridgeSchemaTest, TheOriginalsAddressBecomesWhatThePluginTakes) {
  const auto keys = [&](const std::string& members) {
    const auto load = json("{" + members + "}");
    EXPECT_THAT(load.errors, IsEmpty());
    return responderKeys(*load.settings);
  };
  auto claw = keys(R"("openclaw_url":"http://127.0.0.1:18789/v1/chat/completions","gateway_token":"t")");
  EXPECT_EQ(claw.at("base_url"), "http://127.0.0.1:18789");
  EXPECT_EQ(claw.at("allow_owner_agent"), "yes");
  EXPECT_EQ(claw.at("gateway_token"), "t");
  claw = keys(R"("openclaw_url":"http://127.0.0.1:18789","agent":"line")");
  EXPECT_EQ(claw.count("allow_owner_agent"), 0u);
  EXPECT_EQ(claw.at("agent"), "line");
  const auto cloud =
      keys(R"("openclaw_url":"https://api.example.com/v1/chat/completions","gateway_token":"t","model":"m")");
  EXPECT_EQ(cloud.at("base_url"), "https://api.example.com/v1");
  EXPECT_EQ(cloud.at("api_key"), "t");
  EXPECT_EQ(cloud.at("model"), "m");
}

TEST_F(BridgeSchemaTest, ABadMemberIsNamed) {
  EXPECT_THAT(json(R"({"relay_url":"wss://relay.example.com/gmk/{token}/ws"})").errors,
              ElementsAre(HasSubstr("unit.json: relay_url needs a relay_token")));
  EXPECT_THAT(json(R"({"openclaw_url":"what"})").errors, ElementsAre(HasSubstr("unit.json: openclaw_url: ")));
}

}  // namespace
}  // namespace tsunagi::app
