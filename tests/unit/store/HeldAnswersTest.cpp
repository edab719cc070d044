#include "store/HeldAnswers.h"

#include <gmock/gmock.h>

#include "store/Meters.h"
#include "tests/unit/store/StoreFixture.h"

namespace tsunagi::store {
namespace {

using testing::ElementsAre;

using HeldAnswersTest = StoreFixture;

TEST_F(HeldAnswersTest, AnAnswerWaitsForItsTicketOrTheNextToken) {
  HeldAnswers held(*_file);
  const int64_t first = event("k1", "Ualice"), second = event("k2", "Ualice");
  const HeldAnswer one = held.open(first, "Ualice");
  EXPECT_EQ(held.open(first, "Ualice").ticket, one.ticket);
  EXPECT_EQ(one.ticket.size(), 32u);
  EXPECT_FALSE(held.byTicket(_channel, one.ticket)->ready);
  EXPECT_FALSE(held.waiting(_channel, "Ualice"));
  held.fill(held.open(second, "Ualice").id, {"later"}, {"12"}, true);
  held.fill(one.id, {"a \"b\"", "c"}, {"10", "11"});
  EXPECT_THAT(held.waiting(_channel, "Ualice")->texts, ElementsAre("a \"b\"", "c")) << "the oldest first";
  EXPECT_THAT(held.waiting(_channel, "Ualice")->answeredIds, ElementsAre("10", "11"));
  EXPECT_FALSE(held.waiting(_channel, "Ualice")->apology);
  EXPECT_TRUE(held.ofEvent(second)->apology);
  EXPECT_FALSE(held.waiting(_channel, "Ubob"));
  const HeldAnswer rest = held.addRest(first, "Ualice", {"the rest"});
  EXPECT_NE(rest.ticket, one.ticket);
  EXPECT_THAT(held.byTicket(_channel, rest.ticket)->texts, ElementsAre("the rest"));
  EXPECT_EQ(held.ofEvent(first)->ticket, one.ticket);
  OutboxDraft draft;
  draft.target = "token-k3";
  draft.body = "[]";
  draft.heldAnswer = one.id;
  _store->answer(event("k3", "Ualice"), InboxState::Done, "delivered", draft);
  EXPECT_THAT(held.waiting(_channel, "Ualice")->texts, ElementsAre("later"));
  EXPECT_TRUE(held.byTicket(_channel, one.ticket)->delivered) << "tapped twice: the same answer is still there";
  EXPECT_FALSE(held.byTicket(_channel + 1, one.ticket));
  _clock.advance(HeldAnswers::KEPT_MS + 1);
  EXPECT_FALSE(held.purge(10));
  EXPECT_FALSE(held.byTicket(_channel, one.ticket));
}

TEST_F(HeldAnswersTest, MetersKeepTheirTextUntilTheyAreOld) {
  Meters meters(*_file);
  EXPECT_EQ(meters.get("user:1"), "");
  meters.set({{"user:1", "a"}});
  meters.set({{"user:1", "b"}});
  EXPECT_EQ(meters.get("user:1"), "b");
  meters.set({{"month:pushes", "7"}});
  _clock.advance(Meters::KEPT_MS + 1);
  meters.set({{"user:2", "c"}});
  EXPECT_TRUE(meters.purge(1));
  EXPECT_EQ(meters.get("user:1"), "");
  EXPECT_EQ(meters.get("user:2"), "c");
  EXPECT_FALSE(meters.purge(1));
  EXPECT_EQ(meters.get("month:pushes"), "7") << "a month is longer";
  _clock.advance(Meters::MONTH_KEPT_MS);
  while (meters.purge(1)) {
  }
  EXPECT_EQ(meters.get("month:pushes"), "");
}

TEST_F(HeldAnswersTest, WhatWasNotDeliveredWaitsWithItsRest) {
  HeldAnswers held(*_file);
  const int64_t inbox = event("k1", "Ualice");
  held.addRest(inbox, "Ualice", {"third"});
  OutboxDraft draft;
  draft.method = "push";
  draft.target = "Ualice";
  draft.body = R"([{"type":"text","text":"first"},{"type":"text","text":"second"},{"type":"text","text":"a notice"}])";
  draft.asker = "Ualice";
  draft.texts = {"", ""};  // of a chat whose words are not kept
  const int64_t outbox = _store->answer(inbox, InboxState::Done, "answered", draft);
  EXPECT_FALSE(held.waiting(_channel, "Ualice"));
  _store->markSending(outbox);
  EXPECT_TRUE(_store->holdOutbox(outbox, "rq", "quota"));
  EXPECT_FALSE(_store->openOutboxOf(inbox));
  for (const auto& texts : {std::vector<std::string>{"third"}, std::vector<std::string>{"first", "second"}}) {
    const auto waiting = held.waiting(_channel, "Ualice");
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->texts, texts);
    EXPECT_EQ(waiting->asker, "Ualice");
    OutboxDraft carrier;
    carrier.target = "token";
    carrier.body = "[]";
    carrier.heldAnswer = waiting->id;
    _store->answer(event("next" + texts[0], "Ualice"), InboxState::Done, "answered", carrier);
  }
  EXPECT_FALSE(held.waiting(_channel, "Ualice"));
  EXPECT_EQ(_store->counts().held, 1u);
  EXPECT_FALSE(_store->holdOutbox(outbox, "", "")) << "once";
}

TEST_F(HeldAnswersTest, ASentenceOfTheBridgeIsNotWorthKeeping) {
  const int64_t inbox = event("k1", "Ualice");
  OutboxDraft draft;
  draft.target = "token";
  draft.body = "[]";
  const int64_t outbox = _store->answer(inbox, InboxState::Done, "notice", draft);
  EXPECT_FALSE(_store->holdOutbox(outbox, "", "late"));
  EXPECT_FALSE(HeldAnswers(*_file).waiting(_channel, "Ualice"));
  EXPECT_EQ(_store->counts().failed, 1u);
}

TEST_F(HeldAnswersTest, OneAnswerMayCloseEarlierEventsOfItsConversation) {
  const int64_t first = event("k1", "Ualice"), other = event("k2", "Ubob"), second = event("k3", "Ualice");
  const auto behind = _store->openBehind(*_store->inboxRow(first), 10);
  ASSERT_EQ(behind.size(), 1u);
  EXPECT_EQ(behind[0].id, second);
  OutboxDraft draft;
  draft.target = "token-k3";
  draft.body = "[]";
  _store->answer(second, InboxState::Done, "answered", draft, {first});
  EXPECT_EQ(_store->inboxRow(first)->state, InboxState::Done);
  EXPECT_FALSE(_store->inboxRow(first)->replyToken);
  EXPECT_EQ(_store->inboxRow(other)->state, InboxState::New);
  EXPECT_EQ(_store->counts().merged, 1u);
  EXPECT_EQ(_store->counts().answered, 1u);
}

}  // namespace
}  // namespace tsunagi::store
