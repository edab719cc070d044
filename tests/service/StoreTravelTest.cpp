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

TEST_F(StoreTravelTest, TheRelaysOlderCopyBringsHandledEventsAgainAndTheyAreDroppedByTheirIds) {
  chain.stopBridge();
  std::vector<std::string> events;
  for (int i = 0; i < 3; ++i) {
    events.push_back(chain.send("alice", "waiting " + std::to_string(i)));
    chain.awaitAccepted(events.back());
  }
  chain.killRelay();
  chain.copyFolder("relay", "relay.copy");
  chain.startRelay();
  chain.startBridge();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(chain.awaitAnswer(events[i]), "waiting " + std::to_string(i));
  // Further than the copy ever was, so that its numbers mean nothing to the bridge.
  for (int i = 0; i < 2; ++i) chain.ask("alice", "between " + std::to_string(i));
  settle();
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("duplicates"), 0);
  const std::string epoch = chain.unitCounters().at("epoch");
  chain.killRelay();
  chain.copyFolder("relay.copy", "relay");
  chain.startRelay();
  chain.waitForLink();
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("duplicates") == 3; }));
  expectNewOnesWork();
  EXPECT_NE(chain.unitCounters().at("epoch"), epoch);
  // The simulator has a reply a moment before the bridge has noted that.
  EXPECT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("sent") == 5 + 3 + 2 + 5; }));
  const auto counters = chain.bridgeStatus().at("counters");
  EXPECT_EQ(counters.at("resyncs"), 1) << counters;
  EXPECT_EQ(counters.at("duplicates"), 3) << counters;
  EXPECT_EQ(counters.at("failed"), 0) << counters;
}

TEST_F(StoreTravelTest, TheRelaysStoreIsReplacedByAnEmptyOne) {
  const std::string epoch = chain.unitCounters().at("epoch");
  chain.killRelay();
  // The units are in a database of their own.
  for (const char* file : {"relay/spool.db", "relay/spool.db-wal", "relay/spool.db-shm"})
    std::filesystem::remove(chain.folder.file(file));
  chain.startRelay();
  expectNewOnesWork();
  const auto books = chain.unitCounters();
  EXPECT_NE(books.at("epoch"), epoch);
  EXPECT_EQ(books.at("stored_total"), 5) << books;
  const auto counters = chain.bridgeStatus().at("counters");
  EXPECT_EQ(counters.at("resyncs"), 1) << counters;
  EXPECT_EQ(counters.at("duplicates"), 0) << counters;
  EXPECT_EQ(counters.at("failed"), 0) << counters;
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
