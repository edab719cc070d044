#include "net/Tls.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <atomic>

#include "ScriptServer.h"
#include "base/Clock.h"
#include "net/HttpClient.h"
#include "net/TlsTicketKeys.h"
#include "tests/support/TempFolder.h"
#include "tests/support/TestCa.h"

namespace tsunagi::net::test {
namespace {

using Outcome = HttpResult::Outcome;
using testing::HasSubstr;
using tsunagi::test::TempFolder;
using tsunagi::test::TestCa;

constexpr const char* ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure";

std::shared_ptr<const TlsContext> serverContext(const TestCa::Leaf& leaf) {
  auto context = TlsContext::makeServer({leaf.certificateFile, leaf.keyFile});
  EXPECT_TRUE(context.ok()) << context.error();
  return context.value();
}

std::shared_ptr<const TlsContext> clientContext(const std::string& caFile) {
  auto context = TlsContext::makeClient({caFile});
  EXPECT_TRUE(context.ok()) << context.error();
  return context.value();
}

// Plays the server's side: TLS, one request, one answer.
std::function<void(Peer&)> serving(std::shared_ptr<const TlsContext> context, std::string answer = ANSWER,
                                   bool sayGoodbye = true) {
  return [context, answer, sayGoodbye](Peer& peer) {
    if (!peer.startTls(*context)) return;
    peer.readRequest();
    peer.send(answer);
    if (sayGoodbye) peer.closeTls();
  };
}

class TlsTest : public testing::Test {
 protected:
  HttpResult call(const ScriptServer& server, std::shared_ptr<const TlsContext> context, const std::string& host) {
    const HttpClient client(std::move(context), [](const std::string&) -> Result<std::vector<std::string>> {
      return std::vector<std::string>{"127.0.0.1"};
    });
    HttpCall request;
    request.url = Url::parse(server.url("/", "https", host)).value();
    return client.perform(request);
  }
  // What a client that trusts the CA says to a server with this certificate.
  HttpResult visit(const TestCa::Subject& subject, const std::string& host) {
    ScriptServer server(serving(serverContext(ca.issue(subject))));
    return call(server, clientContext(ca.caFile()), host);
  }
  void expectRefused(const HttpResult& result, const std::string& why) {
    EXPECT_EQ(result.outcome, Outcome::NotSent);
    EXPECT_FALSE(result.sent);
    EXPECT_THAT(result.error, HasSubstr(why));
  }

