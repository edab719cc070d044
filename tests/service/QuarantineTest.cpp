// A signature that fits no secret: nothing is acted on, nothing is lost, a corrected secret releases it (J13).
#include <gtest/gtest.h>

#include "base/Encoding.h"
#include "line/Signature.h"
#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

TEST(QuarantineTest, EscapedEmojiVerifiesAndTheSameBodyReencodedDoesNot) {
  Chain chain;
  chain.startAll();
  const std::string event = chain.send("alice", "smile 🤨");
  EXPECT_EQ(chain.awaitAnswer(event), "smile 🤨");

  const json webhook = chain.event(event).at("webhook");
  const std::string body = webhook.at("body");
  ASSERT_NE(body.find("\\uD83E\\uDD28"), std::string::npos) << body;
  const std::string reencoded = json::parse(body).dump();
  ASSERT_NE(reencoded, body);
  const json posted =
      chain.control("POST", "/control/raw", {{"body", reencoded}, {"signature", webhook.at("signature")}});
  EXPECT_EQ(posted.at("status"), 200);  // the relay cannot know
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("store").at("quarantine") == 1; }));
  ASSERT_TRUE(eventually([&] { return chain.unitCounters().at("pending") == 0; }));  // acknowledged, not stuck
  EXPECT_EQ(chain.ask("alice", "next"), "next");
  EXPECT_EQ(chain.event(event).at("answers").size(), 1u);
}

TEST(QuarantineTest, ACorrectedSecretReleasesWhatWaited) {
  Chain chain;
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  const std::string wrong = chain.folder.write("wrong-secret", "00112233445566778899aabbccddeeff\n");
  chain.ini["line"]["channel_secret_file"] = wrong;
  chain.ini["line"]["channel_access_token_file"] = chain.folder.file("linesim/access-token");
  chain.ini["line"]["api_base"] = chain.lineApi();
  chain.ini["line"]["data_base"] = chain.lineApi();
  chain.startBridge();
  chain.waitForLink();
  const std::string first = chain.send("alice", "first");
  const std::string second = chain.send("alice", "second");
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("store").at("quarantine") == 2; }));
  EXPECT_NE(chain.bridge().standardError().find("channel secret is not this channel's"), std::string::npos);

  chain.ini["line"]["channel_secret_file"] = chain.folder.file("linesim/channel-secret");
  chain.rewriteBridgeIni();
  EXPECT_EQ(chain.awaitAnswer(first), "first");
  EXPECT_EQ(chain.awaitAnswer(second), "second");
  EXPECT_EQ(chain.summary().at("reordered"), 0);
  EXPECT_EQ(chain.bridgeStatus().at("store").at("quarantine"), 0);
}

TEST(QuarantineTest, DirectModeAnswers400) {
  Chain chain;
  chain.startLinesim();
  chain.ini["direct"]["listen"] = "127.0.0.1:0";
  chain.startBridge();
  chain.control("POST", "/control/webhook-url",
                {{"url", "http://" + chain.bridgeEndpoint("direct") + "/api/linebot/webhook"}});
  const json posted =
      chain.control("POST", "/control/raw",
                    {{"body", R"({"destination":"U00","events":[]})"}, {"signature", toBase64(std::string(32, 'x'))}});
  EXPECT_EQ(posted.at("status"), 400);
  EXPECT_EQ(chain.bridgeStatus().at("store").at("quarantine"), 0);
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
}

TEST(QuarantineTest, LinesVerifyButtonIsAnswered200) {
  Chain chain;
  chain.startAll();
  const std::string destination = chain.control("GET", "/control/state").at("bot").at("userId");
  const std::string body = R"({"destination":")" + destination + R"(","events":[]})";
  const line::SignatureVerifier signer(SecretString(trimmed(chain.folder.read("linesim/channel-secret"))));
  const json posted = chain.control("POST", "/control/raw", {{"body", body}, {"signature", signer.sign(body)}});
  EXPECT_EQ(posted.at("status"), 200);
  ASSERT_TRUE(eventually([&] { return chain.unitCounters().at("acknowledged_total") == 1; }));
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("quarantined"), 0);
}

}  // namespace
}  // namespace tsunagi::test
