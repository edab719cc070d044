// The real LinkClient against the real edge, over loopback.
#include <future>

#include "EdgeBench.h"

using namespace tsunagi;
using namespace tsunagi::relay;
using link::LinkState;
using Phase = LinkState::Phase;
using Trouble = LinkState::Trouble;
using test::eventually;

namespace {

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> texts;
  for (int i = from; i <= to; ++i) texts.push_back(std::to_string(i));
  return texts;
}

TEST(Link, BringsWhatWaitedAndWhatComes) {
  EdgeBench bench;
  for (const auto& text : numbers(1, 5)) ASSERT_EQ(bench.post(text), 200);
  TestBridge bridge(bench, "a");
  ASSERT_TRUE(bridge.awaitBodies(5));
  for (const auto& text : numbers(6, 10)) ASSERT_EQ(bench.post(text), 200);
  ASSERT_TRUE(bridge.awaitBodies(10));
  EXPECT_EQ(bridge.bodies(), numbers(1, 10));
  ASSERT_TRUE(eventually([&] { return bench.counters().pending == 0; }));
  EXPECT_EQ(bench.counters().acknowledgedTotal, 10u);
  EXPECT_TRUE(bench.counters().balanced());
  EXPECT_TRUE(bridge.gaps().empty());
}

TEST(Link, KeepsTheBytesAndOnlyTheAllowedHeaders) {
  EdgeBench bench;
  const std::string body("{\"a\":\"\\ud83d\\ude00\"}\0\xff\n", 23);
  auto socket = test::RawSocket::connect(bench.port);
  socket.send(
      bench.webhook(body, "Cookie: x=1\r\nUser-Agent: LineBotWebhook/2.0\r\nX-Line-Extra: e\r\nAuthorization: b\r\n"));
  ASSERT_EQ(socket.readAnswer().status, 200);
  TestBridge bridge(bench, "a");
  ASSERT_TRUE(bridge.awaitBodies(1));
  auto event = bridge.committed()[0];
  EXPECT_EQ(event.body, body);
  EXPECT_EQ(event.path, "/gmk/" + bench.unit->id + "/webhook");
  std::vector<std::string> names;
  for (const auto& [name, value] : event.headers) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"user-agent", "x-line-extra", "x-line-signature", "content-type"}));
  EXPECT_GE(event.ageMs, 0);
}