  TempFolder folder;
  TestCa ca{folder.file("ca")};
};

TEST_F(TlsTest, TheRightNameIsServed) {
  const HttpResult result = visit({.names = {"relay.example"}}, "relay.example");
  EXPECT_EQ(result.outcome, Outcome::Answered) << result.error;
  EXPECT_EQ(result.body, "secure");
  EXPECT_EQ(visit({.names = {"relay.example"}}, "Relay.Example.").outcome, Outcome::Answered);
  EXPECT_EQ(visit({.names = {"*.example.org"}}, "a.example.org").outcome, Outcome::Answered);
  EXPECT_EQ(visit({.ips = {"127.0.0.1"}}, "127.0.0.1").outcome, Outcome::Answered);
  EXPECT_EQ(visit({.names = {"a.example"}, .byIntermediate = true}, "a.example").outcome, Outcome::Answered);
}

TEST_F(TlsTest, AnotherNameIsRefused) {
  const HttpResult result = visit({.names = {"other.example"}}, "relay.example");
  expectRefused(result, "hostname mismatch");
  EXPECT_THAT(result.error, HasSubstr("relay.example"));
  expectRefused(visit({.names = {"*.example.org"}}, "a.b.example.org"), "mismatch");
  expectRefused(visit({.names = {"a*.example.org"}}, "ab.example.org"), "mismatch");
  expectRefused(visit({.names = {"localhost"}}, "relay.example"), "mismatch");
  // The common name of these is "Tsunagi test server"; it never counts.
  expectRefused(visit({}, "relay.example"), "mismatch");
}

TEST_F(TlsTest, AnotherAddressIsRefused) {
  expectRefused(visit({.names = {"localhost"}, .ips = {"127.0.0.2"}}, "127.0.0.1"), "IP address mismatch");
  expectRefused(visit({.names = {"127.0.0.1"}}, "127.0.0.1"), "IP address mismatch");
  expectRefused(visit({.names = {"localhost"}}, "127.0.0.1"), "IP address mismatch");
  expectRefused(visit({.ips = {"127.0.0.1"}}, "localhost"), "hostname mismatch");
}

TEST_F(TlsTest, AnExpiredOrFutureCertificateIsRefused) {
  const HttpResult expired = visit({.names = {"a.example"}, .fromSeconds = -7200, .untilSeconds = -3600}, "a.example");
  expectRefused(expired, "expired");
  EXPECT_THAT(expired.error, HasSubstr("clock"));
  const HttpResult early = visit({.names = {"a.example"}, .fromSeconds = 3600, .untilSeconds = 7200}, "a.example");
  expectRefused(early, "not yet valid");
  EXPECT_THAT(early.error, HasSubstr("clock"));
}

TEST_F(TlsTest, ASelfSignedCertificateIsRefused) {
  expectRefused(visit({.names = {"a.example"}, .selfSigned = true}, "a.example"), "self-signed");
}

TEST_F(TlsTest, AMissingIntermediateIsRefused) {
  const HttpResult result = visit({.names = {"a.example"}, .byIntermediate = true, .withoutChain = true}, "a.example");
  expectRefused(result, "issuer");
  EXPECT_THAT(result.error, HasSubstr("intermediate"));
}

TEST_F(TlsTest, AnotherCaIsRefused) {
  const TestCa other(folder.file("other"));
  ScriptServer server(serving(serverContext(ca.issue({.names = {"a.example"}}))));
  // Both roots have the same name, so that only the signature tells them apart.
  expectRefused(call(server, clientContext(other.caFile()), "a.example"), "signature failure");
  expectRefused(call(server, clientContext(""), "a.example"), "issuer");  // the system's store does not know it either
}

TEST_F(TlsTest, AServerThatStopsAtTls11IsRefused) {
  const TestCa::Leaf leaf = ca.issue({.names = {"a.example"}});
  std::shared_ptr<SSL_CTX> old(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(old.get(), 0);
  ASSERT_EQ(SSL_CTX_set_cipher_list(old.get(), "ALL:@SECLEVEL=0"), 1);
  ASSERT_EQ(SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION), 1);
  ASSERT_EQ(SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION), 1);
  ASSERT_EQ(SSL_CTX_use_certificate_chain_file(old.get(), leaf.certificateFile.c_str()), 1);
  ASSERT_EQ(SSL_CTX_use_PrivateKey_file(old.get(), leaf.keyFile.c_str(), SSL_FILETYPE_PEM), 1);
  ScriptServer server([&](Peer& peer) {
    SSL* ssl = SSL_new(old.get());
    SSL_set_fd(ssl, peer.fd());
    EXPECT_NE(SSL_accept(ssl), 1);
    SSL_free(ssl);
  });
  expectRefused(call(server, clientContext(ca.caFile()), "a.example"), "TLS 1.2");
}

TEST_F(TlsTest, AClientThatStopsAtTls11IsRefused) {
  const auto context = serverContext(ca.issue({.names = {"a.example"}}));
  std::atomic<bool> accepted{true};
  {
    ScriptServer server([&](Peer& peer) { accepted = peer.startTls(*context); });
    UniqueFd fd = boundSocket("127.0.0.1", 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(server.port());
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    std::shared_ptr<SSL_CTX> old(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_security_level(old.get(), 0);
    ASSERT_EQ(SSL_CTX_set_cipher_list(old.get(), "ALL:@SECLEVEL=0"), 1);
    ASSERT_EQ(SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION), 1);
    ASSERT_EQ(SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION), 1);
    SSL* ssl = SSL_new(old.get());
    SSL_set_fd(ssl, fd.get());
    EXPECT_NE(SSL_connect(ssl), 1);
    SSL_free(ssl);
  }
  EXPECT_FALSE(accepted);
}

TEST_F(TlsTest, PlainHttpIsToldApart) {
  ScriptServer server([](Peer& peer) {
    peer.read();
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.waitClosed();
  });
  expectRefused(call(server, clientContext(ca.caFile()), "a.example"), "does not speak TLS");
}

TEST_F(TlsTest, ACloseWithinTheHandshakeIsNotSent) {
  ScriptServer server([](Peer& peer) { peer.read(); });
  expectRefused(call(server, clientContext(ca.caFile()), "a.example"), "TLS handshake failed");
}

TEST_F(TlsTest, AnEndWithoutGoodbyeCountsOnlyWhenTheMessageWasWhole) {
  const auto context = serverContext(ca.issue({.names = {"a.example"}}));
  const auto client = clientContext(ca.caFile());
  const auto answered = [&](const std::string& bytes, bool sayGoodbye) {
    ScriptServer server(serving(context, bytes, sayGoodbye));
    return call(server, client, "a.example").outcome;
  };
  EXPECT_EQ(answered(ANSWER, false), Outcome::Answered);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\n\r\nuntil close", true), Outcome::Answered);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\n\r\nuntil close", false), Outcome::Ambiguous);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", false), Outcome::Ambiguous);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", true), Outcome::Ambiguous);
  EXPECT_EQ(answered("", false), Outcome::Ambiguous);
}

