#include "link/BridgeSession.h"

#include <gtest/gtest.h>

using namespace tsunagi::link;
using Outputs = BridgeSession::Outputs;

namespace {

template <typename T>
std::vector<T> of(const Outputs& outputs) {
  std::vector<T> found;
  for (const auto& output : outputs) {
    if (auto* item = std::get_if<T>(&output)) found.push_back(*item);
  }
  return found;
}

class BridgeSessionTest : public testing::Test {
 protected:
  BridgeSession& begin(LinkPosition position, uint64_t resumeSeq, std::string epoch = "E",
                       LinkPosition handedOver = {}) {
    BridgeSessionOptions options;
    options.windowEvents = 8;
    options.windowBytes = 10'000;
    session.emplace(options, position, now);
    session->onOpen(now, out);
    auto texts = of<BridgeSession::SendText>(take());
    EXPECT_EQ(texts.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<Hello>(*decode(texts[0].text)));
    session->noteHandedOver(handedOver.epoch, handedOver.lastSeq);
    Welcome welcome{"u", "n", epoch, resumeSeq, wall, 256, 4 * 1024 * 1024, 20, {}};
    session->onText(encode(welcome), now, wall, out);
    return *session;
  }
  void event(uint64_t seq, size_t bytes = 10) {
    EventHead head;
    head.seq = seq;
    head.id = "id" + std::to_string(seq);
    head.length = bytes;
    session->onBinary(encodeEventHead(head) + std::string(bytes, 'x'), now, out);
  }
  Outputs take() {
    Outputs taken;
    taken.swap(out);
    return taken;
  }
  std::vector<uint64_t> delivered() {
    std::vector<uint64_t> seqs;
    for (const auto& item : of<BridgeSession::Deliver>(out)) seqs.push_back(item.event.seq);
    return seqs;
  }
  std::vector<uint64_t> acks() {
    std::vector<uint64_t> seqs;
    for (const auto& item : of<BridgeSession::SendText>(out)) {
      auto message = decode(item.text);
      if (auto* ack = std::get_if<Ack>(&*message)) seqs.push_back(ack->seq);
    }
    return seqs;
  }
  uint16_t closeCode() {
    auto closes = of<BridgeSession::Close>(out);
    return closes.size() == 1 ? closes[0].code : 0;
  }

