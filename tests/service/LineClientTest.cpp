// The clients of core/line against the simulated LINE: tokens, look-ups, contents, and messages it accepts.
#include <sys/mman.h>

#include "base/Clock.h"
#include "base/Encoding.h"
#include "base/Hash.h"
#include "base/UniqueFd.h"
#include "line/ChatHelpers.h"
#include "line/ContentDownload.h"
#include "line/LineLookups.h"
#include "line/StatelessTokens.h"
#include "tests/service/LinesimBot.h"

namespace tsunagi::test {
namespace {

class LineClientTest : public LinesimFixture {
 protected:
  SecretString accessToken() { return SecretString(firstLine(folder.read("data/access-token"))); }
  line::ApiEndpoints endpoints() const { return {base, base}; }
  std::string newMessage(json request) { return control("messages", request).at("messages").at(0); }
  line::ContentResult fetch(const std::string& id, uint64_t maxBytes = 1'000'000) {
    line::ContentLimits limits;
    limits.maxBytes = maxBytes;
    return line::ContentDownload(client, endpoints(), accessToken()).fetch(id, file.get(), limits);
  }

  UniqueFd file{::memfd_create("content", MFD_CLOEXEC)};
};

TEST_F(LineClientTest, RepliesWithATokenOfChannelIdAndSecret) {
  start();
  const auto tokens = std::make_shared<line::StatelessTokens>(
      client, endpoints(), "2000000000", SecretString(firstLine(folder.read("data/channel-secret"))), Clock::system());
  const line::MessagingApi stateless(client, endpoints(), tokens);
  write("alice", "hi");
  const line::SendResult sent = stateless.reply(bot.event(0).replyToken, line::textMessagesJson({"hello"}));
  EXPECT_EQ(sent.kind, Kind::Delivered) << sent.detail;
  EXPECT_EQ(tokens->status().issued, 1U);
  const auto wrong = std::make_shared<line::StatelessTokens>(client, endpoints(), "2000000000",
                                                             SecretString("no secret"), Clock::system());
  const line::SendResult refused = line::MessagingApi(client, endpoints(), wrong).reply("t", "[]");
  EXPECT_EQ(refused.kind, Kind::Unauthorized);
  EXPECT_NE(refused.detail.find("channel_secret_file"), std::string::npos) << refused.detail;
}

TEST_F(LineClientTest, TheFullestMessagesAreAccepted) {
  start();
  write("alice", "hi");
  const line::Event event = bot.event(0);
  const auto repeat = [](std::string_view part, size_t times) {
    std::string text;
    for (size_t i = 0; i < times; ++i) text += part;
    return text;
  };
  line::OutgoingMessage asking;
  asking.buttons = line::ButtonsTemplate{repeat("👍🏽", 200), repeat("あ", 2000), {}};
  line::MessageExtras extras;
  extras.quoteToken = event.message.value().quoteToken;
  for (int i = 0; i < 20; ++i) {
    asking.buttons->buttons.push_back({repeat("が", 30), repeat("d", 300), repeat("🤨", 200)});
    extras.quickReplies.push_back({repeat("ที่", 30), repeat("d", 300), repeat("あ", 400)});
  }
  const std::string messages =
      line::messagesJson({{repeat("🤨", 3000)}, {"b"}, {"c"}, {"d"}, asking, {"too many"}}, extras);
  const line::SendResult sent = api->reply(event.replyToken, messages);
  EXPECT_EQ(sent.kind, Kind::Delivered) << sent.detail;
  ASSERT_EQ(sent.sentMessages.size(), 5U);
  EXPECT_FALSE(sent.sentMessages[0].quoteToken.empty());
}

TEST_F(LineClientTest, PeopleAndQuotaAreLookedUp) {
  start();
  control("quota", {{"limit", 200}});
  control("messages", {{"user", "bob"}, {"group", "family"}, {"text", "hi"}});
  const line::EventSource source = bot.event(0).source;
  ASSERT_EQ(source.kind, line::EventSource::Kind::Group);
  const line::LineLookups lookups(client, endpoints(), accessToken());
  const line::ProfileResult sender = lookups.sender(source);
  EXPECT_EQ(sender.call.kind, Kind::Delivered) << sender.call.detail;
  EXPECT_FALSE(sender.profile.displayName.empty());
  const line::GroupSummaryResult group = lookups.groupSummary(source.groupId);
  EXPECT_EQ(group.call.kind, Kind::Delivered) << group.call.detail;
  EXPECT_FALSE(group.summary.groupName.empty());
  EXPECT_GE(lookups.memberCount(source.groupId).count, 1);
  const line::QuotaResult quota = lookups.quota();
  EXPECT_TRUE(quota.limited);
  EXPECT_EQ(quota.value, 200);
  const line::CountResult used = lookups.consumption();
  EXPECT_EQ(used.call.kind, Kind::Delivered);
  EXPECT_EQ(used.count, 0);
  const line::ProfileResult unknown = lookups.profile("U" + std::string(32, '0'));
  EXPECT_EQ(unknown.call.httpStatus, 404);
}

TEST_F(LineClientTest, SmallHelpersAreAccepted) {
  start();
  write("alice", "hi");
  control("messages", {{"user", "alice"}, {"group", "family"}, {"text", "hi"}});
  const line::ChatHelpers helpers(client, endpoints(), accessToken());
  const line::Event direct = bot.event(0);
  const line::SendResult loading = helpers.startLoading(direct.source.userId, 33);
  EXPECT_EQ(loading.kind, Kind::Delivered) << loading.detail;
  const line::SendResult read = helpers.markAsRead(direct.message.value().markAsReadToken);
  EXPECT_EQ(read.kind, Kind::Delivered) << read.detail;
  const line::SendResult left = helpers.leave(bot.event(1).source.groupId);
  EXPECT_EQ(left.kind, Kind::Delivered) << left.detail;
}

TEST_F(LineClientTest, ContentsComeWholeOnceTheyAreReady) {
  start();
  const std::string bytes = "moving pictures";
  const std::string id = newMessage({{"user", "alice"},
                                     {"message", {{"type", "video"}}},
                                     {"content", {{"type", "video/mp4"}, {"base64", toBase64(bytes)}}},
                                     {"preparing", 2}});
  const line::ContentDownload download(client, endpoints(), accessToken());
  EXPECT_EQ(kindName(fetch(id).kind), "NotReady");
  EXPECT_EQ(download.transcoding(id).state, line::TranscodingResult::State::Processing);
  EXPECT_EQ(download.transcoding(id).state, line::TranscodingResult::State::Succeeded);
  const line::ContentResult done = fetch(id);
  EXPECT_EQ(kindName(done.kind), "Done") << done.detail;
  EXPECT_EQ(done.extension, "mp4");
  EXPECT_EQ(done.size, bytes.size());
  EXPECT_EQ(done.sha256, toHex(sha256(bytes)));
  EXPECT_EQ(kindName(fetch(id, bytes.size() - 1).kind), "TooBig");

  control("unsend", {{"messageId", id}});
  EXPECT_EQ(kindName(fetch(id).kind), "Gone");
  EXPECT_EQ(kindName(fetch("1").kind), "NotFound");
}

}  // namespace
}  // namespace tsunagi::test
