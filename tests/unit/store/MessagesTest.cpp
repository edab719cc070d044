#include "store/Messages.h"

#include <gmock/gmock.h>

#include "store/Conversations.h"
#include "store/HeldAnswers.h"
#include "store/People.h"
#include "tests/unit/store/StoreFixture.h"

namespace tsunagi::store {
namespace {

using testing::ElementsAre;

class MessagesTest : public StoreFixture {
 protected:
  Messages messages() { return Messages(*_file); }
  NewMessage text(const std::string& id, const std::string& content, const std::string& conversation = "Ualice") {
    NewMessage message;
    message.channelId = _channel;
    message.conversation = conversation;
    message.session = Conversations(*_file).state(_channel, conversation).session;
    message.messageId = id;
    message.personId = People(*_file).person(_channel, "Ualice").id;
    message.type = "text";
    message.content = content;
    message.atMs = _clock.wallMs();
    return message;
  }
  std::vector<std::string> history(const std::string& conversation = "Ualice", size_t maxBytes = 10'000) {
    std::vector<std::string> texts;
    const auto session = Conversations(*_file).state(_channel, conversation).session;
    for (const auto& message : messages().history(_channel, conversation, session, 0, maxBytes, 100))
      texts.push_back((message.fromBot ? "bot:" : "") + message.content);
    return texts;
  }
};

TEST_F(MessagesTest, HistoryIsTheSessionsNewestFirstWithinItsBudget) {
  EXPECT_TRUE(messages().record(text("1", "one")));
  EXPECT_FALSE(messages().record(text("1", "one again")));
  messages().record(text("2", "two"));
  messages().record(text("3", "elsewhere", "Cgroup"));
  EXPECT_THAT(history(), ElementsAre("two", "one"));
  EXPECT_THAT(history("Ualice", 5), ElementsAre("two"));
  const auto before = Conversations(*_file).state(_channel, "Ualice");
  const auto after = Conversations(*_file).startNew(_channel, "Ualice");
  EXPECT_EQ(after.session, before.session + 1);
  EXPECT_NE(after.sessionKey, before.sessionKey);
  EXPECT_THAT(history(), ElementsAre());
  messages().record(text("4", "four"));
  EXPECT_THAT(history(), ElementsAre("four"));
}

TEST_F(MessagesTest, WhatCameTooLateWaitsForATurnTheNewestOnly) {
  const auto missed = [&] {
    std::vector<std::string> ids;
    for (const auto& message : messages().missed(_channel, "Ualice")) ids.push_back(message.messageId);
    return ids;
  };
  for (int i = 1; i <= Messages::MISSED_KEPT + 2; ++i) {
    messages().record(text(std::to_string(i), "late"));
    messages().markMissed(_channel, "Ualice", std::to_string(i));
  }
  messages().record(text("other", "late", "Cgroup"));
  messages().markMissed(_channel, "Cgroup", "other");
  ASSERT_EQ(missed().size(), static_cast<size_t>(Messages::MISSED_KEPT));
  EXPECT_EQ(missed().front(), "3");
  EXPECT_EQ(missed().back(), std::to_string(Messages::MISSED_KEPT + 2));
  OutboxDraft draft;
  draft.target = "token";
  draft.answeredIds = {"3", "4"};
  _store->answer(event("k", "Ualice"), InboxState::Done, "answered", draft);
  EXPECT_EQ(missed().front(), "5");
  messages().unsend(_channel, "5");
  EXPECT_EQ(missed().front(), "6");
  messages().clearMissed(_channel, "Ualice");
  EXPECT_TRUE(missed().empty());
  EXPECT_EQ(messages().missed(_channel, "Cgroup").size(), 1u);
}

TEST_F(MessagesTest, TheBotsAnswerIsPartOfItAndCanBeQuotedOnceSent) {
  messages().record(text("1", "question"));
  const int64_t inbox = event("k1", "Ualice");
  _store->beginWork(inbox);
  OutboxDraft draft;
  draft.target = "token";
  draft.body = "[]";
  draft.texts = {"first half", "second half"};
  const int64_t outbox = _store->answer(inbox, InboxState::Done, "answered", draft);
  EXPECT_THAT(history(), ElementsAre("bot:second half", "bot:first half", "question"));
  EXPECT_FALSE(messages().isFromBot(_channel, "901"));
  _store->markSending(outbox);
  _store->finishOutbox(outbox, OutboxState::Sent, "request", "", {"901", "902"});
  EXPECT_TRUE(messages().isFromBot(_channel, "902"));
  EXPECT_EQ(messages().find(_channel, "901")->content, "first half");
}

TEST_F(MessagesTest, WhatSurelyNobodySawWasNotSaid) {
  const int64_t inbox = event("k1", "Ualice");
  _store->beginWork(inbox);
  OutboxDraft draft;
  draft.target = "token";
  draft.body = "[]";
  draft.texts = {"unheard"};
  const int64_t outbox = _store->answer(inbox, InboxState::Done, "answered", draft);
  _store->markSending(outbox);
  _store->finishOutbox(outbox, OutboxState::Failed, "", "refused");
  EXPECT_THAT(history(), ElementsAre());
}

TEST_F(MessagesTest, TheNewestEditWinsInAnyOrder) {
  messages().record(text("1", "helo"));
  EXPECT_TRUE(messages().edit(_channel, "1", "hello!", 2'000));
  EXPECT_FALSE(messages().edit(_channel, "1", "hello", 1'000));
  EXPECT_FALSE(messages().edit(_channel, "9", "hello", 1'000));
  EXPECT_THAT(history(), ElementsAre("hello!"));
}

TEST_F(MessagesTest, ATakenBackMessageIsGoneAndStaysGone) {
  messages().record(text("1", "secret"));
  EXPECT_TRUE(messages().unsend(_channel, "1"));
  EXPECT_FALSE(messages().unsend(_channel, "9"));
  EXPECT_THAT(history(), ElementsAre());
  EXPECT_FALSE(messages().record(text("1", "secret"))) << "a late copy of the event brings nothing back";
  EXPECT_EQ(messages().find(_channel, "1")->content, "");
}

TEST_F(MessagesTest, ForgettingReachesEveryCopyAndNobodyElses) {
  const int64_t inbox = event("k1", "Ualice");
  _store->finish(inbox, InboxState::Dead, "given up");
  HeldAnswers held(*_file);
  held.fill(held.open(inbox, "Ualice").id, {"an answer that waits"}, {});
  messages().record(text("1", "mine"));
  messages().record(text("2", "in the group", "Cgroup"));
  const Erased erased = messages().forget(_channel, "Ualice");
  EXPECT_EQ(erased.messages, 1u);
  EXPECT_EQ(erased.events, 1u);
  EXPECT_EQ(_store->inboxRow(inbox)->body, "");
  EXPECT_FALSE(held.waiting(_channel, "Ualice"));
  EXPECT_FALSE(held.ofEvent(inbox));
  EXPECT_THAT(history("Cgroup"), ElementsAre("in the group"));
  EXPECT_EQ(messages().forget(_channel, "Cgroup").messages, 1u);
}

TEST_F(MessagesTest, SearchTakesWhatWasTypedLiterally) {
  messages().record(text("1", "100% sure"));
  messages().record(text("2", "100 times"));
  const int64_t alice = People(*_file).person(_channel, "Ualice").id;
  const auto found = messages().search(alice, "100%", 10);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].content, "100% sure");
}

TEST_F(MessagesTest, OldMessagesGoInSteps) {
  messages().record(text("1", "a"));
  messages().record(text("2", "b"));
  _clock.advance(1'000);
  messages().record(text("3", "c"));
  EXPECT_TRUE(messages().purge(_clock.wallMs(), 1));
  EXPECT_TRUE(messages().purge(_clock.wallMs(), 1));
  EXPECT_FALSE(messages().purge(_clock.wallMs(), 1));
  EXPECT_EQ(messages().count(), 1u);
}

TEST_F(MessagesTest, TheLastImageOfAPerson) {
  auto image = text("1", "");
  image.type = "image";
  messages().record(image);
  const int64_t alice = *image.personId;
  EXPECT_EQ(messages().lastImage(_channel, "Ualice", alice, 0)->messageId, "1");
  EXPECT_FALSE(messages().lastImage(_channel, "Ualice", alice, _clock.wallMs() + 1));
  EXPECT_FALSE(messages().lastImage(_channel, "Cgroup", alice, 0));
}

TEST_F(MessagesTest, AConversationKeepsItsModelAndPause) {
  Conversations all(*_file);
  all.state(_channel, "Ualice");
  all.setModel(_channel, "Ualice", "qwen3");
  all.pause(_channel, "Ualice", 5'000);
  messages().record(text("1", "question"));
  const int64_t inbox = event("k1", "Ualice");
  OutboxDraft draft;
  draft.target = "token";
  draft.body = "[]";
  draft.answeredIds = {"1"};
  _store->answer(inbox, InboxState::Done, "answered", draft);
  EXPECT_TRUE(messages().find(_channel, "1")->answered);
  const auto state = all.state(_channel, "Ualice");
  EXPECT_EQ(state.model, "qwen3");
  EXPECT_EQ(state.pausedUntilMs, std::optional<int64_t>(5'000));
  EXPECT_EQ(state.lastTurnAtMs, std::optional<int64_t>(_clock.wallMs()));
  all.pause(_channel, "Ualice", std::nullopt);
  EXPECT_FALSE(all.state(_channel, "Ualice").pausedUntilMs);
}

}  // namespace
}  // namespace tsunagi::store