TEST(Link, CarriesMoreThanItsWindowInOrder) {
  HubOptions options;
  options.windowEvents = 4;
  options.windowBytes = 20'000;
  EdgeBench bench(options);
  std::vector<std::string> sent;
  for (int i = 0; i < 60; ++i) {
    sent.push_back(std::to_string(i) + std::string(static_cast<size_t>(i % 7 == 0 ? 30'000 : i * 10), 'x'));
    ASSERT_EQ(bench.post(sent.back()), 200);
  }
  TestBridge bridge(bench, "a");
  ASSERT_TRUE(bridge.awaitBodies(60));
  EXPECT_EQ(bridge.bodies(), sent);
}

TEST(Link, WhatIsHeldIsNeitherAcknowledgedNorLost) {
  EdgeBench bench;
  {
    TestBridge bridge(bench, "a");
    bridge.hold = true;
    for (const auto& text : numbers(1, 3)) ASSERT_EQ(bench.post(text), 200);
    ASSERT_TRUE(eventually([&] { return bridge.held().size() == 3; }));
    EXPECT_EQ(bench.counters().pending, 3u);
  }
  TestBridge again(bench, "b");
  ASSERT_TRUE(again.awaitBodies(3));
  EXPECT_EQ(again.bodies(), numbers(1, 3));
}

TEST(Link, StopSendsTheAcknowledgementsThatAreDue) {
  EdgeBench bench;
  link::LinkPosition position;
  {
    TestBridge bridge(bench, "a");
    for (const auto& text : numbers(1, 3)) ASSERT_EQ(bench.post(text), 200);
    ASSERT_TRUE(bridge.awaitBodies(3));
    bridge.stop();
    EXPECT_EQ(bridge.client().state().phase, Phase::Stopped);
    position = bridge.stored();
  }
  EXPECT_TRUE(eventually([&] { return bench.counters().pending == 0; }));
  EXPECT_EQ(position.lastSeq, 3u);
}

TEST(Link, ANewConnectionTakesOverWithoutADelayOrARepetition) {
  HubOptions options;
  options.goawayJitterMs = 0;
  EdgeBench bench(options);
  TestBridge bridge(bench, "a");
  ASSERT_TRUE(bridge.awaitPhase(Phase::Connected));
  int sent = 0;
  for (int round = 1; round <= 5; ++round) {
    const uint64_t generation = bench.hub().link(bench.unit->id)->generation;
    bench.hub().goaway("test", 0, [] {});
    auto movedOn = [&] {
      auto now = bench.hub().link(bench.unit->id);
      return now && now->generation > generation;
    };
    do {
      ASSERT_EQ(bench.post(std::to_string(++sent)), 200);
    } while (!movedOn() && sent < 5'000);
  }
  ASSERT_TRUE(bridge.awaitBodies(static_cast<size_t>(sent)));
  EXPECT_EQ(bridge.bodies(), numbers(1, sent));
  EXPECT_EQ(bridge.disconnects, 0);
  ASSERT_TRUE(eventually([&] { return bench.hub().stats().sessions == 1; }));
  EXPECT_EQ(bench.hub().stats().replacedByOther, 0u);
}

TEST(Link, BetweenAGoawayAndTheNewConnectionEventsFlowOnTheOldOne) {
  HubOptions options;
  options.goawayJitterMs = 2'000;
  EdgeBench bench(options);
  TestBridge bridge(bench, "a");
  ASSERT_TRUE(bridge.awaitPhase(Phase::Connected));
  const auto generation = [&] {
    const auto link = bench.hub().link(bench.unit->id);
    return link ? link->generation : 0;
  };
  int sent = 0;
  int onTheOldOne = 0;
  // The client chooses its moment within the jitter; the rounds end when one left time for a few events.
  for (int round = 0; round < 20 && onTheOldOne < 3; ++round) {
    const uint64_t old = generation();
    std::promise<void> asked;
    bench.hub().goaway("test", 0, [&] { asked.set_value(); });
    asked.get_future().wait();
    onTheOldOne = 0;
    while (generation() == old) {
      ASSERT_EQ(bench.post(std::to_string(++sent)), 200);
      ASSERT_TRUE(bridge.awaitBodies(static_cast<size_t>(sent)));
      ASSERT_TRUE(eventually([&] { return bench.counters().pending == 0; }));
      if (generation() == old) ++onTheOldOne;  // brought and acknowledged
    }
  }
  EXPECT_GE(onTheOldOne, 3);
  ASSERT_EQ(bench.post(std::to_string(++sent)), 200);
  ASSERT_TRUE(bridge.awaitBodies(static_cast<size_t>(sent)));
  EXPECT_EQ(bridge.bodies(), numbers(1, sent));
  EXPECT_EQ(bridge.disconnects, 0);
  ASSERT_TRUE(eventually([&] { return bench.counters().pending == 0 && bench.hub().stats().sessions == 1; }));
  EXPECT_EQ(bench.counters().acknowledgedTotal, static_cast<uint64_t>(sent));
}

TEST(Link, WhatIsHeldStaysHeldAcrossAGoaway) {
  HubOptions options;
  options.goawayJitterMs = 0;
  EdgeBench bench(options);
  TestBridge bridge(bench, "a");
  bridge.hold = true;
  for (const auto& text : numbers(1, 3)) ASSERT_EQ(bench.post(text), 200);
  ASSERT_TRUE(eventually([&] { return bridge.held().size() == 3; }));
  bench.hub().goaway("test", 0, [] {});
  ASSERT_TRUE(eventually([&] { return bridge.welcomes == 2; }));
  ASSERT_EQ(bench.post("4"), 200);
  ASSERT_TRUE(eventually([&] { return bridge.held().size() == 4; }));
  bridge.releaseHeld();
  EXPECT_EQ(bridge.bodies(), numbers(1, 4));
  EXPECT_TRUE(eventually([&] { return bench.counters().pending == 0; }));
}

TEST(Link, TheNewestOfTwoBridgesServesAndTheOlderIsTold) {
  EdgeBench bench;
  TestBridge older(bench, "a");
  ASSERT_TRUE(older.awaitPhase(Phase::Connected));
  TestBridge newer(bench, "b");
  ASSERT_TRUE(newer.awaitPhase(Phase::Connected));
  ASSERT_TRUE(older.awaitTrouble(Trouble::Replaced));
  EXPECT_EQ(older.client().state().phase, Phase::Waiting);
  EXPECT_NE(older.client().state().detail.find("4409"), std::string::npos);
  ASSERT_EQ(bench.post("x"), 200);
  ASSERT_TRUE(newer.awaitBodies(1));
  EXPECT_TRUE(older.bodies().empty());
  EXPECT_EQ(bench.hub().stats().replacedByOther, 1u);
}

TEST(Link, ARevokedTokenEndsTheLink) {
  EdgeBench bench;
  TestBridge bridge(bench, "a");
  ASSERT_TRUE(bridge.awaitPhase(Phase::Connected));
  ASSERT_TRUE(bench.units().revoke(bench.unit->id).ok());
  ASSERT_TRUE(bridge.awaitTrouble(Trouble::Refused));
  EXPECT_NE(bridge.client().state().detail.find("4403"), std::string::npos);
}

TEST(Link, AnExpiredTokenEndsTheLinkAndANewOneOpensIt) {
  EdgeBench bench;
  TestBridge bridge(bench, "a");
  ASSERT_TRUE(bridge.awaitPhase(Phase::Connected));
  auto rotated = bench.units().rotate(bench.unit->id, 0);
  ASSERT_TRUE(rotated.ok());
  ASSERT_TRUE(bridge.awaitTrouble(Trouble::Refused));
  EXPECT_NE(bridge.client().state().detail.find("4401"), std::string::npos);
  auto options = bench.linkOptions("a");
  options.token = rotated->token;
  bridge.client().configure(options);
  EXPECT_TRUE(bridge.awaitPhase(Phase::Connected));
}

TEST(Link, ARotatedTokenKeepsItsLinkDuringGrace) {
  EdgeBench bench;
  TestBridge bridge(bench, "a");
  ASSERT_TRUE(bridge.awaitPhase(Phase::Connected));
  ASSERT_TRUE(bench.units().rotate(bench.unit->id, 3'600'000).ok());
  ASSERT_EQ(bench.post("x"), 200);
  ASSERT_TRUE(bridge.awaitBodies(1));
  EXPECT_EQ(bridge.disconnects, 0);
}

TEST(Link, AWrongTokenIsAStateWithAHint) {
  EdgeBench bench;
  auto options = bench.linkOptions("a");
  options.token = SecretString(randomToken("tsgu_"));
  TestBridge bridge(options);
  ASSERT_TRUE(bridge.awaitTrouble(Trouble::Refused));
  EXPECT_NE(bridge.client().state().detail.find("401"), std::string::npos);
}

TEST(Link, ARelayThatIsNotThereIsAState) {
  uint16_t port = 0;
  { port = EdgeBench().port; }
  link::LinkOptions options;
  options.url = "ws://127.0.0.1:" + std::to_string(port) + "/gmk";
  options.unit = "abc";
  TestBridge bridge(options);
  EXPECT_TRUE(bridge.awaitTrouble(Trouble::Unreachable));
}

TEST(Link, AnUnusableAddressIsAStateAndNothingIsAStateToo) {
  link::LinkOptions options;
  options.url = "ws://relay.example.org/gmk";
  options.unit = "abc";
  TestBridge bridge(options);
  ASSERT_TRUE(eventually([&] { return !bridge.client().state().detail.empty(); }));
  EXPECT_EQ(bridge.client().state().phase, Phase::Unconfigured);
  EXPECT_NE(bridge.client().state().detail.find("wss"), std::string::npos);
  bridge.client().configure(std::nullopt);
  EXPECT_TRUE(eventually([&] { return bridge.client().state().detail.find("no relay") == 0; }));
}

TEST(Link, RefusedEventsGoToTheDeadLetters) {
  EdgeBench bench;
  TestBridge bridge(bench, "a");
  bridge.refuseAll = true;
  for (const auto& text : numbers(1, 3)) ASSERT_EQ(bench.post(text), 200);
  ASSERT_TRUE(eventually([&] { return bench.counters().deadTotal == 3; }));
  EXPECT_EQ(bench.counters().pending, 0u);
  EXPECT_TRUE(bench.counters().balanced());
}

TEST(Link, ABridgeStoreThatWentBackIsToldOfTheGap) {
  EdgeBench bench;
  link::LinkPosition early;
  {
    TestBridge bridge(bench, "a");
    ASSERT_EQ(bench.post("1"), 200);
    ASSERT_TRUE(bridge.awaitBodies(1));
    early = bridge.stored();
    for (const auto& text : numbers(2, 4)) ASSERT_EQ(bench.post(text), 200);
    ASSERT_TRUE(bridge.awaitBodies(4));
    bridge.stop();
  }
  ASSERT_TRUE(eventually([&] { return bench.counters().pending == 0; }));
  ASSERT_EQ(bench.post("5"), 200);
  TestBridge restored(bench, "b", early);
  ASSERT_TRUE(restored.awaitBodies(1));
  EXPECT_EQ(restored.bodies(), numbers(5, 5));
  EXPECT_EQ(restored.gaps(), (std::vector<link::SeqRange>{{2, 4}}));
  EXPECT_EQ(restored.resyncs, 0);
}

TEST(Link, APositionTheRelayDoesNotKnowBeginsANewQueue) {
  EdgeBench bench;
  for (const auto& text : numbers(1, 3)) ASSERT_EQ(bench.post(text), 200);
  TestBridge bridge(bench, "a", {"anotherqueue", 50, "id50"});
  ASSERT_TRUE(bridge.awaitBodies(3));
  EXPECT_EQ(bridge.bodies(), numbers(1, 3));
  EXPECT_EQ(bridge.resyncs, 1);
  EXPECT_EQ(bridge.stored().lastSeq, 3u);
  EXPECT_NE(bridge.stored().epoch, "anotherqueue");
}

TEST(Link, StatusReachesTheRelay) {
  EdgeBench bench;
  TestBridge bridge(bench, "a");
  bridge.client().sendStatus(R"({"lanes":7})");
  EXPECT_TRUE(eventually([&] {
    auto link = bench.hub().link(bench.unit->id);
    return link && link->status == R"({"lanes":7})";
  }));
  auto link = bench.hub().link(bench.unit->id);
  EXPECT_EQ(link->agent, "tsunagi-bridge");
  EXPECT_EQ(link->instance, "a");
  EXPECT_EQ(link->peer, "127.0.0.1");
}

TEST(Link, AnOldRelayThatSelectsNoSubprotocolIsAState) {
  class Silent : public net::WebSocketHandler {
    void onOpen(net::WebSocket&) override {}
    void onMessage(net::WebSocket&, net::WsOpcode, std::string_view) override {}
    void onClosed(uint16_t, std::string_view) override {}
  };
  net::EventLoop loop("old");
  loop.start();
  net::HttpServer server({&loop}, {});
  server.routeUpgrade("/{fleet}/{unit}/ws", [](const net::HttpRequest&, const net::PathParameters&) {
    net::UpgradeAccept accept;
    accept.handler = std::make_shared<Silent>();
    return std::variant<net::HttpResponse, net::UpgradeAccept>(accept);
  });
  auto address = server.listen(*net::ListenAddress::parse("127.0.0.1:0"));
  ASSERT_TRUE(address.ok());
  link::LinkOptions options;
  options.url = "ws://127.0.0.1:" + std::to_string(address->port) + "/gmk";
  options.unit = "abc";
  TestBridge bridge(options);
  EXPECT_TRUE(bridge.awaitTrouble(Trouble::Incompatible));
}

TEST(Link, SurvivesManyBridgesComingAndGoing) {
  EdgeBench bench;
  std::vector<std::string> got;
  link::LinkPosition position;
  int sent = 0;
  for (int round = 0; round < 8; ++round) {
    TestBridge bridge(bench, "same", position);
    for (int i = 0; i < 5; ++i) ASSERT_EQ(bench.post(std::to_string(++sent)), 200);
    if (round % 2 == 1) {
      ASSERT_TRUE(bridge.awaitBodies(1));
    }
    bridge.stop();
    for (const auto& body : bridge.bodies()) got.push_back(body);
    position = bridge.stored();
  }
  TestBridge last(bench, "same", position);
  ASSERT_TRUE(last.awaitBodies(static_cast<size_t>(sent) - got.size()));
  for (const auto& body : last.bodies()) got.push_back(body);
  EXPECT_EQ(got, numbers(1, sent));
  EXPECT_TRUE(last.gaps().empty());
}

}  // namespace
