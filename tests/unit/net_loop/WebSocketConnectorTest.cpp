#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <future>
#include <optional>

#include "net/HttpClient.h"
#include "tests/support/RawSocket.h"
#include "tests/support/TempFolder.h"
#include "tests/support/TestCa.h"
#include "tests/unit/net_loop/SocketFixture.h"

namespace tsunagi::net {
namespace {

using Kind = WebSocketRefusal::Kind;

class WebSocketConnectorTest : public SocketFixture {
 protected:
  static NameLookup::Resolver answering(std::vector<std::string> addresses) {
    return [addresses](const std::string&) { return Result<std::vector<std::string>>(addresses); };
  }
};

// An address that neither accepts nor refuses: its queue of connections is full.
class DeadEnd {
 public:
  DeadEnd(const char* address, uint16_t port) : _listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    EXPECT_EQ(::inet_pton(AF_INET, address, &where.sin_addr), 1);
    const auto* const place = reinterpret_cast<const sockaddr*>(&where);
    EXPECT_EQ(::bind(_listening.get(), place, sizeof where), 0);
    EXPECT_EQ(::listen(_listening.get(), 0), 0);
    for (int i = 0; i < 4; ++i) {
      _fillers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      (void)::connect(_fillers.back().get(), place, sizeof where);
    }
  }

 private:
  UniqueFd _listening;
  std::vector<UniqueFd> _fillers;
};

TEST_F(WebSocketConnectorTest, TriesEveryAddressAndTheFirstThatAnswersWins) {
  start();
  const DeadEnd silent("127.0.0.3", _port);
  auto connect = options("ws", "relay.example");
  // Refused at once, silent, not an address at all, and at last the right one.
  connect.resolver = answering({"127.0.0.2", "127.0.0.3", "::1", "127.0.0.1"});
  open(connect);
  EXPECT_TRUE(_atClient->waitOpen());
  EXPECT_TRUE(_atServer->waitOpen());
}

TEST_F(WebSocketConnectorTest, WhenNoAddressAnswersEachIsNamed) {
  start();
  auto connect = options("ws", "relay.example");
  connect.resolver = answering({"127.0.0.2", "127.0.0.4"});
  open(connect);
  const WebSocketRefusal refused = refusal();
  EXPECT_EQ(refused.kind, Kind::Connect);
  EXPECT_NE(refused.message.find("127.0.0.2"), std::string::npos) << refused.message;
  EXPECT_NE(refused.message.find("127.0.0.4"), std::string::npos) << refused.message;
}

TEST_F(WebSocketConnectorTest, ANameThatIsNeverAnsweredEndsWithTheDeadlineAndBlocksNobody) {
  start();
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  auto connect = options("ws", "relay.example");
  connect.deadlineMs = 300;
  connect.resolver = [released](const std::string&) -> Result<std::vector<std::string>> {
    released.wait();
    return Error{"late"};
  };
  open(connect);
  _clientLoop.runSync([] {});  // the loop is free meanwhile
  const WebSocketRefusal refused = refusal();
  EXPECT_EQ(refused.kind, Kind::Timeout);
  EXPECT_NE(refused.message.find("name"), std::string::npos) << refused.message;
  release.set_value();
}

TEST_F(WebSocketConnectorTest, ANameThatDoesNotExistIsSaid) {
  start();
  auto connect = options("ws", "relay.example");
  connect.resolver = [](const std::string&) -> Result<std::vector<std::string>> { return Error{"no such name"}; };
  open(connect);
  EXPECT_EQ(refusal().kind, Kind::Dns);
}

TEST_F(WebSocketConnectorTest, AServerThatNeverAnswersEndsWithTheDeadline) {
  start();
  test::RawListener listener;
  auto connect = options();
  connect.url.port = listener.port();
  connect.deadlineMs = 300;
  open(connect);
  test::RawSocket accepted = listener.accept();
  EXPECT_EQ(refusal().kind, Kind::Timeout);
  accepted.readUntil("\r\n\r\n");
  EXPECT_EQ(accepted.readToEnd(), "");
}

TEST_F(WebSocketConnectorTest, DestroyingTheHandleGivesUpInEveryPhase) {
  start();
  test::RawListener listener;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  auto lookingUp = options("ws", "relay.example");
  lookingUp.resolver = [released](const std::string&) -> Result<std::vector<std::string>> {
    released.wait();
    return Error{"late"};
  };
  const DeadEnd silent("127.0.0.3", _port);
  auto connecting = options("ws", "127.0.0.3");
  auto waiting = options();
  waiting.url.port = listener.port();
  for (const auto& connect : {lookingUp, connecting, waiting}) {
    open(connect);
    std::optional<test::RawSocket> asked;
    if (connect.url.port == listener.port()) {
      asked.emplace(listener.accept());
      asked->readUntil("\r\n\r\n");
    }
    bool inlineCall = true;
    _clientLoop.runSync([&] {
      _attempt.reset();
      const std::lock_guard lock(_mutex);
      inlineCall = !_refusals.empty();
    });
    EXPECT_FALSE(inlineCall);
    EXPECT_EQ(refusal().kind, Kind::Cancelled);
    const std::lock_guard lock(_mutex);
    _refusals.clear();
  }
  release.set_value();
}

TEST_F(WebSocketConnectorTest, TheHandleMayGoWithinTheOutcomeAndTheSocketLivesOn) {
  start();
  _atClient->opened = [&](WebSocket& socket) {
    _attempt.reset();
    socket.sendText("alive");
  };
  open(options());
  EXPECT_TRUE(_atServer->waitMessages(1));
  _clientLoop.runSync([] {});
  const std::lock_guard lock(_mutex);
  EXPECT_TRUE(_refusals.empty());
}

TEST_F(WebSocketConnectorTest, ARequestThatCannotBeSentIsRefusedNotThrown) {
  start();
  auto connect = options();
  connect.headers.add("Authorization", "Bearer a\r\nX-Injected: b");
  open(connect);
  EXPECT_EQ(refusal().kind, Kind::Protocol);
}

class WebSocketTlsTest : public WebSocketConnectorTest {
 protected:
  void SetUp() override {
    const auto leaf = _ca.issue({.names = {"localhost"}, .ips = {"127.0.0.1"}});
    const auto context = TlsContext::makeServer({leaf.certificateFile, leaf.keyFile});
    ASSERT_TRUE(context.ok()) << context.error();
    _serverTls = context.value();
    const auto client = TlsContext::makeClient({_ca.caFile()});
    ASSERT_TRUE(client.ok()) << client.error();
    _clientTls = client.value();
  }

