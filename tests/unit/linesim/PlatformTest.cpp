// What the simulated platform answers a bot, and what its ledger makes of it.
#include "tests/unit/linesim/PlatformFixture.h"

namespace tsunagi::linesim {
namespace {

TEST_F(PlatformTest, AMessageBecomesASignedWebhook) {
  const std::string id = write("alice", "hi 🤨");
  const json record = event(id);
  const std::string body = record["webhook"]["body"];
  EXPECT_TRUE(
      line::SignatureVerifier(SecretString("secret")).verify(body, record["webhook"]["signature"].get<std::string>()));
  const auto parsed = line::parseWebhook(body);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->destination, userIdOf("bot"));
  EXPECT_EQ(parsed->events.at(0).webhookEventId, id);
  EXPECT_EQ(parsed->events.at(0).message->text, "hi 🤨");
  EXPECT_EQ(parsed->events.at(0).timestampMs, clock.wallMs());
}

TEST_F(PlatformTest, AReplyTokenWorksOnce) {
  const std::string id = write("alice", "hi");
  const BotAnswer first = reply(id, "hello");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(json::parse(first.body)["sentMessages"].size(), 1U);
  EXPECT_FALSE(first.requestId.empty());
  const BotAnswer second = reply(id, "hello");
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(messageOf(second), "Invalid reply token");
  EXPECT_EQ(event(id)["answers"].size(), 1U);
  EXPECT_EQ(event(id)["answers"][0]["texts"][0], "hello");
  EXPECT_EQ(summary()["deadTokenCalls"], 1);
}

TEST_F(PlatformTest, AReplyTokenDiesAndARedeliveryRevivesIt) {
  const std::string id = write("alice", "hi");
  clock.advance(60'001);
  EXPECT_EQ(reply(id, "late").status, 400);
  const auto again = platform.redeliver(id);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(line::parseWebhook(*again->body)->events.at(0).isRedelivery);
  EXPECT_EQ(line::parseWebhook(*again->body)->events.at(0).webhookEventId, id);
  attempt(*again, 200);
  EXPECT_EQ(reply(id, "in time").status, 200);
  EXPECT_FALSE(platform.redeliver("nothing").ok());
}

TEST_F(PlatformTest, ARefusedReplySpendsNothing) {
  const std::string id = write("alice", "hi");
  EXPECT_EQ(reply(id, "").status, 400);
  EXPECT_EQ(platform.reply({true, "123e4567-e89b-12d3-a456-426614174000", "{}"}).status, 400);
  EXPECT_EQ(platform.reply({false, "", "no json"}).status, 400);
  EXPECT_EQ(platform.reply({false, "", R"({"messages":[{"type":"text","text":"a"}]})"}).status, 400);
  EXPECT_EQ(reply(id, "ok").status, 200);
}

TEST_F(PlatformTest, APushWithASeenRetryKeyIs409AndDeliversOnce) {
  write("alice", "hi");
  const std::string key = "123e4567-e89b-12d3-a456-426614174000";
  const BotAnswer first = push(userIdOf("alice"), "news", key);
  const BotAnswer second = push(userIdOf("alice"), "news", key);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.acceptedRequestId, first.requestId);
  EXPECT_NE(second.requestId, first.requestId);
  EXPECT_EQ(json::parse(second.body)["sentMessages"], json::parse(first.body)["sentMessages"]);
  EXPECT_EQ(messageOf(second), "The retry key is already accepted");
  EXPECT_EQ(summary()["pushes"], 1);
  clock.advance(24 * 60 * 60 * 1000 + 1);
  EXPECT_EQ(push(userIdOf("alice"), "news", key).status, 200) << "a key is good for 24 h";
}

TEST_F(PlatformTest, PushChecksKeyReceiverAndQuota) {
  EXPECT_EQ(push(userIdOf("alice"), "x", "no-uuid").status, 400);
  EXPECT_EQ(messageOf(push(userIdOf("alice"), "x")), "Failed to send messages");
  write("alice", "hi", 200, "team");
  EXPECT_EQ(push(groupIdOf("team"), "x").status, 200);
  platform.setQuota(1);
  const BotAnswer over = push(groupIdOf("team"), "x");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(messageOf(over), "You have reached your monthly limit.");
  EXPECT_EQ(json::parse(platform.quota({}).body)["value"], 1);
  EXPECT_EQ(json::parse(platform.quotaConsumption({}).body)["totalUsage"], 1);
}

TEST_F(PlatformTest, AFaultBeforeTheEffectLeavesTheTokenGood) {
  const std::string id = write("alice", "hi");
  platform.addFaults("", Fault{}, 1);
  EXPECT_EQ(reply(id, "a").status, 500);
  EXPECT_EQ(summary()["answered"], 0);
  EXPECT_EQ(reply(id, "a").status, 200);
}

TEST_F(PlatformTest, AFaultAfterTheEffectSpendsTheTokenAndHidesTheAnswer) {
  const std::string id = write("alice", "hi");
  platform.addFaults("", {Fault::Action::Status, true, 503}, 1);
  EXPECT_EQ(reply(id, "a").status, 503);
  EXPECT_EQ(summary()["answered"], 1);
  EXPECT_TRUE(event(id)["answers"][0]["answerSpoiled"]);
  EXPECT_EQ(messageOf(reply(id, "a")), "Invalid reply token") << "the probe of DESIGN rule 3";
  EXPECT_EQ(summary()["twice"], 0);
  EXPECT_EQ(summary()["lost"], 0);
}

TEST_F(PlatformTest, SummaryCountsWhatWasAcceptedAndNeverAnswered) {
  write("alice", "accepted");
  write("alice", "refused", 503);
  write("alice", "unreached", 0);
  json counts = summary();
  EXPECT_EQ(counts["events"], 3);
  EXPECT_EQ(counts["accepted"], 1);
  EXPECT_EQ(counts["lost"], 1);
  EXPECT_EQ(counts["unanswered"], 3);
}

TEST_F(PlatformTest, SummarySeesRepliesOutOfOrderPerConversation) {
  const std::string a1 = write("alice", "1");
  const std::string b1 = write("bob", "1");
  const std::string a2 = write("alice", "2");
  const std::string a3 = write("alice", "3");
  reply(b1, "b1");
  reply(a2, "a2");
  reply(a1, "a1");
  reply(a3, "a3");
  EXPECT_EQ(summary()["reordered"], 1);
}

TEST_F(PlatformTest, SummaryForgivesTheOrderOfWhatHadToBeRedelivered) {
  const std::string first = write("alice", "1", 503);
  const std::string second = write("alice", "2");
  attempt(*platform.redeliver(first), 200);
  reply(second, "2");
  reply(first, "1");
  EXPECT_EQ(summary()["reordered"], 0);
  EXPECT_EQ(summary()["redeliveries"], 1);
  EXPECT_EQ(summary()["lost"], 0);
}

TEST_F(PlatformTest, SummarySeesAPushThatRepeatsAnAnswer) {
  const std::string first = write("alice", "1");
  const std::string second = write("bob", "1");
  reply(first, "1");
  reply(second, "1");
  push(userIdOf("alice"), "something else");
  EXPECT_EQ(summary()["twice"], 0);
  push(userIdOf("alice"), "1");
  EXPECT_EQ(summary()["twice"], 1);
  push(userIdOf("alice"), "1");
  EXPECT_EQ(summary()["twice"], 1) << "an event is counted once";
}

TEST_F(PlatformTest, WritesManyAsOneEachOrAsABatch) {
  NewMessages messages;
  messages.user = "alice";
  messages.text = "m";
  messages.count = 3;
  messages.copies = 2;
  const auto each = platform.write(messages);
  EXPECT_EQ(each->webhooks.size(), 6U);
  EXPECT_EQ(each->eventIds.size(), 3U);
  EXPECT_EQ(event(each->eventIds[2])["text"], "m 3");
  messages.batch = true;
  const auto batch = platform.write(messages);
  EXPECT_EQ(batch->webhooks.size(), 2U);
  EXPECT_EQ(batch->webhooks.at(0).events.size(), 3U);
  EXPECT_EQ(line::parseWebhook(*batch->webhooks.at(0).body)->events.size(), 3U);
}

TEST_F(PlatformTest, RefusesMessagesNobodyCouldWrite) {
  const auto refused = [&](const NewMessages& messages) { return !platform.write(messages).ok(); };
  EXPECT_TRUE(refused({"", "", "x"}));
  EXPECT_TRUE(refused({"alice", "", ""}));
  EXPECT_TRUE(refused({"a\nb", "", "x"}));
  EXPECT_TRUE(refused({"alice", "", std::string(5001, 'x')}));
  EXPECT_TRUE(refused({"alice", "", "x", 0}));
  EXPECT_TRUE(refused({"alice", "", "x", Platform::MAX_COUNT + 1}));
  EXPECT_EQ(summary()["events"], 0);
}

TEST_F(PlatformTest, TheBearerMustBeExact) {
  EXPECT_TRUE(platform.acceptsBearer("Bearer token"));
  for (const char* bad : {"", "token", "bearer token", "Bearer  token", "Bearer tokens", "Bearer toke", "Basic token"})
    EXPECT_FALSE(platform.acceptsBearer(bad)) << bad;
}

TEST_F(PlatformTest, LoadingIsForKnownUsersInStepsOfFive) {
  write("alice", "hi", 200, "team");
  const auto start = [&](const std::string& chat, int seconds) {
    return platform.startLoading({false, "", json{{"chatId", chat}, {"loadingSeconds", seconds}}.dump()}).status;
  };
  EXPECT_EQ(start(userIdOf("alice"), 20), 202);
  EXPECT_EQ(start(groupIdOf("team"), 20), 400);
  for (const int bad : {0, 4, 7, 65}) EXPECT_EQ(start(userIdOf("alice"), bad), 400) << bad;
}

TEST_F(PlatformTest, ProfilesAreThoseOfPeopleWhoWrote) {
  EXPECT_EQ(profile(userIdOf("alice")).status, 404);
  write("alice", "hi");
  EXPECT_EQ(json::parse(profile(userIdOf("alice")).body)["displayName"], "alice");
}

TEST_F(PlatformTest, TheLedgerIsReadInPages) {
  const std::string id = write("alice", "hi");
  reply(id, "hello");
  const json all = json::parse(platform.ledgerJson(0, 100));
  ASSERT_EQ(all["entries"].size(), 3U);
  EXPECT_EQ(all["entries"][0]["kind"], "event");
  EXPECT_EQ(all["entries"][1]["kind"], "webhook");
  EXPECT_EQ(all["entries"][2]["kind"], "messages");
  EXPECT_EQ(all["entries"][2]["webhookEventId"], id);
  const json page = json::parse(platform.ledgerJson(1, 1));
  EXPECT_EQ(page["entries"].size(), 1U);
  EXPECT_EQ(page["next"], 2);
  EXPECT_EQ(json::parse(platform.ledgerJson(SIZE_MAX, 10))["entries"].size(), 0U);
}

}  // namespace
}  // namespace tsunagi::linesim
