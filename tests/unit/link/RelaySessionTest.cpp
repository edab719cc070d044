#include "link/RelaySession.h"

#include <gtest/gtest.h>

using namespace tsunagi::link;
using Outputs = RelaySession::Outputs;
using Ending = RelaySession::Ending;

namespace {

template <typename T>
std::vector<T> of(const Outputs& outputs) {
  std::vector<T> found;
  for (const auto& output : outputs) {
    if (auto* item = std::get_if<T>(&output)) found.push_back(*item);
  }
  return found;
}

class RelaySessionTest : public testing::Test {
 protected:
  void open(uint64_t windowEvents = 256, uint64_t windowBytes = 4 * 1024 * 1024, uint64_t resumeSeq = 1) {
    Hello hello;
    hello.windowEvents = windowEvents;
    hello.windowBytes = windowBytes;
    text(encode(hello));
    ASSERT_EQ(of<RelaySession::RequestResume>(take()).size(), 1u);
    session.onResumed({"E", false, resumeSeq, std::nullopt}, now, 1'760'000'000'000, out);
    auto outputs = take();
    ASSERT_EQ(of<RelaySession::SendText>(outputs).size(), 1u);
    fetches = of<RelaySession::Fetch>(outputs);
  }
  void text(const std::string& message) { session.onText(message, now, out); }
  void ack(uint64_t seq) { text(encode(Ack{seq})); }
  Outputs take() {
    Outputs taken;
    taken.swap(out);
    return taken;
  }
  static QueuedEvent event(uint64_t seq, size_t bytes = 10, uint32_t attempts = 0) {
    QueuedEvent item;
    item.seq = seq;
    item.id = "id" + std::to_string(seq);
    item.attempts = attempts;
    item.path = "/f/u/webhook";
    item.body = std::string(bytes, 'x');
    return item;
  }
  void give(std::vector<QueuedEvent> events, bool more = false) { session.onEvents(std::move(events), more, now, out); }
  std::vector<uint64_t> sent() {
    std::vector<uint64_t> seqs;
    for (const auto& item : of<RelaySession::SendEvent>(out)) {
      auto view = decodeEvent(item.head + item.body);
      EXPECT_TRUE(view.ok());
      seqs.push_back(view->head.seq);
    }
    out.clear();
    return seqs;
  }
  uint16_t closeCode() {
    auto closes = of<RelaySession::Close>(out);
    return closes.size() == 1 ? closes[0].code : 0;
  }

  RelaySessionOptions options{"unit", "node", 256, 4 * 1024 * 1024, 20};
  int64_t now = 1'000'000;
  RelaySession session{options, now};
  Outputs out;
  std::vector<RelaySession::Fetch> fetches;
};

using Seqs = std::vector<uint64_t>;

TEST_F(RelaySessionTest, SendsNothingBeforeHello) {
  session.onStored(now, out);
  EXPECT_TRUE(out.empty());
  open();
  ASSERT_EQ(fetches.size(), 1u);
  EXPECT_EQ(fetches[0].afterSeq, 0u);
}

TEST_F(RelaySessionTest, ClosesWithoutHelloInTenSeconds) {
  now += 9'999;
  session.tick(now, out);
  EXPECT_TRUE(out.empty());
  now += 1;
  session.tick(now, out);
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
}

TEST_F(RelaySessionTest, WelcomeThenGapThenResync) {
  text(encode(Hello{}));
  take();
  session.onResumed({"E2", true, 1, SeqRange{1, 4}}, now, 99, out);
  auto texts = of<RelaySession::SendText>(out);
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<Welcome>(*decode(texts[0].text)));
  EXPECT_TRUE(std::holds_alternative<Gap>(*decode(texts[1].text)));
  EXPECT_TRUE(std::holds_alternative<Resync>(*decode(texts[2].text)));
}

