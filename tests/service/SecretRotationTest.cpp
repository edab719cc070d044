// A channel secret reissued in LINE's console (J13): what LINE signed with the old one still waits at the relay, what
// it signs from now on carries the new one. With both in bridge.ini all of it is answered; nothing by the old one alone
// once that is removed.
#include <gtest/gtest.h>

#include "line/Signature.h"
#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;

class SecretRotationTest : public testing::Test {
 protected:
  // The bridge has answered by the old secret and is off, three messages wait at the relay: one signed with the old
  // secret, then two with the new one.
  void SetUp() override {
    chain.startAll();
    EXPECT_EQ(chain.ask("alice", "before"), "before");
    chain.stopBridge();
    waiting.push_back(accepted("signed with the old"));
    chain.control("POST", "/control/account", {{"channelSecret", NEW}});
    waiting.push_back(accepted("signed with the new"));
    waiting.push_back(accepted("and again"));
  }
  std::string accepted(const std::string& text) {
    const std::string event = chain.send("alice", text);
    chain.awaitAccepted(event);
    return event;
  }
  void setBoth() {
    chain.ini["line"]["channel_secret_file"] = chain.folder.write("new-secret", NEW);
    chain.ini["line"]["channel_secret_previous_file"] = chain.folder.file("linesim/channel-secret");
  }
  void expectAllAnswered() {
    EXPECT_EQ(chain.awaitAnswer(waiting[0]), "signed with the old");
    EXPECT_EQ(chain.awaitAnswer(waiting[1]), "signed with the new");
    EXPECT_EQ(chain.awaitAnswer(waiting[2]), "and again");
    EXPECT_EQ(chain.summary().at("twice"), 0);
    EXPECT_EQ(chain.bridgeStatus().at("counters").at("refused"), 0) << "no secret of another bot";
  }
  // What is signed with the old secret, by whoever has it.
  void forge(const std::string& text) {
    const std::string destination = chain.control("GET", "/control/state").at("bot").at("userId");
    const json event{{"type", "message"},
                     {"webhookEventId", "01FORGED" + text},
                     {"replyToken", "forged"},
                     {"timestamp", 1},
                     {"source", {{"type", "user"}, {"userId", "U" + std::string(32, '0')}}},
                     {"message", {{"type", "text"}, {"id", "1"}, {"text", text}}}};
    const std::string body = json{{"destination", destination}, {"events", {event}}}.dump();
    std::string old = chain.folder.read("linesim/channel-secret");
    while (!old.empty() && old.back() == '\n') old.pop_back();
    const json posted = chain.control(
        "POST", "/control/raw", {{"body", body}, {"signature", line::SignatureVerifier(SecretString(old)).sign(body)}});
    EXPECT_EQ(posted.at("status"), 200);
  }

  static constexpr const char* NEW = "fedcba98765432100123456789abcdef";
  Chain chain;
  std::vector<std::string> waiting;
};

TEST_F(SecretRotationTest, BothSecretsAreTakenWhatTheRelayKeptIsAnsweredInItsOrder) {
  setBoth();
  chain.startBridge();
  expectAllAnswered();
  EXPECT_EQ(chain.summary().at("reordered"), 0);
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("quarantined"), 0);
}

TEST_F(SecretRotationTest, EditedWhileItRunsItReleasesWhatWaitedInQuarantine) {
  chain.startBridge();
  EXPECT_EQ(chain.awaitAnswer(waiting[0]), "signed with the old");
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("store").at("quarantine") == 2; }));
  setBoth();
  chain.rewriteBridgeIni();
  expectAllAnswered();
  EXPECT_EQ(chain.bridgeStatus().at("store").at("quarantine"), 0);
}

TEST_F(SecretRotationTest, WithTheNewSecretAloneTheOldOneIsMissedInQuarantineUntilItIsNamedAsPrevious) {
  chain.ini["line"]["channel_secret_file"] = chain.folder.write("new-secret", NEW);
  chain.startBridge();
  EXPECT_EQ(chain.awaitAnswer(waiting[1]), "signed with the new");
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("store").at("quarantine") == 1; }));
  setBoth();
  chain.rewriteBridgeIni();
  expectAllAnswered();
}

TEST_F(SecretRotationTest, OnceItIsRemovedTheOldSecretSignsForNothing) {
  setBoth();
  chain.startBridge();
  expectAllAnswered();
  chain.ini["line"].erase("channel_secret_previous_file");
  chain.rewriteBridgeIni();
  forge("1");
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("store").at("quarantine") == 1; }));
  EXPECT_EQ(chain.ask("alice", "after"), "after");
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("events"), 5);
}

TEST_F(SecretRotationTest, ShortLivedTokensAreIssuedByTheNewSecret) {
  setBoth();
  chain.ini["line"].erase("channel_access_token_file");
  chain.ini["line"]["channel_id"] = "2000000000";
  chain.startBridge();
  expectAllAnswered();
  EXPECT_EQ(chain.summary().at("statelessTokens"), 1);
}

}  // namespace
}  // namespace tsunagi::test
