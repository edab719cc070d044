// Each key of relay.ini that holds after SIGHUP does so; a wrong value of any keeps the old ones. The keys of the log
// are the same for every program: see ReloadWiringTest; those of [notify] are in ReloadNotifyTest.
#include <csignal>

#include "relay/app/RelaySettings.h"
#include "sql/Database.h"
#include "tests/service/RelayBench.h"
#include "tests/service/ReloadCases.h"
#include "tests/support/TestCa.h"

namespace tsunagi::test {
namespace {

std::vector<ReloadKey> keys() {
  service::ConfigSchema schema;
  relay::RelaySettings::define(schema);
  return keysOf(schema, [](const std::string& section) { return section != "notify"; });
}

class ReloadedRelay : public RelayBench {
 public:
  void begin() {
    start();
    unit = addUnit().at("unit");
  }
  void set(const std::string& section, const std::string& key, const std::string& value) {
    ini[section][key] = value;
    reload();
  }
  void reload() {
    writeIni();
    relay->signal(SIGHUP);
    relay->waitForLine("reloaded", ++_reloads);
  }
  int post(const std::string& body) { return webhook(unit, body).status; }
  // All that waits for the unit, or its dead letters, as if an hour older.
  void age(const std::string& statement) { sql::Database(folder.file("data/spool.db")).query(statement).run(); }
  void ageEvents() { age("UPDATE events SET received_steady_ms = received_steady_ms - 3600000"); }
  // So many webhooks end as dead letters. max_age is a minute already.
  void die(int count) {
    const int64_t before = json({"unit", "show", unit}).at("dead_total");
    for (int i = 0; i < count; ++i) EXPECT_EQ(post("four"), 200);
    ageEvents();
    set("limits", "max_age", "1m");
    EXPECT_TRUE(eventually([&] { return json({"unit", "show", unit}).at("dead_total") == before + count; }));
  }
  void newCertificate() {
    const TestCa first(folder.file("first")), second(folder.file("second"));
    const auto serve = [&](const TestCa& ca) {
      const TestCa::Leaf leaf = ca.issue({.ips = {"127.0.0.1"}});
      ini["relay"]["tls_certificate"] = leaf.certificateFile;
      ini["relay"]["tls_key"] = leaf.keyFile;
    };
    const auto trust = [&](const TestCa& ca) { tls = net::TlsContext::makeClient({.caFile = ca.caFile()}).value(); };
    serve(first);
    trust(first);
    begin();
    EXPECT_EQ(post("{}"), 200);
    serve(second);
    set("relay", "tls_key", ini["relay"]["tls_key"]);
    EXPECT_FALSE(webhook(unit, "{}").ok());
    trust(second);
    EXPECT_EQ(post("{}"), 200);
  }
  std::string unit;

