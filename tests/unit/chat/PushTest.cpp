// Answers by push: what the policy, the budgets and LINE's quota let out, and what becomes of the rest.
#include <gmock/gmock.h>

#include "Fakes.h"
#include "sql/Database.h"

namespace tsunagi::chat::test {
namespace {

using Kind = line::SendResult::Kind;
using testing::HasSubstr;

constexpr int64_t DAY_MS = 24 * 3'600'000LL;

class PushTest : public ChatTest {
 protected:
  PushTest() {
    change = [this](ChatSettings& settings) {
      settings.reply.slow = SlowPolicy::Push;
      settings.reply.pushReserve = 0;
      settings.access.prefixes = {"bot"};
      if (more) more(settings);
    };
    configure("secret");
    // Each answer takes longer than its token lives.
    _responder->answer = [this](const responder::ChatRequest& request) {
      _clock.advance(_answerMs);
      return FakeResponder::ok("echo: " + request.messages.back().parts.back().data);
    };
  }
  void set(std::function<void(ChatSettings&)> how) {
    more = std::move(how);
    configure("secret");
  }
  void arrives(const std::string& words, const std::string& user = "Ua", const std::string& group = "") {
    auto one = event("e" + std::to_string(++_seq), user, words);
    one["timestamp"] = _clock.wallMs();
    if (!group.empty()) one["source"] = {{"type", "group"}, {"groupId", group}, {"userId", lineId('U', user)}};
    receive(_seq, body({one}));
    while (_intake->step()) {
    }
  }
  void say(const std::string& words, const std::string& user = "Ua", const std::string& group = "") {
    arrives(words, user, group);
    run();
  }
  void sql(const std::string& statement) { sql::Database(_folder + "/bridge.db").execute(statement); }
  void quickly(const std::string& words) {
    _answerMs = 0;
    say(words);
    _answerMs = 70'000;
  }
  void later(int64_t ms) {
    _clock.advance(ms);
    run();
  }
  std::string row(const char* column = "state") {
    return cell(std::string("SELECT ") + column + " FROM outbox ORDER BY id DESC LIMIT 1");
  }
  // The message of the last call.
  std::string last() { return _line->calls.back().second; }

