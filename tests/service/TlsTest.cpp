// Real programs that meet a wrong certificate (S2): nothing goes out to it, the operator is told, and all heals by
// itself once it is right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <optional>

#include "net/EventLoop.h"
#include "net/HttpClient.h"
#include "net/HttpServer.h"
#include "tests/support/Chain.h"
#include "tests/support/RawSocket.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using Subject = TestCa::Subject;

struct WrongLeaf {
  const char* name;
  Subject subject;
  const char* because;
};

class WrongCertificate : public testing::TestWithParam<WrongLeaf> {
 protected:
  Chain chain{{.tokenLife = "3600s", .tls = true}};
};

// The relay's. The simulator checks it too, so the event is there before.
TEST_P(WrongCertificate, OfTheRelayKeepsTheBridgeAwayUntilItIsRight) {
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  const std::string event = chain.send("alice", "behind a certificate");
  chain.awaitAccepted(event);
  chain.stopRelay();
  chain.issue("relay", GetParam().subject);
  chain.startRelay();
  chain.startBridge();
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("link").at("trouble") == "tls"; }));
  json status = chain.bridgeStatus();
  EXPECT_THAT(status.at("link").at("detail").get<std::string>(), HasSubstr(GetParam().because));
  EXPECT_NE(status.at("link").at("state"), "connected");
  EXPECT_FALSE(status.at("ready").get<bool>());
  EXPECT_THAT(chain.bridge().waitForLine(GetParam().because), HasSubstr("link"));
  EXPECT_EQ(chain.unitCounters().at("pending"), 1);
  EXPECT_EQ(status.at("counters").at("received"), 0);

  chain.issue("relay", {.ips = {"127.0.0.1"}});
  chain.stopRelay();
  chain.startRelay();
  EXPECT_EQ(chain.awaitAnswer(event), "behind a certificate");
  status = chain.bridgeStatus();
  EXPECT_EQ(status.at("link").at("trouble"), "none");
  chain.expectOneEchoEach();
}

// LINE's, in the simulator's place: a front with a certificate of its own, whose calls it hands on.
class LineFront {
 public:
  LineFront(Chain& chain, const Subject& subject) : _chain(chain) {
    _chain.issue("front", subject);
    _server.route("POST", "/v2/bot/message/reply",
                  [this](const net::HttpRequest& request, const net::PathParameters&, const net::HttpReply& reply) {
                    reply.send(handOn(request));
                  });
    _loop.start();
    _port = _server.listen({"127.0.0.1", 0, ""}, context()).value().port;
  }
  ~LineFront() {
    _server.stop(0);
    _loop.stop();
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(_port); }
  void replace(const Subject& subject) {
    _chain.issue("front", subject);
    _server.replaceTls(context());
  }
  int calls() const { return _calls; }

 private:
  std::shared_ptr<const net::TlsContext> context() const {
    return net::TlsContext::makeServer({_chain.certificateOf("front"), _chain.keyOf("front")}).value();
  }
  net::HttpResponse handOn(const net::HttpRequest& request) {
    ++_calls;
    net::HttpCall call;
    call.method = "POST";
    call.url = net::Url::parse(_chain.lineApi() + request.path).value();
    for (const char* name : {"Authorization", "Content-Type"})
      if (const auto value = request.headers.find(name)) call.headers.add(name, std::string(*value));
    call.body = request.body;
    const net::HttpClient client(net::TlsContext::makeClient({.caFile = _chain.caFile()}).value());
    const net::HttpResult result = client.perform(call);
    return net::HttpResponse::json(result.ok() ? result.status : 502, result.body);
  }

  Chain& _chain;
  std::atomic<int> _calls{0};
  net::EventLoop _loop{"front"};
  net::HttpServer _server{{&_loop}, net::HttpServerOptions{}};
  uint16_t _port = 0;
};

