// The simulator as a program: media over the wire, faults of the wire itself, tokens, webhooks in disorder.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/Encoding.h"
#include "tests/service/LinesimBot.h"

namespace tsunagi::test {
namespace {

using Outcome = net::HttpResult::Outcome;

class LinesimFaults : public LinesimFixture {
 protected:
  // A message with content; its id.
  std::string sendContent(const std::string& kind, const std::string& mimeType, const std::string& bytes,
                          const json& more = json::object()) {
    json request{{"user", "alice"},
                 {"message", {{"type", kind}}},
                 {"content", {{"type", mimeType}, {"base64", toBase64(bytes)}}}};
    request.update(more);
    return control("messages", request).at("messages").at(0);
  }
  net::HttpResult get(const std::string& path) { return call("GET", path, {}, bearer()); }
  void fault(const json& item) { control("faults", {{"next", json::array({item})}}); }
};

TEST_F(LinesimFaults, ContentIsTheBytesThatWereSent) {
  start();
  const std::string bytes("\x89PNG\0\xFF\n", 8);
  const std::string id = sendContent("image", "image/png", bytes);
  const net::HttpResult result = get("/v2/bot/message/" + id + "/content");
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.body, bytes);
  EXPECT_EQ(result.headers.find("Content-Type"), "image/png");
  EXPECT_EQ(get("/v2/bot/message/" + id + "/content/preview").body, bytes);
  EXPECT_EQ(call("GET", "/v2/bot/message/" + id + "/content").status, 401);
  EXPECT_EQ(get("/v2/bot/message/1/content").status, 404);
  control("unsend", {{"messageId", id}});
  const net::HttpResult gone = get("/v2/bot/message/" + id + "/content");
  EXPECT_EQ(gone.status, 410);
  EXPECT_EQ(json::parse(gone.body).at("message"), "The content is gone");
  EXPECT_EQ(call("GET", "/control/content/" + id).status, 404);
}

TEST_F(LinesimFaults, LargeContentArrivesWhole) {
  start();
  const std::string id = control("messages", {{"user", "alice"},
                                              {"message", {{"type", "file"}, {"fileName", "a.bin"}}},
                                              {"content", {{"bytes", 20'000'000}}}})
                             .at("messages")
                             .at(0);
  net::HttpCall request;
  request.url = net::Url::parse(base + "/v2/bot/message/" + id + "/content").value();
  request.headers = bearer();
  request.maxBody = 64 * 1024 * 1024;
  const net::HttpResult result = client.perform(request);
  EXPECT_EQ(result.status, 200) << result.error;
  EXPECT_EQ(result.body.size(), 20'000'000U);
}

TEST_F(LinesimFaults, WhatIsShownToABrowserCannotActAsAPage) {
  start();
  const std::string page = sendContent("file", "text/html", "<script>alert(1)</script>");
  const net::HttpResult shown = call("GET", "/control/content/" + page);
  EXPECT_EQ(shown.headers.find("Content-Type"), "application/octet-stream");
  EXPECT_EQ(shown.headers.find("Content-Disposition"), "attachment");
  EXPECT_EQ(shown.headers.find("Content-Security-Policy"), "default-src 'none'; sandbox");
  EXPECT_EQ(shown.headers.find("X-Content-Type-Options"), "nosniff");
  const std::string picture = sendContent("image", "image/png", "x");
  EXPECT_EQ(call("GET", "/control/content/" + picture).headers.find("Content-Type"), "image/png");
}

TEST_F(LinesimFaults, VideoIsNotReadyAtOnce) {
  start();
  const std::string id = sendContent("video", "video/mp4", "moving", {{"preparing", 2}});
  EXPECT_EQ(get("/v2/bot/message/" + id + "/content").status, 202);
  EXPECT_EQ(json::parse(get("/v2/bot/message/" + id + "/content/transcoding").body).at("status"), "processing");
  EXPECT_EQ(json::parse(get("/v2/bot/message/" + id + "/content/transcoding").body).at("status"), "succeeded");
  EXPECT_EQ(get("/v2/bot/message/" + id + "/content").body, "moving");
}

TEST_F(LinesimFaults, ASlowContentComesInPiecesAndACutOneDoesNotEnd) {
  start();
  const std::string id = sendContent("image", "image/png", std::string(64, 'x'));
  fault({{"endpoint", "content"}, {"action", "slow"}, {"bytes", 8}, {"ms", 5}});
  size_t pieces = 0;
  std::string body;
  net::HttpCall request;
  request.url = net::Url::parse(base + "/v2/bot/message/" + id + "/content").value();
  request.headers = bearer();
  request.onBody = [&](std::string_view bytes) {
    ++pieces;
    body += bytes;
    return true;
  };
  EXPECT_EQ(client.perform(request).status, 200);
  EXPECT_EQ(body, std::string(64, 'x'));
  EXPECT_GT(pieces, 1U);
  fault({{"endpoint", "content"}, {"action", "cut"}, {"bytes", 10}});
  body.clear();
  const net::HttpResult cut = client.perform(request);
  EXPECT_EQ(cut.outcome, Outcome::Ambiguous) << cut.status;
  EXPECT_LE(body.size(), 10U);
}

TEST_F(LinesimFaults, AResetIsSeenAsOneBeforeAndAfterTheEffect) {
  start();
  write("alice", "hi");
  const line::Event event = bot.event(0);
  fault({{"endpoint", "reply"}, {"action", "reset"}, {"when", "before"}});
  EXPECT_EQ(reply(event, "x").kind, Kind::Ambiguous);
  EXPECT_EQ(control("summary").at("answered"), 0);
  fault({{"action", "reset"}, {"when", "after"}});
  EXPECT_EQ(reply(event, "x").kind, Kind::Ambiguous);
  EXPECT_EQ(control("summary").at("answered"), 1);
  EXPECT_EQ(reply(event, "x").kind, Kind::InvalidReplyToken);
  fault({{"endpoint", "profile"}, {"action", "reset"}});
  EXPECT_EQ(get("/v2/bot/profile/" + event.source.userId).outcome, Outcome::Ambiguous);
  EXPECT_EQ(get("/v2/bot/profile/" + event.source.userId).status, 200);
}

TEST_F(LinesimFaults, ADelayedAnswerComes) {
  start();
  write("alice", "hi");
  const line::Event event = bot.event(0);
  fault({{"action", "delay"}, {"ms", 30}, {"when", "before"}});
  EXPECT_EQ(reply(event, "x").kind, Kind::Delivered);
  write("alice", "again");
  fault({{"action", "delay"}, {"ms", 30}, {"when", "after"}});
  EXPECT_EQ(reply(bot.event(1), "y").kind, Kind::Delivered);
  EXPECT_EQ(control("summary").at("answered"), 2);
  EXPECT_EQ(control("summary").at("faults"), 2);
}

TEST_F(LinesimFaults, BothKindsOf429) {
  start();
  write("alice", "hi");
  const line::Event event = bot.event(0);
  fault({{"action", "status"}, {"status", 429}});
  EXPECT_EQ(reply(event, "x").kind, Kind::RateLimited);
  control("quota", {{"limit", 0}});
  EXPECT_EQ(api->push(event.source.userId, line::textMessagesJson({"x"}), "123e4567-e89b-12d3-a456-426614174000").kind,
            Kind::QuotaExhausted);
  EXPECT_EQ(json::parse(get("/v2/bot/message/quota").body).at("value"), 0);
}

TEST_F(LinesimFaults, FaultsAreCheckedWhenTheyAreListed) {
  start();
  const std::pair<const char*, const char*> cases[] = {
      {R"({"next":[{"endpoint":"nothing"}]})", "endpoint"},
      {R"({"next":[{"action":"slow"}]})", "content"},
      {R"({"next":[{"endpoint":"profile","action":"cut"}]})", "content"},
      {R"({"next":[{"action":"delay","ms":-1}]})", "ms"},
      {R"({"rate":{"percent":5,"endpoint":"x"}})", "endpoint"},
  };
  for (const auto& [body, word] : cases) {
    const net::HttpResult result = call("POST", "/control/faults", body);
    EXPECT_EQ(result.status, 400) << body;
    EXPECT_NE(result.body.find(word), std::string::npos) << result.body;
  }
}

TEST_F(LinesimFaults, StatelessTokensAreIssuedForTheSecret) {
  start({"--channel-id", "1234"});
  const auto issue = [&](const std::string& secret) {
    net::HttpHeaders form;
    form.add("Content-Type", "application/x-www-form-urlencoded");
    return call("POST", "/oauth2/v3/token", "grant_type=client_credentials&client_id=1234&client_secret=" + secret,
                form);
  };
  const net::HttpResult wrong = issue("no");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(json::parse(wrong.body).at("error"), "invalid_client");
  const json issued = json::parse(issue(firstLine(folder.read("data/channel-secret"))).body);
  EXPECT_EQ(issued.at("expires_in"), 900);
  net::HttpHeaders headers;
  headers.add("Authorization", "Bearer " + issued.at("access_token").get<std::string>());
  EXPECT_EQ(call("GET", "/v2/bot/info", {}, headers).status, 200);
  control("account", {{"withdrawStateless", true}, {"chatMode", "chat"}});
  EXPECT_EQ(call("GET", "/v2/bot/info", {}, headers).status, 401);
  EXPECT_EQ(json::parse(get("/v2/bot/info").body).at("chatMode"), "chat");
  EXPECT_EQ(call("POST", "/oauth2/v3/token", "{}").status, 415);
}

TEST_F(LinesimFaults, ANewSecretSignsTheNextWebhook) {
  start();
  control("account", {{"channelSecret", "rotated"}});
  write("alice", "hi");
  const net::HttpRequest webhook = bot.request(0);
  EXPECT_TRUE(
      line::SignatureVerifier(SecretString("rotated")).verify(webhook.body, *webhook.headers.find("X-Line-Signature")));
}

TEST_F(LinesimFaults, HeldWebhooksGoShuffledOneAfterAnother) {
  start();
  control("delivery", {{"hold", true}});
  for (int i = 0; i < 12; ++i) write("alice", std::to_string(i));
  EXPECT_EQ(control("delivery", json::object()).at("held"), 12);
  EXPECT_EQ(control("delivery", {{"release", true}, {"shuffle", 3}}).at("released"), 12);
  std::vector<std::string> order;
  for (size_t i = 0; i < 12; ++i) {
    order.push_back(bot.event(i).message->text);
    EXPECT_EQ(reply(bot.event(i), "r").kind, Kind::Delivered);
  }
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end(),
                              [](const auto& a, const auto& b) { return std::stoi(a) < std::stoi(b); }));
  EXPECT_EQ(control("summary").at("reordered"), 0) << "their order was ours to break";
}