TEST_F(RelaySessionTest, ToldAgeIsTheAgeAtSending) {
  open(1);
  QueuedEvent first = event(1), second = event(2);
  first.bornMs = second.bornMs = now - 500;
  give({first, second});
  auto sends = of<RelaySession::SendEvent>(take());
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(decodeEvent(sends[0].head + sends[0].body)->head.ageMs, 500);
  now += 2'000;
  ack(1);
  sends = of<RelaySession::SendEvent>(take());
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(decodeEvent(sends[0].head + sends[0].body)->head.ageMs, 2'500);
}

TEST_F(RelaySessionTest, KeepsTheSmallerWindowOfEvents) {
  open(2);
  EXPECT_LE(fetches[0].maxEvents, 2u);
  give({event(1), event(2), event(3)});
  EXPECT_EQ(sent(), (Seqs{1, 2}));
  ack(1);
  EXPECT_EQ(sent(), (Seqs{3}));
}

TEST_F(RelaySessionTest, KeepsTheWindowOfBytesAndSendsALargerEventAlone) {
  open(256, 1'000);
  give({event(1, 400), event(2, 5'000), event(3, 10)});
  EXPECT_EQ(sent(), (Seqs{1}));
  ack(1);
  EXPECT_EQ(sent(), (Seqs{2}));
  ack(2);
  EXPECT_EQ(sent(), (Seqs{3}));
}

TEST_F(RelaySessionTest, KeepsAtMost64KiBUnsent) {
  open();
  give({event(1, 40'000), event(2, 40'000), event(3, 40'000)});
  EXPECT_EQ(sent(), (Seqs{1, 2}));
  session.onDrained(now, out);
  EXPECT_EQ(sent(), (Seqs{3}));
}

TEST_F(RelaySessionTest, AcksAreCumulativeAndReachTheStore) {
  open();
  give({event(1), event(2), event(3)});
  take();
  ack(2);
  ASSERT_EQ(of<RelaySession::Acknowledge>(out).size(), 1u);
  EXPECT_EQ(of<RelaySession::Acknowledge>(out)[0].seq, 2u);
  take();
  ack(1);
  EXPECT_TRUE(of<RelaySession::Acknowledge>(out).empty());
  EXPECT_EQ(session.inFlight(), 1u);
}

TEST_F(RelaySessionTest, AnAckBeyondWhatWasSentDeletesNothing) {
  open(1);
  give({event(1), event(2)});
  take();
  ack(2);
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
  EXPECT_TRUE(of<RelaySession::Acknowledge>(out).empty());
}

TEST_F(RelaySessionTest, NackBuriesAndFreesTheWindow) {
  open(2);
  give({event(1), event(2), event(3)});
  take();
  text(encode(Nack{2, NackCode::Unparsable, "no JSON"}));
  auto buried = of<RelaySession::Bury>(out);
  ASSERT_EQ(buried.size(), 1u);
  EXPECT_EQ(buried[0].seq, 2u);
  EXPECT_EQ(buried[0].reason, "unparsable");
  EXPECT_EQ(sent(), (Seqs{3}));
  text(encode(Nack{2, NackCode::Unparsable, "again"}));
  EXPECT_TRUE(of<RelaySession::Bury>(out).empty());
  ack(3);
  EXPECT_EQ(session.inFlight(), 0u);
}

TEST_F(RelaySessionTest, WrongMessagesClose4400) {
  for (const std::string& message : {encode(Ack{1}), encode(Welcome{"u", "n", "e", 1, 0, 1, 1, 20, {}}),
                                     std::string("hello"), encode(StatusMessage{"{}"})}) {
    RelaySession fresh(options, now);
    Outputs outputs;
    fresh.onText(message, now, outputs);
    ASSERT_EQ(outputs.size(), 1u) << message;
    EXPECT_EQ(std::get<RelaySession::Close>(outputs[0]).code, close::BAD_MESSAGE);
  }
  open();
  text(encode(Hello{}));
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
  take();
  ack(1);
  EXPECT_TRUE(out.empty()) << "nothing after the close";
}

TEST_F(RelaySessionTest, BinaryFromTheBridgeCloses) {
  open();
  session.onBinary(now, out);
  EXPECT_EQ(closeCode(), close::BAD_MESSAGE);
}

TEST_F(RelaySessionTest, AHoleInTheQueueIsToldAsAGap) {
  open();
  give({event(1), event(4)});
  auto texts = of<RelaySession::SendText>(out);
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(std::get<Gap>(*decode(texts[0].text)).range, (SeqRange{2, 3}));
}

TEST_F(RelaySessionTest, FetchesAgainOnlyWhenThereMayBeMore) {
  open();
  give({event(1)}, true);
  EXPECT_EQ(of<RelaySession::Fetch>(take()).size(), 1u);
  give({});
  EXPECT_TRUE(of<RelaySession::Fetch>(take()).empty());
  session.onStored(now, out);
  auto again = of<RelaySession::Fetch>(take());
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].afterSeq, 1u);
  session.onStored(now, out);
  EXPECT_TRUE(take().empty()) << "one fetch at a time";
  give({});
  EXPECT_EQ(of<RelaySession::Fetch>(take()).size(), 1u) << "something was stored meanwhile";
}

TEST_F(RelaySessionTest, AFailedFetchIsRepeatedAfterASecond) {
  open();
  session.onFetchFailed(now);
  session.tick(now + 999, out);
  EXPECT_TRUE(of<RelaySession::Fetch>(take()).empty());
  session.tick(now + 1'000, out);
  EXPECT_EQ(of<RelaySession::Fetch>(take()).size(), 1u);
}

TEST_F(RelaySessionTest, AnEventUnacknowledgedForThreeSecondsIsProbed) {
  open();
  give({event(1)});
  take();
  now += 2'999;
  session.tick(now, out);
  EXPECT_TRUE(out.empty());
  now += 1;
  session.tick(now, out);
  EXPECT_EQ(of<RelaySession::SendPing>(take()).size(), 1u);
  now += 4'999;
  session.tick(now, out);
  EXPECT_TRUE(out.empty());
  now += 1;
  session.tick(now, out);
  EXPECT_EQ(of<RelaySession::Abort>(out).size(), 1u);
}

TEST_F(RelaySessionTest, AnyByteAnswersTheProbe) {
  open();
  give({event(1)});
  take();
  now += 3'000;
  session.tick(now, out);
  take();
  now += 2'000;
  session.onHeard(now);
  now += 40'000;
  session.tick(now, out);
  EXPECT_TRUE(out.empty()) << "a bridge that holds an event is left in peace";
}

TEST_F(RelaySessionTest, SilenceOfTwoAndAHalfPingsIsTheEnd) {
  open();
  session.tick(now + 49'999, out);
  EXPECT_TRUE(of<RelaySession::Abort>(out).empty());
  session.tick(now + 50'000, out);
  EXPECT_EQ(of<RelaySession::Abort>(out).size(), 1u);
}

TEST_F(RelaySessionTest, OnlyTheOldestGainsAnAttemptAndOnlyWithoutProgress) {
  open();
  give({event(1), event(2)});
  take();
  session.onEnded(Ending::Broken, out);
  auto attempts = of<RelaySession::AddAttempt>(out);
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].seq, 1u);
}

TEST_F(RelaySessionTest, ProgressMeansNoAttempt) {
  open();
  give({event(1), event(2)});
  ack(1);
  take();
  session.onEnded(Ending::Broken, out);
  EXPECT_TRUE(out.empty());
}

TEST_F(RelaySessionTest, PlannedAndCleanEndsMeanNoAttempt) {
  for (Ending ending : {Ending::Planned, Ending::Clean}) {
    RelaySession fresh(options, now);
    Outputs outputs;
    fresh.onText(encode(Hello{}), now, outputs);
    fresh.onResumed({"E", false, 1, std::nullopt}, now, 0, outputs);
    fresh.onEvents({event(1)}, false, now, outputs);
    outputs.clear();
    fresh.onEnded(ending, outputs);
    EXPECT_TRUE(outputs.empty());
  }
}

TEST_F(RelaySessionTest, ABridgeThatLivedOnWasNotEndedByTheEvent) {
  open();
  give({event(1)});
  take();
  session.onHeard(now + RelaySession::SURVIVED_MS);
  session.onEnded(Ending::Broken, out);
  EXPECT_TRUE(out.empty());
}

TEST_F(RelaySessionTest, ASuspectGoesAlone) {
  open();
  give({event(1, 10, 3), event(2)});
  EXPECT_EQ(sent(), (Seqs{1}));
  session.onStored(now, out);
  EXPECT_TRUE(sent().empty());
  ack(1);
  EXPECT_EQ(sent(), (Seqs{2}));
}

TEST_F(RelaySessionTest, ASuspectBehindOthersWaitsForThem) {
  open();
  give({event(1), event(2, 10, 3)});
  EXPECT_EQ(sent(), (Seqs{1}));
  ack(1);
  EXPECT_EQ(sent(), (Seqs{2}));
}

TEST(RelaySessionPoison, IsBuriedOnlyAfterEightEndsAlone) {
  RelaySessionOptions options;
  uint32_t attempts = 0;
  int connections = 0;
  int alone = 0;
  for (; connections < 100; ++connections) {
    RelaySession session(options, 0);
    Outputs outputs;
    session.onText(encode(Hello{}), 0, outputs);
    session.onResumed({"E", false, 1, std::nullopt}, 0, 0, outputs);
    QueuedEvent first, second;
    first.seq = 1, first.id = "a", first.attempts = attempts;
    second.seq = 2, second.id = "b";
    session.onEvents({first, second}, false, 0, outputs);
    if (of<RelaySession::SendEvent>(outputs).size() == 1) ++alone;
    outputs.clear();
    session.onEnded(Ending::Broken, outputs);
    ASSERT_EQ(outputs.size(), 1u);
    if (std::holds_alternative<RelaySession::Bury>(outputs[0])) break;
    EXPECT_EQ(of<RelaySession::AddAttempt>(outputs)[0].seq, 1u);
    ++attempts;
  }
  EXPECT_EQ(alone, 8);
  EXPECT_EQ(connections + 1, 11);
}

TEST(RelaySessionSize, AnIdleSessionIsSmall) { EXPECT_LE(sizeof(RelaySession), 160u); }

}  // namespace
