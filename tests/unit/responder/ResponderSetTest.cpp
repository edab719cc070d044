#include "responder/ResponderSet.h"

#include <future>
#include <thread>

#include "Fixture.h"

namespace tsunagi::responder {
namespace {

using Code = ChatOutcome::Code;

TEST_F(ResponderTest, ANewConfigurationKeepsWhatDidNotChangeAndDrainsWhatDid) {
  ResponderSet set(_host);
  ResponderSettings home = settings("misbehaving", {{"how", "wait_for_cancel"}});
  ResponderSettings backup = settings("hello");
  backup.name = "backup";
  set.commit(set.prepare({home, backup}));
  EXPECT_EQ(set.names(), (std::vector<std::string>{"backup", "home"}));
  const auto keptBackup = set.find("backup");

  std::promise<void> inside;
  const uint64_t id = set.find("home")->beginCall();
  auto outcome = std::async(std::launch::async, [&] {
    const auto responder = set.find("home");  // the only reference once the configuration is new
    return responder->chat(id, ask("x"), [&](std::string_view) {
      inside.set_value();
      return true;
    });
  });
  inside.get_future().wait();
  const std::weak_ptr<Responder> old = set.find("home");

  home.config["how"] = "well";
  set.commit(set.prepare({home, backup}));
  EXPECT_EQ(set.find("backup"), keptBackup);
  EXPECT_EQ(say(*set.find("home"), ask("x")).text, "done") << "the new one serves while the old one is still inside";
  EXPECT_EQ(_log->text().find("destroyed on"), std::string::npos);
  old.lock()->cancel(id);
  EXPECT_EQ(outcome.get().code, Code::Cancelled);
  EXPECT_TRUE(_log->waitFor("destroyed on rsp-reaper"));
  set.clear();
  EXPECT_EQ(set.find("home"), nullptr);
}

TEST_F(ResponderTest, ABadConfigurationChangesNothingUnlessItIsCommitted) {
  ResponderSet set(_host);
  set.commit(set.prepare({settings("hello")}));
  const auto running = set.find("home");
  const auto plan = set.prepare({settings("misbehaving", {{"howl", "x"}})});
  ASSERT_EQ(plan.problems.size(), 2u);
  EXPECT_EQ(plan.problems[0].key, "howl");
  EXPECT_EQ(plan.problems[1].key, "how");
  EXPECT_TRUE(plan.responders.empty());
  EXPECT_EQ(set.find("home"), running);
}

TEST_F(ResponderTest, CreateAndDestroyOfOnePluginNeverOverlap) {
  std::vector<std::future<void>> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.push_back(std::async(std::launch::async, [&] {
      for (int i = 0; i < 50; ++i) EXPECT_EQ(say(*misbehaving("well"), ask("x")).text, "done");
    }));
  for (auto& thread : threads) thread.get();
  ASSERT_TRUE(_host.shutdown(kHangMs));
  EXPECT_EQ(_log->text().find("control overlap"), std::string::npos);
}

TEST_F(ResponderTest, ClearCancelsAndShutdownSaysWhetherAllIsGone) {
  ResponderSet set(_host);
  set.commit(set.prepare({settings("misbehaving", {{"how", "wait_for_cancel"}})}));
  std::promise<void> inside;
  auto outcome = std::async(std::launch::async, [&] {
    const auto responder = set.find("home");
    return responder->chat(responder->beginCall(), ask("x"), [&](std::string_view) {
      inside.set_value();
      return true;
    });
  });
  inside.get_future().wait();
  EXPECT_FALSE(_host.shutdown(1));
  EXPECT_NE(_log->text().find("responder home did not end in time"), std::string::npos);
  set.clear();
  EXPECT_EQ(outcome.get().code, Code::Cancelled);
  EXPECT_TRUE(_host.shutdown(kHangMs));
}

}  // namespace
}  // namespace tsunagi::responder
