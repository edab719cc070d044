#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "ScriptServer.h"
#include "net/BlockingWait.h"
#include "net/HttpClient.h"
#include "tests/support/Eventually.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::net::test {
namespace {

using Outcome = HttpResult::Outcome;
using testing::HasSubstr;

constexpr int64_t LONG_MS = 60'000;
constexpr int64_t SHORT_MS = 50;

// Limits so long that only the token, or the limit a test shortens, can end the call.
HttpCall callTo(const std::string& url) {
  HttpCall call;
  call.url = Url::parse(url).value();
  call.connectMs = LONG_MS;
  call.idleMs = LONG_MS;
  call.totalMs = LONG_MS;
  return call;
}

void expectCancelled(const HttpResult& result, bool sent) {
  EXPECT_EQ(result.outcome, Outcome::Cancelled) << result.error;
  EXPECT_EQ(result.sent, sent);
  EXPECT_LT(result.elapsedMs, LONG_MS / 2);
}

TEST(HttpClientCancel, BeforeTheCall) {
  CancelToken token;
  token.cancel();
  token.cancel();
  EXPECT_TRUE(token.isCancelled());
  HttpCall call = callTo("http://127.0.0.1:1/");
  call.cancel = &token;
  expectCancelled(HttpClient(nullptr).perform(call), false);
}

TEST(HttpClientCancel, DuringTheNameLookup) {
  // The look-up's thread outlives the call, so it shares the token.
  const auto token = std::make_shared<CancelToken>();
  auto release = std::make_shared<std::promise<void>>();
  const std::shared_future<void> released = release->get_future().share();
  const HttpClient client(nullptr, [token, released](const std::string&) -> Result<std::vector<std::string>> {
    token->cancel();
    released.wait();  // longer than the call lives
    return std::vector<std::string>{"127.0.0.1"};
  });
  HttpCall call = callTo("http://slow.example/");
  call.cancel = token.get();
  expectCancelled(client.perform(call), false);
  release->set_value();
}

TEST(HttpClientCancel, DuringTheConnect) {
  CancelToken token;
  std::vector<UniqueFd> fillers;
  const UniqueFd hanging = fullListener("127.0.0.1", 0, fillers);
  const uint16_t port = portOf(hanging.get());
  const int before = connectingTo(port);
  HttpCall call = callTo("http://127.0.0.1:" + std::to_string(port) + "/");
  call.cancel = &token;
  std::thread canceller([&] {
    EXPECT_TRUE(tsunagi::test::eventually([&] { return connectingTo(port) > before; }));
    token.cancel();
  });
  expectCancelled(HttpClient(nullptr).perform(call), false);
  canceller.join();
}

TEST(HttpClientCancel, DuringTheTlsHandshake) {
  CancelToken token;
  const auto tls = TlsContext::makeClient({});
  ASSERT_TRUE(tls.ok()) << tls.error();
  ScriptServer server([&](Peer& peer) {
    EXPECT_FALSE(peer.read().empty());  // the client's hello
    token.cancel();
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url("/", "https"));
  call.cancel = &token;
  expectCancelled(HttpClient(tls.value()).perform(call), false);
}

TEST(HttpClientCancel, WhileSending) {
  CancelToken token;
  ScriptServer server([&](Peer& peer) {
    EXPECT_FALSE(peer.read().empty());
    token.cancel();
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.method = "POST";
  call.body.assign(16 * 1024 * 1024, 'x');  // more than both sockets hold
  call.cancel = &token;
  expectCancelled(HttpClient(nullptr).perform(call), true);
}

TEST(HttpClientCancel, WhileWaitingForTheAnswer) {
  CancelToken token;
  ScriptServer server([&](Peer& peer) {
    peer.readRequest();
    token.cancel();
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.cancel = &token;
  expectCancelled(HttpClient(nullptr).perform(call), true);
}

TEST(HttpClientCancel, WithinTheHead) {
  CancelToken token;
  ScriptServer server([&](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nX-Half");
    token.cancel();
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.cancel = &token;
  expectCancelled(HttpClient(nullptr).perform(call), true);
}

TEST(HttpClientCancel, WithinTheBodyFromItsOwnCallback) {
  CancelToken token;
  ScriptServer server([&](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome");
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.cancel = &token;
  call.onBody = [&](std::string_view) {
    token.cancel();
    return true;
  };
  const HttpResult result = HttpClient(nullptr).perform(call);
  expectCancelled(result, true);
  EXPECT_EQ(result.status, 200);
}

TEST(HttpClientCancel, OneTokenEndsManyCalls) {
  CancelToken token;
  std::atomic<int> waiting{0};
  const auto silent = [&](Peer& peer) {
    peer.readRequest();
    if (++waiting == 3) token.cancel();
    EXPECT_TRUE(peer.waitClosed());
  };
  ScriptServer one(silent), two(silent), three(silent);
  std::vector<std::thread> callers;
  for (ScriptServer* server : {&one, &two, &three})
    callers.emplace_back([&token, server] {
      HttpCall call = callTo(server->url());
      call.cancel = &token;
      expectCancelled(HttpClient(nullptr).perform(call), true);
    });
  for (std::thread& caller : callers) caller.join();
}

void expectTimeout(const HttpResult& result, Outcome outcome, const std::string& word) {
  EXPECT_EQ(result.outcome, outcome) << result.error;
  EXPECT_EQ(result.sent, outcome == Outcome::Ambiguous);
  EXPECT_THAT(result.error, HasSubstr(word));
  EXPECT_GE(result.elapsedMs, SHORT_MS);
  EXPECT_LT(result.elapsedMs, LONG_MS / 2);
}

TEST(HttpClientDeadline, OfTheNameLookup) {
  auto release = std::make_shared<std::promise<void>>();
  const std::shared_future<void> released = release->get_future().share();
  const HttpClient client(nullptr, [released](const std::string&) -> Result<std::vector<std::string>> {
    released.wait();
    return std::vector<std::string>{"127.0.0.1"};
  });
  HttpCall call = callTo("http://slow.example/");
  call.connectMs = SHORT_MS;
  expectTimeout(client.perform(call), Outcome::NotSent, "looking up");
  release->set_value();
}

TEST(HttpClientDeadline, OfTheConnect) {
  std::vector<UniqueFd> fillers;
  const UniqueFd hanging = fullListener("127.0.0.1", 0, fillers);
  HttpCall call = callTo("http://127.0.0.1:" + std::to_string(portOf(hanging.get())) + "/");
  call.connectMs = SHORT_MS;
  expectTimeout(HttpClient(nullptr).perform(call), Outcome::NotSent, "cannot connect in time");
}

TEST(HttpClientDeadline, OfTheHandshake) {
  const auto tls = TlsContext::makeClient({});
  ASSERT_TRUE(tls.ok()) << tls.error();
  ScriptServer server([](Peer& peer) { EXPECT_TRUE(peer.waitClosed()); });
  HttpCall call = callTo(server.url("/", "https"));
  call.connectMs = SHORT_MS;
  expectTimeout(HttpClient(tls.value()).perform(call), Outcome::NotSent, "TLS handshake");
}

TEST(HttpClientDeadline, OfSilence) {
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.idleMs = SHORT_MS;
  expectTimeout(HttpClient(nullptr).perform(call), Outcome::Ambiguous, "timed out waiting for an answer");
}

TEST(HttpClientDeadline, OfSilenceWithinABody) {
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.idleMs = SHORT_MS;
  expectTimeout(HttpClient(nullptr).perform(call), Outcome::Ambiguous, "timed out");
}

TEST(HttpClientDeadline, OfTheWholeCallWhileBytesDrip) {
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (!peer.closedWithin(5) && peer.send("x")) {
    }
  });
  HttpCall call = callTo(server.url());
  call.totalMs = 4 * SHORT_MS;
  expectTimeout(HttpClient(nullptr).perform(call), Outcome::Ambiguous, "total limit");
}

TEST(HttpClientDeadline, OfTheWholeCallWhileBytesFlood) {
  // Never a moment without a byte to read: the limit must be looked at between reads too.
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string block(64 * 1024, 'x');
    while (peer.send(block)) {
    }
  });
  HttpCall call = callTo(server.url());
  call.totalMs = 2 * SHORT_MS;
  call.maxBody = uint64_t{1} << 50;
  call.onBody = [](std::string_view) { return true; };
  expectTimeout(HttpClient(nullptr).perform(call), Outcome::Ambiguous, "total limit");
}

TEST(HttpClientDeadline, OfAUnixSocketWhoseQueueIsFull) {
  const tsunagi::test::TempFolder folder;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  ScriptServer server([released](Peer&) { released.wait(); }, folder.file("s"), nullptr);
  HttpCall call;
  call.unixPath = folder.file("s");
  call.connectMs = SHORT_MS;
  call.idleMs = SHORT_MS;
  call.totalMs = LONG_MS;
  // The first is served and hangs, the next ones fill the queue; each ends by its idle limit until none fits any more.
  HttpResult result;
  for (int i = 0; i < 40 && result.error.find("queue is full") == std::string::npos; ++i)
    result = HttpClient(nullptr).perform(call);
  EXPECT_EQ(result.outcome, Outcome::NotSent);
  EXPECT_THAT(result.error, HasSubstr("queue is full"));
  release.set_value();
}

TEST(NameLookup, TooManyThatHangAreRefused) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const NameLookup::Resolver hanging = [released](const std::string&) -> Result<std::vector<std::string>> {
    released.wait();
    return std::vector<std::string>{"127.0.0.1"};
  };
  std::vector<std::unique_ptr<NameLookup>> lookups;
  // Threads of other tests may still be on their way out, so the count is reached at the latest.
  std::string refusal;
  for (int i = 0; i <= NameLookup::MAX_RUNNING && refusal.empty(); ++i) {
    auto lookup = NameLookup::start("slow.example", hanging);
    if (lookup)
      lookups.push_back(std::move(lookup.value()));
    else
      refusal = lookup.error();
  }
  EXPECT_THAT(refusal, HasSubstr("DNS"));
  EXPECT_TRUE(NameLookup::start("127.0.0.1").ok());  // literals need no thread
  lookups.clear();                                   // given up; their threads still hang
  EXPECT_FALSE(NameLookup::start("slow.example", hanging).ok());
  release.set_value();
  EXPECT_TRUE(tsunagi::test::eventually([] {
    return NameLookup::start(
               "quick.example",
               [](const std::string&) -> Result<std::vector<std::string>> { return std::vector<std::string>{}; })
        .ok();
  }));
}

TEST(NameLookup, AddressFamiliesAlternate) {
  auto lookup = NameLookup::start("a.example", [](const std::string&) -> Result<std::vector<std::string>> {
    return std::vector<std::string>{"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1"};
  });
  ASSERT_TRUE(lookup.ok());
  pollfd entry{(*lookup)->readyFd(), POLLIN, 0};
  ASSERT_EQ(waitFor({&entry, 1}, waitNowMs() + LONG_MS, nullptr), WaitStatus::Ready);
  EXPECT_THAT((*lookup)->take().value(),
              testing::ElementsAre("2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"));
}

}  // namespace
}  // namespace tsunagi::net::test
