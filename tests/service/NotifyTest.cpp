// The owner is told of what needs a hand: by a POST to [notify] url, once per cause and day, and by a line in the bot's
// next reply. The address is a secret, and an address that is down holds nothing up.
#include "tests/service/Talk.h"
#include "tests/support/PostCatcher.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class NotifyTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.folder.write("notify-url", catcher.url("/hooks/canary-77/here"), 0600);
    chain.ini["notify"]["url_file"] = chain.folder.file("notify-url");
  }
  void TearDown() override {
    if (log.empty()) log = chain.bridge().standardError();
    EXPECT_THAT(log, Not(HasSubstr("canary")));
  }
  // The access token that the bridge has is not LINE's any more, or is again.
  void tokens(bool good) { chain.control("POST", "/control/account", {{"acceptFixedToken", good}}); }
  json awaitNotice(size_t number) { return json::parse(catcher.awaitPost(number).body); }
  void restart() {
    log += chain.bridge().standardError();
    chain.stopBridge();
    chain.startBridge();
    chain.pointAtBridge();
  }
  PostCatcher catcher;
  Talk chain;
  std::string log;
};

TEST_F(NotifyTest, ARefusedAccessTokenIsToldOnceAndInTheOwnersNextReply) {
  chain.start();
  chain.know("owner", Talk::Role::owner);
  tokens(false);
  const std::string question = chain.send("ann", "hello");
  const json notice = awaitNotice(1);
  EXPECT_EQ(catcher.posts()[0].path, "/hooks/canary-77/here");
  EXPECT_EQ(catcher.posts()[0].contentType, "application/json");
  EXPECT_EQ(notice.at("program"), "tsunagi-bridge");
  EXPECT_EQ(notice.at("cause"), "access_token");
  EXPECT_THAT(notice.at("text").get<std::string>(), HasSubstr("[line]: LINE refuses the access token"));
  restart();
  chain.bridge().waitForLine("LINE refused the access token");
  tokens(true);
  chain.rewriteBridgeIni();
  chain.bridge().signal(SIGHUP);
  EXPECT_EQ(chain.awaitAnswer(question), "hello");
  EXPECT_THAT(chain.said(chain.send("owner", "are you well?")),
              ElementsAre("are you well?", StartsWith("[Notice] LINE refused the channel access token.")));
  EXPECT_THAT(chain.said(chain.send("owner", "thanks")), ElementsAre("thanks"));
  EXPECT_THAT(chain.said(chain.send("ann", "me too")), ElementsAre("me too")) << "others do not hear it";
  EXPECT_EQ(catcher.posts().size(), 1u) << "once a day, also after a restart";
}

TEST_F(NotifyTest, AWrongChannelSecretIsTold) {
  chain.startAll();
  chain.control("POST", "/control/account", {{"channelSecret", "a-new-secret-of-the-channel"}});
  chain.send("ann", "hello");
  EXPECT_EQ(awaitNotice(1).at("cause"), "channel_secret");
}

TEST_F(NotifyTest, ARevokedLinkIsTold) {
  chain.startAll();
  ASSERT_EQ(chain.relayCommand({"unit", "revoke", chain.unit()}).status.code, 0);
  EXPECT_EQ(awaitNotice(1).at("cause"), "link_refused");
}

TEST_F(NotifyTest, TwentyWrongCodesAreTold) {
  chain.start();
  for (int user = 0; user < 4; ++user)
    for (int i = 0; i < 5; ++i) chain.ask("user" + std::to_string(user), "/pair ABCD-2345");
  const json notice = awaitNotice(1);
  EXPECT_EQ(notice.at("cause"), "pairing_codes");
  EXPECT_EQ(catcher.posts().size(), 1u);
}

TEST_F(NotifyTest, ABudgetIsToldWithoutNames) {
  chain.ini["access"]["calls_user_day"] = "1";
  chain.start();
  chain.ask("ann", "one"), chain.ask("ann", "two"), chain.ask("ben", "one"), chain.ask("ben", "two");
  EXPECT_EQ(awaitNotice(1).at("cause"), "budget_person");
  EXPECT_THAT(catcher.posts()[0].body, AllOf(Not(HasSubstr("ann")), Not(HasSubstr(chain.lineId("ann")))));
  chain.stopBridge();
  EXPECT_EQ(catcher.posts().size(), 1u) << "one for all of today";
}

TEST_F(NotifyTest, AReceiverThatFailsIsAskedAgainAndHoldsNothingUp) {
  chain.ini["access"]["calls_user_day"] = "1";
  catcher.answer({500});
  chain.start();
  chain.ask("ann", "one"), chain.ask("ann", "two");
  awaitNotice(1);
  EXPECT_EQ(chain.ask("ben", "still answered"), "still answered");
  EXPECT_EQ(awaitNotice(2), awaitNotice(1));
  EXPECT_THAT(chain.bridge().standardError(), HasSubstr("[notify] url (127.0.0.1) answered 500"));
}

TEST_F(NotifyTest, WhatWasNotDeliveredBeforeTheEndIsDeliveredAfterTheStart) {
  chain.ini["access"]["calls_user_day"] = "1";
  catcher.answer({503});
  chain.start();
  chain.ask("ann", "one"), chain.ask("ann", "two");
  awaitNotice(1);
  chain.bridge().waitForLine("answered 503");
  log += chain.bridge().standardError();
  chain.killBridge();
  chain.startBridge();
  EXPECT_EQ(awaitNotice(2).at("cause"), "budget_person");
}

TEST_F(NotifyTest, TheAddressMayComeAndChangeWhileTheBridgeRuns) {
  chain.ini["notify"].erase("url_file");
  chain.ini["access"]["calls_user_day"] = "1";
  chain.start();
  chain.ask("ann", "one"), chain.ask("ann", "two");
  chain.ini["notify"]["url"] = "http://example.com/canary-88";
  chain.rewriteBridgeIni();
  chain.bridge().signal(SIGHUP);
  EXPECT_THAT(chain.bridge().waitForLine("[notify] url: "), HasSubstr("must be https://"));
  chain.ini["notify"]["url"] = catcher.url("/canary-99");
  chain.ini["notify"]["format"] = "ntfy";
  chain.ini["notify"]["token"] = "canary-token";
  chain.rewriteBridgeIni();
  chain.bridge().signal(SIGHUP);
  const json notice = awaitNotice(1);
  EXPECT_EQ(notice.at("topic"), "canary-99");
  EXPECT_EQ(catcher.posts()[0].path, "/");
  EXPECT_EQ(catcher.posts()[0].authorization, "Bearer canary-token");
}

TEST_F(NotifyTest, AnOwnersAlarmByPushUsesTheReserve) {
  chain.ini["notify"].erase("url_file");
  chain.ini["notify"]["push"] = "yes";
  chain.ini["access"]["calls_user_day"] = "1";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.control("POST", "/control/quota", {{"limit", 200}, {"used", 195}});
  chain.ask("ann", "one"), chain.ask("ann", "two");
  ASSERT_TRUE(eventually([&] { return chain.summary().at("pushes") == 1; }));
  std::string pushed;
  const json ledger = chain.control("GET", "/control/ledger?since=0&wait=0s");
  for (const json& entry : ledger.at("entries"))
    if (entry.value("via", "") == "push")
      pushed = entry.at("conversation").get<std::string>() + entry.at("texts").dump();
  EXPECT_EQ(pushed, chain.lineId("owner") + R"(["[Notice] Somebody has used up today's allowance."])");
}

}  // namespace
}  // namespace tsunagi::test