  const test::TempFolder _folder;
  const test::TestCa _ca{_folder.path()};
  std::shared_ptr<const TlsContext> _serverTls, _clientTls;
};

TEST_F(WebSocketTlsTest, TheNameAndTheAddressAreChecked) {
  start(_serverTls);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    _atClient = std::make_shared<NotingHandler>();
    auto connect = options("wss", host);
    connect.tls = _clientTls;
    open(connect);
    EXPECT_TRUE(_atClient->waitOpen()) << host;
  }
  for (const char* host : {"other.example", "127.0.0.9"}) {
    auto connect = options("wss", host);
    connect.tls = _clientTls;
    connect.resolver = answering({"127.0.0.1"});
    if (std::string(host) == "127.0.0.9") {
      // A literal is its own address, so the server is there too.
      ASSERT_TRUE(_server->listen(*ListenAddress::parse("127.0.0.9:" + std::to_string(_port)), _serverTls).ok());
    }
    open(connect);
    const WebSocketRefusal refused = refusal();
    EXPECT_EQ(refused.kind, Kind::Tls) << host;
    EXPECT_NE(refused.message.find(host), std::string::npos) << refused.message;
    const std::lock_guard lock(_mutex);
    _refusals.clear();
  }
}

TEST_F(WebSocketTlsTest, AnUnknownAuthorityIsRefusedAndSoIsATlsUrlWithoutAContext) {
  start(_serverTls);
  const test::TempFolder folder;
  const test::TestCa other(folder.path());
  const auto client = TlsContext::makeClient({other.caFile()});
  ASSERT_TRUE(client.ok());
  auto connect = options("wss", "localhost");
  connect.tls = client.value();
  open(connect);
  EXPECT_EQ(refusal().kind, Kind::Tls);
  _refusals.clear();
  connect.tls = nullptr;
  open(connect);
  EXPECT_EQ(refusal().kind, Kind::Tls);
}

TEST_F(WebSocketTlsTest, PlainAndTlsDoNotTalkToEachOther) {
  start();
  auto connect = options("wss", "localhost");
  connect.tls = _clientTls;
  open(connect);
  EXPECT_EQ(refusal().kind, Kind::Tls);
}

TEST_F(WebSocketTlsTest, ManyHandshakesAtOnceAllComeThrough) {
  start(_serverTls);
  auto connect = options("wss");  // an address: names at once are bounded by NameLookup::MAX_RUNNING
  connect.tls = _clientTls;
  std::vector<std::shared_ptr<NotingHandler>> handlers;
  std::vector<std::unique_ptr<WebSocketConnector::Attempt>> attempts;
  _clientLoop.runSync([&] {
    for (int i = 0; i < 60; ++i) {
      handlers.push_back(std::make_shared<NotingHandler>());
      attempts.push_back(WebSocketConnector::open(_clientLoop, connect, handlers.back(),
                                                  [](const WebSocketRefusal& why) { ADD_FAILURE() << why.message; }));
    }
  });
  for (const auto& handler : handlers) EXPECT_TRUE(handler->waitOpen());
  _clientLoop.runSync([&] { attempts.clear(); });
}

TEST_F(WebSocketTlsTest, HttpOverTlsAndANewCertificateForNewConnections) {
  start(_serverTls);
  HttpCall call;
  call.url = *Url::parse("https://localhost:" + std::to_string(_port) + "/");
  const HttpClient before(_clientTls);
  const HttpResult first = before.perform(call);
  EXPECT_EQ(first.status, 200) << first.error;
  EXPECT_EQ(first.body, "plain");
  const test::TempFolder folder;
  const test::TestCa other(folder.path());
  const auto leaf = other.issue({.names = {"localhost"}});
  const auto renewed = TlsContext::makeServer({leaf.certificateFile, leaf.keyFile});
  const auto client = TlsContext::makeClient({other.caFile()});
  ASSERT_TRUE(renewed.ok() && client.ok());
  _server->replaceTls(renewed.value());
  EXPECT_FALSE(before.perform(call).ok());
  EXPECT_EQ(HttpClient(client.value()).perform(call).status, 200);
}

TEST_F(WebSocketTlsTest, AHandshakeThatNeverGoesOnIsEndedByTheHeadDeadline) {
  HttpServerOptions impatient;
  impatient.headDeadlineMs = 300;
  start(_serverTls, impatient);
  test::RawSocket silent = test::RawSocket::connect(_port);
  EXPECT_EQ(silent.readToEnd(), "");
  test::RawSocket half = test::RawSocket::connect(_port);
  half.send(std::string("\x16\x03\x01\x02\x00", 5));
  EXPECT_EQ(half.readToEnd(), "");
  test::RawSocket plain = test::RawSocket::connect(_port);
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(plain.readToEnd().find("HTTP/1.1"), std::string::npos);
}

}  // namespace
}  // namespace tsunagi::net
