// DESIGN section 4: only the current connection moves the queue. The moment looked at is the one between another
// connection's hello, on its own loop, and the message that tells the old one: the old one's loop is held inside a task
// meanwhile.
#include "EdgeBench.h"
#include "relay/edge/UnitSession.h"

using namespace tsunagi;
using namespace tsunagi::relay;
using test::eventually;

namespace {

// The relay's side of a link without a socket: keeps what the session sends.
class Wire : public net::WebSocket {
 public:
  Wire(EdgeBench& bench, size_t loop, std::string peer = "127.0.0.1")
      : _loop(bench.loop(loop)),
        _peer(std::move(peer)),
        _handler(std::make_shared<UnitSession>(bench.hub(), bench.unit, SERIAL)) {
    _loop.runSync([this] { handler().onOpen(*this); });
  }
  ~Wire() override { end(1001); }

  // Once: the bridge's side is gone. 1006: without a close.
  void end(uint16_t code) {
    _loop.runSync([&] {
      if (!_open) return;
      _open = false;
      handler().onClosed(code, "");
    });
  }
  void say(const std::string& text) {
    _loop.runSync([&] {
      if (_open) handler().onMessage(*this, net::WsOpcode::Text, text);
    });
  }
  void hello(const std::string& instance) {
    link::Hello hello;
    hello.instance = instance;
    say(link::encode(hello));
  }

  std::vector<link::EventHead> events() const {
    std::lock_guard lock(_mutex);
    return _events;
  }
  bool awaitEvents(size_t count) const {
    return eventually([&] { return events().size() >= count; });
  }
  uint16_t closed() const {
    std::lock_guard lock(_mutex);
    return _closeCode;
  }

 private:
  static constexpr uint32_t SERIAL = 1;  // of the unit's first token
  net::WebSocketHandler& handler() { return *_handler; }

  net::EventLoop& loop() override { return _loop; }
  void sendText(std::string_view) override {}
  void sendBinary(std::string_view head, std::string_view body) override {
    auto event = link::decodeEvent(std::string(head) + std::string(body));
    std::lock_guard lock(_mutex);
    _events.push_back(event.value().head);
  }
  void sendPing(std::string_view) override {}
  void close(uint16_t code, std::string_view) override {
    std::lock_guard lock(_mutex);
    _closeCode = code;
  }
  void abort() override {}
  size_t unsentBytes() const override { return 0; }
  int64_t lastReceivedMs() const override { return _loop.nowMs(); }
  const std::string& subprotocol() const override { return _subprotocol; }
  std::string peer() const override { return _peer; }

  net::EventLoop& _loop;
  const std::string _peer;
  std::shared_ptr<net::WebSocketHandler> _handler;
  const std::string _subprotocol = link::SUBPROTOCOL;
  bool _open = true;  // the loop's
  mutable std::mutex _mutex;
  std::vector<link::EventHead> _events;
  uint16_t _closeCode = 0;
};

class Generation : public testing::Test {
 protected:
  // One event is on its way on `older`; then `newer` says hello on another loop, and before `older` hears of it, act.
  void takeOverAnd(const std::function<void()>& act) {
    ASSERT_EQ(bench.post("first"), 200);
    older.hello("a");
    ASSERT_TRUE(older.awaitEvents(1));
    bench.loop(0).runSync([&] {
      newer.hello("b");
      act();
    });
    ASSERT_TRUE(newer.awaitEvents(1));
    // The writer takes its work in order: once this one is stored, whatever act gave it is done.
    ASSERT_EQ(bench.post("second"), 200);
    ASSERT_TRUE(newer.awaitEvents(2));
  }

  EdgeBench bench;
  Wire older{bench, 0}, newer{bench, 1};
};

TEST_F(Generation, AnAcknowledgementOfTheReplacedConnectionDeletesNothing) {
  takeOverAnd([&] { older.say(link::encode(link::Ack{1})); });
  EXPECT_EQ(bench.counters().pending, 2u);
  EXPECT_EQ(bench.counters().acknowledgedTotal, 0u);
  EXPECT_EQ(bench.hub().stats().acks, 0u);
  EXPECT_EQ(bench.hub().stats().ignored, 1u);
  EXPECT_TRUE(eventually([&] { return older.closed() == link::close::REPLACED; }));
  newer.say(link::encode(link::Ack{2}));
  EXPECT_TRUE(eventually([&] { return bench.counters().acknowledgedTotal == 2; }));
}

TEST_F(Generation, ARefusalOfTheReplacedConnectionBuriesNothing) {
  takeOverAnd([&] { older.say(link::encode(link::Nack{1, link::NackCode::Unparsable, "no"})); });
  EXPECT_EQ(bench.counters().pending, 2u);
  EXPECT_EQ(bench.counters().deadTotal, 0u);
  EXPECT_EQ(bench.hub().stats().buried, 0u);
}

TEST_F(Generation, ABrokenEndOfTheReplacedConnectionIsNoAttempt) {
  takeOverAnd([&] { older.end(1006); });
  EXPECT_EQ(bench.hub().stats().attempts, 0u);
  ASSERT_TRUE(bench.hub().link(bench.unit->id)) << "its end left the newer one alone";
  Wire third(bench, 0);
  third.hello("c");
  ASSERT_TRUE(third.awaitEvents(1));
  EXPECT_EQ(third.events()[0].attempt, 0u);
}

TEST_F(Generation, ABrokenEndOfTheCurrentConnectionIsAnAttempt) {
  ASSERT_EQ(bench.post("first"), 200);
  older.hello("a");
  ASSERT_TRUE(older.awaitEvents(1));
  older.end(1006);
  newer.hello("a");
  ASSERT_TRUE(newer.awaitEvents(1));
  EXPECT_EQ(newer.events()[0].attempt, 1u);
}

// A bridge that was restarted comes from where it was; another one's address is worth a word.
TEST(Replacement, ByAnotherAddressIsToldTheOperator) {
  std::vector<std::string> told;
  HubOptions options;
  options.tell = [&](const char* cause, const std::string& unit, const std::string&) {
    told.push_back(std::string(cause) + " " + unit);
  };
  EdgeBench bench(options);
  Wire first(bench, 0, "192.0.2.1"), restarted(bench, 0, "192.0.2.1"), other(bench, 0, "192.0.2.2");
  first.hello("a");
  restarted.hello("b");
  EXPECT_TRUE(told.empty());
  other.hello("c");
  EXPECT_EQ(told, (std::vector<std::string>{"link_replaced " + bench.unit->id}));
}

}  // namespace