TEST_F(TlsTest, BigBodiesGoBothWays) {
  const auto context = serverContext(ca.issue({.names = {"a.example"}}));
  const std::string big(3 * 1024 * 1024 + 17, 'b');
  std::string got;
  ScriptServer server([&](Peer& peer) {
    if (!peer.startTls(*context)) return;
    got = peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(big.size()) + "\r\n\r\n" + big);
  });
  const HttpClient client(clientContext(ca.caFile()), [](const std::string&) -> Result<std::vector<std::string>> {
    return std::vector<std::string>{"127.0.0.1"};
  });
  HttpCall request;
  request.url = Url::parse(server.url("/", "https", "a.example")).value();
  request.method = "POST";
  request.body = big;
  const HttpResult result = client.perform(request);
  EXPECT_EQ(result.outcome, Outcome::Answered) << result.error;
  EXPECT_TRUE(result.body == big);
  EXPECT_THAT(got, testing::EndsWith(big.substr(0, 1000)));
}

TEST_F(TlsTest, FilesThatCannotServeSayWhy) {
  const TestCa::Leaf leaf = ca.issue({.names = {"a.example"}});
  const TestCa::Leaf other = ca.issue({.names = {"a.example"}});
  const auto error = [](const std::string& certificate, const std::string& key) {
    const auto context = TlsContext::makeServer({certificate, key});
    return context.ok() ? std::string("no error") : context.error();
  };
  EXPECT_THAT(error(folder.file("none.pem"), leaf.keyFile),
              testing::AllOf(HasSubstr("none.pem"), HasSubstr("No such file")));
  EXPECT_THAT(error(leaf.certificateFile, folder.file("none.key")),
              testing::AllOf(HasSubstr("none.key"), HasSubstr("No such file")));
  EXPECT_THAT(error(leaf.certificateFile, other.keyFile), HasSubstr("does not belong"));
  EXPECT_THAT(error(leaf.keyFile, leaf.keyFile), HasSubstr("no certificate"));
  EXPECT_THAT(error(leaf.certificateFile, leaf.certificateFile), HasSubstr("no private key"));
  EXPECT_THAT(error(folder.path(), leaf.keyFile), HasSubstr("not a regular file"));
  EXPECT_THAT(error("", ""), HasSubstr("no TLS certificate file"));
  const std::string pem = "-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(error(folder.write("bad.pem", pem), leaf.keyFile), HasSubstr("damaged"));
  EXPECT_FALSE(TlsContext::makeClient({folder.file("none.pem")}).ok());
  EXPECT_FALSE(TlsContext::makeClient({folder.write("empty.pem", "")}).ok());
}

TEST_F(TlsTest, AnEncryptedKeyIsAnErrorAndNoQuestion) {
  const TestCa::Leaf leaf = ca.issue({.names = {"a.example"}});
  std::FILE* in = std::fopen(leaf.keyFile.c_str(), "r");
  EVP_PKEY* key = PEM_read_PrivateKey(in, nullptr, nullptr, nullptr);
  std::fclose(in);
  const std::string path = folder.file("encrypted.key");
  std::FILE* out = std::fopen(path.c_str(), "w");
  char phrase[] = "phrase";
  ASSERT_EQ(PEM_write_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), phrase, 6, nullptr, nullptr), 1);
  std::fclose(out);
  EVP_PKEY_free(key);
  const auto context = TlsContext::makeServer({leaf.certificateFile, path});
  ASSERT_FALSE(context.ok());
  EXPECT_THAT(context.error(), HasSubstr("passphrase"));
}

TEST_F(TlsTest, AHostThatCannotBeCheckedIsRefused) {
  const auto context = clientContext(ca.caFile());
  const UniqueFd fd = boundSocket("127.0.0.1", 0);
  for (const std::string& host : {std::string(), std::string("a\0b", 3)}) {
    const auto session = TlsSession::connect(*context, fd.get(), host);
    EXPECT_EQ(session->handshake(), TlsStatus::Failed);
    EXPECT_THAT(session->error(), HasSubstr("cannot be checked"));
  }
}

