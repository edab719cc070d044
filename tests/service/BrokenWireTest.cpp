// The wires between the programs are slow, cut, reset and dead without a word: every event keeps exactly one reply, its
// own text, in order.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "tests/support/Chain.h"
#include "tests/support/FaultGate.h"

namespace tsunagi::test {
namespace {

using std::chrono::milliseconds;

class BrokenWire : public testing::Test {
 protected:
  static constexpr int CONVERSATIONS = 5;

  void startAllButTheBridge() {
    chain.startLinesim();
    chain.startRelay();
    chain.addUnit();
    chain.rewriteBridgeIni();  // fills in what a test then changes
  }
  // Messages of all conversations; the last event's id.
  std::string type(int messages) {
    std::string last;
    for (int i = 0; i < messages; ++i, ++_typed)
      last = chain.send("user" + std::to_string(_typed % CONVERSATIONS), "message " + std::to_string(_typed));
    return last;
  }
  void expectAll() {
    EXPECT_TRUE(eventually([&] { return chain.summary().at("unanswered") == 0; })) << chain.summary();
    chain.expectOneEchoEach();
    EXPECT_EQ(chain.summary().at("answered"), _typed);
  }
  static void expectMore(FaultGate& gate, size_t than) {
    EXPECT_TRUE(eventually([&] { return gate.opened() > than; })) << "nobody dialled again";
  }

  Chain chain{{.tokenLife = "3600s", .redeliver = true}};

