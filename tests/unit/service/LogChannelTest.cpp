#include "service/LogChannel.h"

#include <Poco/AutoPtr.h>
#include <Poco/Message.h>
#include <Poco/Timestamp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/TempFolder.h"

namespace tsunagi::service {
namespace {

Poco::Message message(const std::string& text) {
  Poco::Message result("relay.edge", text, Poco::Message::PRIO_WARNING);
  result.setTime(Poco::Timestamp(1'795'327'800'123'456));
  return result;
}

TEST(LogChannel, plainLines) {
  Poco::AutoPtr<LogChannel> channel(new LogChannel);
  EXPECT_EQ(channel->line(message("hello")), "2026-11-22T06:10:00.123Z warning relay.edge: hello\n");
}

TEST(LogChannel, oneMessageIsOneLine) {
  Poco::AutoPtr<LogChannel> channel(new LogChannel);
  EXPECT_EQ(channel->line(message("a\nfatal x: b\x1b[2J\xff C:\\d")),
            "2026-11-22T06:10:00.123Z warning relay.edge: a\\u{a}fatal x: b\\u{1b}[2J\\xff C:\\d\n");
  EXPECT_LT(channel->line(message(std::string(100'000, 'x'))).size(), 5000u);
}

TEST(LogChannel, jsonLines) {
  Poco::AutoPtr<LogChannel> channel(new LogChannel);
  channel->setLogFormat(LogFormat::json);
  EXPECT_EQ(channel->line(message("say \"hi\"\n")),
            "{\"time\":\"2026-11-22T06:10:00.123Z\",\"level\":\"warning\",\"logger\":\"relay.edge\","
            "\"text\":\"say \\\"hi\\\"\\\\u{a}\"}\n");
}

TEST(LogChannel, journalLinesCarryTheirPriority) {
  struct stat info {};
  ASSERT_EQ(::fstat(2, &info), 0);
  ::setenv("JOURNAL_STREAM", (std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino)).c_str(), 1);
  Poco::AutoPtr<LogChannel> channel(new LogChannel);
  ::setenv("JOURNAL_STREAM", "1:1", 1);
  Poco::AutoPtr<LogChannel> redirected(new LogChannel);
  ::unsetenv("JOURNAL_STREAM");
  EXPECT_EQ(channel->line(message("hello")), "<4>relay.edge: hello\n");
  EXPECT_THAT(redirected->line(message("hello")), testing::StartsWith("2026"));
}

TEST(LogChannel, aFileIsOpenedAnew) {
  const test::TempFolder folder;
  Poco::AutoPtr<LogChannel> channel(new LogChannel);
  ASSERT_TRUE(channel->setLogFile(folder.file("log")).ok());
  channel->log(message("one"));
  ASSERT_EQ(std::rename(folder.file("log").c_str(), folder.file("log.1").c_str()), 0);
  channel->log(message("two"));
  ASSERT_TRUE(channel->setLogFile(folder.file("log")).ok());
  channel->log(message("three"));
  EXPECT_FALSE(channel->setLogFile(folder.file("none/log")).ok());
  channel->log(message("four"));
  EXPECT_THAT(folder.read("log.1"), testing::AllOf(testing::HasSubstr("one"), testing::HasSubstr("two")));
  EXPECT_THAT(folder.read("log"), testing::AllOf(testing::HasSubstr("three"), testing::HasSubstr("four")));
}

}  // namespace
}  // namespace tsunagi::service