  int64_t now = 5'000'000;
  int64_t wall = 1'760'000'000'000;
  std::optional<BridgeSession> session;
  Outputs out;
};

using Seqs = std::vector<uint64_t>;

TEST_F(BridgeSessionTest, DeliversInOrderWithTheTimeOfReception) {
  begin({"", 0, ""}, 1);
  EXPECT_TRUE(of<BridgeSession::QueueReset>(out).empty());
  EXPECT_TRUE(of<BridgeSession::EventsGone>(out).empty());
  event(1);
  event(2);
  EXPECT_EQ(delivered(), (Seqs{1, 2}));
  auto first = of<BridgeSession::Deliver>(out)[0].event;
  EXPECT_EQ(first.epoch, "E");
  EXPECT_EQ(first.receivedSteadyMs, now);
  EXPECT_EQ(first.body, "xxxxxxxxxx");
}

TEST_F(BridgeSessionTest, AcknowledgesFiftyMillisecondsAfterTheCommit) {
  begin({"", 0, ""}, 1);
  event(1);
  event(2);
  take();
  session->committed("E", 1, now, out);
  session->committed("E", 2, now + 10, out);
  EXPECT_TRUE(acks().empty());
  EXPECT_EQ(session->nextDeadlineMs(), now + 50);
  session->tick(now + 49, out);
  EXPECT_TRUE(acks().empty());
  session->tick(now + 50, out);
  EXPECT_EQ(acks(), (Seqs{2}));
}

TEST_F(BridgeSessionTest, AcknowledgesAtOnceAtHalfAWindow) {
  begin({"", 0, ""}, 1);
  for (uint64_t seq = 1; seq <= 4; ++seq) event(seq);
  take();
  session->committed("E", 3, now, out);
  EXPECT_TRUE(acks().empty());
  session->committed("E", 4, now, out);
  EXPECT_EQ(acks(), (Seqs{4}));
  event(5, 6'000);
  take();
  session->committed("E", 5, now, out);
  EXPECT_EQ(acks(), (Seqs{5})) << "half of the window's bytes";
}

TEST_F(BridgeSessionTest, NeverAcknowledgesUncommittedOrForeign) {
  begin({"", 0, ""}, 1);
  event(1);
  take();
  session->committed("F", 1, now, out);
  session->tick(now + 1'000, out);
  EXPECT_TRUE(acks().empty());
  session->flush(now, out);
  EXPECT_TRUE(acks().empty());
}

TEST_F(BridgeSessionTest, FlushAcknowledgesNow) {
  begin({"", 0, ""}, 1);
  event(1);
  session->committed("E", 1, now, out);
  take();
  session->flush(now, out);
  EXPECT_EQ(acks(), (Seqs{1}));
}

TEST_F(BridgeSessionTest, DropsWhatAnotherConnectionHandedOverAndAcknowledgesIt) {
  begin({"E", 2, "id2"}, 3, "E", {"E", 4, ""});
  event(3);
  event(4);
  event(5);
  EXPECT_EQ(delivered(), (Seqs{5}));
  take();
  session->committed("E", 4, now, out);
  session->flush(now, out);
  EXPECT_EQ(acks(), (Seqs{4}));
}

TEST_F(BridgeSessionTest, DoesNotAcknowledgeOnThisConnectionWhatItHasNotSeen) {
  begin({"E", 2, "id2"}, 3, "E", {"E", 6, ""});
  event(3);
  take();
  session->committed("E", 6, now, out);
  session->flush(now, out);
  EXPECT_EQ(acks(), (Seqs{3}));
  take();
  event(4);
  session->flush(now, out);
  EXPECT_EQ(acks(), (Seqs{4}));
}

TEST_F(BridgeSessionTest, HandedOverEventsOfAFreshStoreAreNotDeliveredTwice) {
  begin({"", 0, ""}, 1, "E", {"E", 2, ""});
  EXPECT_TRUE(of<BridgeSession::Welcomed>(out)[0].continuesQueue);
  for (uint64_t seq = 1; seq <= 3; ++seq) event(seq);
  EXPECT_EQ(delivered(), (Seqs{3}));
}

TEST_F(BridgeSessionTest, ANewEpochIsToldAndForgetsWhatWasHandedOver) {
  begin({"D", 40, "id40"}, 1, "E", {"D", 44, ""});
  ASSERT_EQ(of<BridgeSession::QueueReset>(out).size(), 1u);
  EXPECT_FALSE(of<BridgeSession::Welcomed>(out)[0].continuesQueue);
  take();
  session->onText(encode(Gap{{1, 7}}), now, wall, out);
  auto gone = of<BridgeSession::EventsGone>(out);
  ASSERT_EQ(gone.size(), 1u) << "in the numbers of the queue before";
  EXPECT_EQ(gone[0].range, (SeqRange{1, 7}));
  session->onText(encode(Resync{"E"}), now, wall, out);
  event(1);
  EXPECT_EQ(delivered(), (Seqs{1}));
}

TEST_F(BridgeSessionTest, AGapIsToldOnceWhetherByWelcomeOrMessage) {
  begin({"E", 2, "id2"}, 6);
  session->onText(encode(Gap{{3, 5}}), now, wall, out);
  auto gone = of<BridgeSession::EventsGone>(out);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone[0].range, (SeqRange{3, 5}));
  event(6);
  EXPECT_EQ(delivered(), (Seqs{6}));
}

TEST_F(BridgeSessionTest, AnUnannouncedHoleIsAGapToo) {
  begin({"", 0, ""}, 1);
  event(1);
  event(4);
  auto gone = of<BridgeSession::EventsGone>(out);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone[0].range, (SeqRange{2, 3}));
  EXPECT_EQ(delivered(), (Seqs{1, 4}));
}

TEST_F(BridgeSessionTest, EventsOutOfOrderAreABrokenProtocol) {
  begin({"", 0, ""}, 1);
  event(2);
  event(1);
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
}

TEST_F(BridgeSessionTest, MoreThanTheWindowIsABrokenProtocol) {
  begin({"", 0, ""}, 1);
  for (uint64_t seq = 1; seq <= 8; ++seq) event(seq);
  EXPECT_EQ(closeCode(), 0);
  event(9);
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
  EXPECT_EQ(delivered().size(), 8u);
}

TEST_F(BridgeSessionTest, OneEventLargerThanTheWindowMayComeAlone) {
  begin({"", 0, ""}, 1);
  event(1, 50'000);
  EXPECT_EQ(delivered(), (Seqs{1}));
  event(2);
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
}

TEST_F(BridgeSessionTest, ARefusalGoesOutBeforeALaterAck) {
  begin({"", 0, ""}, 1);
  event(1);
  event(2);
  take();
  session->refuse("E", 1, NackCode::Unparsable, "no JSON", out);
  session->committed("E", 2, now, out);
  session->flush(now, out);
  auto texts = of<BridgeSession::SendText>(out);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Nack>(*decode(texts[0].text)));
  EXPECT_TRUE(std::holds_alternative<Ack>(*decode(texts[1].text)));
}

TEST_F(BridgeSessionTest, ARefusalWaitsUntilThisConnectionHasSeenTheEvent) {
  begin({"E", 0, ""}, 1, "E", {"E", 2, ""});
  take();
  session->refuse("E", 2, NackCode::TooBig, "", out);
  session->committed("E", 2, now, out);
  EXPECT_TRUE(of<BridgeSession::SendText>(out).empty());
  event(1);
  session->flush(now, out);
  EXPECT_EQ(acks(), (Seqs{1}));
  take();
  event(2);
  auto texts = of<BridgeSession::SendText>(out);
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Nack>(*decode(texts[0].text)));
}

