// Each key of relay, direct, line and log that can change while the bridge runs does so; a wrong value of any keeps the
// old one.
#include <openssl/ssl.h>

#include <csignal>

#include "app/BridgeSchema.h"
#include "net/HttpClient.h"
#include "service/ProgramFrame.h"
#include "tests/service/ReloadCases.h"
#include "tests/service/Talk.h"
#include "tests/support/WebSocketPeer.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Beside the bridge's own there is what every program has.
std::vector<ReloadKey> keys() {
  service::ConfigSchema schema;
  app::defineBridgeSchema(schema);
  schema.add(service::logSection());
  return keysOf(schema, [](const std::string& section) {
    return section == "relay" || section == "direct" || section == "line" || section == "log";
  });
}

class Rewired : public Talk {
 public:
  explicit Rewired(bool tls) : Talk({.tls = tls}) {}
  void set(const std::string& section, const std::string& key, const std::string& value) {
    ini[section][key] = value;
    rewriteBridgeIni();
  }
  // Without the link while the key has this value, and with it when it is as before.
  void breaksTheLink(const std::string& key, const std::string& wrong, const std::string& trouble) {
    const std::string good = ini["relay"][key];
    set("relay", key, wrong);
    EXPECT_TRUE(eventually([&] { return bridgeStatus().at("link").at("trouble") == trouble; })) << bridgeStatus();
    set("relay", key, good);
    waitForLink();
    EXPECT_EQ(ask("ann", "linked again"), "linked again");
  }
  // No answer goes out while the key has this value; it does when it is as before.
  void keepsAnswersBack(const std::string& key, const std::string& wrong) {
    const std::string good = ini["line"][key];
    EXPECT_EQ(ask("ann", "before"), "before");
    set("line", key, wrong);
    const std::string question = send("ann", "after");
    EXPECT_TRUE(eventually([&] { return bridgeStatus().at("store").at("outbox_open") == 1; }));
    EXPECT_FALSE(event(question).at("answered").get<bool>());
    set("line", key, good);
    EXPECT_EQ(awaitAnswer(question), "after");
  }
  bool answersOverTls(const TestCa& trusted) {
    net::HttpCall call;
    call.url = net::Url::parse("https://" + bridgeEndpoint("direct") + "/").value();
    return net::HttpClient(net::TlsContext::makeClient({.caFile = trusted.caFile()}).value()).perform(call).ok();
  }
  void newCertificate() {
    const TestCa other(folder.file("other-ca"));
    EXPECT_FALSE(answersOverTls(other));
    const TestCa::Leaf leaf = other.issue({.ips = {"127.0.0.1"}});
    ini["direct"]["tls_certificate"] = leaf.certificateFile;
    ini["direct"]["tls_key"] = leaf.keyFile;
    rewriteBridgeIni();
    EXPECT_TRUE(eventually([&] { return answersOverTls(other); }));
  }
  std::shared_ptr<SSL_CTX> tlsOfTheRelay() {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context.get(), certificateOf("relay").c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), keyOf("relay").c_str(), SSL_FILETYPE_PEM), 1);
    return context;
  }
  std::string otherCa() { return TestCa(folder.file("other-ca")).caFile(); }
};

// In the relay's place: takes the bridge's next connection.
WebSocketPeer welcome(RawListener& relay, SSL_CTX* tls) {
  WebSocketPeer peer = WebSocketPeer::accept(relay, {}, tls, "Sec-WebSocket-Protocol: tsunagi.v1\r\n");
  EXPECT_THAT(peer.read().payload, HasSubstr("\"hello\""));
  const json text{{"t", "welcome"},     {"unit", "box"},           {"node", "n"},
                  {"epoch", "e"},       {"resume_seq", 1},         {"now_ms", 0},
                  {"window_events", 8}, {"window_bytes", 1 << 20}, {"ping_s", 20}};
  peer.send({.payload = text.dump()});
  return peer;
}
void sendAway(WebSocketPeer& peer, const std::string& alternative) {
  peer.send({.payload = json{{"t", "goaway"}, {"reason", "moved"}, {"jitter_ms", 0}, {"alt", alternative}}.dump()});
}

