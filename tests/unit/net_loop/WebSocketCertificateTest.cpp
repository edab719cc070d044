// The link's side of S2: a WebSocket over TLS is refused for every kind of wrong certificate, with a sentence that
// names the cause.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <thread>

#include "tests/support/RawSocket.h"
#include "tests/support/TempFolder.h"
#include "tests/support/TestCa.h"
#include "tests/unit/net_loop/SocketFixture.h"

namespace tsunagi::net {
namespace {

using Subject = test::TestCa::Subject;

struct WrongCertificate {
  const char* name;
  Subject subject;
  const char* host;
  const char* because;  // stands in the sentence
};

class WebSocketCertificateTest : public SocketFixture, public testing::WithParamInterface<WrongCertificate> {
 protected:
  WebSocketConnect toServer(const std::string& host, uint16_t port) {
    auto connect = options("wss", host);
    connect.url.port = port;
    connect.resolver = [](const std::string&) -> Result<std::vector<std::string>> {
      return std::vector<std::string>{"127.0.0.1"};
    };
    const auto context = TlsContext::makeClient({_ca.caFile()});
    EXPECT_TRUE(context.ok());
    connect.tls = context.value();
    return connect;
  }
  void serve(const Subject& subject) {
    const auto leaf = _ca.issue(subject);
    const auto context = TlsContext::makeServer({leaf.certificateFile, leaf.keyFile});
    ASSERT_TRUE(context.ok()) << context.error();
    start(context.value());
  }
  void expectRefused(const char* because, const std::string& server) {
    const WebSocketRefusal refused = refusal();
    EXPECT_EQ(refused.kind, WebSocketRefusal::Kind::Tls);
    EXPECT_EQ(refused.httpStatus, 0);
    EXPECT_THAT(refused.message, testing::HasSubstr(because));
    EXPECT_THAT(refused.message, testing::HasSubstr(server));
  }

  const test::TempFolder _folder;
  const test::TestCa _ca{_folder.path()};
};

TEST_P(WebSocketCertificateTest, IsRefused) {
  serve(GetParam().subject);
  open(toServer(GetParam().host, _port));
  expectRefused(GetParam().because, GetParam().host);
}

INSTANTIATE_TEST_SUITE_P(
    Wrong, WebSocketCertificateTest,
    testing::Values(WrongCertificate{"Name", {.names = {"other.example"}}, "relay.example", "hostname mismatch"},
                    WrongCertificate{"NameInTheCommonNameOnly", {}, "relay.example", "hostname mismatch"},
                    WrongCertificate{
                        "Address", {.names = {"relay.example"}, .ips = {"127.0.0.2"}}, "127.0.0.1", "IP address"},
                    WrongCertificate{"AddressAsAName", {.names = {"127.0.0.1"}}, "127.0.0.1", "IP address mismatch"},
                    WrongCertificate{"Expired",
                                     {.names = {"relay.example"}, .fromSeconds = -7200, .untilSeconds = -60},
                                     "relay.example",
                                     "expired"},
                    WrongCertificate{"NotYetValid",
                                     {.names = {"relay.example"}, .fromSeconds = 3600, .untilSeconds = 7200},
                                     "relay.example",
                                     "not yet valid"},
                    WrongCertificate{
                        "SelfSigned", {.names = {"relay.example"}, .selfSigned = true}, "relay.example", "self-signed"},
                    WrongCertificate{"WithoutItsIntermediate",
                                     {.names = {"relay.example"}, .byIntermediate = true, .withoutChain = true},
                                     "relay.example",
                                     "intermediate"}),
    [](const auto& wrong) { return wrong.param.name; });

using WebSocketVersionTest = WebSocketCertificateTest;

TEST_F(WebSocketVersionTest, ACertificateByAnIntermediateThatIsSentAlongIsTaken) {
  serve({.names = {"relay.example"}, .byIntermediate = true});
  open(toServer("relay.example", _port));
  EXPECT_TRUE(_atClient->waitOpen());
}

TEST_F(WebSocketVersionTest, AServerThatStopsAtTls11IsRefused) {
  start();
  const auto leaf = _ca.issue({.names = {"relay.example"}});
  const std::shared_ptr<SSL_CTX> old(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(old.get(), 0);
  ASSERT_EQ(SSL_CTX_set_cipher_list(old.get(), "ALL:@SECLEVEL=0"), 1);
  ASSERT_EQ(SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION), 1);
  ASSERT_EQ(SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION), 1);
  ASSERT_EQ(SSL_CTX_use_certificate_chain_file(old.get(), leaf.certificateFile.c_str()), 1);
  ASSERT_EQ(SSL_CTX_use_PrivateKey_file(old.get(), leaf.keyFile.c_str(), SSL_FILETYPE_PEM), 1);
  test::RawListener listener;
  open(toServer("relay.example", listener.port()));
  const test::RawSocket accepted = listener.accept();
  std::thread server([&] {
    const std::shared_ptr<SSL> ssl(SSL_new(old.get()), SSL_free);
    SSL_set_fd(ssl.get(), accepted.fd());
    EXPECT_NE(SSL_accept(ssl.get()), 1);
  });
  expectRefused("TLS 1.2", "relay.example");
  server.join();
}

TEST_F(WebSocketVersionTest, TheNameAskedForIsSentAndAnAddressIsNot) {
  start();
  test::RawListener listener;
  const auto helloFor = [&](const std::string& host) {
    open(toServer(host, listener.port()));
    test::RawSocket accepted = listener.accept();
    const std::string head = accepted.readExactly(5);  // a TLS record: type, version, length
    const auto length = static_cast<unsigned char>(head[3]) * 256u + static_cast<unsigned char>(head[4]);
    return accepted.readExactly(length);
  };
  // RFC 6066 section 3: type host_name, two bytes of length, the name.
  EXPECT_THAT(helloFor("relay.example"), testing::HasSubstr(std::string("\x00\x00\x0d", 3) + "relay.example"));
  EXPECT_EQ(helloFor("127.0.0.1").find("127.0.0.1"), std::string::npos);
}

}  // namespace
}  // namespace tsunagi::net
