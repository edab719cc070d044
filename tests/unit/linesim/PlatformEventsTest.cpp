// What people do, and what the bot's webhook tells of it.
#include "base/Encoding.h"
#include "tests/unit/linesim/PlatformFixture.h"

namespace tsunagi::linesim {
namespace {

using Kind = line::EventSource::Kind;

TEST_F(PlatformTest, TextCarriesEmojisMentionsAndAQuote) {
  const std::string first = sent(ask({{"user", "alice"}, {"group", "team"}, {"text", "one"}}));
  const std::string id = sent(ask({{"user", "bob"},
                                   {"group", "team"},
                                   {"message",
                                    {{"type", "text"},
                                     {"text", "🤨 @Bot and @alice and @All (hello)"},
                                     {"emojis", json::array({{{"index", 28}, {"length", 7}}})}}},
                                   {"mentions", {"bot", "alice", "all"}},
                                   {"quote", event(first)["messageId"]}}));
  const line::Event got = seen(id);
  EXPECT_EQ(got.source.kind, Kind::Group);
  EXPECT_EQ(got.source.groupId, groupIdOf("team"));
  EXPECT_EQ(got.source.userId, userIdOf("bob"));
  EXPECT_EQ(got.message->quotedMessageId, event(first)["messageId"].get<std::string>());
  EXPECT_FALSE(got.message->quoteToken.empty());
  EXPECT_FALSE(got.message->markAsReadToken.empty());
  ASSERT_EQ(got.message->mentionees.size(), 3U);
  const auto& mentionees = got.message->mentionees;
  EXPECT_EQ(mentionees[0].index, 3) << "the emoji before it is two units";
  EXPECT_EQ(mentionees[0].length, 4);
  EXPECT_TRUE(mentionees[0].isSelf);
  EXPECT_EQ(mentionees[0].userId, userIdOf("bot"));
  EXPECT_FALSE(mentionees[1].isSelf);
  EXPECT_EQ(mentionees[1].userId, userIdOf("alice"));
  EXPECT_EQ(mentionees[2].type, "all");
  EXPECT_EQ(seenJson(id)["message"]["emojis"][0]["index"], 28);
  EXPECT_FALSE(ask({{"user", "bob"}, {"text", "no such name"}, {"mentions", {"bot"}}}).ok());
  EXPECT_FALSE(ask({{"user", "bob"}, {"text", "x"}, {"quote", "1"}}).ok());
}

TEST_F(PlatformTest, SomeoneWhoDidNotConsentIsNamedNowhere) {
  sent(platform.changePerson({.user = "alice", .isIdentified = false}));
  const std::string id = sent(ask({{"user", "alice"}, {"group", "team"}, {"text", "hi"}}));
  EXPECT_EQ(seen(id).source.userId, "");
  EXPECT_EQ(seen(id).source.groupId, groupIdOf("team"));
  const std::string other =
      sent(ask({{"user", "bob"}, {"group", "team"}, {"text", "@alice hi"}, {"mentions", {"alice"}}}));
  EXPECT_EQ(seen(other).message->mentionees.at(0).userId, "");
  EXPECT_EQ(seen(other).source.userId, userIdOf("bob"));
  const std::string once = sent(ask({{"user", "bob"}, {"group", "team"}, {"text", "hi"}, {"anonymous", true}}));
  EXPECT_EQ(seen(once).source.userId, "");
}

TEST_F(PlatformTest, EveryKindOfMessageHasWhatLineGivesIt) {
  const auto message = [&](const json& given, const json& more = json::object()) {
    json request{{"user", "alice"}, {"message", given}};
    request.update(more);
    return seenJson(sent(ask(request)))["message"];
  };
  const json image = message({{"type", "image"}, {"imageSet", {{"id", "S"}, {"index", 1}, {"total", 2}}}});
  EXPECT_EQ(image["contentProvider"]["type"], "line");
  EXPECT_EQ(image["imageSet"]["total"], 2);
  EXPECT_TRUE(image.contains("quoteToken"));
  const json video = message({{"type", "video"}, {"duration", 1200}});
  EXPECT_EQ(video["duration"], 1200);
  EXPECT_TRUE(video.contains("quoteToken"));
  const json audio = message({{"type", "audio"}});
  EXPECT_FALSE(audio.contains("quoteToken"));
  EXPECT_TRUE(audio.contains("contentProvider"));
  const json file = message({{"type", "file"}, {"fileName", "../../a.pdf"}, {"fileSize", 77}});
  EXPECT_EQ(file["fileName"], "../../a.pdf");
  EXPECT_EQ(file["fileSize"], 77);
  EXPECT_FALSE(file.contains("contentProvider"));
  EXPECT_EQ(platform.content(withPath({file["id"]})).content->size(), 77U);
  const json sticker = message({{"type", "sticker"}, {"packageId", "1"}, {"stickerId", "2"}, {"keywords", {"joy"}}});
  EXPECT_EQ(sticker["keywords"][0], "joy");
  EXPECT_TRUE(sticker.contains("quoteToken"));
  const json place = message({{"type", "location"}, {"latitude", 35.5}, {"longitude", 139.5}});
  EXPECT_EQ(place["latitude"], 35.5);
  const json unknown = message({{"type", "hologram"}, {"depth", 3}});
  EXPECT_EQ(unknown["depth"], 3);
}

TEST_F(PlatformTest, EveryTypeOfEventCanBeSentAndHasATokenAsLineGivesOne) {
  const struct {
    const char* type;
    bool token;
  } cases[] = {{"follow", true},        {"unfollow", false}, {"join", true},         {"leave", false},
               {"postback", true},      {"beacon", true},    {"accountLink", true},  {"videoPlayComplete", true},
               {"membership", true},    {"delivery", false}, {"module", false},      {"activated", false},
               {"botSuspended", false}, {"unsend", false},   {"memberJoined", true}, {"memberLeft", false},
               {"somethingNew", false}};
  for (const auto& item : cases) {
    const std::string id = sent(ask({{"type", item.type}, {"user", "alice"}, {"with", {{"anything", {{"x", 1}}}}}}));
    const line::Event got = seen(id);
    EXPECT_EQ(got.type, item.type);
    EXPECT_EQ(!got.replyToken.empty(), item.token) << item.type;
    EXPECT_EQ(seenJson(id)["anything"]["x"], 1);
  }
  const std::string bare = sent(ask({{"type", "delivery"}, {"with", {{"delivery", {{"data", "h"}}}}}}));
  EXPECT_FALSE(seenJson(bare).contains("source"));
  const std::string failed =
      sent(ask({{"type", "accountLink"}, {"user", "alice"}, {"sourceless", true}, {"replyToken", false}}));
  EXPECT_FALSE(seenJson(failed).contains("source"));
  EXPECT_TRUE(seen(failed).replyToken.empty());
}

TEST_F(PlatformTest, AStandbyEventHasNoTokenAndExpectsNoAnswer) {
  const std::string id = sent(ask({{"user", "alice"}, {"text", "hi"}, {"standby", true}}));
  EXPECT_EQ(seen(id).mode, "standby");
  EXPECT_TRUE(seen(id).replyToken.empty());
  EXPECT_EQ(summary()["lost"], 0);
  sent(ask({{"user", "alice"}, {"text", "hi"}, {"expect", false}}));
  EXPECT_EQ(summary()["lost"], 0);
  sent(ask({{"user", "alice"}, {"text", "hi"}}));
  EXPECT_EQ(summary()["lost"], 1);
}

TEST_F(PlatformTest, EventsOfSeveralUsersTravelInOneWebhook) {
  std::vector<EventRequest> events;
  for (const char* user : {"alice", "bob"}) events.push_back(*readEventRequest({{"user", user}, {"text", "hi"}}));
  events.push_back(*readEventRequest({{"type", "follow"}, {"user", "carol"}}));
  const auto happened = platform.happen(events, true, 2);
  ASSERT_TRUE(happened.ok());
  EXPECT_EQ(happened->webhooks.size(), 2U);
  EXPECT_EQ(happened->eventIds.size(), 3U);
  const auto parsed = line::parseWebhook(*happened->webhooks.at(0).body);
  ASSERT_EQ(parsed->events.size(), 3U);
  EXPECT_EQ(parsed->events[1].source.userId, userIdOf("bob"));
  EXPECT_EQ(parsed->events[2].type, "follow");
}

TEST_F(PlatformTest, FollowingAndBlockingTellTheBot) {
  EXPECT_EQ(seen(sent(platform.changePerson({.user = "alice", .isFriend = true}))).type, "follow");
  EXPECT_TRUE(platform.changePerson({.user = "alice", .isFriend = true})->eventIds.empty());
  EXPECT_EQ(seen(sent(platform.changePerson({.user = "alice", .hasBlocked = true}))).type, "unfollow");
  EXPECT_FALSE(ask({{"user", "alice"}, {"text", "hi"}}).ok()) << "who has blocked the bot cannot write to it";
  const std::string back = sent(platform.changePerson({.user = "alice", .hasBlocked = false}));
  EXPECT_EQ(seen(back).type, "follow");
  EXPECT_TRUE(seenJson(back)["follow"]["isUnblocked"]);
  EXPECT_TRUE(platform.changePerson({.user = "bob", .isFriend = true, .quiet = true})->eventIds.empty());
}

TEST_F(PlatformTest, AGroupsLifeTellsTheBotOnlyWhatItSees) {
  const ChatName team{Chat::Kind::Group, "team"};
  EXPECT_TRUE(platform.changeChat({.chat = team, .add = {"alice"}, .hasBot = false})->eventIds.empty());
  EXPECT_FALSE(ask({{"user", "alice"}, {"group", "team"}, {"text", "hi"}}).ok()) << "the bot is not there";
  const std::string join = sent(platform.changeChat({.chat = team, .hasBot = true}));
  EXPECT_EQ(seen(join).type, "join");
  EXPECT_EQ(seen(join).source.userId, "");
  EXPECT_FALSE(seen(join).replyToken.empty());
  const std::string joined = sent(platform.changeChat({.chat = team, .add = {"alice", "bob", "carol"}}));
  EXPECT_EQ(seen(joined).type, "memberJoined");
  EXPECT_EQ(seenJson(joined)["joined"]["members"].size(), 2U);
  const std::string left = sent(platform.changeChat({.chat = team, .remove = {"bob"}}));
  EXPECT_EQ(seenJson(left)["left"]["members"][0]["userId"], userIdOf("bob"));
  EXPECT_FALSE(ask({{"user", "bob"}, {"group", "team"}, {"text", "hi"}}).ok()) << "bob is no member any more";
  EXPECT_EQ(seen(sent(platform.changeChat({.chat = team, .hasBot = false}))).type, "leave");

  const ChatName room{Chat::Kind::Room, "old"};
  const std::string roomJoin = sent(platform.changeChat({.chat = room, .add = {"alice"}}));
  EXPECT_EQ(seen(roomJoin).source.roomId, roomIdOf("old"));
}

TEST_F(PlatformTest, AnUnsentMessageIsGone) {
  const std::string id = sent(ask({{"user", "alice"}, {"group", "team"}, {"message", {{"type", "image"}}}}));
  const std::string messageId = event(id)["messageId"];
  EXPECT_EQ(platform.content(withPath({messageId})).status, 200);
  const std::string unsent = sent(platform.unsend(messageId));
  EXPECT_EQ(seenJson(unsent)["unsend"]["messageId"], messageId);
  EXPECT_EQ(seen(unsent).source.userId, userIdOf("alice"));
  EXPECT_TRUE(seen(unsent).replyToken.empty());
  EXPECT_EQ(platform.content(withPath({messageId})).status, 410);
  EXPECT_FALSE(platform.unsend(messageId).ok());
  EXPECT_FALSE(platform.unsend("1").ok());
}

TEST_F(PlatformTest, AnEditHasTheSameIdAndNewTokens) {
  const std::string id = sent(ask({{"user", "alice"}, {"group", "team"}, {"text", "one"}}));
  const std::string messageId = event(id)["messageId"];
  const std::string edited = sent(platform.edit(messageId, *readEventRequest({{"text", "two"}})));
  const line::Event got = seen(edited);
  EXPECT_EQ(got.type, "messageEdited");
  const json before = seenJson(id)["message"];
  const json after = seenJson(edited)["message"];
  EXPECT_EQ(after["id"], messageId);
  EXPECT_EQ(after["text"], "two");
  EXPECT_NE(after["quoteToken"], before["quoteToken"]);
  EXPECT_FALSE(after.contains("markAsReadToken"));
  EXPECT_FALSE(got.replyToken.empty());
  EXPECT_NE(got.replyToken, seen(id).replyToken);
  const std::string alone = sent(ask({{"user", "alice"}, {"text", "one"}}));
  EXPECT_FALSE(platform.edit(event(alone)["messageId"], *readEventRequest({{"text", "two"}})).ok());
}

TEST_F(PlatformTest, TappingAButtonDoesWhatItsActionSays) {
  const std::string id = sent(ask({{"user", "alice"}, {"text", "hi"}}));
  const json actions =
      json::array({{{"type", "postback"}, {"label", "Get"}, {"data", "answer=7"}, {"displayText", "Get it"}},
                   {{"type", "message"}, {"label", "Yes"}, {"text", "yes!"}},
                   {{"type", "uri"}, {"label", "Open"}, {"uri", "https://example.org"}},
                   {{"type", "datetimepicker"}, {"label", "When"}, {"data", "d"}, {"mode", "date"}}});
  const json body{
      {"replyToken", event(id)["replyToken"]},
      {"messages", json::array({{{"type", "template"},
                                 {"altText", "a"},
                                 {"template", {{"type", "buttons"}, {"text", "t"}, {"actions", actions}}}}})}};
  const BotAnswer answer = platform.reply(withBody(body));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::string messageId = json::parse(answer.body)["sentMessages"][0]["id"];
  const auto tap = [&](int index, const json& params = nullptr) {
    return platform.tap("alice", messageId, "/template/actions/" + std::to_string(index), params);
  };
  const std::string postback = sent(tap(0));
  EXPECT_EQ(seen(postback).type, "postback");
  EXPECT_EQ(seenJson(postback)["postback"]["data"], "answer=7");
  EXPECT_EQ(event(postback)["text"], "Get it");
  EXPECT_EQ(seen(sent(tap(1))).message->text, "yes!");
  EXPECT_TRUE(tap(2)->eventIds.empty()) << "LINE tells nothing of links";
  EXPECT_FALSE(tap(3).ok());
  EXPECT_EQ(seenJson(sent(tap(3, {{"date", "2026-01-02"}})))["postback"]["params"]["date"], "2026-01-02");
  EXPECT_FALSE(tap(9).ok());
  EXPECT_FALSE(platform.tap("bob", messageId, "/template/actions/0", nullptr).ok());
}

TEST_F(PlatformTest, ContentIsServedWhenItIsReady) {
  const std::string id = sent(ask({{"user", "alice"},
                                   {"message", {{"type", "video"}}},
                                   {"content", {{"type", "video/mp4"}, {"base64", toBase64("moving")}}},
                                   {"preparing", 2}}));
  const BotCall call = withPath({event(id)["messageId"]});
  EXPECT_EQ(platform.content(call).status, 202);
  EXPECT_EQ(json::parse(platform.transcoding(call).body)["status"], "processing");
  EXPECT_EQ(json::parse(platform.transcoding(call).body)["status"], "succeeded");
  const BotAnswer ready = platform.content(call);
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.contentType, "video/mp4");
  EXPECT_EQ(*ready.content, "moving");
  EXPECT_EQ(platform.content(withPath({"1"})).status, 404);

