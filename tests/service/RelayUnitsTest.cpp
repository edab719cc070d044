#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/service/RelayBench.h"
#include "tests/service/RelayLinkPeer.h"

namespace tsunagi::test {
namespace {

class RelayUnits : public ::testing::Test, protected RelayBench {};

TEST_F(RelayUnits, AreManagedWithAndWithoutARunningRelay) {
  // Without.
  const auto offline = addUnit();
  const std::string first = offline.at("unit");
  EXPECT_TRUE(offline.at("connected").is_null());
  EXPECT_EQ(json({"unit", "list"}).at("units").size(), 1u);
  // With: the relay knows what was added before, and what is added while it runs is there at once.
  start();
  EXPECT_EQ(webhook(first, "{}").status, 200);
  const std::string second = addUnit().at("unit");
  EXPECT_EQ(webhook(second, "{}").status, 200);
  EXPECT_EQ(json({"unit", "list"}).at("units").size(), 2u);
  EXPECT_EQ(json({"unit", "list", "--fleet", "other"}).at("units").size(), 0u);
  const auto removed = json({"unit", "remove", second, "--purge"});
  EXPECT_EQ(removed.at("pending"), 1);
  EXPECT_EQ(removed.at("dead"), 1);
  EXPECT_EQ(webhook(second, "{}").status, 404);
  EXPECT_EQ(relay->stop().code, 0);
  // Without again.
  EXPECT_EQ(json({"unit", "show", first}).at("pending"), 1);
  EXPECT_EQ(json({"unit", "remove", first}).at("pending"), 1);
  EXPECT_EQ(json({"unit", "list"}).at("units").size(), 0u);
}

TEST_F(RelayUnits, ANewWebhookUrlEndsTheOldOneAndLeavesLinkAndBacklog) {
  start();
  const auto added = addUnit();
  const std::string id = added.at("unit");
  link::LinkOptions options;
  options.url = "ws://" + listener + "/gmk";
  options.unit = id;
  options.token = SecretString(added.at("token").get<std::string>());
  RelayLinkPeer bridge(options);
  EXPECT_EQ(webhook(id, "1").status, 200);
  ASSERT_TRUE(bridge.awaitBodies(1));

  const auto moved = json({"unit", "readdress", id});
  EXPECT_EQ(moved.at("unit"), id);
  const std::string path = moved.at("webhook_path");
  EXPECT_NE(path, added.at("webhook_path"));
  EXPECT_EQ(moved.at("tokens"), added.at("tokens"));
  EXPECT_EQ(webhook(id, "2").status, 404);
  EXPECT_EQ(request("POST", listener, path, webhookHeaders(), "3").status, 200);
  ASSERT_TRUE(bridge.awaitBodies(2));
  EXPECT_EQ(bridge.bodies(), (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(bridge.welcomes(), 1);
  EXPECT_EQ(json({"unit", "show", id}).at("stored_total"), 2);
  EXPECT_NE(cli({"unit", "readdress", id}).output.find("/webhook"), std::string::npos);
}

TEST_F(RelayUnits, LimitsAreChangedOneByOne) {
  start();
  const std::string id = addUnit().at("unit");
  const auto limits = [](const nlohmann::json& unit) {
    return std::vector<uint64_t>{unit.at("backlog_events"), unit.at("backlog_bytes"), unit.at("requests_per_minute")};
  };
  EXPECT_EQ(limits(json({"unit", "limits", id, "--backlog-events", "1"})), (std::vector<uint64_t>{1, 0, 0}));
  EXPECT_EQ(webhook(id, "1").status, 200);
  EXPECT_EQ(webhook(id, "2").status, 503);
  EXPECT_EQ(limits(json({"unit", "limits", id, "--backlog-bytes", "1MiB", "--backlog-events", "2"})),
            (std::vector<uint64_t>{2, 1024 * 1024, 0}));
  EXPECT_EQ(webhook(id, "2").status, 200);
  EXPECT_EQ(limits(json({"unit", "limits", id, "--backlog-events", "0", "--requests-per-minute", "1"})),
            (std::vector<uint64_t>{0, 1024 * 1024, 1}));
  EXPECT_TRUE(eventually([&] { return webhook(id, "3").status == 429; })) << "two within one minute";
  EXPECT_NE(cli({"unit", "show", id}).output.find("requests per minute 1"), std::string::npos);
}

TEST_F(RelayUnits, ATokenIsShownOnceAndNeverAgain) {
  start();
  const auto added = addUnit();
  const std::string token = added.at("token");
  EXPECT_EQ(token.substr(0, 5), "tsgu_");
  const std::string unit = added.at("unit");
  for (const char* verb : {"show", "suspend", "resume"}) {
    const ProcessResult result = cli({"unit", verb, unit, "--json"});
    EXPECT_EQ(result.output.find("tsgu_"), std::string::npos) << verb;
  }
  EXPECT_EQ(cli({"unit", "list", "--json"}).output.find("tsgu_"), std::string::npos);
  EXPECT_NE(json({"unit", "rotate", unit}).at("token"), token);
  EXPECT_EQ(json({"unit", "show", unit}).at("tokens").size(), 2u);
  EXPECT_EQ(relay->standardError().find("tsgu_"), std::string::npos);
  EXPECT_EQ(json({"unit", "revoke", unit}).at("tokens").size(), 0u);
}

TEST_F(RelayUnits, ATokenFileIsPrivateAndNeverOverwritten) {
  const std::string file = folder.file("unit.token");
  const ProcessResult added = cli({"unit", "add", "--fleet", "gmk", "--token-file", file, "--json"});
  ASSERT_EQ(added.status.code, 0) << added.error;
  EXPECT_EQ(added.output.find("tsgu_"), std::string::npos);
  const std::string token = folder.read("unit.token");
  EXPECT_EQ(token.substr(0, 5), "tsgu_");
  EXPECT_EQ(token.back(), '\n');
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);

  const ProcessResult again = cli({"unit", "add", "--fleet", "gmk", "--token-file", file});
  EXPECT_EQ(again.status.code, 64);
  EXPECT_NE(again.error.find("is not overwritten"), std::string::npos) << again.error;
  EXPECT_EQ(folder.read("unit.token"), token);
  EXPECT_EQ(json({"unit", "list"}).at("units").size(), 1u) << "no unit without a place for its token";
  // A command that fails leaves no file behind.
  EXPECT_EQ(cli({"unit", "add", "--fleet", "NO GOOD", "--token-file", folder.file("other")}).status.code, 64);
  EXPECT_FALSE(folder.exists("other"));
}

TEST_F(RelayUnits, WholeUrlsArePrintedOnceThePublicUrlIsKnown) {
  EXPECT_TRUE(addUnit().at("webhook_url").is_null());
  ini["relay"]["public_url"] = "https://relay.example.com";
  const auto unit = addUnit();
  const std::string id = unit.at("unit");
  EXPECT_EQ(unit.at("webhook_url"), "https://relay.example.com/gmk/" + id + "/webhook");
  EXPECT_EQ(unit.at("link_url"), "wss://relay.example.com/gmk");
  const ProcessResult text = cli({"unit", "show", id});
  EXPECT_NE(text.output.find("https://relay.example.com/gmk/" + id + "/webhook"), std::string::npos) << text.output;
}

TEST_F(RelayUnits, BadCommandsGetOneClearLine) {
  start();
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"unit", "show", "nobody"}, "no such unit"},
      {{"unit", "show", "../etc"}, "is no unit id"},
      {{"unit", "show"}, "usage:"},
      {{"unit", "explode", "x"}, "unknown command"},
      {{"unit", "add", "--fleet", "a/b"}, "fleet"},
      {{"unit", "add", "--backlog-events", "-1"}, "--backlog-events"},
      {{"unit", "limits", "x"}, "name at least one"},
      {{"unit", "limits", "x", "--requests-per-minute", "1KiB"}, "--requests-per-minute"},
      {{"unit", "limits", "nobody", "--backlog-events", "5"}, "no such unit"},
      {{"unit", "rotate", "x", "--grace", "soon"}, "--grace"},
      {{"unit", "list", "--purge"}, "--purge"},
  };
  for (const auto& [words, expected] : cases) {
    const ProcessResult result = cli(words);
    EXPECT_EQ(result.status.code, 64) << words.back();
    EXPECT_NE(result.error.find(expected), std::string::npos) << result.error;
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
  }
}

TEST_F(RelayUnits, ASecondRelayOnTheSameFolderIsRefused) {
  start();
  const ProcessResult second = runProcess(programPath("tsunagi-relay"), {.arguments = {"--config", writeIni()}});
  EXPECT_EQ(second.status.code, 78);
  EXPECT_NE(second.error.find("is in use by process " + std::to_string(relay->pid())), std::string::npos)
      << second.error;
  EXPECT_TRUE(relay->running());
  EXPECT_EQ(addUnit().at("fleet"), "gmk") << "the first one still answers";
}

TEST_F(RelayUnits, TheControlSocketIsPrivateAndReplacedAfterAKill) {
  start();
  struct stat info {};
  ASSERT_EQ(::stat(folder.file("data/control.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  relay->kill9();
  EXPECT_TRUE(folder.exists("data/control.sock"));
  const std::string unit = addUnit().at("unit");  // nobody answers there: the file is opened instead
  start();
  EXPECT_EQ(json({"unit", "show", unit}).at("connected"), false);
}

}  // namespace
}  // namespace tsunagi::test