TEST_F(TlsTest, ContextsKeepTheirRules) {
  const auto server = serverContext(ca.issue({.names = {"a.example"}}));
  const auto client = clientContext(ca.caFile());
  for (SSL_CTX* context : {server->native(), client->native()}) {
    EXPECT_EQ(SSL_CTX_get_min_proto_version(context), TLS1_2_VERSION);
    EXPECT_TRUE(SSL_CTX_get_options(context) & SSL_OP_NO_RENEGOTIATION);
    EXPECT_TRUE(SSL_CTX_get_options(context) & SSL_OP_NO_COMPRESSION);
    EXPECT_EQ(SSL_CTX_get_session_cache_mode(context), SSL_SESS_CACHE_OFF);
    const long modes = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;
    EXPECT_EQ(SSL_CTX_get_mode(context) & modes, modes);
    const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context);
    ASSERT_GT(sk_SSL_CIPHER_num(ciphers), 0);
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
      const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
      EXPECT_TRUE(SSL_CIPHER_is_aead(cipher)) << SSL_CIPHER_get_name(cipher);
      const int exchange = SSL_CIPHER_get_kx_nid(cipher);
      EXPECT_TRUE(exchange == NID_kx_ecdhe || exchange == NID_kx_any) << SSL_CIPHER_get_name(cipher);
    }
  }
  EXPECT_EQ(SSL_CTX_get_verify_mode(client->native()), SSL_VERIFY_PEER);
  EXPECT_EQ(SSL_CTX_get_verify_callback(client->native()), nullptr);
  EXPECT_EQ(SSL_CTX_get_num_tickets(server->native()), 1u);
  EXPECT_EQ(SSL_CTX_get_max_early_data(server->native()), 0u);
}

// Two handshakes with our server; does the second take up the session of the first?
class TicketTest : public TlsTest, public testing::WithParamInterface<int> {};

TEST_P(TicketTest, ASessionIsResumedByItsTicket) {
  const auto context = serverContext(ca.issue({.names = {"a.example"}}));
  std::shared_ptr<SSL_CTX> client(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_max_proto_version(client.get(), GetParam());
  std::shared_ptr<SSL_SESSION> session;
  for (const bool again : {false, true}) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    const UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    const auto accepted = TlsSession::accept(*context, ours.get());
    const std::shared_ptr<SSL> ssl(SSL_new(client.get()), SSL_free);
    SSL_set_fd(ssl.get(), theirs.get());
    SSL_set_connect_state(ssl.get());
    if (again) {
      ASSERT_EQ(SSL_set_session(ssl.get(), session.get()), 1);
    }
    TlsStatus status = TlsStatus::WantRead;
    for (int i = 0; i < 20 && (status != TlsStatus::Done || !SSL_is_init_finished(ssl.get())); ++i) {
      SSL_do_handshake(ssl.get());
      if (status != TlsStatus::Done) status = accepted->handshake();
    }
    ASSERT_EQ(status, TlsStatus::Done) << accepted->error();
    size_t done = 0;
    ASSERT_EQ(accepted->write("x", 1, done), TlsStatus::Done);
    char byte = 0;
    ASSERT_EQ(SSL_read(ssl.get(), &byte, 1), 1);  // a ticket of TLS 1.3 comes before it
    EXPECT_EQ(SSL_session_reused(ssl.get()), again ? 1 : 0);
    session.reset(SSL_get1_session(ssl.get()), SSL_SESSION_free);
    EXPECT_EQ(SSL_SESSION_has_ticket(session.get()), 1);
    SSL_shutdown(ssl.get());  // a session that ends without is never taken up again
  }
}

INSTANTIATE_TEST_SUITE_P(Tls, TicketTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST(TlsTicketKeys, RotateAndForget) {
  ManualClock clock;
  TlsTicketKeys keys(clock);
  const TlsTicketKeys::Key first = keys.current();
  EXPECT_EQ(keys.current().name, first.name);
  TlsTicketKeys::Key found;
  bool old = true;
  ASSERT_TRUE(keys.find(first.name, found, old));
  EXPECT_FALSE(old);
  EXPECT_EQ(found.cipher, first.cipher);

  clock.advance(TlsTicketKeys::ROTATE_MS);
  const TlsTicketKeys::Key second = keys.current();
  EXPECT_NE(second.name, first.name);
  EXPECT_NE(second.cipher, first.cipher);
  EXPECT_NE(second.mac, first.mac);
  ASSERT_TRUE(keys.find(first.name, found, old));
  EXPECT_TRUE(old);

  clock.advance(TlsTicketKeys::ROTATE_MS);
  EXPECT_FALSE(keys.find(first.name, found, old));
  ASSERT_TRUE(keys.find(second.name, found, old));
  EXPECT_TRUE(old);
  clock.advance(TlsTicketKeys::ROTATE_MS);
  EXPECT_FALSE(keys.find(second.name, found, old));
  EXPECT_FALSE(keys.find("unknown", found, old));
}

}  // namespace
}  // namespace tsunagi::net::test