TEST_P(WrongCertificate, OfLineHoldsTheReplyBackUntilItIsRight) {
  LineFront front(chain, GetParam().subject);
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  chain.rewriteBridgeIni();  // fills [line]
  chain.ini["line"]["api_base"] = front.url();
  chain.startBridge();
  chain.waitForLink();
  const std::string event = chain.send("alice", "for the right LINE only");
  EXPECT_THAT(chain.bridge().waitForLine("will be tried again"), HasSubstr(GetParam().because));
  chain.bridge().waitForLine("will be tried again", 2);
  EXPECT_FALSE(chain.event(event).at("answered").get<bool>());
  EXPECT_EQ(front.calls(), 0);
  EXPECT_EQ(chain.bridgeStatus().at("store").at("outbox_open"), 1);

  front.replace({.ips = {"127.0.0.1"}});
  EXPECT_EQ(chain.awaitAnswer(event), "for the right LINE only");
  EXPECT_EQ(front.calls(), 1);
  chain.expectOneEchoEach();
}

INSTANTIATE_TEST_SUITE_P(
    Leaf, WrongCertificate,
    testing::Values(WrongLeaf{"OfAnotherAddress", {.ips = {"127.0.0.2"}}, "IP address mismatch"},
                    WrongLeaf{"OfAName", {.names = {"relay.example"}}, "IP address mismatch"},
                    WrongLeaf{"Expired", {.ips = {"127.0.0.1"}, .fromSeconds = -7200, .untilSeconds = -60}, "expired"},
                    WrongLeaf{"SelfSigned", {.ips = {"127.0.0.1"}, .selfSigned = true}, "self-signed"}),
    [](const auto& leaf) { return leaf.param.name; });

TEST(TlsTest, ARelayTakesACorrectedCertificateWithoutARestart) {
  Chain chain({.tls = true});
  chain.issue("relay", {.ips = {"127.0.0.2"}});
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  chain.startBridge();
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("link").at("trouble") == "tls"; }));
  chain.issue("relay", {.ips = {"127.0.0.1"}});
  chain.relay().signal(SIGHUP);
  chain.waitForLink();
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
}

TEST(TlsTest, DirectWebhooksOverTls) {
  Chain chain({.tls = true});
  chain.startLinesim();
  chain.ini["direct"] = {{"listen", "127.0.0.1:0"},
                         {"tls_certificate", chain.certificateOf("bridge")},
                         {"tls_key", chain.keyOf("bridge")}};
  chain.startBridge();
  const std::string address = chain.bridgeEndpoint("direct");
  chain.control("POST", "/control/webhook-url", {{"url", "https://" + address + "/api/linebot/webhook"}});
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
  EXPECT_EQ(chain.ask("alice", "つなぎ 🧩"), "つなぎ 🧩");
  chain.expectOneEchoEach();

  // Without TLS there is nothing to be had there.
  RawSocket plain = RawSocket::connect(static_cast<uint16_t>(std::stoul(address.substr(address.rfind(':') + 1))));
  plain.trySend("POST /api/linebot/webhook HTTP/1.1\r\nHost: " + address + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(plain.readToEnd(), testing::Not(HasSubstr("HTTP/1.1")));
}

// The bytes of a TLS client's first record.
std::string clientHello(RawListener& listener) {
  RawSocket accepted = listener.accept();
  const std::string head = accepted.readExactly(5);
  EXPECT_EQ(head[0], 22);
  return accepted.readExactly(static_cast<unsigned char>(head[3]) * 256u + static_cast<unsigned char>(head[4]));
}

TEST(TlsTest, TheServersNameIsAskedForOnTheLinkAndAtLine) {
  const std::string sni = std::string("\x00\x00\x09", 3) + "localhost";  // RFC 6066 section 3
  RawListener relay;
  std::optional<RawListener> line(std::in_place);
  Chain chain({.tls = true});
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  chain.ini["relay"]["url"] = "wss://localhost:" + std::to_string(relay.port()) + "/test";
  chain.startBridge();
  EXPECT_THAT(clientHello(relay), HasSubstr(sni));

  chain.ini["relay"]["url"] = chain.linkUrl();
  chain.ini["line"]["api_base"] = "https://localhost:" + std::to_string(line->port());
  chain.rewriteBridgeIni();
  const std::string event = chain.send("alice", "by name");
  EXPECT_THAT(clientHello(*line), HasSubstr(sni));
  line.reset();  // a further attempt there is refused and need not wait
  chain.ini["line"]["api_base"] = chain.lineApi();
  chain.rewriteBridgeIni();
  EXPECT_EQ(chain.awaitAnswer(event), "by name");
}

}  // namespace
}  // namespace tsunagi::test
