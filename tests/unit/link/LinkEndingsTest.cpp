#include "link/LinkEndings.h"

#include <gtest/gtest.h>

using namespace tsunagi;
using namespace tsunagi::link;
using Ending = ReconnectPolicy::Ending;
using Trouble = LinkState::Trouble;

namespace {

constexpr int64_t NOW = 1'790'000'000'000;

net::WebSocketRefusal http(int status, int64_t retryAfterMs = 0) {
  return {net::WebSocketRefusal::Kind::Http, status, retryAfterMs, ""};
}

TEST(LinkEndings, StatusesBeforeTheUpgrade) {
  EXPECT_EQ(judgeRefusal(http(401), NOW).ending, Ending::Refused);
  EXPECT_EQ(judgeRefusal(http(403), NOW).ending, Ending::Refused);
  EXPECT_EQ(judgeRefusal(http(404), NOW).ending, Ending::Incompatible);
  EXPECT_EQ(judgeRefusal(http(426), NOW).ending, Ending::Incompatible);
  EXPECT_EQ(judgeRefusal(http(429, 7'000), NOW).askedMs, 7'000);
  EXPECT_EQ(judgeRefusal(http(503), NOW).ending, Ending::Overloaded);
  EXPECT_EQ(judgeRefusal(http(502), NOW).ending, Ending::Failed);
}

TEST(LinkEndings, ACertificateOutOfTimeNamesTheClock) {
  net::WebSocketRefusal expired{net::WebSocketRefusal::Kind::Tls, 0, 0, "certificate has expired"};
  EXPECT_NE(judgeRefusal(expired, NOW).detail.find("this machine's clock says 2026-09-21"), std::string::npos);
  net::WebSocketRefusal name{net::WebSocketRefusal::Kind::Tls, 0, 0, "hostname mismatch"};
  EXPECT_EQ(judgeRefusal(name, NOW).detail.find("clock"), std::string::npos);
  EXPECT_NE(judgeRefusal(name, 86'400'000).detail.find("set the clock"), std::string::npos);
}

TEST(LinkEndings, CloseCodes) {
  EXPECT_EQ(judgeClose(4409, "", false, true).ending, Ending::Replaced);
  EXPECT_EQ(judgeClose(4409, "", false, true).trouble, Trouble::Replaced);
  EXPECT_EQ(judgeClose(4401, "", false, true).ending, Ending::Refused);
  EXPECT_EQ(judgeClose(4403, "", false, true).ending, Ending::Refused);
  EXPECT_EQ(judgeClose(4429, "", false, true).ending, Ending::Overloaded);
  EXPECT_EQ(judgeClose(1012, "", false, false).ending, Ending::Healthy);
  EXPECT_EQ(judgeClose(4400, "", false, true).ending, Ending::Failed);
  EXPECT_EQ(judgeClose(1006, "", false, true).ending, Ending::Healthy);
  EXPECT_EQ(judgeClose(1006, "", false, false).ending, Ending::Failed);
  EXPECT_EQ(judgeClose(1002, "", true, false).ending, Ending::Incompatible);
  EXPECT_EQ(judgeClose(4400, "x", true, true).trouble, Trouble::Protocol);
}

TEST(LinkEndings, WordsFromTheRelayAreEscaped) {
  EXPECT_EQ(judgeClose(1000, "a\x1b[2Jb", false, true).detail.find('\x1b'), std::string::npos);
}

TEST(LinkEndings, TheUnitsSocket) {
  auto url = unitSocketUrl("wss://relay.example.org/home/", "abc234");
  ASSERT_TRUE(url.ok()) << url.error();
  EXPECT_EQ(url->target, "/home/abc234/ws");
  EXPECT_EQ(url->port, 443);
  EXPECT_TRUE(unitSocketUrl("ws://127.0.0.1:8080/home", "abc").ok());
  for (const char* bad : {"ws://relay.example.org/home", "https://relay.example.org/home", "wss://relay.example.org",
                          "wss://relay.example.org/home?x=1", "relay", ""}) {
    EXPECT_FALSE(unitSocketUrl(bad, "abc").ok()) << bad;
  }
  EXPECT_FALSE(unitSocketUrl("wss://relay.example.org/home", "a/b").ok());
  EXPECT_FALSE(unitSocketUrl("wss://relay.example.org/home", "").ok());
}

TEST(LinkEndings, AnotherRelayMustBeKnown) {
  auto socket = unitSocketUrl("wss://relay.example.org/home", "abc");
  ASSERT_TRUE(socket.ok());
  auto same = allowedAlternative("wss://relay.example.org:8443/", *socket, {});
  ASSERT_TRUE(same);
  EXPECT_EQ(same->port, 8443);
  EXPECT_EQ(same->target, "/home/abc/ws");
  EXPECT_FALSE(allowedAlternative("wss://evil.example/", *socket, {}));
  EXPECT_TRUE(allowedAlternative("wss://b.example.org/", *socket, {"b.example.org"}));
  EXPECT_FALSE(allowedAlternative("ws://relay.example.org/", *socket, {}));
  EXPECT_FALSE(allowedAlternative("nonsense", *socket, {}));
}

}  // namespace