 private:
  size_t _reloads = 0;
};

const ReloadCases<ReloadedRelay>& cases() {
  static const ReloadCases<ReloadedRelay> all{
      {"relay.tls_certificate", [](ReloadedRelay& t) { t.newCertificate(); }},
      {"relay.tls_key", [](ReloadedRelay& t) { t.newCertificate(); }},
      {"limits.backlog_events",
       [](ReloadedRelay& t) {
         t.begin();
         EXPECT_EQ(t.post("1"), 200);
         t.set("limits", "backlog_events", "1");
         EXPECT_EQ(t.post("2"), 503);
         t.set("limits", "backlog_events", "2");
         EXPECT_EQ(t.post("2"), 200);
       }},
      {"limits.backlog_bytes",
       [](ReloadedRelay& t) {
         t.begin();
         EXPECT_EQ(t.post(std::string(600, 'x')), 200);
         t.set("limits", "backlog_bytes", "1024");
         EXPECT_EQ(t.post(std::string(600, 'x')), 503);
         EXPECT_EQ(t.post(std::string(400, 'x')), 200);
       }},
      {"limits.max_age",
       [](ReloadedRelay& t) {
         t.begin();
         EXPECT_EQ(t.post("old"), 200);
         t.ageEvents();
         EXPECT_EQ(t.post("new"), 200);
         t.set("limits", "max_age", "1m");
         EXPECT_TRUE(eventually([&] { return t.json({"unit", "show", t.unit}).at("dead_total") == 1; }));
         EXPECT_EQ(t.json({"unit", "show", t.unit}).at("pending"), 1);
       }},
      {"limits.min_free",
       [](ReloadedRelay& t) {
         t.begin();
         t.set("limits", "min_free", "4000000000GiB");
         EXPECT_TRUE(eventually([&] { return t.post("{}") == 503; }));
         t.set("limits", "min_free", "0");
         EXPECT_TRUE(eventually([&] { return t.post("{}") == 200; }));
       }},
      {"limits.dead_events",
       [](ReloadedRelay& t) {
         t.begin();
         t.die(3);
         EXPECT_EQ(t.metric("dead_letters"), 3);
         t.set("limits", "dead_events", "2");
         t.die(1);
         EXPECT_EQ(t.metric("dead_letters"), 2);
       }},
      {"limits.dead_bytes",
       [](ReloadedRelay& t) {
         t.begin();
         t.die(3);
         EXPECT_EQ(t.metric("dead_letters_bytes"), 12);
         t.set("limits", "dead_bytes", "9");
         t.die(1);
         EXPECT_EQ(t.metric("dead_letters_bytes"), 8);
       }},
      {"limits.dead_max_age",
       [](ReloadedRelay& t) {
         t.begin();
         t.die(2);
         t.age("UPDATE dead SET died_wall_ms = died_wall_ms - 3600000");
         t.set("limits", "dead_max_age", "1m");
         EXPECT_TRUE(eventually([&] { return t.metric("dead_letters") == 0; }));
       }},
  };
  return all;
}

class ReloadRelayTest : public testing::TestWithParam<std::string> {};

TEST_P(ReloadRelayTest, HoldsAfterTheSignal) {
  ReloadedRelay relay;
  runReloadCase(cases(), GetParam(), relay);
}

INSTANTIATE_TEST_SUITE_P(Key, ReloadRelayTest, testing::ValuesIn(changeable(keys())), testName);

TEST(ReloadWrongRelayTest, EveryCaseIsOfAKey) { expectNoCaseLeftOver(cases(), changeable(keys())); }

// Also of those that are read at the start only: the next start would fail. A right value beside the wrong one waits.
TEST(ReloadWrongRelayTest, AWrongValueOfAnyKeepsTheOldOnes) {
  ReloadedRelay relay;
  const std::string missing = relay.folder.file("missing");
  const std::map<std::string, std::string> special{{"relay.tls_certificate", missing},
                                                   {"relay.tls_key", missing},
                                                   {"admin.listen", "nonsense"},
                                                   // Whatever stands there is taken, or shows at the start.
                                                   {"relay.allowed_hosts", ""},
                                                   {"relay.data_dir", ""}};
  const TestCa ca(relay.folder.file("ca"));
  const TestCa::Leaf leaf = ca.issue({.ips = {"127.0.0.1"}});
  relay.ini["relay"]["tls_certificate"] = leaf.certificateFile;
  relay.ini["relay"]["tls_key"] = leaf.keyFile;
  relay.tls = net::TlsContext::makeClient({.caFile = ca.caFile()}).value();
  relay.begin();
  EXPECT_EQ(relay.post("{}"), 200);
  size_t refused = 0;
  for (const ReloadKey& key : keys()) {
    const std::string wrong = wrongValue(key, special);
    if (wrong.empty()) {
      EXPECT_EQ(special.count(key.name()), 1u) << "what is a wrong value of " << key.name() << "?";
      continue;
    }
    const auto good = relay.ini;
    relay.ini["limits"]["backlog_events"] = "1";
    relay.set(key.section, key.key.name, wrong);
    const std::string told = relay.relay->waitForLine("the settings in use stay", ++refused);
    EXPECT_NE(told.find(wrong == missing ? missing : "[" + key.section + "] " + key.key.name), std::string::npos)
        << told;
    EXPECT_EQ(relay.post("{}"), 200) << key.name();
    relay.ini = good;
    relay.reload();
  }
}

}  // namespace
}  // namespace tsunagi::test
