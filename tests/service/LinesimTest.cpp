// The simulator as a program: what it sends, what it answers, how it can be made to fail, what it refuses.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "line/LineLookups.h"
#include "tests/service/LinesimBot.h"

namespace tsunagi::test {
namespace {

class LinesimTest : public LinesimFixture {
 protected:
  json get(const std::string& path) { return LinesimFixture::control(path); }
};

TEST_F(LinesimTest, SendsAWebhookAsLineDoesAndTakesTheReply) {
  start();
  const std::string id = write("alice", "hello 🤨");
  const net::HttpRequest webhook = bot.request(0);
  EXPECT_EQ(webhook.headers.find("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(webhook.headers.find("User-Agent"), "LineBotWebhook/2.0");
  EXPECT_NE(webhook.body.find("\\uD83E\\uDD28"), std::string::npos);
  const line::SignatureVerifier verifier{SecretString(firstLine(folder.read("data/channel-secret")))};
  EXPECT_TRUE(verifier.verify(webhook.body, *webhook.headers.find("X-Line-Signature")));

  const line::SendResult sent = reply(bot.event(0), "hello back");
  EXPECT_EQ(sent.kind, Kind::Delivered) << sent.detail;
  EXPECT_EQ(sent.sentMessages.size(), 1u);
  EXPECT_FALSE(sent.requestId.empty());
  const json record = get("events/" + id + "?wait=30s");
  EXPECT_EQ(record.at("answers").at(0).at("texts"), json::array({"hello back"}));
  ASSERT_TRUE(eventually([&] { return get("summary").at("accepted") == 1; }));
  EXPECT_EQ(record.at("answers").at(0).at("requestId"), sent.requestId);
  EXPECT_EQ(reply(bot.event(0), "again").kind, Kind::InvalidReplyToken);
}

TEST_F(LinesimTest, AWaitEndsWhenTheReplyComes) {
  start();
  const std::string id = write("alice", "hi");
  const line::Event event = bot.event(0);
  EXPECT_FALSE(get("events/" + id + "?wait=0s").at("answered").get<bool>());
  json waited;
  std::thread waiter([&] { waited = get("events/" + id + "?wait=40s"); });
  const auto sent = reply(event, "now");
  waiter.join();
  EXPECT_EQ(sent.kind, Kind::Delivered);
  EXPECT_TRUE(waited.at("answered").get<bool>());
  EXPECT_EQ(call("GET", "/control/events/none?wait=40s").status, 404);
}

TEST_F(LinesimTest, KeepsTheOrderOfAConversation) {
  start();
  control("messages", {{"user", "alice"}, {"text", "a"}, {"count", 20}});
  control("messages", {{"user", "bob"}, {"text", "b"}, {"count", 20}});
  std::map<std::string, std::vector<std::string>> seen;
  for (size_t i = 0; i < 40; ++i) {
    const line::Event event = bot.event(i);
    seen[std::string(event.conversation())].push_back(event.message->text);
    EXPECT_EQ(reply(event, "r").kind, Kind::Delivered);
  }
  ASSERT_EQ(seen.size(), 2u);
  for (const auto& [conversation, texts] : seen)
    for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i].substr(2), std::to_string(i + 1));
  ASSERT_TRUE(eventually([&] { return get("summary").at("accepted") == 40; }));
  const json summary = get("summary");
  EXPECT_EQ(summary.at("answered"), 40);
  EXPECT_EQ(summary.at("lost"), 0);
  EXPECT_EQ(summary.at("reordered"), 0);
}

TEST_F(LinesimTest, RedeliversWhatWasNotAccepted) {
  start({"--redeliver", "on", "--redeliver-after", "10ms"});
  bot.answerNext({503, 302});
  const std::string id = write("alice", "hi");
  const line::Event first = bot.event(0);
  const line::Event third = bot.event(2);
  EXPECT_FALSE(first.isRedelivery);
  EXPECT_TRUE(third.isRedelivery);
  EXPECT_EQ(third.webhookEventId, id);
  EXPECT_EQ(third.replyToken, first.replyToken);
  EXPECT_EQ(third.timestampMs, first.timestampMs);
  ASSERT_TRUE(eventually([&] { return get("events/" + id).at("attempts").size() == 3; }));
  const json attempts = get("events/" + id).at("attempts");
  EXPECT_EQ(attempts.at(0).at("status"), 503);
  EXPECT_EQ(attempts.at(1).at("status"), 302);
  EXPECT_TRUE(attempts.at(2).at("accepted").get<bool>());
}

TEST_F(LinesimTest, ABotThatIsNotThereIsRecorded) {
  start();
  control("webhook-url", {{"url", "http://127.0.0.1:1/webhook"}});
  const std::string id = write("alice", "hi");
  ASSERT_TRUE(eventually([&] { return get("events/" + id).at("attempts").size() == 1; }));
  const json attempt = get("events/" + id).at("attempts").at(0);
  EXPECT_EQ(attempt.at("status"), 0);
  EXPECT_FALSE(attempt.at("error").get<std::string>().empty());
  EXPECT_EQ(get("summary").at("lost"), 0);
  EXPECT_EQ(get("summary").at("unanswered"), 1);
}

TEST_F(LinesimTest, FaultsSpoilAnswersBeforeOrAfterTheEffect) {
  start();
  control("faults",
          {{"next",
            {{{"action", "status"}, {"status", 500}, {"when", "before"}}, {{"action", "break"}, {"when", "after"}}}}});
  write("alice", "hi");
  const line::Event event = bot.event(0);
  EXPECT_EQ(reply(event, "x").kind, Kind::ServerError);
  EXPECT_EQ(get("summary").at("answered"), 0);
  EXPECT_EQ(reply(event, "x").kind, Kind::Ambiguous);
  EXPECT_EQ(get("summary").at("answered"), 1);
  EXPECT_EQ(reply(event, "x").kind, Kind::InvalidReplyToken);
  EXPECT_EQ(get("summary").at("twice"), 0);
}

TEST_F(LinesimTest, AHeldReplyWaitsUntilItIsReleased) {
  start();
  control("faults", {{"next", {{{"action", "hold"}, {"when", "after"}}}}});
  const std::string id = write("alice", "hi");
  const line::Event event = bot.event(0);
  line::SendResult held;
  std::thread sender([&] { held = reply(event, "x"); });
  EXPECT_TRUE(get("events/" + id + "?wait=30s").at("answered").get<bool>());
  ASSERT_TRUE(eventually([&] { return control("faults", {{"release", true}}).at("released") == 1; }));
  sender.join();
  EXPECT_EQ(held.kind, Kind::Delivered) << held.detail;
}

TEST_F(LinesimTest, SendsRawBytesWithAnySignature) {
  start();
  const std::string body = R"({"destination":"U0","events":[], "odd" : 1})";
  EXPECT_EQ(control("raw", {{"body", body}, {"signature", "nonsense"}}).at("status"), 200);
  EXPECT_EQ(bot.request(0).body, body);
  EXPECT_EQ(bot.request(0).headers.find("x-line-signature"), "nonsense");
  bot.answerNext({400});
  EXPECT_EQ(control("raw", {{"body", body}}).at("status"), 400);
}

TEST_F(LinesimTest, TheApiRefusesAsLineDoes) {
  start();
  const line::MessagingApi stranger(client, {base, base}, SecretString("wrong"));
  EXPECT_EQ(stranger.reply("t", line::textMessagesJson({"x"})).kind, Kind::Unauthorized);
  const line::BotInfoResult refused = line::LineLookups(client, {base, base}, SecretString("wrong")).botInfo();
  EXPECT_EQ(refused.call.kind, Kind::Unauthorized);
  EXPECT_FALSE(refused.call.requestId.empty());
  const line::LineLookups lookups(client, {base, base}, SecretString(firstLine(folder.read("data/access-token"))));
  EXPECT_EQ(lookups.botInfo().info.userId, get("state").at("bot").at("userId"));

  net::HttpHeaders headers;
  headers.add("Authorization", "Bearer " + firstLine(folder.read("data/access-token")));
  EXPECT_EQ(call("GET", "/v2/bot/profile/U0", {}, headers).status, 400);
  net::HttpHeaders typed = headers;
  typed.add("Content-Type", "text/plain");
  EXPECT_EQ(call("POST", "/v2/bot/message/reply", "{}", typed).status, 415);
  const net::HttpResult empty = call("POST", "/v2/bot/message/reply", "{}", headers);
  EXPECT_EQ(empty.status, 400);
  EXPECT_TRUE(json::parse(empty.body).at("details").is_array());
  EXPECT_TRUE(empty.headers.find("x-line-request-id"));
  headers.add("X-Line-Retry-Key", "123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(call("POST", "/v2/bot/message/reply", R"({"replyToken":"t","messages":[]})", headers).status, 400);
}

TEST_F(LinesimTest, AForeignHostOrPageIsRefused) {
  start();
  net::HttpHeaders rebound;
  rebound.set("Host", "evil.example");
  EXPECT_EQ(call("GET", "/control/summary", {}, rebound).status, 421);
  net::HttpHeaders foreign;
  foreign.add("Origin", "http://127.0.0.1:1");
  EXPECT_EQ(call("POST", "/control/messages", R"({"user":"a","text":"b"})", foreign).status, 403);
  net::HttpHeaders form;
  form.add("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(call("POST", "/control/messages", R"({"user":"a","text":"b"})", form).status, 415);
  EXPECT_EQ(get("summary").at("events"), 0);
  EXPECT_EQ(call("GET", "/control/summary").headers.count("Access-Control-Allow-Origin"), 0u);
}

TEST_F(LinesimTest, ServesItsChatPageUnderAStrictPolicy) {
  start();
  for (const char* path : {"/", "/style.css", "/app.js", "/favicon.svg"}) {
    const net::HttpResult page = call("GET", path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.headers.find("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(page.headers.find("Content-Security-Policy").value_or("").substr(0, 38),
              "default-src 'none'; script-src 'self';")
        << path;
    EXPECT_FALSE(page.body.empty()) << path;
  }
  EXPECT_EQ(call("GET", "/").headers.find("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(call("GET", "/nothing").status, 404);
}

TEST_F(LinesimTest, ControlRequestsThatMakeNoSenseAreExplained) {
  start();
  const std::pair<const char*, const char*> cases[] = {
      {"messages", "[]"},
      {"messages", R"({"user":"alice"})"},
      {"messages", R"({"user":"alice","text":"x","count":0})"},
      {"messages", R"({"user":"alice","text":"x","count":"2"})"},
      {"webhook-url", R"({"url":"ftp://x"})"},
      {"faults", R"({"next":[{"action":"explode"}]})"},
      {"faults", R"({"next":[1]})"},
      {"faults", R"({"next":5})"},
      {"faults", R"({"rate":{"percent":101}})"},
      {"quota", "{}"},
      {"raw", "{}"},
  };
  for (const auto& [path, body] : cases) {
    const net::HttpResult result = call("POST", std::string("/control/") + path, body);
    EXPECT_EQ(result.status, 400) << path << body << result.body;
    EXPECT_FALSE(json::parse(result.body).at("error").get<std::string>().empty()) << result.body;
  }
  EXPECT_EQ(call("GET", "/control/ledger?wait=forever").status, 400);
}

TEST_F(LinesimTest, KeepsItsSecretsToItselfAndOverARestart) {
  start();
  const std::string secret = folder.read("data/channel-secret");
  for (const char* name : {"data/channel-secret", "data/access-token", "data/endpoints.json"}) {
    struct stat state {};
    ASSERT_EQ(stat(folder.file(name).c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777, 0600u) << name;
  }
  EXPECT_EQ(linesim->stop().code, 0);
  EXPECT_FALSE(folder.exists("data/endpoints.json"));
  EXPECT_EQ(linesim->standardError().find(firstLine(secret)), std::string::npos);
  start();
  EXPECT_EQ(folder.read("data/channel-secret"), secret);
  EXPECT_EQ(linesim->stop().code, 0);
}

TEST_F(LinesimTest, StopsWhileSomeoneWaits) {
  start();
  const std::string id = write("alice", "hi");
  bot.request(0);
  net::HttpResult waited;
  std::thread waiter([&] { waited = call("GET", "/control/events/" + id + "?wait=50s"); });
  EXPECT_EQ(linesim->stop().code, 0);
  waiter.join();
}

TEST_F(LinesimTest, BadOptionsAreOneClearLineAndADocumentedCode) {
  start();
  const std::string data = folder.file("other");
  const std::string open = folder.write("open-secret", "abc\n", 0644);
  const std::string empty = folder.write("empty-secret", "\n");
  const std::string address = base.substr(7);
  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* words;
  } cases[] = {
      {{"--no-such-option"}, 64, "no-such-option"},
      {{}, 64, "--data-dir"},
      {{"--data-dir", data, "--token-life", "soon"}, 64, "--token-life"},
      {{"--data-dir", data, "--redeliver", "maybe"}, 64, "--redeliver"},
      {{"--data-dir", data, "--listen", "nonsense"}, 64, "--listen"},
      {{"--data-dir", data, "--bot-user-id", "me"}, 64, "--bot-user-id"},
      {{"--data-dir", data, "--tls-key", "x.pem"}, 64, "--tls-certificate"},
      {{"--data-dir", data, "--listen", "0.0.0.0:0"}, 78, "loopback"},
      {{"--data-dir", data, "--webhook-url", "ftp://x"}, 78, "webhook URL"},
      {{"--data-dir", data, "--ca-file", "/nowhere/ca.pem"}, 78, "/nowhere/ca.pem"},
      {{"--data-dir", data, "--channel-secret-file", "/nowhere/secret"}, 78, "/nowhere/secret"},
      {{"--data-dir", data, "--channel-secret-file", open}, 78, "chmod"},
      {{"--data-dir", data, "--access-token-file", empty}, 78, "empty"},
      {{"--data-dir", folder.file("data")}, 78, "data"},
      {{"--data-dir", data, "--listen", address}, 69, "in use"},
  };
  for (const auto& item : cases) {
    const ProcessResult result = runProcess(programPath("tsunagi-linesim"), {.arguments = item.arguments});
    EXPECT_EQ(result.status.code, item.code) << item.words << ": " << result.error;
    EXPECT_NE(result.error.find(item.words), std::string::npos) << result.error;
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
  }
}

}  // namespace
}  // namespace tsunagi::test