TEST_F(BridgeSessionTest, PingsAndGivesUpAfterTwoAndAHalf) {
  begin({"", 0, ""}, 1);
  take();
  session->tick(now + 20'000, out);
  EXPECT_EQ(of<BridgeSession::SendPing>(take()).size(), 1u);
  session->onHeard(now + 30'000);
  session->tick(now + 79'999, out);
  EXPECT_TRUE(of<BridgeSession::Abort>(take()).empty());
  session->tick(now + 80'000, out);
  EXPECT_EQ(of<BridgeSession::Abort>(out).size(), 1u);
}

TEST_F(BridgeSessionTest, AProbeIsAnsweredOrTheEnd) {
  begin({"", 0, ""}, 1);
  take();
  session->probe(now, out);
  EXPECT_EQ(of<BridgeSession::SendPing>(take()).size(), 1u);
  session->onHeard(now + 100);
  session->tick(now + 2'000, out);
  EXPECT_TRUE(of<BridgeSession::Abort>(take()).empty());
  session->probe(now + 3'000, out);
  take();
  session->tick(now + 5'000, out);
  EXPECT_EQ(of<BridgeSession::Abort>(out).size(), 1u);
}

TEST_F(BridgeSessionTest, GivesUpWithoutWelcome) {
  session.emplace(BridgeSessionOptions{}, LinkPosition{}, now);
  session->onOpen(now, out);
  EXPECT_EQ(session->nextDeadlineMs(), now + 15'000);
  session->tick(now + 15'000, out);
  EXPECT_EQ(of<BridgeSession::Abort>(out).size(), 1u);
}

TEST_F(BridgeSessionTest, ClockSkewIsTold) {
  session.emplace(BridgeSessionOptions{}, LinkPosition{}, now);
  session->onOpen(now, out);
  session->onText(encode(Welcome{"u", "n", "E", 1, wall, 8, 1'000, 20, {}}), now, wall + 86'400'000, out);
  EXPECT_EQ(of<BridgeSession::Welcomed>(out)[0].clockSkewMs, 86'400'000);
}

TEST_F(BridgeSessionTest, GoawayIsPassedOnAndEventsGoOn) {
  begin({"", 0, ""}, 1);
  session->onText(encode(Goaway{"update", 300, ""}), now, wall, out);
  ASSERT_EQ(of<BridgeSession::DialAnew>(out).size(), 1u);
  EXPECT_EQ(of<BridgeSession::DialAnew>(out)[0].goaway.jitterMs, 300);
  event(1);
  EXPECT_EQ(delivered(), (Seqs{1}));
}

TEST_F(BridgeSessionTest, BrokenMessagesClose) {
  begin({"", 0, ""}, 1);
  session->onBinary("nonsense", now, out);
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
  begin({"", 0, ""}, 1);
  take();
  session->onText(encode(Ack{1}), now, wall, out);
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
}

TEST_F(BridgeSessionTest, StatusIsSentOnlyAsAnObject) {
  begin({"", 0, ""}, 1);
  take();
  session->status("[]", out);
  EXPECT_TRUE(out.empty());
  session->status(R"({"a":1})", out);
  EXPECT_EQ(of<BridgeSession::SendText>(out).size(), 1u);
}

}  // namespace
