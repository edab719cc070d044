// The relay's operator is told of what needs a hand, once per cause, unit and day.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/service/RelayBench.h"
#include "tests/service/RelayLinkPeer.h"
#include "tests/support/PostCatcher.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RelayNotifyTest : public testing::Test, protected RelayBench {
 protected:
  void SetUp() override {
    folder.write("notify-url", catcher.url("/hooks/canary-77"), 0600);
    ini["notify"]["url_file"] = folder.file("notify-url");
  }
  nlohmann::json notice(size_t number) { return nlohmann::json::parse(catcher.awaitPost(number).body); }
  void stop() {
    ASSERT_EQ(relay->stop().code, 0);
    EXPECT_THAT(relay->standardError(), Not(HasSubstr("canary")));
  }
  PostCatcher catcher;
};

TEST_F(RelayNotifyTest, AFullBacklogOncePerUnitAlsoAfterARestart) {
  ini["limits"]["backlog_events"] = "1";
  start();
  const std::string unit = addUnit().at("unit"), other = addUnit().at("unit");
  EXPECT_EQ(webhook(unit, "{}").status, 200);
  EXPECT_EQ(webhook(unit, "{}").status, 503);
  EXPECT_EQ(notice(1).at("cause"), "backlog_full");
  EXPECT_EQ(notice(1).at("about"), unit);
  EXPECT_EQ(notice(1).at("program"), "tsunagi-relay");
  stop();
  start();
  EXPECT_EQ(webhook(unit, "{}").status, 503);
  EXPECT_EQ(webhook(other, "{}").status, 200);
  EXPECT_EQ(webhook(other, "{}").status, 503);
  EXPECT_EQ(notice(2).at("about"), other);
  stop();
  EXPECT_EQ(catcher.posts().size(), 2u);
}

TEST_F(RelayNotifyTest, ADeadLetter) {
  start();
  const nlohmann::json added = addUnit();
  const std::string unit = added.at("unit");
  link::LinkOptions options;
  options.url = "ws://" + listener + "/gmk";
  options.unit = unit;
  options.token = SecretString(added.at("token").get<std::string>());
  RelayLinkPeer bridge(options);
  EXPECT_EQ(webhook(unit, "unreadable").status, 200);
  const auto told = notice(1);
  EXPECT_EQ(told.at("cause"), "events_buried");
  EXPECT_THAT(told.at("text").get<std::string>(), HasSubstr("goes to the dead letters: unparsable"));
}

TEST_F(RelayNotifyTest, TooLittleSpaceOnTheDisk) {
  start();
  const std::string unit = addUnit().at("unit");
  ini["limits"]["min_free"] = "1000000GiB";
  writeIni();
  relay->signal(SIGHUP);
  EXPECT_EQ(notice(1).at("cause"), "store");
  EXPECT_EQ(webhook(unit, "{}").status, 503);
}

TEST_F(RelayNotifyTest, TheAddressChangesAtOnceAndAWrongOneIsToldWithoutIt) {
  ini["notify"].clear();
  ini["limits"]["backlog_events"] = "1";
  start();
  const std::string unit = addUnit().at("unit");
  EXPECT_EQ(webhook(unit, "{}").status, 200);
  EXPECT_EQ(webhook(unit, "{}").status, 503);
  ini["notify"]["url"] = "http://example.com/canary-88";
  writeIni();
  relay->signal(SIGHUP);
  EXPECT_THAT(relay->waitForLine("[notify] url"), HasSubstr("must be https://"));
  ini["notify"]["url"] = catcher.url("/canary-99");
  ini["notify"]["format"] = "slack";
  writeIni();
  relay->signal(SIGHUP);
  EXPECT_THAT(notice(1).at("text").get<std::string>(), AllOf(HasSubstr("*tsunagi-relay on "), HasSubstr(unit)));
  stop();
}

}  // namespace
}  // namespace tsunagi::test
