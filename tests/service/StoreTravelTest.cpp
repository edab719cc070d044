// Stores that go back in time (J3): nothing new is lost, and what is gone is shown.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

class StoreTravelTest : public testing::Test {
 protected:
  StoreTravelTest() {
    chain.startAll();
    for (int i = 0; i < 5; ++i) chain.ask("alice", "before " + std::to_string(i));
    settle();
  }

  // All that was sent is answered and acknowledged.
  void settle() {
    chain.awaitQuiet();
    ASSERT_TRUE(eventually([&] { return chain.unitCounters().at("pending") == 0; }));
  }

  void expectNewOnesWork() {
    chain.waitForLink();
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(chain.ask("alice", "after " + std::to_string(i)), "after " + std::to_string(i));
    settle();
    const auto summary = chain.summary();
    EXPECT_EQ(summary.at("lost"), 0) << summary;
    EXPECT_EQ(summary.at("twice"), 0) << summary;
    EXPECT_EQ(summary.at("reordered"), 0) << summary;
  }

  Chain chain;
};

TEST_F(StoreTravelTest, TheRelaysStoreIsReplacedByAnOlderCopy) {
  chain.killRelay();
  chain.copyFolder("relay", "relay.copy");
  chain.startRelay();
  chain.waitForLink();
  for (int i = 0; i < 7; ++i) chain.ask("alice", "between " + std::to_string(i));
  settle();
  chain.killRelay();
  chain.copyFolder("relay.copy", "relay");
  chain.startRelay();
  expectNewOnesWork();
  EXPECT_GE(chain.bridgeStatus().at("counters").at("resyncs"), 1);
}

TEST_F(StoreTravelTest, TheRelaysOlderCopyGetsNewEventsBeforeTheBridgeComesBack) {
  chain.killRelay();
  chain.copyFolder("relay", "relay.copy");
  chain.startRelay();
  chain.waitForLink();
  for (int i = 0; i < 3; ++i) chain.ask("alice", "between " + std::to_string(i));
  settle();
  chain.killRelay();
  chain.killBridge();
  chain.copyFolder("relay.copy", "relay");
  chain.startRelay();
  // The same numbers are given out again, to other events.
  std::vector<std::string> events;
  for (int i = 0; i < 6; ++i) {
    events.push_back(chain.send("bob", "again " + std::to_string(i)));
    chain.awaitAccepted(events.back());
  }
  chain.startBridge();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(chain.awaitAnswer(events[i]), "again " + std::to_string(i));
  expectNewOnesWork();
  EXPECT_GE(chain.bridgeStatus().at("counters").at("resyncs"), 1);
}

TEST_F(StoreTravelTest, TheBridgesStoreIsReplacedByAnOlderCopy) {
  chain.killBridge();
  chain.copyFolder("bridge", "bridge.copy");
  chain.startBridge();
  for (int i = 0; i < 7; ++i) chain.ask("alice", "between " + std::to_string(i));
  settle();
  chain.killBridge();
  chain.copyFolder("bridge.copy", "bridge");
  chain.startBridge();
  expectNewOnesWork();
  EXPECT_GE(chain.bridgeStatus().at("counters").at("gaps"), 1);
}

TEST_F(StoreTravelTest, TheBridgesStoreIsReplacedByAnEmptyOne) {
  chain.killBridge();
  std::filesystem::remove_all(chain.folder.file("bridge"));
  const std::string waiting = chain.send("alice", "while away");
  chain.awaitAccepted(waiting);
  chain.startBridge();
  EXPECT_EQ(chain.awaitAnswer(waiting), "while away");
  expectNewOnesWork();
  EXPECT_GE(chain.bridgeStatus().at("counters").at("gaps"), 1);
}

}  // namespace
}  // namespace tsunagi::test
