// Each key of [notify] holds with the next notice, in a bridge and in a relay; a wrong value of any keeps the old.
#include <csignal>

#include "app/BridgeSchema.h"
#include "relay/app/RelaySettings.h"
#include "tests/service/RelayBench.h"
#include "tests/service/ReloadCases.h"
#include "tests/service/Talk.h"
#include "tests/support/PostCatcher.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A program that runs, with its [notify].
class Notified {
 public:
  virtual ~Notified() = default;
  virtual void begin() = 0;
  virtual void set(const std::string& key, const std::string& value) = 0;  // holds when it returns
  virtual void makeTrouble() = 0;                                          // something is to be told
  virtual std::string complaint(size_t number) = 0;  // the nth line that refuses an edit; waits for it

  TempFolder files;
  PostCatcher catcher;
};

class NotifiedBridge : public Notified {
 public:
  void begin() override {
    talk.ini["access"]["calls_user_day"] = "1";
    talk.start();
    talk.know("owner", Talk::Role::owner);
  }
  void set(const std::string& key, const std::string& value) override {
    talk.ini["notify"][key] = value;
    talk.rewriteBridgeIni();
    talk.ask("reader", "/whoami");
  }
  void makeTrouble() override { talk.ask("ann", "one"), talk.ask("ann", "two"); }
  std::string complaint(size_t number) override {
    return talk.bridge().waitForLine("the settings in use stay", number);
  }
  Talk talk;
};

class NotifiedRelay : public Notified {
 public:
  void begin() override {
    bench.ini["limits"]["backlog_events"] = "1";
    bench.start();
    unit = bench.addUnit().at("unit");
  }
  void set(const std::string& key, const std::string& value) override {
    bench.ini["notify"][key] = value;
    bench.writeIni();
    bench.relay->signal(SIGHUP);
    bench.relay->waitForLine("reloaded", ++_reloads);
  }
  void makeTrouble() override { bench.webhook(unit, "{}"), bench.webhook(unit, "{}"); }
  std::string complaint(size_t number) override { return bench.relay->waitForLine("the settings in use stay", number); }
  RelayBench bench;
  std::string unit;

 private:
  size_t _reloads = 0;
};

const ReloadCases<Notified>& relayCases() {
  static const ReloadCases<Notified> all{
      {"notify.url",
       [](Notified& t) {
         t.set("url", t.catcher.url("/first"));
         t.set("url", t.catcher.url("/second"));
         t.makeTrouble();
         EXPECT_EQ(t.catcher.awaitPost(1).path, "/second");
       }},
      {"notify.format",
       [](Notified& t) {
         t.set("url", t.catcher.url("/topic"));
         t.set("format", "discord");
         t.makeTrouble();
         EXPECT_THAT(t.catcher.awaitPost(1).body, HasSubstr(R"("content":)"));
       }},
      {"notify.token",
       [](Notified& t) {
         t.set("url", t.catcher.url("/topic"));
         t.set("token", "tk_123");
         t.makeTrouble();
         EXPECT_EQ(t.catcher.awaitPost(1).authorization, "Bearer tk_123");
       }},
      {"notify.ca_file",
       [](Notified& t) {
         const TestCa ca(t.files.file("ca"));
         const TestCa::Leaf leaf = ca.issue({.ips = {"127.0.0.1"}});
         const PostCatcher secure(net::TlsContext::makeServer({leaf.certificateFile, leaf.keyFile}).value());
         t.set("url", secure.url("/topic"));
         t.makeTrouble();
         t.set("ca_file", ca.caFile());
         secure.awaitPost(1);
       }},
  };
  return all;
}

const ReloadCases<Notified>& bridgeCases() {
  static const ReloadCases<Notified> all = [] {
    ReloadCases<Notified> cases = relayCases();
    cases["notify.push"] = [](Notified& t) {
      t.set("push", "yes");
      t.makeTrouble();
      Talk& talk = static_cast<NotifiedBridge&>(t).talk;
      EXPECT_TRUE(eventually([&] { return talk.summary().at("pushes") == 1; }));
    };
    return cases;
  }();
  return all;
}

bool isNotify(const std::string& section) { return section == "notify"; }

std::vector<ReloadKey> bridgeKeys() {
  service::ConfigSchema schema;
  app::defineBridgeSchema(schema);
  return keysOf(schema, isNotify);
}

std::vector<ReloadKey> relayKeys() {
  service::ConfigSchema schema;
  relay::RelaySettings::define(schema);
  return keysOf(schema, isNotify);
}

void refuseWrongValues(Notified& program, const std::vector<ReloadKey>& keys) {
  const std::map<std::string, std::string> special{{"notify.url", "http://example.com/canary-88"},
                                                   {"notify.ca_file", program.files.file("missing")}};
  program.begin();
  program.set("url", program.catcher.url("/topic"));
  size_t refused = 0;
  for (const ReloadKey& key : keys) {
    const std::string wrong = wrongValue(key, special);
    if (wrong.empty()) continue;  // any token is taken
    program.set(key.key.name, wrong);
    EXPECT_THAT(program.complaint(++refused), AllOf(HasSubstr("[notify] " + key.key.name), Not(HasSubstr("canary"))))
        << key.name();
    program.set(key.key.name, key.key.name == "url" ? program.catcher.url("/topic") : key.key.fallback);
  }
}

class ReloadBridgeNotifyTest : public testing::TestWithParam<std::string> {};

TEST_P(ReloadBridgeNotifyTest, HoldsWithTheNextNotice) {
  NotifiedBridge bridge;
  bridge.begin();
  runReloadCase(bridgeCases(), GetParam(), static_cast<Notified&>(bridge));
}

INSTANTIATE_TEST_SUITE_P(Key, ReloadBridgeNotifyTest, testing::ValuesIn(changeable(bridgeKeys())), testName);

class ReloadRelayNotifyTest : public testing::TestWithParam<std::string> {};

TEST_P(ReloadRelayNotifyTest, HoldsWithTheNextNotice) {
  NotifiedRelay relay;
  relay.begin();
  runReloadCase(relayCases(), GetParam(), static_cast<Notified&>(relay));
}

INSTANTIATE_TEST_SUITE_P(Key, ReloadRelayNotifyTest, testing::ValuesIn(changeable(relayKeys())), testName);

TEST(ReloadWrongNotifyTest, EveryCaseIsOfAKey) {
  expectNoCaseLeftOver(bridgeCases(), changeable(bridgeKeys()));
  expectNoCaseLeftOver(relayCases(), changeable(relayKeys()));
}

TEST(ReloadWrongNotifyTest, AWrongValueOfAnyKeepsTheOldOnes) {
  NotifiedBridge bridge;
  refuseWrongValues(bridge, bridgeKeys());
  bridge.makeTrouble();
  bridge.catcher.awaitPost(1);
  NotifiedRelay relay;
  refuseWrongValues(relay, relayKeys());
  relay.makeTrouble();
  relay.catcher.awaitPost(1);
}

}  // namespace
}  // namespace tsunagi::test
