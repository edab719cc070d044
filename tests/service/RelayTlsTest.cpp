// The relay's own TLS: its certificate changes without a restart, and nothing older than TLS 1.2 gets in (S2).
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <filesystem>

#include "base/UniqueFd.h"
#include "tests/service/RelayBench.h"
#include "tests/service/RelayLinkPeer.h"
#include "tests/support/TestCa.h"

namespace tsunagi::test {
namespace {

class RelayTls : public ::testing::Test, protected RelayBench {
 protected:
  RelayTls() {
    ini["relay"]["tls_certificate"] = folder.file("relay.pem");
    ini["relay"]["tls_key"] = folder.file("relay.key");
    serve(first);
    trust(first);
  }

  // The relay's files hold a certificate of this authority from now on.
  void serve(const TestCa& ca) {
    const TestCa::Leaf leaf = ca.issue({.ips = {"127.0.0.1"}});
    std::filesystem::rename(leaf.certificateFile, folder.file("relay.pem"));
    std::filesystem::rename(leaf.keyFile, folder.file("relay.key"));
  }

  void trust(const TestCa& ca) { tls = net::TlsContext::makeClient({.caFile = ca.caFile()}).value(); }

  int newConnection(const std::string& unit, const std::string& body) { return webhook(unit, body).status; }

  link::LinkOptions linkTo(const nlohmann::json& unit) const {
    link::LinkOptions options;
    options.url = "wss://" + listener + "/gmk";
    options.unit = unit.at("unit");
    options.token = SecretString(unit.at("token").get<std::string>());
    options.tls = tls;
    options.instance = "box";
    return options;
  }

  // A handshake of nothing newer than this version. 0, or the reason of OpenSSL's error.
  int handshake(int newest) const {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);  // else OpenSSL itself would offer nothing that old
    EXPECT_EQ(SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0"), 1);
    EXPECT_EQ(SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION), 1);
    EXPECT_EQ(SSL_CTX_set_max_proto_version(context.get(), newest), 1);
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(listener.substr(listener.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    std::shared_ptr<SSL> ssl(SSL_new(context.get()), SSL_free);
    SSL_set_fd(ssl.get(), socket.get());
    ERR_clear_error();
    if (SSL_connect(ssl.get()) == 1) return 0;
    return ERR_GET_REASON(ERR_peek_error());
  }

  const TestCa first{folder.file("first")}, second{folder.file("second")};
};

TEST_F(RelayTls, ANewCertificateServesNewConnectionsWhileTheLinkLivesOn) {
  start();
  const auto unit = addUnit();
  const std::string id = unit.at("unit");
  RelayLinkPeer bridge(linkTo(unit));
  ASSERT_TRUE(eventually([&] { return bridge.connected(); }));
  ASSERT_EQ(newConnection(id, "1"), 200);
  ASSERT_TRUE(bridge.awaitBodies(1));

  serve(second);
  EXPECT_EQ(newConnection(id, "2"), 200) << "not before it is told";
  relay->signal(SIGHUP);
  trust(second);
  EXPECT_TRUE(eventually([&] { return newConnection(id, "3") == 200; }));
  trust(first);
  const net::HttpResult old = webhook(id, "4");
  EXPECT_EQ(old.outcome, net::HttpResult::Outcome::NotSent);
  EXPECT_NE(old.error.find("certificate"), std::string::npos) << old.error;

  EXPECT_TRUE(bridge.awaitBodies(3));
  EXPECT_EQ(bridge.bodies(), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(bridge.welcomes(), 1) << "one connection all the time";
  EXPECT_TRUE(eventually([&] { return json({"unit", "show", id}).at("acknowledged_total") == 3; }));
}

TEST_F(RelayTls, ACertificateThatCannotBeUsedLeavesTheOneInUse) {
  start();
  const std::string id = addUnit().at("unit");
  const std::string key = folder.read("relay.key");
  serve(second);
  folder.write("relay.key", key);  // of another certificate
  relay->signal(SIGHUP);
  const std::string told = relay->waitForLine("the settings in use stay");
  EXPECT_NE(told.find("relay."), std::string::npos) << told;
  EXPECT_EQ(newConnection(id, "1"), 200);
}

TEST_F(RelayTls, AClientOfTls11IsRefused) {
  start();
  EXPECT_EQ(handshake(TLS1_1_VERSION), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
  EXPECT_EQ(handshake(TLS1_VERSION), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
  EXPECT_EQ(metric("tls_handshakes_total{result=\"done\"}"), 0);
  EXPECT_TRUE(eventually([&] { return metric("tls_handshakes_total{result=\"failed\"}") == 2; }));
  EXPECT_EQ(handshake(TLS1_2_VERSION), 0);
  EXPECT_EQ(handshake(TLS1_3_VERSION), 0);
  EXPECT_TRUE(eventually([&] { return metric("tls_handshakes_total{result=\"done\"}") == 2; }));
  EXPECT_EQ(metric("tls_handshakes_total{result=\"failed\"}"), 2);
}

}  // namespace
}  // namespace tsunagi::test