TEST_F(LinesimFaults, DuplicatesAreTheSameWebhookTwice) {
  start();
  control("delivery", {{"duplicates", 100}});
  write("alice", "hi");
  EXPECT_EQ(bot.request(0).body, bot.request(1).body);
  EXPECT_EQ(control("summary").at("events"), 1);
}

TEST_F(LinesimFaults, TheWebhookCanBeReadSetAndTried) {
  start();
  EXPECT_EQ(json::parse(get("/v2/bot/channel/webhook/endpoint").body).at("endpoint"), bot.url());
  const auto test = [&](const std::string& body) {
    const net::HttpResult result = call("POST", "/v2/bot/channel/webhook/test", body, bearer());
    EXPECT_EQ(result.status, 200) << result.body;
    return json::parse(result.body);
  };
  const json good = test("");
  EXPECT_TRUE(good.at("success").get<bool>());
  EXPECT_EQ(good.at("statusCode"), 200);
  EXPECT_TRUE(json::parse(bot.request(0).body).at("events").empty());
  bot.answerNext({503});
  const json bad = test(R"({"endpoint":")" + bot.url() + R"("})");
  EXPECT_EQ(bad.at("reason"), "ERROR_STATUS_CODE");
  const json nobody = test(R"({"endpoint":"http://127.0.0.1:1/"})");
  EXPECT_EQ(nobody.at("reason"), "COULD_NOT_CONNECT");
  EXPECT_EQ(nobody.at("statusCode"), 0);
  const auto put = [&](const char* body) {
    return call("PUT", "/v2/bot/channel/webhook/endpoint", body, bearer()).status;
  };
  EXPECT_EQ(put(R"({"endpoint":"https://example.org/hook"})"), 200);
  EXPECT_EQ(put(R"({"endpoint":"ftp://x"})"), 400);
  EXPECT_EQ(json::parse(get("/v2/bot/channel/webhook/endpoint").body).at("endpoint"), "https://example.org/hook");
  EXPECT_EQ(call("GET", "/v2/bot/channel/webhook/endpoint").status, 401);
}

TEST_F(LinesimFaults, AVerificationHasNoEvents) {
  start();
  control("verify", json::object());
  const net::HttpRequest webhook = bot.request(0);
  EXPECT_TRUE(json::parse(webhook.body).at("events").empty());
  EXPECT_TRUE(webhook.headers.find("X-Line-Signature"));
}

TEST_F(LinesimFaults, GroupsLiveThroughTheControlInterface) {
  start();
  control("users", {{"user", "alice"}, {"displayName", "Alice"}, {"friend", true}});
  EXPECT_EQ(bot.event(0).type, "follow");
  control("groups", {{"group", "team"}, {"title", "Team"}, {"add", {"alice", "bob"}}});
  EXPECT_EQ(bot.event(1).type, "join");
  const std::string groupId = bot.event(1).source.groupId;
  EXPECT_EQ(json::parse(get("/v2/bot/group/" + groupId + "/summary").body).at("groupName"), "Team");
  EXPECT_EQ(json::parse(get("/v2/bot/group/" + groupId + "/members/count").body).at("count"), 2);
  const std::string alice = bot.event(0).source.userId;
  EXPECT_EQ(json::parse(get("/v2/bot/group/" + groupId + "/member/" + alice).body).at("displayName"), "Alice");
  EXPECT_EQ(get("/v2/bot/group/" + groupId + "/members/ids").status, 403);
  const json people = json::parse(call("GET", "/control/people").body);
  EXPECT_EQ(people.at("chats").at(0).at("members"), json::array({"alice", "bob"}));
  EXPECT_EQ(call("POST", "/v2/bot/group/" + groupId + "/leave", "", bearer()).status, 200);
  EXPECT_EQ(get("/v2/bot/group/" + groupId + "/summary").status, 404);
  EXPECT_EQ(call("POST", "/control/messages", R"({"user":"alice","group":"team","text":"hi"})").status, 400);
}

}  // namespace
}  // namespace tsunagi::test
