#include "Fakes.h"
#include "sql/Database.h"

namespace tsunagi::chat::test {
namespace {

class IntakeTest : public ChatTest {};

TEST_F(IntakeTest, AcknowledgesAfterTheCommitAndAnswers) {
  receive(1, body({event("a", "Ua", "hello")}));
  EXPECT_TRUE(_uplink.said.empty());
  _intake->step();
  EXPECT_EQ(_uplink.said, std::vector<std::string>{"ack e1 1 id1"});
  EXPECT_EQ(cell("SELECT epoch||last_seq||last_id FROM link_state"), "e11id1");
  EXPECT_EQ(_intake->position().lastSeq, 1u);
  run();
  ASSERT_EQ(_line->calls.size(), 1u);
  EXPECT_EQ(_line->calls[0], std::make_pair(std::string("token-a"), text("echo: hello")));
}

TEST_F(IntakeTest, ManyWebhooksGoIntoOneCommitAndOneAcknowledgement) {
  _intake->onEvents(
      {arrival(1, body({event("a", "Ua", "1")})), arrival(2, body({event("b", "Ua", "2")})), arrival(3, body({}))});
  _intake->step();
  EXPECT_EQ(_uplink.said, std::vector<std::string>{"ack e1 3 id3"});
  EXPECT_EQ(_store->events.counts().events, 2u);
  EXPECT_EQ(_store->events.counts().webhooks, 3u);
}

TEST_F(IntakeTest, ARedeliveredEventHasNoSecondEffect) {
  receive(1, body({event("a", "Ua", "hello")}));
  run();
  auto again = event("a", "Ua", "hello");
  again["deliveryContext"]["isRedelivery"] = true;
  receive(2, body({again}));
  run();
  EXPECT_EQ(_line->calls.size(), 1u);
  EXPECT_EQ(_responder->requests.size(), 1u);
  EXPECT_EQ(_store->events.counts().duplicates, 1u);
  EXPECT_EQ(_uplink.said.back(), "ack e1 2 id2");
}

TEST_F(IntakeTest, AReplayIsAnotherEventWhoseTokenIsSpent) {
  receive(1, body({event("a", "Ua", "hello")}));
  run();
  auto replay = arrival(2, body({event("a", "Ua", "hello")}));
  replay.replay = "id1";
  _intake->onEvents({replay});
  run();
  EXPECT_EQ(_store->events.counts().events, 2u);
  EXPECT_EQ(_line->calls.size(), 1u);
}

TEST_F(IntakeTest, EventsWithoutAnIdAreToldApartByTheirPlace) {
  auto nameless = event("x", "Ua", "hello");
  nameless.erase("webhookEventId");
  receive(1, body({nameless, nameless}));
  receive(2, body({nameless}));
  run();
  EXPECT_EQ(_store->events.counts().events, 3u);
  EXPECT_EQ(post(body({nameless}), sign(body({nameless}))), 200);
  EXPECT_EQ(post(body({nameless}), sign(body({nameless}))), 200);
  EXPECT_EQ(_store->events.counts().events, 4u);
  EXPECT_EQ(_store->events.counts().duplicates, 1u);
}

TEST_F(IntakeTest, WhatTheStoreHasAlreadyIsAcknowledgedAgain) {
  receive(1, body({event("a", "Ua", "hello")}));
  _intake->step();
  receive(1, body({event("a", "Ua", "hello")}));
  _intake->step();
  EXPECT_EQ(_uplink.said, (std::vector<std::string>{"ack e1 1 id1", "ack e1 1 id1"}));
  EXPECT_EQ(_store->events.counts().webhooks, 1u);
}

TEST_F(IntakeTest, HoldsWhatItCannotServeYet) {
  configure("");
  receive(1, body({event("a", "Ua", "hello")}));
  run();
  EXPECT_TRUE(_uplink.said.empty());
  EXPECT_EQ(_intake->status().held, 1u);
  EXPECT_EQ(_intake->status().heldBecause, "no channel secret is set");
  EXPECT_EQ(_store->events.linkMark().lastSeq, 0u);
  configure("secret", false, true);
  run();
  configure("secret", true, false);
  run();
  EXPECT_TRUE(_uplink.said.empty());
  configure("secret");
  run();
  EXPECT_EQ(_uplink.said, std::vector<std::string>{"ack e1 1 id1"});
  EXPECT_EQ(_line->bodies(), std::vector<std::string>{text("echo: hello")});
  EXPECT_EQ(_intake->status().held, 0u);
}

TEST_F(IntakeTest, ForgetsHeldEventsOfAClosedConnection) {
  configure("");
  receive(1, body({event("a", "Ua", "one")}));
  _intake->step();
  _intake->onDisconnected();
  receive(1, body({event("a", "Ua", "one")}));
  configure("secret");
  run();
  EXPECT_EQ(_line->calls.size(), 1u);
  EXPECT_EQ(_store->events.counts().webhooks, 1u);
}

TEST_F(IntakeTest, ABadSignatureIsQuarantinedAndAcknowledged) {
  receive(1, body({event("a", "Ua", "one")}), "new secret");
  receive(2, body({event("b", "Ua", "two")}), "new secret");
  receive(3, body({event("c", "Ua", "three")}), "never known");
  run();
  EXPECT_EQ(_uplink.said.back(), "ack e1 3 id3");
  EXPECT_TRUE(_line->calls.empty());
  EXPECT_EQ(_store->events.counts().quarantine, 3u);
  EXPECT_EQ(_intake->status().badSignatures, 3u);

  configure("new secret");
  run();
  EXPECT_EQ(_line->bodies(), (std::vector<std::string>{text("echo: one"), text("echo: two")}));
  EXPECT_EQ(_store->events.counts().quarantine, 1u);
  configure("never known");
  run();
  EXPECT_EQ(_line->calls.size(), 3u);
}

TEST_F(IntakeTest, AfterAReissueBothSecretsAreTakenUntilTheOldOneIsRemoved) {
  receive(1, body({event("a", "Ua", "before")}));
  run();
  receive(2, body({event("b", "Ua", "new")}), "new secret");
  run();
  EXPECT_EQ(_store->events.counts().quarantine, 1u);
  change = [](ChatSettings& settings) {
    settings.channels[0].secrets.push_back(verifyingSecret(SecretString("secret")));
  };
  configure("new secret");
  receive(3, body({event("c", "Ua", "old")}));
  receive(4, body({event("d", "Ua", "other bot")}, "Uother"));
  receive(5, body({event("e", "Ua", "other bot")}, "Uother"), "new secret");
  run();
  EXPECT_EQ(_line->bodies(), (std::vector<std::string>{text("echo: before"), text("echo: new"), text("echo: old")}));
  EXPECT_EQ(_store->events.counts().refused, 2u) << "each of the two is of one bot alone";
  change = nullptr;
  configure("new secret");
  receive(6, body({event("f", "Ua", "forged")}));
  run();
  EXPECT_EQ(_line->calls.size(), 3u);
  EXPECT_EQ(_store->events.counts().quarantine, 1u);
}

TEST_F(IntakeTest, TheQuarantineIsLookedAtAgainWhenEitherSecretChanges) {
  receive(1, body({event("a", "Ua", "one")}), "old secret");
  run();
  EXPECT_EQ(_store->events.counts().quarantine, 1u);
  change = [](ChatSettings& settings) {
    settings.channels[0].secrets.push_back(verifyingSecret(SecretString("old secret")));
  };
  configure("secret");
  run();
  EXPECT_EQ(_line->bodies(), std::vector<std::string>{text("echo: one")});
}

TEST_F(IntakeTest, TheQuarantineIsLookedAtAgainAfterARestart) {
  receive(1, body({event("a", "Ua", "one")}), "new secret");
  run();
  configure("new secret");
  restart();
  run();
  EXPECT_EQ(_line->calls.size(), 1u);
}

TEST_F(IntakeTest, AnEditCountsForTheVeryNextWebhook) {
  int looked = 0;
  Intake::Hooks hooks;
  hooks.refreshSettings = [&] {
    ++looked;
    configure("new secret");
  };
  const std::string bytes = body({event("a", "Ua", "hello")});
  EXPECT_EQ(post(bytes, sign(bytes, "new secret")), 400) << "the settings in force know another secret";
  _intake = std::make_unique<Intake>(_store->events, _settings, *_lanes, _clock, hooks);
  EXPECT_EQ(post(bytes, sign(bytes, "new secret")), 200);
  EXPECT_EQ(looked, 1);
}

TEST_F(IntakeTest, TheSignatureIsOfTheBytesAsTheyCame) {
  const std::string escaped =
      R"({"destination":"Ubot","events":[{"type":"message","mode":"active","webhookEventId":"e","replyToken":"t","source":{"type":"user","userId":"U00000000000000000000000000005561"},"message":{"id":"1","type":"text","text":"\uD83E\uDD28"}}]})";
  receive(1, escaped);
  run();
  EXPECT_EQ(_line->bodies(), std::vector<std::string>{text("echo: \xF0\x9F\xA4\xA8")});
  auto reencoded = arrival(2, escaped);
  reencoded.body = nlohmann::json::parse(escaped).dump();
  _intake->onEvents({reencoded});
  run();
  EXPECT_EQ(_store->events.counts().quarantine, 1u);
}

TEST_F(IntakeTest, DoubledOrMissingSignaturesAreBad) {
  auto none = arrival(1, body({}));
  none.headers.clear();
  auto twice = arrival(2, body({}));
  twice.headers.push_back(twice.headers[0]);
  auto named = arrival(3, body({}));
  named.headers[0].first = "X-Line-Signature";
  _intake->onEvents({none, twice, named});
  run();
  EXPECT_EQ(_store->events.counts().quarantine, 2u);
}

TEST_F(IntakeTest, AnUnreadableWebhookIsKeptAsDeadAndNacked) {
  receive(1, "[]");
  receive(2, body({event("a", "Ua", "next")}));
  run();
  EXPECT_EQ(_uplink.said, (std::vector<std::string>{"nack e1 1 unparsable", "ack e1 2 id2"}));
  EXPECT_EQ(cell("SELECT body||outcome FROM inbox WHERE state='dead'"), "[]unparsable");
  EXPECT_EQ(_line->calls.size(), 1u);
}

TEST_F(IntakeTest, AnotherBotsWebhookIsRefused) {
  receive(1, body({event("a", "Ua", "mine")}));
  receive(2, body({event("b", "Ub", "other")}, "Uother"));
  run();
  EXPECT_EQ(_line->calls.size(), 1u);
  EXPECT_EQ(_store->events.counts().refused, 1u);
  EXPECT_EQ(_uplink.said.back(), "ack e1 2 id2");
}

TEST_F(IntakeTest, DirectModeAnswersByWhatBecameOfTheWebhook) {
  const std::string good = body({event("a", "Ua", "hello")});
  EXPECT_EQ(post(good, sign(good)), 200);
  EXPECT_EQ(post(good, sign(good, "wrong")), 400);
  EXPECT_EQ(post(good, ""), 400);
  EXPECT_EQ(post(body({}), sign(body({}))), 200) << "the Verify button";
  EXPECT_EQ(post("{", sign("{")), 400);
  EXPECT_EQ(_store->events.counts().quarantine, 0u) << "LINE was told, nothing waits";
  configure("");
  EXPECT_EQ(post(good, sign(good)), 503);
  run();
}

TEST_F(IntakeTest, DirectModeNeedsOnlyTheSecret) {
  configure("secret", false, false);
  const std::string good = body({event("a", "Ua", "hello")});
  EXPECT_EQ(post(good, sign(good)), 200);
  run();
  EXPECT_TRUE(_line->calls.empty());
  configure("secret");
  run();
  EXPECT_EQ(_line->calls.size(), 1u);
}

TEST_F(IntakeTest, AFailingStoreAcknowledgesNothing) {
  {
    sql::Database other(_folder + "/bridge.db");
    other.execute("CREATE TRIGGER broken BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'broken'); END");
  }
  const std::string good = body({event("a", "Ua", "hello")});
  receive(1, good);
  EXPECT_EQ(post(body({event("d", "Ud", "direct")}), sign(body({event("d", "Ud", "direct")}))), 503);
  EXPECT_TRUE(_uplink.said.empty());
  EXPECT_EQ(_intake->position().lastSeq, 0u);
  EXPECT_NE(_intake->status().storeTrouble, "");
  EXPECT_EQ(cell("SELECT count(*) FROM seen_events"), "0");
  {
    sql::Database other(_folder + "/bridge.db");
    other.execute("DROP TRIGGER broken");
  }
  run();
  EXPECT_EQ(_uplink.said, std::vector<std::string>{"ack e1 1 id1"});
  EXPECT_EQ(_intake->status().storeTrouble, "");
  EXPECT_EQ(_line->calls.size(), 1u);
}

TEST_F(IntakeTest, ResyncAndGapAreRecordedAndDeleteNothing) {
  receive(1, body({event("a", "Ua", "one")}));
  _intake->onResync("e2");
  auto renumbered = arrival(1, body({event("b", "Ua", "two")}));
  renumbered.epoch = "e2";
  renumbered.id = "id9";
  _intake->onEvents({renumbered});
  _intake->onGap(2, 5);
  run();
  EXPECT_EQ(_uplink.said, std::vector<std::string>{"ack e2 1 id9"});
  EXPECT_EQ(_store->events.linkMark(), (store::LinkMark{"e2", 1, "id9"}));
  EXPECT_EQ(_store->events.counts().gaps, 1u);
  EXPECT_EQ(_store->events.counts().resyncs, 1u);
  EXPECT_EQ(_line->calls.size(), 2u);
  _intake->onResync("e3");
  _intake->step();
  EXPECT_EQ(_store->events.linkMark(), (store::LinkMark{"e3", 0, ""}));
  restart();
  EXPECT_EQ(_intake->position().epoch, "e3");
}

TEST_F(IntakeTest, AGapIsRecordedWhileEventsAreHeld) {
  configure("");
  _intake->onGap(2, 5);
  _intake->step();
  EXPECT_EQ(_store->events.counts().gaps, 1u);
}

TEST_F(IntakeTest, ItsThreadHandlesWhatComesAndEndsInOrder) {
  _intake->start();
  receive(1, body({event("a", "Ua", "hello")}));
  _intake->stop();
  EXPECT_EQ(_uplink.said, std::vector<std::string>{"ack e1 1 id1"});
  int answered = 0;
  _intake->direct({"", "", [&](int status) { answered = status; }});
  EXPECT_EQ(answered, 503) << "after the stop";
}

}  // namespace
}  // namespace tsunagi::chat::test