 private:
  int _typed = 0;
};

class BrokenLink : public BrokenWire {
 protected:
  void SetUp() override {
    startAllButTheBridge();
    gate.emplace(chain.linkUrl().substr(5, chain.linkUrl().rfind('/') - 5));
    chain.ini["relay"]["url"] = "ws://" + gate->address() + "/test";
    chain.startBridge();
    chain.waitForLink();
  }
  std::optional<FaultGate> gate;
};

TEST_F(BrokenLink, Slow) {
  gate->delay(milliseconds(40));
  type(30);
  expectAll();
  EXPECT_EQ(gate->opened(), 1u);
}

TEST_F(BrokenLink, CutInTheMidstOfEvents) {
  gate->cutAfter(FaultGate::ToCaller, 2'500);
  type(20);
  expectMore(*gate, 1);
  gate->cutNoMore();
  expectAll();
}

TEST_F(BrokenLink, CutInTheMidstOfAcknowledgements) {
  gate->cutAfter(FaultGate::ToTarget, 20);  // of the first; the next connection needs more than this for its request
  type(20);
  expectMore(*gate, 1);
  gate->cutNoMore();
  expectAll();
}

TEST_F(BrokenLink, ResetAgainAndAgain) {
  for (int i = 0; i < 3; ++i) {
    const size_t before = gate->opened();
    type(10);
    gate->reset();
    expectMore(*gate, before);
  }
  expectAll();
}

// Half-open (J28): the relay has an event out and hears nothing. It asks with a ping, gives the connection up, and
// sends the event again on the next.
TEST_F(BrokenLink, HalfOpenTowardsTheRelay) {
  type(1);
  expectAll();
  gate->stall(FaultGate::ToTarget);
  const std::string event = type(1);
  chain.awaitReply(event);  // the event came through; that it is stored did not
  EXPECT_EQ(chain.unitCounters().at("pending"), 1);
  chain.relay().waitForLine("given up: no answer to a ping with an event unacknowledged");
  expectMore(*gate, 1);
  EXPECT_TRUE(eventually([&] { return chain.unitCounters().at("pending") == 0; }));
  expectAll();
}

// Dead both ways, with the event on it. The relay gives up first; the bridge is told nothing and finds out by its own
// ping. Meanwhile the event waits.
TEST_F(BrokenLink, HalfOpenBothWays) {
  type(1);
  expectAll();
  gate->stall(FaultGate::ToCaller);
  gate->stall(FaultGate::ToTarget);
  const std::string event = type(1);
  chain.relay().waitForLine("given up: no answer to a ping with an event unacknowledged");
  EXPECT_EQ(chain.unitCounters().at("pending"), 1);
  ASSERT_TRUE(eventually([&] { return gate->opened() > 1; }, std::chrono::minutes(4)));  // within 2.5 times 20 s
  chain.awaitReply(event);
  expectAll();
}

class BrokenWebhooks : public BrokenWire {
 protected:
  void SetUp() override {
    startAllButTheBridge();
    const std::string url = chain.webhookUrl();
    const size_t path = url.find('/', 7);
    gate.emplace(url.substr(7, path - 7));
    chain.control("POST", "/control/webhook-url", {{"url", "http://" + gate->address() + url.substr(path)}});
    chain.startBridge();
    chain.waitForLink();
  }
  std::optional<FaultGate> gate;
};

TEST_F(BrokenWebhooks, Slow) {
  gate->delay(milliseconds(40));
  type(20);
  expectAll();
}

// The relay has the webhook, LINE has no answer: it comes again, and is one event all the same.
TEST_F(BrokenWebhooks, TheAnswersAreCut) {
  gate->cutAfter(FaultGate::ToCaller, 9);
  type(10);
  ASSERT_TRUE(eventually([&] { return chain.summary().at("redeliveries").get<int>() >= 5; }));
  gate->cutNoMore();
  expectAll();
  EXPECT_GT(chain.bridgeStatus().at("counters").at("duplicates").get<int>(), 0);
}

TEST_F(BrokenWebhooks, TheRequestsAreCut) {
  gate->cutAfter(FaultGate::ToTarget, 300);
  type(10);
  ASSERT_TRUE(eventually([&] { return chain.summary().at("redeliveries").get<int>() >= 5; }));
  EXPECT_EQ(chain.summary().at("accepted"), 0);
  gate->cutNoMore();
  expectAll();
}

TEST_F(BrokenWebhooks, ResetAtAnyMoment) {
  for (int i = 0; i < 5; ++i) {
    const size_t before = gate->opened();
    type(5);
    ASSERT_TRUE(eventually([&] { return gate->opened() > before; }));
    gate->reset();
  }
  expectAll();
}

class BrokenLineApi : public BrokenWire {
 protected:
  void SetUp() override {
    startAllButTheBridge();
    gate.emplace(chain.lineApi().substr(7));
    chain.ini["line"]["api_base"] = "http://" + gate->address();
    chain.startBridge();
    chain.waitForLink();
  }
  std::optional<FaultGate> gate;
};

TEST_F(BrokenLineApi, Slow) {
  gate->delay(milliseconds(40));
  type(20);
  expectAll();
}

// The reply is out, its answer is lost: the same bytes again, and LINE's "Invalid reply token" says that it is out.
TEST_F(BrokenLineApi, TheAnswersAreCut) {
  gate->cutAfter(FaultGate::ToCaller, 9);
  type(10);
  // The first of each conversation; the others wait behind it.
  ASSERT_TRUE(eventually([&] { return chain.summary().at("deadTokenCalls").get<int>() >= CONVERSATIONS; }));
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("sent"), 0);
  gate->cutNoMore();
  expectAll();
}

TEST_F(BrokenLineApi, TheRequestsAreCut) {
  gate->cutAfter(FaultGate::ToTarget, 120);
  type(10);
  ASSERT_TRUE(eventually([&] { return gate->opened() >= 10; }));
  EXPECT_EQ(chain.summary().at("replies"), 0);
  gate->cutNoMore();
  expectAll();
}

TEST_F(BrokenLineApi, ResetAtAnyMoment) {
  for (int i = 0; i < 5; ++i) {
    const size_t before = gate->opened();
    type(5);
    ASSERT_TRUE(eventually([&] { return gate->opened() > before; }));
    gate->reset();
  }
  expectAll();
}

// A call that is never answered ends by its own deadline and is asked again.
TEST_F(BrokenLineApi, DeadWithoutAWord) {
  gate->delay(milliseconds(200));  // so that the call is under way when the wire dies
  const std::string event = type(1);
  ASSERT_TRUE(eventually([&] { return gate->open() == 1; }));
  gate->stall(FaultGate::ToCaller);
  gate->delay(milliseconds(0));
  chain.awaitReply(event);
  expectMore(*gate, 1);
  expectAll();
}

}  // namespace
}  // namespace tsunagi::test