  std::function<void(ChatSettings&)> more;
  int64_t _answerMs = 70'000;
  uint64_t _seq = 0;
};

TEST_F(PushTest, ASlowAnswerIsPushedToTheConversationOnce) {
  say("hello");
  ASSERT_EQ(_line->pushes.size(), 1u);
  EXPECT_EQ(_line->pushes[0].to, lineId('U', "Ua"));
  EXPECT_THAT(_line->pushes[0].messages, HasSubstr("echo: hello"));
  EXPECT_EQ(_line->pushes[0].key.size(), 36u);
  EXPECT_EQ(row(), "sent");
  EXPECT_EQ(_store->events.counts().pushes, 1u);
  restart();
  run();
  EXPECT_EQ(_line->pushes.size(), 1u);
  quickly("in time");
  EXPECT_EQ(_line->pushes.size(), 1u) << "what is in time costs nothing";
}

TEST_F(PushTest, EveryAttemptCarriesTheSameKeyAndBytesAlsoAfterARestart) {
  _line->script = {Kind::Ambiguous, Kind::ServerError, Kind::NotSent, Kind::AlreadyAccepted};
  say("hello");
  EXPECT_EQ(row(), "sending");
  restart();
  for (int i = 0; i < 5; ++i) later(5'000);
  ASSERT_EQ(_line->pushes.size(), 4u);
  for (const auto& push : _line->pushes) {
    EXPECT_EQ(push.key, _line->pushes[0].key);
    EXPECT_EQ(push.messages, _line->pushes[0].messages);
  }
  EXPECT_EQ(row(), "sent");
  say("again");
  EXPECT_NE(_line->pushes.back().key, _line->pushes.front().key);
}

TEST_F(PushTest, WhatStaysUnclearIsUnknownBeforeLineForgetsTheKey) {
  _line->script.assign(1'000, Kind::ServerError);
  say("hello");
  for (int64_t waited = 0; waited < DAY_MS; waited += 60'000) later(60'000);
  EXPECT_EQ(row(), "unknown");
  EXPECT_EQ(_store->events.counts().unknown, 1u);
  _line->script.clear();
  quickly("next");
  EXPECT_EQ(last(), text("echo: next")) << "nothing that may have been delivered comes again";
}

TEST_F(PushTest, APushThatKeepsFailingHoldsUpItsConversationForAMinuteOnly) {
  _line->script.assign(9, Kind::RateLimited);
  say("slow");
  for (int i = 0; i < 55; ++i) later(1'000);
  ASSERT_EQ(_line->calls.size(), 9u);
  quickly("next");
  EXPECT_EQ(last(), text("echo: next"));
  EXPECT_EQ(cell("SELECT state FROM outbox ORDER BY id LIMIT 1"), "pending");
  for (int i = 0; i < 5; ++i) later(60'000);
  EXPECT_EQ(cell("SELECT state FROM outbox ORDER BY id LIMIT 1"), "sent");
  EXPECT_EQ(_lanes->backlog(), 0u);
}

TEST_F(PushTest, AMonthThatIsUsedUpKeepsTheAnswerForTheNextToken) {
  _api->month = ChannelApi::Quota{200, 200};
  say("one");
  EXPECT_TRUE(_line->pushes.empty()) << "known before the call";
  // Here others used the rest since LINE was asked.
  _api->month = ChannelApi::Quota{200, 199};
  _clock.advance(11 * 60'000);
  _line->script = {Kind::QuotaExhausted};
  _line->onCall = [this] { _api->month = ChannelApi::Quota{200, 200}; };
  say("two");  // and with it the answer that waits
  _line->onCall = nullptr;
  ASSERT_EQ(_line->pushes.size(), 1u);
  EXPECT_EQ(row(), "failed");
  EXPECT_EQ(_store->events.counts().failed, 0u);
  EXPECT_EQ(_store->events.counts().held, 1u);
  quickly("three");
  EXPECT_EQ(last(), line::textMessagesJson({"The answer to your earlier question:\necho: one", "echo: three"}))
      << "each as it was";
  quickly("four");
  EXPECT_EQ(last(), line::textMessagesJson({"The answer to your earlier question:\necho: two", "echo: four"}));
  quickly("five");
  EXPECT_EQ(last(), text("echo: five"));
  EXPECT_EQ(_line->pushes.size(), 1u);
}

TEST_F(PushTest, AUsedUpMonthOutlivesARestartAndEndsInJapansTime) {
  _api->month = ChannelApi::Quota{200, 200};
  _clock.setWall(1'780'239'000'000);
  say("one");
  EXPECT_TRUE(_line->pushes.empty());
  _api->month = std::nullopt;  // LINE cannot be asked
  restart();
  _clock.setWall(1'780'239'400'000);
  say("two");
  EXPECT_TRUE(_line->pushes.empty());
  _clock.setWall(1'780'239'600'000);  // 2026-06-01 00:00 in Japan
  say("three");
  EXPECT_EQ(_line->pushes.size(), 1u) << "a new month";
}

TEST_F(PushTest, AMonthlyLimitThatTheQuotaDoesNotConfirmIsARateLimit) {
  _api->month = ChannelApi::Quota{200, 10};
  _line->script = {Kind::QuotaExhausted, Kind::Delivered};
  say("hello");
  EXPECT_EQ(row(), "pending");
  later(1'000);
  EXPECT_EQ(row(), "sent");
  EXPECT_EQ(_line->pushes[0].key, _line->pushes[1].key);
}

TEST_F(PushTest, AMonthlyLimitBehindAnUnclearAttemptProvesNothing) {
  _api->month = ChannelApi::Quota{200, 199};
  _line->script = {Kind::Ambiguous, Kind::QuotaExhausted, Kind::AlreadyAccepted};
  say("hello");
  _api->month = ChannelApi::Quota{200, 200};
  later(1'000);
  EXPECT_EQ(row(), "sending") << "it may have been the last one";
  later(1'000);
  EXPECT_EQ(row(), "sent");
}

TEST_F(PushTest, TheReserveAndTheBudgetsHold) {
  set([](ChatSettings& settings) { settings.access.perUserDay.pushes = 2; });
  say("1"), say("2"), say("3");
  EXPECT_EQ(_line->pushes.size(), 2u) << "a person's day";
  say("4", "Ub");
  EXPECT_EQ(_line->pushes.size(), 3u);
  _clock.advance(DAY_MS);
  set([](ChatSettings& settings) { settings.reply.pushBudgetMonth = 4; });
  say("5"), say("6");
  EXPECT_EQ(_line->pushes.size(), 4u) << "the month's";
  set([](ChatSettings& settings) { settings.reply.pushBudgetMonth = 0, settings.reply.pushReserve = 10; });
  _api->month = ChannelApi::Quota{200, 190};
  _clock.advance(11 * 60'000);
  say("7");
  EXPECT_EQ(_line->pushes.size(), 4u) << "LINE's, less the reserve";
  _api->month = ChannelApi::Quota{200, 189};
  _clock.advance(11 * 60'000);
  say("8");
  EXPECT_EQ(_line->pushes.size(), 5u);
  say("9");
  EXPECT_EQ(_line->pushes.size(), 5u) << "own pushes count before LINE is asked again";
}

TEST_F(PushTest, AGroupCostsItsMembersAndNothingIsPushedToAnUnknownNumber) {
  set([](ChatSettings& settings) { settings.reply.pushBudgetMonth = 8; });
  const std::string group = lineId('C', "family");
  const auto ask = [&] { say("bot hello", "Ua", group); };
  say("makes the channel known");
  ASSERT_EQ(_line->pushes.size(), 1u);
  _store->people.allow(_store->people.group(1, group, false).id, true, store::RecordRule::Addressed);
  sql("DELETE FROM meters");
  ask();
  EXPECT_EQ(_line->pushes.size(), 1u) << "how many would be paid for is not known";
  _api->group = GroupProfile{"Family", "", 5};
  _clock.advance(25 * 3'600'000LL);
  ask();
  ASSERT_EQ(_line->pushes.size(), 2u);
  EXPECT_EQ(_line->pushes[1].to, group);
  EXPECT_EQ(_store->events.counts().pushed, 1u + 5u);
  ask();
  EXPECT_EQ(_line->pushes.size(), 2u) << "3 are left";
}

TEST_F(PushTest, AnApologyIsNotWorthAPush) {
  _responder->answer = [this](const auto&) {
    _clock.advance(70'000);
    return FakeResponder::failed(responder::ChatOutcome::Code::Unavailable);
  };
  say("hello");
  EXPECT_TRUE(_line->calls.empty());
}

TEST_F(PushTest, ALateEventIsAskedAndPushedWhereThePolicySaysSo) {
  set([](ChatSettings& settings) { settings.reply.slow = SlowPolicy::Hold, settings.reply.late = LatePolicy::Push; });
  arrives("anybody there?");
  _clock.advance(3'600'000);
  run();
  EXPECT_EQ(_responder->requests.size(), 1u);
  ASSERT_EQ(_line->pushes.size(), 1u);
  say("slow is held here");
  EXPECT_EQ(_line->pushes.size(), 1u);
  _api->month = ChannelApi::Quota{200, 200};
  _clock.advance(11 * 60'000);
  arrives("and now?");
  _clock.advance(3'600'000);
  run();
  EXPECT_EQ(_responder->requests.size(), 2u) << "no room: no call either";
  EXPECT_EQ(_store->events.counts().late, 1u);
}

TEST_F(PushTest, ATurnThatTheEndCutShortIsAskedAgainAndPushed) {
  arrives("hello");
  _store->events.beginWork(1);
  _clock.advance(70'000);
  restart();
  run();
  EXPECT_EQ(_line->pushes.size(), 1u);
}

TEST_F(PushTest, WhatIsForgottenIsNotTriedAgain) {
  _line->script.assign(9, Kind::NotSent);
  say("secret");
  for (int i = 0; i < 60; ++i) later(1'000);
  _store->messages.forget(1, lineId('U', "Ua"));
  _line->script.clear();
  for (int i = 0; i < 10; ++i) later(60'000);
  EXPECT_EQ(row(), "failed");
  EXPECT_EQ(row("body"), "");
  EXPECT_EQ(_line->calls.size(), 9u);
  EXPECT_EQ(_lanes->backlog(), 0u);
}

// --- replies that surely did not go out ---

TEST_F(PushTest, AReplyThatLineWasNeverReachedForWaitsForTheNextToken) {
  set([](ChatSettings& settings) { settings.reply.slow = SlowPolicy::Hold; });
  _line->script.assign(100, Kind::NotSent);
  _answerMs = 0;
  say("hello");
  for (int i = 0; i < 70; ++i) later(1'000);
  _line->script.clear();
  EXPECT_EQ(row(), "failed");
  quickly("next");
  EXPECT_EQ(last(), line::textMessagesJson({"The answer to your earlier question:\necho: hello", "echo: next"}));
}

}  // namespace
}  // namespace tsunagi::chat::test
