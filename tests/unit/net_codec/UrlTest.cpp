#include "net/Url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tsunagi::net::test {
namespace {

using namespace std::string_literals;

TEST(Url, ReadsItsParts) {
  const auto url = Url::parse("WSS://Relay.Example:8443/gmk/unit/ws?x=%20");
  ASSERT_TRUE(url.ok()) << url.error();
  EXPECT_EQ(url->scheme, "wss");
  EXPECT_EQ(url->host, "relay.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/gmk/unit/ws?x=%20");
  EXPECT_TRUE(url->tls());
  EXPECT_EQ(url->authority(), "relay.example:8443");
  EXPECT_EQ(url->withTarget("/other"), "wss://relay.example:8443/other");
}

TEST(Url, FillsInPortAndPath) {
  for (const auto& [text, port] : {std::pair{"http://a", 80}, {"https://a", 443}, {"ws://a", 80}, {"wss://a", 443}}) {
    const auto url = Url::parse(text);
    ASSERT_TRUE(url.ok()) << text;
    EXPECT_EQ(url->port, port);
    EXPECT_EQ(url->target, "/");
    EXPECT_EQ(url->authority(), "a");
  }
  EXPECT_EQ(Url::parse("http://a?b=c")->target, "/?b=c");
  EXPECT_EQ(Url::parse("http://[::1]:8080/x")->host, "::1");
  EXPECT_EQ(Url::parse("http://[::1]:8080/x")->authority(), "[::1]:8080");
  EXPECT_EQ(Url::parse("http://[::1]")->authority(), "[::1]");
  EXPECT_EQ(Url::parse("http://a.")->host, "a.");
}

TEST(Url, RefusesWhatIsNotPlain) {
  for (const char* text : {"",
                           "a.example",
                           "/path",
                           "ftp://a/",
                           "file:///etc/passwd",
                           "http:/a",
                           "http://",
                           "http:///path",
                           "http://u@a/",
                           "http://u:p@a/",
                           "http://a:0/",
                           "http://a:65536/",
                           "http://a:/",
                           "http://a:-1/",
                           "http://a:+1/",
                           "http://a:8o/",
                           "http://a b/",
                           "http://a/b c",
                           "http://a/\t",
                           "http://a/\x7f",
                           "http://a/\xe3\x81\x82",
                           "http://a/#b",
                           "http://a#b",
                           "http://a/%",
                           "http://a/%4",
                           "http://a/%zz",
                           "http://a\\b/",
                           "http://[::1/",
                           "http://[::g]/",
                           "http://[::1]x/",
                           "http://[fe80::1%25eth0]/",
                           "http://::1/",
                           "http://a..b/",
                           "http://.a/",
                           "http://127.1/",
                           "http://0x7f000001/",
                           "http://0x7f.1/",
                           "http://2130706433/",
                           "http://0177.0.0.1/",
                           "http://1.2.3.4.5/",
                           "http://256.1.1.1/",
                           "http://127.0.0.1./",
                           "http://a%41/",
                           "http://\xe3\x81\x82/"})
    EXPECT_FALSE(Url::parse(text).ok()) << text;
  EXPECT_FALSE(Url::parse("http://a/\0"s).ok());
  EXPECT_FALSE(Url::parse("http://a\0b/"s).ok());
  EXPECT_FALSE(Url::parse("http://" + std::string(254, 'a') + "/").ok());
  EXPECT_FALSE(Url::parse("http://" + std::string(64, 'a') + ".example/").ok());
}

TEST(Url, AnErrorNeverRepeatsTheText) {
  const auto url = Url::parse("https://user:hunter2@host/");
  ASSERT_FALSE(url.ok());
  EXPECT_THAT(url.error(), testing::Not(testing::HasSubstr("hunter2")));
}

TEST(Url, KnowsLoopbackByItsText) {
  for (const char* text :
       {"http://localhost", "http://LOCALHOST:1", "http://127.0.0.1", "http://127.9.9.9", "http://[::1]"})
    EXPECT_TRUE(Url::parse(text)->isLoopback()) << text;
  for (const char* text : {"http://128.0.0.1", "http://[::2]", "http://localhost.example", "http://a"})
    EXPECT_FALSE(Url::parse(text)->isLoopback()) << text;
}

TEST(ListenAddress, ReadsEachForm) {
  EXPECT_EQ(ListenAddress::parse("127.0.0.1:8080")->text(), "127.0.0.1:8080");
  EXPECT_EQ(ListenAddress::parse("[::1]:0")->text(), "[::1]:0");
  EXPECT_EQ(ListenAddress::parse("localhost:1")->host, "127.0.0.1");
  EXPECT_EQ(ListenAddress::parse("unix:/run/a.sock")->unixPath, "/run/a.sock");
  EXPECT_TRUE(ListenAddress::parse("unix:/run/a.sock")->isUnix());
  EXPECT_TRUE(ListenAddress::parse("127.0.0.1:1")->isLoopback());
  EXPECT_FALSE(ListenAddress::parse("0.0.0.0:1")->isLoopback());
  EXPECT_FALSE(ListenAddress::parse("[::]:1")->isLoopback());
}

TEST(ListenAddress, SaysWhatIsWrong) {
  for (const char* text : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80",
                           "[::1]", "[::1:80", "host.example:80", "*:80", "unix:", "unix:relative", "127.0.0.1:8 0"}) {
    const auto address = ListenAddress::parse(text);
    EXPECT_FALSE(address.ok()) << text;
    if (!address.ok()) {
      EXPECT_THAT(address.error(), testing::HasSubstr("127.0.0.1:8080")) << text;
    }
  }
  EXPECT_FALSE(ListenAddress::parse("unix:/" + std::string(107, 'a')).ok());
  EXPECT_TRUE(ListenAddress::parse("unix:/" + std::string(106, 'a')).ok());
}

}  // namespace
}  // namespace tsunagi::net::test
