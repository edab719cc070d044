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

enum class Wire { Link, Webhooks, LineApi };

std::string pathOf(const std::string& url) { return url.substr(url.find('/', url.find("//") + 2)); }
std::string hostOf(const std::string& url) {
  const size_t begin = url.find("//") + 2;
  return url.substr(begin, url.find('/', begin) - begin);
}

// A chain with a gate on one of its wires.
class BrokenWire : public testing::Test {
 protected:
  static constexpr int CONVERSATIONS = 5;

  void start(Wire wire) {
    chain.startLinesim();
    chain.startRelay();
    chain.addUnit();
    chain.rewriteBridgeIni();  // fills in what is then changed
    const std::string url = wire == Wire::Link       ? chain.linkUrl()
                            : wire == Wire::Webhooks ? chain.webhookUrl()
                                                     : chain.lineApi() + "/";
    gate.emplace(hostOf(url));
    if (wire == Wire::Link) chain.ini["relay"]["url"] = "ws://" + gate->address() + pathOf(url);
    if (wire == Wire::Webhooks)
      chain.control("POST", "/control/webhook-url", {{"url", "http://" + gate->address() + pathOf(url)}});
    if (wire == Wire::LineApi) chain.ini["line"]["api_base"] = "http://" + gate->address();
    chain.startBridge();
    chain.waitForLink();
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
  void expectMore(size_t than) {
    EXPECT_TRUE(eventually([&] { return gate->opened() > than; })) << "nobody dialled again";
  }

  Chain chain{{.tokenLife = "3600s", .redeliver = true}};
  std::optional<FaultGate> gate;

 private:
  int _typed = 0;
};

class AnyWire : public BrokenWire, public testing::WithParamInterface<Wire> {
 protected:
  void SetUp() override { start(GetParam()); }
};

TEST_P(AnyWire, Slow) {
  gate->delay(milliseconds(40));
  type(20);
  expectAll();
  if (GetParam() == Wire::Link) {
    EXPECT_EQ(gate->opened(), 1u);
  }
}

TEST_P(AnyWire, ResetAgainAndAgain) {
  for (int i = 0; i < 5; ++i) {
    const size_t before = gate->opened();
    type(5);
    // The link is open all the time, the others with each call.
    if (GetParam() != Wire::Link) expectMore(before);
    gate->reset();
    if (GetParam() == Wire::Link) expectMore(before);
  }
  expectAll();
}

std::string nameOf(const testing::TestParamInfo<Wire>& wire) {
  return wire.param == Wire::Link ? "Link" : wire.param == Wire::Webhooks ? "Webhooks" : "LineApi";
}
INSTANTIATE_TEST_SUITE_P(Wire, AnyWire, testing::Values(Wire::Link, Wire::Webhooks, Wire::LineApi), nameOf);

class BrokenLink : public BrokenWire {
 protected:
  void SetUp() override { start(Wire::Link); }
};

TEST_F(BrokenLink, CutInTheMidstOfEvents) {
  gate->cutAfter(FaultGate::ToCaller, 2'500);
  type(20);
  expectMore(1);
  gate->cutNoMore();
  expectAll();
}

TEST_F(BrokenLink, CutInTheMidstOfAcknowledgements) {
  gate->cutAfter(FaultGate::ToTarget, 20);  // of the first; the next connection needs more than this for its request
  type(20);
  expectMore(1);
  gate->cutNoMore();
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
  expectMore(1);
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
  void SetUp() override { start(Wire::Webhooks); }
};

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

class BrokenLineApi : public BrokenWire {
 protected:
  void SetUp() override { start(Wire::LineApi); }
};

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

// A call that is never answered ends by its own deadline and is asked again.
TEST_F(BrokenLineApi, DeadWithoutAWord) {
  gate->delay(milliseconds(200));  // so that the call is under way when the wire dies
  const std::string event = type(1);
  ASSERT_TRUE(eventually([&] { return gate->open() == 1; }));
  gate->stall(FaultGate::ToCaller);
  gate->delay(milliseconds(0));
  chain.awaitReply(event);
  expectMore(1);
  expectAll();
}

}  // namespace
}  // namespace tsunagi::test
