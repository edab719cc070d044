#include "Fakes.h"

namespace tsunagi::chat::test {
namespace {

using Kind = line::SendResult::Kind;
using Code = responder::ChatOutcome::Code;

class TurnTest : public ChatTest {
 protected:
  void say(const std::string& id, const std::string& user = "Ua", const std::string& words = "hello") {
    receive(++_seq, body({event(id, user, words)}));
    while (_intake->step()) {
    }
  }
  std::string outbox() { return cell("SELECT state FROM outbox ORDER BY id DESC LIMIT 1"); }
  uint64_t _seq = 0;
};

TEST_F(TurnTest, AsksWithADeadlineAndASessionOfItsOwn) {
  say("a");
  run();
  say("b", "Ub");
  run();
  ASSERT_EQ(_responder->requests.size(), 2u);
  EXPECT_EQ(_responder->requests[0].deadlineSteadyMs, _clock.steadyMs() + 50'000);
  EXPECT_NE(_responder->requests[0].conversationId, _responder->requests[1].conversationId);
}

TEST_F(TurnTest, AFailedOrEmptyAnswerBecomesOneSentence) {
  const std::pair<responder::ChatOutcome, Phrase> cases[] = {
      {FakeResponder::failed(Code::Unavailable), Phrase::Busy},
      {FakeResponder::failed(Code::Internal), Phrase::NoAnswer},
      {FakeResponder::failed(Code::Deadline), Phrase::TooSlow},
      {FakeResponder::ok(" \n"), Phrase::Empty},
  };
  for (const auto& [outcome, sorry] : cases) {
    _responder->answer = [&answer = outcome](const auto&) { return answer; };
    say("e" + std::to_string(_seq));
    run();
    EXPECT_EQ(_line->bodies().back(), text(std::string(phrase(sorry, Language::English))));
  }
  EXPECT_EQ(_store->events.counts().apologies, 4u);
  EXPECT_EQ(_store->events.counts().answered, 0u);
}

TEST_F(TurnTest, InAGroupAFailureIsSaidOnceAnHourAndNeverLate) {
  change = [](ChatSettings& settings) { settings.access.prefixes = {"bot"}; };
  configure("secret");
  const std::string group = lineId('C', "family");
  int64_t takesMs = 0;
  _responder->answer = [&](const auto&) {
    _clock.advance(takesMs);
    return FakeResponder::failed(Code::Unavailable);
  };
  const auto ask = [&] {
    auto one = event("g" + std::to_string(_seq), "Ua", "bot, hello");
    one["source"] = {{"type", "group"}, {"groupId", group}, {"userId", lineId('U', "Ua")}};
    receive(++_seq, body({one}));
    run();
    return _line->calls.size();
  };
  ask();
  _store->people.allow(_store->people.group(1, group, false).id, true, store::RecordRule::Addressed);
  EXPECT_EQ(ask(), 1u);
  _clock.advance(3'500'000);
  EXPECT_EQ(ask(), 1u);
  EXPECT_EQ(cell("SELECT outcome FROM inbox ORDER BY id DESC LIMIT 1"), "silent");
  _clock.advance(100'000);
  EXPECT_EQ(ask(), 2u);
  _clock.advance(3'600'000);
  takesMs = 70'000;
  EXPECT_EQ(ask(), 2u) << "without a token nothing waits to be said";
  EXPECT_FALSE(_store->held.waiting(1, group));
  EXPECT_EQ(_lanes->backlog(), 0u);
}

TEST_F(TurnTest, WhatCannotBeAnsweredIsEndedSilently) {
  auto unsend = event("a", "Ua", "");
  unsend["type"] = "unsend";
  auto standby = event("b", "Ua", "hello");
  standby["mode"] = "standby";
  auto later = event("c", "Ua", "");
  later["type"] = "somethingNew";
  auto nameless = event("d", "Ua", "hello");
  nameless.erase("source");
  receive(1, body({unsend, standby, later, nameless, event("e", "Ua", " ")}));
  run();
  EXPECT_TRUE(_responder->requests.empty());
  EXPECT_TRUE(_line->calls.empty());
  EXPECT_EQ(cell("SELECT count(*) FROM inbox WHERE state='done'"), "5");
  EXPECT_EQ(_lanes->backlog(), 0u);
}

TEST_F(TurnTest, AGroupIsSilentUntilItIsAllowedAndThenAnswersWhoAddressesIt) {
  change = [](ChatSettings& settings) { settings.access.prefixes = {"bot"}; };
  configure("secret");
  const std::string group = lineId('C', "family");
  const auto said = [&](const std::string& id, const std::string& words) {
    auto one = event(id, "Ua", words);
    one["source"] = {{"type", "group"}, {"groupId", group}, {"userId", lineId('U', "Ua")}};
    receive(++_seq, body({one}));
    run();
  };
  said("a", "bot, hello");
  EXPECT_TRUE(_line->calls.empty());
  EXPECT_EQ(cell("SELECT count(*) FROM line_messages"), "0");
  _store->people.allow(_store->people.group(1, group, false).id, true, store::RecordRule::Addressed);
  said("b", "hello all");
  EXPECT_TRUE(_line->calls.empty());
  said("c", "bot, hello");
  ASSERT_EQ(_line->calls.size(), 1u);
  EXPECT_EQ(_line->calls[0].first, "token-c");
  EXPECT_EQ(cell("SELECT group_concat(content,'|') FROM (SELECT content FROM line_messages WHERE is_from_bot=0 AND "
                 "content<>'')"),
            "hello")
      << "what was not addressed is not kept";
}

TEST_F(TurnTest, KeepsTheOrderOfAConversationWhileAnAnswerIsUnclear) {
  _line->script = {Kind::Ambiguous, Kind::NotSent, Kind::Delivered};
  say("a", "Ua", "1");
  say("b", "Ua", "2");
  say("c", "Ub", "3");
  run();
  EXPECT_EQ(_line->bodies(), (std::vector<std::string>{text("echo: 1"), text("echo: 3")}))
      << "another conversation goes on, this one waits for its head";
  for (int i = 0; i < 3; ++i) {
    _clock.advance(1'000);
    run();
  }
  EXPECT_EQ(_line->bodies(), (std::vector<std::string>{text("echo: 1"), text("echo: 3"), text("echo: 1"),
                                                       text("echo: 3"), text("echo: 2")}));
}

TEST_F(TurnTest, AProbeRepeatsTheSameBytesAndReadsTheProof) {
  _line->script = {Kind::Ambiguous, Kind::InvalidReplyToken};
  say("a");
  run();
  EXPECT_EQ(outbox(), "sending");
  _clock.advance(1'000);
  run();
  ASSERT_EQ(_line->calls.size(), 2u);
  EXPECT_EQ(_line->calls[0], _line->calls[1]);
  EXPECT_EQ(outbox(), "sent");
  EXPECT_EQ(_responder->requests.size(), 1u);
}

TEST_F(TurnTest, WhatStaysUnclearIsUnknownAndNeverSentAgain) {
  _line->script.assign(100, Kind::ServerError);
  say("a");
  for (int i = 0; i < 70; ++i) {
    run();
    _clock.advance(1'000);
  }
  EXPECT_EQ(outbox(), "unknown");
  EXPECT_EQ(_store->events.counts().unknown, 1u);
  const size_t calls = _line->calls.size();
  EXPECT_GT(calls, 5u);
  restart();
  run();
  EXPECT_EQ(_line->calls.size(), calls);
  say("b");
  run();
  EXPECT_EQ(_responder->requests.size(), 2u) << "the lane goes on";
}

TEST_F(TurnTest, ATokenThatLineNoLongerTakesIsAFailure) {
  _line->script = {Kind::InvalidReplyToken};
  say("a");
  run();
  EXPECT_EQ(outbox(), "failed");
  EXPECT_EQ(_store->events.counts().failed, 1u);
}

TEST_F(TurnTest, ARefusedAccessTokenWaitsForAnother) {
  _line->script = {Kind::Unauthorized};
  say("a");
  run();
  EXPECT_EQ(outbox(), "pending");
  run();
  EXPECT_EQ(_line->calls.size(), 1u);
  configure("secret");
  run();
  EXPECT_EQ(outbox(), "sent");
  EXPECT_EQ(_responder->requests.size(), 1u);
}

TEST_F(TurnTest, AnUnsentAnswerIsGivenUpWithItsToken) {
  _line->script.assign(100, Kind::NotSent);
  say("a");
  for (int i = 0; i < 70; ++i) {
    run();
    _clock.advance(1'000);
  }
  EXPECT_EQ(outbox(), "failed");
  EXPECT_EQ(_store->events.counts().unknown, 0u);
  EXPECT_EQ(_lanes->backlog(), 0u);
}

TEST_F(TurnTest, AnEventWhoseTokenIsDeadCostsNoCall) {
  say("a");
  _clock.advance(56'000);
  run();
  EXPECT_TRUE(_responder->requests.empty());
  EXPECT_EQ(cell("SELECT state||' '||outcome FROM inbox"), "done late");
  EXPECT_EQ(_store->events.counts().late, 1u);
}

TEST_F(TurnTest, ARedeliveryGivesTheTokenAnotherMinute) {
  configure("secret", false);
  const std::string good = body({event("a", "Ua", "hello")});
  ASSERT_EQ(post(good, sign(good)), 200);
  _clock.advance(50'000);
  run();
  ASSERT_EQ(post(good, sign(good)), 200);
  _clock.advance(40'000);
  configure("secret");
  run();
  EXPECT_EQ(outbox(), "sent");
}

TEST_F(TurnTest, AWrongWallClockDoesNotMatter) {
  for (const int64_t off : {-86'400'000LL, 2 * 86'400'000LL}) {
    say("e" + std::to_string(off));
    _clock.setWall(_clock.wallMs() + off);
    restart();
    run();
  }
  EXPECT_EQ(_line->calls.size(), 2u);
}

// --- crash points: each step is the last before the process ends ---

TEST_F(TurnTest, ACrashBeforeTheWorkChangesNothing) {
  say("a", "Ua", "1");
  say("b", "Ua", "2");
  restart();
  run();
  EXPECT_EQ(_line->bodies(), (std::vector<std::string>{text("echo: 1"), text("echo: 2")}));
}

TEST_F(TurnTest, ACrashDuringTheCallAsksAgain) {
  say("a");
  _store->events.beginWork(1);
  restart();
  run();
  EXPECT_EQ(_responder->requests.size(), 1u);
  EXPECT_EQ(_line->calls.size(), 1u);
}

// Two messages that became one question, and the button that was about to go out by the second one's token.
TEST_F(TurnTest, ACrashBehindAButtonSendsItAndKeepsTheAnswerForIt) {
  change = [](ChatSettings& settings) { settings.reply.merge = true; };
  configure("secret");
  say("a", "Ua", "1");
  say("b", "Ua", "2");
  _store->events.beginWork(1, {2});
  const auto held = _store->held.open(1, lineId('U', "Ua"));
  _store->events.interim(2, {"reply", "token-b", text("a button")});
  restart();
  say("c", "Ua", "3");
  std::vector<size_t> sentBefore;
  _responder->answer = [&](const auto&) {
    sentBefore.push_back(_line->calls.size());
    return FakeResponder::ok("an answer");
  };
  run();
  EXPECT_EQ(sentBefore, (std::vector<size_t>{1, 1})) << "the button does not wait for the answer";
  ASSERT_EQ(_line->calls.size(), 2u);
  EXPECT_EQ(_line->calls[0], std::make_pair(std::string("token-b"), text("a button")));
  EXPECT_EQ(_line->calls[1].first, "token-c") << "a question of its own";
  ASSERT_EQ(_responder->requests.size(), 2u);
  EXPECT_EQ(_responder->requests[0].messages.back().parts.back().data, "1\n2");
  EXPECT_TRUE(_store->held.byTicket(1, held.ticket)->delivered) << "with the answer to the third";
  EXPECT_EQ(cell("SELECT group_concat(ai_processed) FROM line_messages WHERE is_from_bot=0"), "1,1,1");
}

TEST_F(TurnTest, ACrashAfterTheAnswerNeverAsksAgain) {
  say("a", "Ua", "1");
  say("b", "Ua", "2");
  _store->events.beginWork(1);
  _store->events.answer(1, store::InboxState::Done, "answered", {"reply", "token-a", text("kept")});
  restart();
  run();
  EXPECT_EQ(_line->bodies(), (std::vector<std::string>{text("kept"), text("echo: 2")}));
  EXPECT_EQ(_responder->requests.size(), 1u);
}

TEST_F(TurnTest, ACrashWhileSendingProbes) {
  for (const Kind answer : {Kind::Delivered, Kind::InvalidReplyToken}) {
    say("e" + std::to_string(_seq));
    const auto id = static_cast<int64_t>(_seq);
    _store->events.beginWork(id);
    const int64_t row = _store->events.answer(id, store::InboxState::Done, "answered", {"reply", "t", text("kept")});
    _store->events.markSending(row);
    restart();
    _line->script = {answer};
    run();
    EXPECT_EQ(outbox(), "sent");
  }
  EXPECT_EQ(_line->calls.size(), 2u);
  EXPECT_EQ(_line->calls[0], _line->calls[1]);
}

TEST_F(TurnTest, ACrashWhileSendingWithADeadTokenIsUnknown) {
  say("a");
  const int64_t row = _store->events.answer(1, store::InboxState::Done, "answered", {"reply", "t", text("kept")});
  _store->events.markSending(row);
  _clock.advance(61'000);
  restart();
  run();
  EXPECT_TRUE(_line->calls.empty());
  EXPECT_EQ(outbox(), "unknown");
}

TEST_F(TurnTest, AnEventThatTakesTheProcessDownIsGivenUp) {
  say("a");
  for (int i = 0; i < TurnRunner::MAX_ATTEMPTS; ++i) {
    _store->events.beginWork(1);
    restart();
  }
  say("b");
  run();
  EXPECT_EQ(_line->bodies(), (std::vector<std::string>{text(std::string(phrase(Phrase::GaveUp, Language::English))),
                                                       text("echo: hello")}));
  EXPECT_EQ(_responder->requests.size(), 1u);
  EXPECT_EQ(cell("SELECT state FROM inbox WHERE id=1"), "dead");
}

TEST_F(TurnTest, WhatTookTheProcessDownIsNotBroughtUpAgainWhenItsTokenIsDead) {
  auto poison = event("a", "Ua", "poison");
  poison["timestamp"] = _clock.wallMs();
  receive(++_seq, body({poison}));
  while (_intake->step()) {
  }
  for (int i = 0; i < TurnRunner::MAX_ATTEMPTS; ++i) {
    _store->events.beginWork(1);
    restart();
  }
  _clock.advance(61'000);
  run();
  EXPECT_EQ(cell("SELECT state||' '||outcome FROM inbox WHERE id=1"), "dead given up");
  say("b");
  run();
  EXPECT_EQ(_line->bodies(), std::vector<std::string>{text("echo: hello")});
}

TEST_F(TurnTest, ACallCancelledByTheShutdownCostsNoAttempt) {
  _responder->answer = [&](const auto&) {
    _calls->cancelAll();
    _lanes->stop();
    return FakeResponder::failed(Code::Cancelled);
  };
  int cancelled = 0;
  _responder->onCancel = [&] { ++cancelled; };
  say("a");
  run();
  EXPECT_EQ(cancelled, 1);
  EXPECT_TRUE(_line->calls.empty());
  EXPECT_EQ(cell("SELECT state||attempts FROM inbox"), "new0");
  _responder->answer = nullptr;
  restart();
  run();
  EXPECT_EQ(_line->calls.size(), 1u);
}

}  // namespace
}  // namespace tsunagi::chat::test
