// The Messaging API beyond replies: who is seen, what is counted, what a token is good for.
#include <set>

#include "tests/unit/linesim/PlatformFixture.h"
#include "tools/linesim/WebhookGate.h"

namespace tsunagi::linesim {
namespace {

json bodyOf(const BotAnswer& answer) { return json::parse(answer.body); }

TEST_F(PlatformTest, AProfileIsShownToFriendsAndToWhoWrote) {
  sent(platform.changePerson(
      {.user = "friend", .displayName = "フレンド", .pictureUrl = "https://p/f", .language = "th", .isFriend = true}));
  const json shown = bodyOf(profile(userIdOf("friend")));
  EXPECT_EQ(shown["displayName"], "フレンド");
  EXPECT_EQ(shown["pictureUrl"], "https://p/f");
  EXPECT_EQ(shown["language"], "th");
  EXPECT_FALSE(shown.contains("statusMessage"));
  sent(platform.changePerson({.user = "stranger", .isFriend = false}));
  sent(ask({{"user", "stranger"}, {"group", "team"}, {"text", "hi"}}));
  EXPECT_EQ(profile(userIdOf("stranger")).status, 404) << "who only wrote in a group is not shown";
  EXPECT_EQ(messageOf(profile(userIdOf("stranger"))), "Not found");
  EXPECT_EQ(bodyOf(platform.memberProfile(withPath({groupIdOf("team"), userIdOf("stranger")})))["displayName"],
            "stranger");
  sent(ask({{"user", "stranger"}, {"text", "hi"}}));
  EXPECT_EQ(profile(userIdOf("stranger")).status, 200);
  sent(platform.changePerson({.user = "stranger", .hasBlocked = true}));
  EXPECT_EQ(profile(userIdOf("stranger")).status, 404);
  EXPECT_EQ(profile("U0").status, 400);
}

TEST_F(PlatformTest, AGroupIsShownWhileTheBotIsInIt) {
  const ChatName team{Chat::Kind::Group, "team"};
  sent(platform.changeChat({.chat = team, .title = "Team 🎌", .add = {"alice", "bob"}}));
  const BotCall group = withPath({groupIdOf("team")});
  EXPECT_EQ(bodyOf(platform.groupSummary(group))["groupName"], "Team 🎌");
  EXPECT_EQ(bodyOf(platform.memberCount(group))["count"], 2);
  EXPECT_EQ(platform.memberIds(group).status, 403);
  platform.setAccount(std::nullopt, true);
  EXPECT_EQ(bodyOf(platform.memberIds(group))["memberIds"].size(), 2U);
  EXPECT_EQ(platform.memberProfile(withPath({groupIdOf("team"), userIdOf("carol")})).status, 404);
  EXPECT_EQ(platform.leave(group).status, 200);
  EXPECT_EQ(platform.groupSummary(group).status, 404);
  EXPECT_EQ(platform.memberCount(group).status, 404);
  EXPECT_EQ(platform.leave(group).status, 404);
  EXPECT_EQ(platform.leave(withPath({roomIdOf("nowhere")})).status, 200) << "as LINE answers for rooms";
  EXPECT_EQ(push(groupIdOf("team"), "x").status, 400);
}

TEST_F(PlatformTest, ABotThatLeavesIsTold) {
  sent(platform.changeChat({.chat = {Chat::Kind::Group, "team"}, .add = {"alice"}}));
  Happened happened;
  EXPECT_EQ(platform.leave(withPath({groupIdOf("team")}), &happened).status, 200);
  const std::string id = sent(happened);
  EXPECT_EQ(seen(id).type, "leave");
  EXPECT_EQ(seen(id).source.groupId, groupIdOf("team"));
  Happened again;
  platform.leave(withPath({roomIdOf("nowhere")}), &again);
  EXPECT_TRUE(again.eventIds.empty());
}

TEST_F(PlatformTest, IdsComeInPages) {
  ChatChange change{.chat = {Chat::Kind::Group, "team"}};
  for (int i = 0; i < 230; ++i) change.add.push_back("user" + std::to_string(i));
  sent(platform.changeChat(change));
  platform.setAccount(std::nullopt, true);
  BotCall call = withPath({groupIdOf("team")});
  std::set<std::string> ids;
  std::vector<size_t> sizes;
  for (bool more = true; more;) {
    const json page = bodyOf(platform.memberIds(call));
    sizes.push_back(page["memberIds"].size());
    for (const json& id : page["memberIds"]) ids.insert(id.get<std::string>());
    more = page.contains("next");
    if (more) call.query = "start=" + page["next"].get<std::string>();
  }
  EXPECT_EQ(sizes, (std::vector<size_t>{100, 100, 30}));
  EXPECT_EQ(ids.size(), 230U);
  call.query = "start=x";
  EXPECT_EQ(platform.memberIds(call).status, 400);
  BotCall followers;
  followers.query = "limit=200";
  const json page = bodyOf(platform.followerIds(followers));
  EXPECT_EQ(page["userIds"].size(), 200U);
  followers.query = "limit=200&start=" + page["next"].get<std::string>();
  EXPECT_EQ(bodyOf(platform.followerIds(followers))["userIds"].size(), 30U);
  followers.query = "limit=1001";
  EXPECT_EQ(platform.followerIds(followers).status, 400);
}

TEST_F(PlatformTest, EachEndpointIsCalledAsOftenAsLineDocuments) {
  const std::string id = write("alice", "hi");
  const auto load = [&] { return platform.startLoading(withBody({{"chatId", userIdOf("alice")}})).status; };
  for (int i = 0; i < 100; ++i) ASSERT_EQ(load(), 202);
  EXPECT_EQ(load(), 429);
  EXPECT_EQ(profile(userIdOf("alice")).status, 200) << "others have limits of their own";
  clock.advance(10);
  EXPECT_EQ(load(), 202);
  EXPECT_EQ(load(), 429);
  clock.advance(5'000);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(load(), 202);
  EXPECT_EQ(load(), 429) << "what was not used is not saved up";

  platform.setRate("reply", CallRates::Limit{0, 1'000});
  const BotAnswer refused = reply(id, "one");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(messageOf(refused), "The API rate limit has been exceeded. Try again later.");
  platform.setRate("reply", std::nullopt);
  EXPECT_EQ(reply(id, "one").status, 200) << "the token was not spent";
}

TEST_F(PlatformTest, ARetryKeyIsForPushesOnly) {
  const std::string id = write("alice", "hi");
  const std::string key = "00000000-0000-4000-8000-000000000000";
  const auto with = [&](BotCall call) {
    call.hasRetryKey = true;
    call.retryKey = key;
    return call;
  };
  EXPECT_EQ(platform.startLoading(with(withBody({{"chatId", userIdOf("alice")}}))).status, 400) << id;
  EXPECT_EQ(platform.profile(with(withPath({userIdOf("alice")}))).status, 400);
  EXPECT_EQ(platform.validate(with(withBody({{"messages", json::array()}}))).status, 400);
  EXPECT_EQ(push(userIdOf("alice"), "x", key).status, 200);
}

TEST_F(PlatformTest, APushCountsWhomItReaches) {
  sent(platform.changeChat({.chat = {Chat::Kind::Group, "team"}, .add = {"alice", "bob", "carol"}}));
  EXPECT_EQ(push(groupIdOf("team"), "x").status, 200);
  EXPECT_EQ(bodyOf(platform.quotaConsumption({}))["totalUsage"], 3);
  platform.setQuota(5);
  EXPECT_EQ(messageOf(push(groupIdOf("team"), "y")), "You have reached your monthly limit.");
  EXPECT_EQ(push(userIdOf("alice"), "y").status, 200);
  EXPECT_EQ(summary()["pushes"], 2);
  EXPECT_EQ(summary()["pushRecipients"], 4);
}

TEST_F(PlatformTest, APushToWhoCannotBeReachedIsTakenAndReachesNobody) {
  sent(platform.changePerson({.user = "alice", .isFriend = true}));
  sent(platform.changePerson({.user = "alice", .hasBlocked = true}));
  EXPECT_EQ(push(userIdOf("alice"), "x").status, 200);
  EXPECT_EQ(summary()["pushRecipients"], 0);
  sent(platform.changePerson({.user = "bob", .isFriend = false}));
  push(userIdOf("bob"), "x");
  EXPECT_EQ(summary()["pushRecipients"], 0);
  sent(ask({{"user", "bob"}, {"text", "hi"}}));
  push(userIdOf("bob"), "x");
  EXPECT_EQ(summary()["pushRecipients"], 1);
  clock.advance(People::WRITER_REACHABLE_MS + 1);
  push(userIdOf("bob"), "x");
  EXPECT_EQ(summary()["pushRecipients"], 1) << "a week later no more";
}

TEST_F(PlatformTest, MulticastReachesUsersOnly) {
  write("alice", "hi");
  write("bob", "hi", 200, "team");
  const auto multicast = [&](const json& to) {
    return platform.multicast(
        withBody({{"to", to}, {"messages", json::array({{{"type", "text"}, {"text", "news"}}})}}));
  };
  EXPECT_EQ(multicast({userIdOf("alice"), userIdOf("nobody")}).status, 200);
  EXPECT_EQ(summary()["pushRecipients"], 1);
  EXPECT_EQ(multicast({groupIdOf("team")}).status, 400);
  EXPECT_EQ(multicast(json(501, userIdOf("alice"))).status, 400);
  EXPECT_EQ(multicast(json::array()).status, 400);
}

json quoting(const json& base, const std::string& quoteToken) {
  json body = base;
  body["messages"] = json::array({{{"type", "text"}, {"text", "answer"}, {"quoteToken", quoteToken}}});
  return body;
}

TEST_F(PlatformTest, AQuoteTokenIsGoodInItsChatOnly) {
  const std::string inTeam = write("alice", "hi", 200, "team");
  const std::string alone = write("alice", "hi");
  const std::string foreign = seen(inTeam).message->quoteToken;
  const json token = {{"replyToken", event(alone)["replyToken"]}};
  const BotAnswer refused = platform.reply(withBody(quoting(token, foreign)));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(bodyOf(refused)["details"][0]["property"], "messages[0].quoteToken");
  EXPECT_EQ(platform.reply(withBody(quoting(token, seen(alone).message->quoteToken))).status, 200)
      << "the refused call spent nothing";
}

TEST_F(PlatformTest, APushThatQuotesAMessageAnswersItOnce) {
  const std::string id = write("alice", "question");
  EXPECT_EQ(summary()["lost"], 1);
  const json late = quoting({{"to", userIdOf("alice")}}, seen(id).message->quoteToken);
  EXPECT_EQ(platform.push(withBody(late)).status, 200);
  EXPECT_EQ(summary()["lost"], 0);
  EXPECT_EQ(summary()["twice"], 0);
  EXPECT_EQ(platform.push(withBody(late)).status, 200);
  EXPECT_EQ(summary()["twice"], 1);
}

TEST_F(PlatformTest, APartOfAnAnswerPushedAgainIsTwice) {
  const std::string id = write("alice", "question");
  EXPECT_EQ(platform
                .reply({false, "",
                        line::replyBody(event(id)["replyToken"].get<std::string>(),
                                        line::textMessagesJson({"part one", "part two"}))})
                .status,
            200);
  push(userIdOf("alice"), "part two");
  EXPECT_EQ(summary()["twice"], 1);
}

TEST_F(PlatformTest, TheBotsMessagesCanBeQuoted) {
  const std::string id = write("alice", "hi");
  const json answered = bodyOf(reply(id, "hello"))["sentMessages"][0];
  const std::string question = sent(ask({{"user", "alice"}, {"text", "what do you mean?"}, {"quote", answered["id"]}}));
  EXPECT_EQ(seen(question).message->quotedMessageId, answered["id"].get<std::string>());
  const json again = quoting({{"replyToken", event(question)["replyToken"]}}, answered["quoteToken"]);
  EXPECT_EQ(platform.reply(withBody(again)).status, 200);
}

TEST_F(PlatformTest, MentionsAndTrackingDependOnTheChat) {
  const std::string inTeam = write("alice", "hi", 200, "team");
  const std::string alone = write("alice", "hi");
  const auto mention = [&](const std::string& id, const std::string& user) {
    return platform
        .reply(withBody(
            {{"replyToken", event(id)["replyToken"]},
             {"messages",
              json::array(
                  {{{"type", "textV2"},
                    {"text", "hi {who}"},
                    {"substitution",
                     {{"who", {{"type", "mention"}, {"mentionee", {{"type", "user"}, {"userId", user}}}}}}}}})}}))
        .status;
  };
  EXPECT_EQ(mention(alone, userIdOf("alice")), 400);
  EXPECT_EQ(mention(inTeam, userIdOf("bob")), 400);
  EXPECT_EQ(mention(inTeam, userIdOf("alice")), 200);
}

TEST_F(PlatformTest, ADryRunFindsFaultsAndSendsNothing) {
  const json good{{"messages", json::array({{{"type", "text"}, {"text", "a"}}})}};
  EXPECT_EQ(platform.validate(withBody(good)).status, 200);
  EXPECT_EQ(platform.validate(withBody({{"messages", json::array({{{"type", "text"}}})}})).status, 400);
  json more = good;
  more["replyToken"] = "x";
  EXPECT_EQ(platform.validate(withBody(more)).status, 400);
  EXPECT_EQ(summary()["replies"], 0);
}

TEST_F(PlatformTest, UnknownMembersOfARequestAreNamed) {
  const std::string id = write("alice", "hi");
  const BotAnswer answer = platform.reply(withBody({{"replyToken", event(id)["replyToken"]},
                                                    {"messages", json::array({{{"type", "text"}, {"text", "a"}}})},
                                                    {"retryKey", "x"}}));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(bodyOf(answer)["details"][0]["property"], "retryKey");
}

TEST_F(PlatformTest, DeepJsonIsRefusedNotFollowed) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(platform.reply({false, "", R"({"messages":)" + deep}).status, 400);
}

TEST_F(PlatformTest, MarkingAsReadNeedsATokenOfOurs) {
  const std::string id = write("alice", "hi");
  const auto mark = [&](const std::string& token) {
    return platform.markAsRead(withBody({{"markAsReadToken", token}})).status;
  };
  EXPECT_EQ(mark("foreign"), 400);
  EXPECT_EQ(mark(seen(id).message->markAsReadToken), 200);
  EXPECT_NE(json::parse(platform.ledgerJson(0, 100))["entries"].back()["kind"], "read") << "the chat is off";
  platform.setAccount("chat", std::nullopt);
  EXPECT_EQ(mark(seen(id).message->markAsReadToken), 200);
  const json entries = json::parse(platform.ledgerJson(0, 100))["entries"];
  EXPECT_EQ(entries.back()["kind"], "read");
  EXPECT_EQ(entries.back()["messageId"], event(id)["messageId"]);
}

TEST_F(PlatformTest, StatelessTokensEndAndCanBeWithdrawn) {
  const auto issue = [&](const std::string& secret) {
    return platform.issueToken(
        {false, "", "grant_type=client_credentials&client_id=2000000000&client_secret=" + secret});
  };
  const BotAnswer wrong = issue("wrong");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(bodyOf(wrong)["error"], "invalid_client");
  const json issued = bodyOf(issue("secret"));
  EXPECT_EQ(issued["expires_in"], 900);
  EXPECT_EQ(issued["token_type"], "Bearer");
  const std::string bearer = "Bearer " + issued["access_token"].get<std::string>();
  EXPECT_TRUE(platform.acceptsBearer(bearer));
  clock.advance(AccessTokens::STATELESS_LIFE_MS - 1);
  EXPECT_TRUE(platform.acceptsBearer(bearer));
  clock.advance(1);
  EXPECT_FALSE(platform.acceptsBearer(bearer));
  const std::string second = "Bearer " + bodyOf(issue("secret"))["access_token"].get<std::string>();
  platform.setTokens(5'000, true, false);
  EXPECT_FALSE(platform.acceptsBearer(second));
  EXPECT_FALSE(platform.acceptsBearer("Bearer token"));
  EXPECT_EQ(bodyOf(issue("secret"))["expires_in"], 5);
  EXPECT_EQ(platform.issueToken({false, "", "grant_type=password"}).status, 400);
  platform.setSecret(SecretString("next"));
  EXPECT_EQ(issue("secret").status, 400);
  EXPECT_EQ(issue("next").status, 200);
}

TEST_F(PlatformTest, EachEndpointHasFaultsOfItsOwn) {
  const std::string id = write("alice", "hi");
  platform.addFaults("profile", {.action = Fault::Action::Status, .status = 429}, 1);
  platform.addFaults("push", {.action = Fault::Action::Status, .status = 429, .quota = true}, 1);
  EXPECT_EQ(reply(id, "x").status, 200) << "faults of others do not touch a reply";
  EXPECT_EQ(messageOf(profile(userIdOf("alice"))), "The API rate limit has been exceeded. Try again later.");
  EXPECT_EQ(profile(userIdOf("alice")).status, 200);
  EXPECT_EQ(messageOf(push(userIdOf("alice"), "x")), "You have reached your monthly limit.");
  EXPECT_EQ(push(userIdOf("alice"), "x").status, 200);
  platform.addFaults("content", {.action = Fault::Action::Slow, .ms = 1, .bytes = 7}, 1);
  const std::string image = event(sent(ask({{"user", "alice"}, {"message", {{"type", "image"}}}})))["messageId"];
  const BotAnswer slow = platform.content(withPath({image}));
  ASSERT_TRUE(slow.spoiled);
  EXPECT_EQ(slow.spoiled->bytes, 7U);
  EXPECT_TRUE(slow.content);
  EXPECT_EQ(summary()["faults"], 3);
  EXPECT_TRUE(FaultPlans::isEndpoint("loading"));
  EXPECT_FALSE(FaultPlans::isEndpoint("nothing"));
}

TEST(WebhookGate, HoldsShufflesAndDoubles) {
  WebhookGate gate;
  const auto webhook = [](size_t number) {
    Webhook made;
    made.conversation = "U";
    made.events = {number};
    return made;
  };
  EXPECT_EQ(gate.pass(webhook(0)).size(), 1U);
  gate.hold();
  for (size_t i = 0; i < 20; ++i) EXPECT_TRUE(gate.pass(webhook(i)).empty());
  EXPECT_EQ(gate.held(), 20U);
  const auto shuffled = gate.release(7);
  ASSERT_EQ(shuffled.size(), 20U);
  std::vector<size_t> order;
  for (const Webhook& item : shuffled) {
    order.push_back(item.events[0]);
    EXPECT_EQ(item.conversation, "shuffled");
  }
  std::vector<size_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_NE(order, sorted);
  for (size_t i = 0; i < 20; ++i) EXPECT_EQ(sorted[i], i);
  EXPECT_EQ(gate.pass(webhook(0)).size(), 1U) << "a release ends the holding";
  gate.setDuplicates(100, 1);
  EXPECT_EQ(gate.pass(webhook(0)).size(), 2U);
}

}  // namespace
}  // namespace tsunagi::linesim
