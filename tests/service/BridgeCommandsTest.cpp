// What an owner does with tsunagi-bridge on the command line: pairing codes, people, their data, projects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class BridgeCommandsTest : public testing::Test {
 protected:
  std::string good(std::vector<std::string> words) {
    const ProcessResult result = chain.bridgeCommand(std::move(words));
    EXPECT_EQ(result.status.code, 0) << result.error;
    return result.output;
  }
  std::string aliceId() {
    for (const auto& one : json::parse(good({"user", "list", "--json"})))
      if (one.at("name") == "alice" || one.at("user").get<std::string>().size() == 33) return one.at("user");
    return {};
  }
  Chain chain;
};

TEST_F(BridgeCommandsTest, ACodeMadeBesideTheRunningBridgePairsWhoSendsIt) {
  chain.ini["access"]["users"] = "paired";
  chain.ini["bridge"]["language"] = "en";
  chain.startAll();
  EXPECT_THAT(chain.ask("alice", "hello"), Not(HasSubstr("hello"))) << "a stranger is told how to get paired";
  const json made = json::parse(good({"code", "--role", "owner", "--json"}));
  EXPECT_EQ(made.at("role"), "owner");
  EXPECT_THAT(made.at("link").get<std::string>(), HasSubstr("https://line.me/R/oaMessage/"));
  EXPECT_THAT(chain.ask("alice", "/pair " + made.at("code").get<std::string>()), HasSubstr("owner"));
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
  EXPECT_THAT(chain.ask("bob", "/pair " + made.at("code").get<std::string>()), Not(HasSubstr("owner")))
      << "it is good once";
  const json all = json::parse(good({"user", "list", "--json"}));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].at("state"), "paired");
  EXPECT_EQ(all[0].at("role"), "owner");
  EXPECT_EQ(all[1].at("state"), "unknown");
}

TEST_F(BridgeCommandsTest, ACodeCanBeMadeBeforeTheBridgeEverRan) {
  chain.ini["access"]["users"] = "paired";
  chain.ini["bridge"]["language"] = "en";
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  const json made = json::parse(good({"code", "--json"}));
  EXPECT_EQ(made.at("role"), "member");
  chain.startBridge();
  chain.waitForLink();
  EXPECT_THAT(chain.ask("alice", made.at("code").get<std::string>()), HasSubstr("member")) << "a stranger's bare code";
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
}

TEST_F(BridgeCommandsTest, WhatIsKeptOfAPersonCanBeGivenAndErased) {
  chain.startAll();
  EXPECT_EQ(chain.ask("alice", "my secret"), "my secret");
  EXPECT_EQ(chain.ask("bob", "of bob"), "of bob");
  const json all = json::parse(good({"user", "list", "--json"}));
  ASSERT_EQ(all.size(), 2u);
  const std::string alice = all[0].at("user");
  // The answer's row is finished a moment after the simulator has it.
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("sent") == 2; }));
  const std::string exported = good({"user", "export", alice});
  EXPECT_THAT(exported, AllOf(HasSubstr("my secret"), Not(HasSubstr("of bob"))));
  EXPECT_THAT(good({"user", "erase", alice}), HasSubstr("erased 2 messages"));
  EXPECT_EQ(good({"user", "export", alice}), "");
  chain.stopBridge();
  EXPECT_THAT(chain.folder.read("bridge/bridge.db"), Not(HasSubstr("my secret")));
}

TEST_F(BridgeCommandsTest, ABlockedPersonIsNotAnswered) {
  chain.startAll();
  EXPECT_EQ(chain.ask("alice", "one"), "one");
  const std::string alice = aliceId();
  EXPECT_THAT(good({"user", "block", alice}), HasSubstr("blocked"));
  const std::string silent = chain.send("alice", "two");
  EXPECT_EQ(chain.ask("bob", "three"), "three");
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("lanes").at("backlog") == 0; }));
  EXPECT_TRUE(chain.event(silent).at("answers").empty());
  good({"user", "unpair", alice});
  EXPECT_EQ(chain.ask("alice", "four"), "four");
}

TEST_F(BridgeCommandsTest, WrongWordsAreRefused) {
  EXPECT_EQ(chain.bridgeCommand({"code", "--role", "king"}).status.code, 64);
  EXPECT_EQ(chain.bridgeCommand({"code", "--life", "1s"}).status.code, 64);
  EXPECT_EQ(chain.bridgeCommand({"code", "--channel", "shop"}).status.code, 64);
  EXPECT_EQ(chain.bridgeCommand({"user", "erase", "alice"}).status.code, 64);
  EXPECT_EQ(chain.bridgeCommand({"users"}).status.code, 64);
  EXPECT_THAT(good({"project", "set", "garden", "--prompt", "You know plants."}), HasSubstr("/project garden"));
  EXPECT_THAT(good({"project", "list"}), HasSubstr("garden"));
}

}  // namespace
}  // namespace tsunagi::test