const ReloadCases<Rewired>& cases() {
  static const ReloadCases<Rewired> all{
      {"relay.url", [](Rewired& t) { t.breaksTheLink("url", "ws://127.0.0.1:1/test", "unreachable"); }},
      {"relay.unit", [](Rewired& t) { t.breaksTheLink("unit", "another", "refused"); }},
      {"relay.token",
       [](Rewired& t) {
         t.breaksTheLink("token_file", t.folder.write("other-token", "tsgu_unknown\n", 0600), "refused");
       }},
      {"relay.ca_file", [](Rewired& t) { t.breaksTheLink("ca_file", t.otherCa(), "tls"); }},
      {"relay.alt_hosts",
       [](Rewired& t) {
         RawListener relay, alternative;
         const std::string elsewhere = "wss://localhost:" + std::to_string(alternative.port()) + "/test/box/ws";
         const auto tls = t.tlsOfTheRelay();
         t.set("relay", "url", "wss://127.0.0.1:" + std::to_string(relay.port()) + "/test");
         WebSocketPeer first = welcome(relay, tls.get());
         sendAway(first, elsewhere);
         t.bridge().waitForLine("named another relay that is not in alt_hosts");
         const WebSocketPeer again = welcome(relay, tls.get());
         t.set("relay", "alt_hosts", "localhost");
         WebSocketPeer last = welcome(relay, tls.get());
         sendAway(last, elsewhere);
         alternative.accept();
       }},
      {"direct.tls_certificate", [](Rewired& t) { t.newCertificate(); }},
      {"direct.tls_key", [](Rewired& t) { t.newCertificate(); }},
      {"line.channel_secret",
       [](Rewired& t) {
         EXPECT_EQ(t.ask("ann", "before"), "before");
         t.control("POST", "/control/account", {{"channelSecret", "reissued-reissued"}});
         t.set("line", "channel_secret_file", t.folder.write("other-secret", "reissued-reissued\n", 0600));
         EXPECT_EQ(t.ask("ann", "after"), "after");
       }},
      // The bridge knows the next secret already, LINE still signs with this one.
      {"line.channel_secret_previous",
       [](Rewired& t) {
         EXPECT_EQ(t.ask("ann", "before"), "before");
         t.ini["line"]["channel_secret_file"] = t.folder.write("other-secret", "reissued-reissued\n", 0600);
         t.set("line", "channel_secret_previous_file", t.folder.file("linesim/channel-secret"));
         EXPECT_EQ(t.ask("ann", "after"), "after");
       }},
      {"line.responder",
       [](Rewired& t) {
         EXPECT_EQ(t.ask("ann", "before"), "before");
         t.ini["responder.other"] = {{"plugin", "witness"}, {"folder", t.folder.file("witness")}, {"answer", "other"}};
         t.set("line", "responder", "other");
         EXPECT_EQ(t.ask("ann", "after"), "other");
       }},
      {"line.channel_access_token",
       [](Rewired& t) {
         t.keepsAnswersBack("channel_access_token_file", t.folder.write("other-token", "wrong\n", 0600));
       }},
      {"line.channel_id",
       [](Rewired& t) {
         EXPECT_EQ(t.ask("ann", "before"), "before");
         t.ini["line"].erase("channel_access_token_file");
         t.set("line", "channel_id", "2000000000");
         EXPECT_EQ(t.ask("ann", "after"), "after");
         EXPECT_EQ(t.summary().at("statelessTokens"), 1);
       }},
      {"line.api_base", [](Rewired& t) { t.keepsAnswersBack("api_base", "https://127.0.0.1:1"); }},
      {"line.data_base", [](Rewired&) { GTEST_SKIP() << "nothing is downloaded yet"; }},
      {"line.ca_file", [](Rewired& t) { t.keepsAnswersBack("ca_file", t.otherCa()); }},
      {"log.level",
       [](Rewired& t) {
         EXPECT_EQ(t.ask("ann", "before"), "before");
         EXPECT_THAT(t.bridge().standardError(), Not(HasSubstr("LINE request")));
         t.set("log", "level", "debug");
         EXPECT_EQ(t.ask("ann", "after"), "after");
         t.bridge().waitForLine("LINE request");
       }},
      {"log.levels",
       [](Rewired& t) {
         EXPECT_EQ(t.ask("ann", "before"), "before");
         EXPECT_THAT(t.bridge().standardError(), Not(HasSubstr("LINE request")));
         t.set("log", "levels", "chat:debug");
         EXPECT_EQ(t.ask("ann", "after"), "after");
         t.bridge().waitForLine("LINE request");
       }},
      {"log.format",
       [](Rewired& t) {
         EXPECT_THAT(t.bridge().standardError(), Not(HasSubstr("{\"time\":")));
         t.set("log", "format", "json");
         t.bridge().signal(SIGHUP);
         t.bridge().waitForLine("{\"time\":");
       }},
      {"log.file",
       [](Rewired& t) {
         t.set("log", "file", t.folder.file("bridge.log"));
         t.bridge().signal(SIGHUP);
         EXPECT_TRUE(eventually([&] { return t.folder.exists("bridge.log") && !t.folder.read("bridge.log").empty(); }));
       }},
  };
  return all;
}

