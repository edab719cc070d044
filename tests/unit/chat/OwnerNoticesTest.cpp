// What the owner hears of: the causes, the line in the next reply, alarms by push.
#include <gmock/gmock.h>

#include "Fakes.h"
#include "chat/OwnerDesk.h"

namespace tsunagi::chat::test {
namespace {

using Kind = line::SendResult::Kind;
using Code = responder::ChatOutcome::Code;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class OwnerNoticesTest : public ChatTest {
 protected:
  std::vector<std::string> causes() {
    std::vector<std::string> all;
    for (const auto& entry : _notifier->missing("test")) all.push_back(entry.notice.cause);
    return all;
  }
  std::string say(const std::string& user, const std::string& words) {
    auto one = event("e" + std::to_string(++_seq), user, words);
    one["timestamp"] = _clock.wallMs();
    receive(_seq, body({one}));
    run();
    return _line->calls.empty() ? "" : _line->calls.back().second;
  }
  void makeOwner(const std::string& user) {
    const auto person = _store->people.person(1, lineId('U', user));
    _store->people.setAccess(1, person.id, store::UserState::Paired, store::Role::Owner);
  }
  uint64_t _seq = 0;
};

TEST_F(OwnerNoticesTest, ARefusedAccessTokenAndAnAnswerInDoubt) {
  _line->script = {Kind::Unauthorized};
  say("Ua", "hello");
  EXPECT_THAT(causes(), ElementsAre("access_token"));
  _line->script = {Kind::Ambiguous};
  configure("secret");
  run();
  _clock.advance(70'000);
  run();
  EXPECT_THAT(causes(), ElementsAre("access_token", "answer_unknown"));
}

TEST_F(OwnerNoticesTest, AWebhookInQuarantine) {
  const std::string bytes = body({event("a", "Ua", "hello")});
  receive(++_seq, bytes, "another secret");
  run();
  EXPECT_THAT(causes(), ElementsAre("channel_secret"));
}

TEST_F(OwnerNoticesTest, ForgedWebhooksByHttpAreNoNews) {
  const std::string bytes = body({event("a", "Ua", "hello")});
  EXPECT_EQ(post(bytes, sign(bytes, "another secret")), 400);
  EXPECT_THAT(causes(), IsEmpty()) << "anybody can send those";
}

TEST_F(OwnerNoticesTest, SpentBudgetsOfAPersonAndOfAll) {
  change = [](ChatSettings& settings) { settings.access.perUserDay.calls = 1; };
  configure("secret");
  say("Ua", "one"), say("Ua", "two");
  EXPECT_THAT(causes(), ElementsAre("budget_person"));
  change = [](ChatSettings& settings) { settings.access.inAllDay.calls = 1; };
  configure("secret");
  say("Ub", "one"), say("Ub", "two");
  EXPECT_THAT(causes(), ElementsAre("budget_person", "budget_all"));
}

TEST_F(OwnerNoticesTest, ManyWrongPairingCodes) {
  for (int user = 0; user < 4; ++user)
    for (int i = 0; i < 5; ++i) say("U" + std::to_string(user), "/pair ABCD-2345");
  EXPECT_THAT(causes(), ElementsAre("pairing_codes"));
}

TEST_F(OwnerNoticesTest, AResponderThatIsDownForAWhile) {
  _responder->answer = [](const auto&) { return FakeResponder::failed(Code::Unavailable); };
  say("Ua", "one"), say("Ua", "two");
  EXPECT_THAT(causes(), IsEmpty()) << "it may be restarting";
  _clock.advance(OwnerDesk::DOWN_AFTER_MS);
  say("Ua", "three");
  EXPECT_THAT(causes(), ElementsAre("responder_down"));
}

TEST_F(OwnerNoticesTest, AnAnswerInBetweenIsNoOutage) {
  const auto down = [](const auto&) { return FakeResponder::failed(Code::Unavailable); };
  _responder->answer = down;
  say("Ua", "one");
  _responder->answer = nullptr;
  _clock.advance(OwnerDesk::DOWN_AFTER_MS);
  say("Ua", "two");
  _responder->answer = down;
  say("Ua", "three");
  EXPECT_THAT(causes(), IsEmpty());
}

TEST_F(OwnerNoticesTest, LinesMonthWhereItIsNeeded) {
  change = [](ChatSettings& settings) { settings.reply.slow = SlowPolicy::Push; };
  configure("secret");
  _responder->answer = [this](const auto&) {
    _clock.advance(70'000);
    return FakeResponder::ok("late");
  };
  _api->month = ChannelApi::Quota{200, 190};
  say("Ua", "one");
  EXPECT_THAT(causes(), ElementsAre("quota_low"));
  _api->month = ChannelApi::Quota{200, 200};
  _clock.advance(11 * 60'000);
  say("Ua", "two");
  EXPECT_THAT(causes(), ElementsAre("quota_low", "quota_used_up"));
}

// --- the line in the owner's next reply ---

TEST_F(OwnerNoticesTest, TheOwnersNextReplyHasItOnceAndNobodyElses) {
  say("Uboss", "to be known");
  makeOwner("Uboss");
  _desk->tell(OwnerCause::PairingCodes, "line");
  _desk->tell(OwnerCause::AnswerUnknown, "line.other");
  EXPECT_EQ(say("Ua", "hello"), text("echo: hello"));
  const std::string heard = line::textMessagesJson(
      {"echo: hello", "[Notice] " + std::string(phrase(Phrase::CodesCancelled, Language::English))});
  EXPECT_EQ(say("Uboss", "hello"), heard) << "only what is of this channel";
  EXPECT_EQ(say("Uboss", "again"), text("echo: again"));
  restart();
  _desk->tell(OwnerCause::PairingCodes, "line");
  EXPECT_EQ(say("Uboss", "still"), text("echo: still")) << "once a day, also after a restart";
  _clock.advance(24 * 3'600'000LL);
  _desk->tell(OwnerCause::PairingCodes, "line");
  EXPECT_THAT(say("Uboss", "tomorrow"), HasSubstr("[Notice] "));
}

TEST_F(OwnerNoticesTest, ACommandsAnswerHasItTooAndAFullReplyWaits) {
  say("Uboss", "to be known");
  makeOwner("Uboss");
  _desk->tell(OwnerCause::Store);
  _responder->answer = [](const auto&) {
    std::string long5;
    for (int i = 0; i < 5; ++i) long5.append(4'900, 'x').append(".\n\n");
    return FakeResponder::ok(long5);
  };
  EXPECT_THAT(say("Uboss", "tell me all"), Not(HasSubstr("[Notice]"))) << "five messages are all that LINE takes";
  EXPECT_THAT(say("Uboss", "/whoami"), HasSubstr("[Notice] "));
}

TEST_F(OwnerNoticesTest, TheModelDoesNotReadIt) {
  say("Uboss", "to be known");
  makeOwner("Uboss");
  _desk->tell(OwnerCause::Store);
  EXPECT_THAT(say("Uboss", "hello"), HasSubstr("[Notice]"));
  say("Uboss", "what did you say?");
  for (const auto& message : _responder->requests.back().messages)
    for (const auto& part : message.parts) EXPECT_THAT(part.data, Not(HasSubstr("[Notice]")));
}

// --- [notify] push ---

TEST_F(OwnerNoticesTest, AnAlarmByPushMayUseTheReserveAndGoesToTheFirstOwnerOnce) {
  say("Uboss", "to be known");
  makeOwner("Uboss");
  _notifier->setSinks({_turns->ownerPush()});
  _api->month = ChannelApi::Quota{200, 195};
  _line->script = {Kind::ServerError, Kind::AlreadyAccepted};
  _desk->tell(OwnerCause::LinkReplaced);
  while (_notifier->step()) {
  }
  _clock.advance(notify::Notifier::FIRST_WAIT_MS);
  while (_notifier->step()) {
  }
  ASSERT_EQ(_line->pushes.size(), 2u);
  EXPECT_EQ(_line->pushes[0].to, lineId('U', "Uboss"));
  EXPECT_EQ(_line->pushes[0].key, _line->pushes[1].key);
  EXPECT_THAT(_line->pushes[0].messages, HasSubstr("[Notice] Another bridge"));
  EXPECT_EQ(say("Uboss", "hello"), text("echo: hello")) << "heard already";
  EXPECT_EQ(cell("SELECT value FROM meters WHERE name='month:pushes:1'").substr(0, 2), "1 ");
  _api->month = ChannelApi::Quota{200, 200};
  _clock.advance(11 * 60'000);
  _desk->tell(OwnerCause::Store);
  while (_notifier->step()) {
  }
  EXPECT_EQ(_line->pushes.size(), 2u) << "beyond the month there is nothing";
}

TEST_F(OwnerNoticesTest, EveryCauseHasASentenceInEveryLanguage) {
  for (int cause = 0; cause <= static_cast<int>(OwnerCause::AnswerUnknown); ++cause)
    _desk->tell(static_cast<OwnerCause>(cause), "home");
  const auto all = _notifier->missing("test");
  ASSERT_EQ(all.size(), static_cast<size_t>(OwnerCause::AnswerUnknown) + 1);
  for (const auto& entry : all)
    for (const Language language : LANGUAGES)
      EXPECT_NE(OwnerDesk::sentence(entry.notice, language), "") << entry.notice.cause;
}

}  // namespace
}  // namespace tsunagi::chat::test
