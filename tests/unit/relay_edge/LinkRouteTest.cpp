#include "relay/edge/LinkRoute.h"

#include "EdgeBench.h"

using namespace tsunagi;
using namespace tsunagi::relay;
using test::RawAnswer;
using test::RawSocket;

namespace {

RawAnswer upgrade(const EdgeBench& bench, const std::string& unit, const std::string& headers) {
  auto socket = RawSocket::connect(bench.port);
  socket.send("GET /gmk/" + unit + "/ws HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + headers + "\r\n");
  return socket.readAnswer();
}

std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }
const std::string PROTOCOL = "Sec-WebSocket-Protocol: tsunagi.v1\r\n";

TEST(LinkRoute, AcceptsTheRightTokenAndSelectsTheSubprotocol) {
  EdgeBench bench;
  auto answer = upgrade(bench, bench.unit->id, bearer(std::string(bench.token.reveal())) + PROTOCOL);
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.headers["sec-websocket-protocol"], "tsunagi.v1");
}

TEST(LinkRoute, AnUnknownUnitAndAWrongTokenGetTheSameBytes) {
  EdgeBench bench;
  auto bytes = [&](const std::string& unit, const std::string& headers) {
    auto socket = RawSocket::connect(bench.port);
    socket.send("GET /gmk/" + unit + "/ws HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + headers + "\r\n");
    auto answer = socket.readAnswer();
    answer.headers.erase("date");
    EXPECT_EQ(answer.status, 401);
    return std::make_pair(answer.headers, answer.body);
  };
  const std::string other = randomToken("tsgu_");
  const auto unknown = bytes(randomId(), bearer(other) + PROTOCOL);
  EXPECT_EQ(bytes(bench.unit->id, bearer(other) + PROTOCOL), unknown);
  EXPECT_EQ(bytes(bench.unit->id, bearer(other)), unknown) << "without a subprotocol too";
  EXPECT_EQ(bytes(bench.unit->id, PROTOCOL), unknown);
  const std::string good = bearer(std::string(bench.token.reveal()));
  EXPECT_EQ(bytes(bench.unit->id, good + good + PROTOCOL), unknown) << "two fields are none";
  EXPECT_EQ(bytes(randomId(), good + PROTOCOL), unknown) << "another unit's token";
  EXPECT_EQ(bench.links().stats().unauthorized, 6u);
}

TEST(LinkRoute, WithoutItsSubprotocolItIs426) {
  EdgeBench bench;
  const std::string good = bearer(std::string(bench.token.reveal()));
  EXPECT_EQ(upgrade(bench, bench.unit->id, good).status, 426);
  EXPECT_EQ(upgrade(bench, bench.unit->id, good + "Sec-WebSocket-Protocol: other, tsunagi.v2\r\n").status, 426);
  EXPECT_EQ(upgrade(bench, bench.unit->id, good + "Sec-WebSocket-Protocol: other, tsunagi.v1\r\n").status, 101);
}

TEST(LinkRoute, ASuspendedUnitIs403) {
  EdgeBench bench;
  ASSERT_TRUE(bench.units().setSuspended(bench.unit->id, true).ok());
  EXPECT_EQ(upgrade(bench, bench.unit->id, bearer(std::string(bench.token.reveal())) + PROTOCOL).status, 403);
}

TEST(LinkRoute, TooManyHellosAre429) {
  HubOptions options;
  options.hellosPerMinute = 2;
  EdgeBench bench(options);
  // Three bridges of one unit in a minute, or at most four when the minute turns.
  std::vector<std::unique_ptr<TestBridge>> bridges;
  for (int i = 0; i < 5; ++i) {
    bridges.push_back(std::make_unique<TestBridge>(bench, "instance" + std::to_string(i)));
    ASSERT_TRUE(test::eventually([&] {
      auto state = bridges.back()->client().state();
      return state.phase == link::LinkState::Phase::Connected || state.trouble == link::LinkState::Trouble::Overloaded;
    }));
  }
  EXPECT_GE(bench.hub().stats().refusedHellos + bench.links().stats().refused, 1u);
}

}  // namespace