  const std::string file = event(sent(ask({{"user", "alice"}, {"message", {{"type", "file"}}}})))["messageId"];
  EXPECT_EQ(platform.transcoding(withPath({file})).status, 400);
  EXPECT_EQ(platform.contentPreview(withPath({file})).status, 400);
  const std::string failed =
      event(sent(ask({{"user", "alice"}, {"message", {{"type", "audio"}}}, {"failed", true}})))["messageId"];
  EXPECT_EQ(json::parse(platform.transcoding(withPath({failed})).body)["status"], "failed");
  const std::string text = event(sent(ask({{"user", "alice"}, {"text", "hi"}})))["messageId"];
  EXPECT_EQ(platform.content(withPath({text})).status, 404);
}

TEST_F(PlatformTest, GeneratedContentHasItsSizeAndNoPeriod) {
  const std::string bytes = Contents::generate(100'001);
  EXPECT_EQ(bytes.size(), 100'001U);
  EXPECT_EQ(bytes, Contents::generate(100'001));
  EXPECT_EQ(bytes.find(bytes.substr(50'000, 16)), 50'000U);
  EXPECT_FALSE(ask({{"user", "a"}, {"message", {{"type", "file"}}}, {"content", {{"bytes", 1 << 30}}}}).ok());
  EXPECT_FALSE(ask({{"user", "a"}, {"message", {{"type", "file"}}}, {"content", {{"base64", "?"}}}}).ok());
}

}  // namespace
}  // namespace tsunagi::linesim