class ReloadWiringTest : public testing::TestWithParam<std::string> {};

TEST_P(ReloadWiringTest, HoldsAtOnce) {
  const std::string section = GetParam().substr(0, GetParam().find('.'));
  Rewired talk(section != "log");
  if (section == "direct") {
    talk.startLinesim();
    talk.ini["direct"] = {{"listen", "127.0.0.1:0"},
                          {"tls_certificate", talk.certificateOf("bridge")},
                          {"tls_key", talk.keyOf("bridge")}};
    talk.startBridge();
  } else {
    talk.startAll();
  }
  runReloadCase(cases(), GetParam(), talk);
}

INSTANTIATE_TEST_SUITE_P(Key, ReloadWiringTest, testing::ValuesIn(changeable(keys())), testName);

TEST(ReloadWrongWiringTest, EveryCaseIsOfAKey) { expectNoCaseLeftOver(cases(), changeable(keys())); }

// Also of those that are read at the start only: the next start would fail.
TEST(ReloadWrongWiringTest, AWrongValueOfAnyKeepsTheOldOnes) {
  Rewired talk(true);
  const auto missing = [&](const char* key) { return talk.folder.file(std::string("missing-") + key); };
  const std::map<std::string, std::string> special{
      {"relay.unit", "a/b"},
      {"relay.token", missing("token")},
      {"relay.ca_file", missing("relay-ca")},
      {"direct.path", "webhook"},
      {"direct.tls_certificate", missing("certificate")},
      {"direct.tls_key", missing("key")},
      {"line.channel_secret", missing("secret")},
      {"line.channel_secret_previous", missing("secret-before")},
      {"line.channel_access_token", missing("access-token")},
      {"line.responder", "nobody"},
      {"line.ca_file", missing("line-ca")},
      {"line.channel_id", "my bot"},
      {"log.file", missing("folder") + "/file"},
      {"log.levels", "nonsense"},
      // Whatever stands there is taken.
      {"relay.alt_hosts", ""},
      {"direct.allowed_hosts", ""},
  };
  talk.ini["direct"] = {
      {"listen", "127.0.0.1:0"}, {"tls_certificate", talk.certificateOf("bridge")}, {"tls_key", talk.keyOf("bridge")}};
  talk.startAll();
  talk.set("line", "channel_secret_previous_file", talk.folder.write("secret-before", "before-before\n", 0600));
  EXPECT_EQ(talk.ask("ann", "hello"), "hello");
  for (const ReloadKey& key : keys()) {
    const std::string wrong = wrongValue(key, special);
    if (wrong.empty()) {
      EXPECT_EQ(special.count(key.name()), 1u) << "what is a wrong value of " << key.name() << "?";
      continue;
    }
    const auto good = talk.ini;
    const bool secret = key.key.type == service::ConfigType::secret;
    talk.set(key.section, key.key.name + (secret ? "_file" : ""), wrong);
    EXPECT_EQ(talk.ask("ann", "still here"), "still here") << key.name();
    const bool isFile = wrong.find("/missing-") != std::string::npos;
    EXPECT_THAT(talk.bridge().waitForLine(isFile ? wrong : "[" + key.section + "] " + key.key.name),
                AllOf(HasSubstr("bridge.ini:"), HasSubstr("[" + key.section + "] ")));
    EXPECT_EQ(talk.ask("ann", "and still"), "and still") << key.name();
    talk.ini = good;
    talk.rewriteBridgeIni();
  }
}

}  // namespace
}  // namespace tsunagi::test
