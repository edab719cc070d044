#include "net/HttpClient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "ScriptServer.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::net::test {
namespace {

using Outcome = HttpResult::Outcome;
using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

constexpr int64_t LONG_MS = 60'000;  // never reached when all is well

HttpCall callTo(const std::string& url) {
  HttpCall call;
  call.url = Url::parse(url).value();
  call.connectMs = LONG_MS;
  call.idleMs = LONG_MS;
  call.totalMs = LONG_MS;
  return call;
}

HttpResult perform(const HttpCall& call) { return HttpClient(nullptr).perform(call); }

// Answers every request with the same bytes and closes.
HttpResult answered(const std::string& bytes, const std::string& method = "GET") {
  ScriptServer server([&](Peer& peer) {
    peer.readRequest();
    peer.send(bytes);
  });
  HttpCall call = callTo(server.url());
  call.method = method;
  return perform(call);
}

TEST(HttpClient, SendsTheRequestAndReadsTheAnswer) {
  std::string seen;
  ScriptServer server([&](Peer& peer) {
    seen = peer.readRequest();
    peer.send("HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello");
    peer.waitClosed();  // the client does not wait for our end
  });
  HttpCall call = callTo(server.url("/path?q=1"));
  call.method = "POST";
  call.body = "the body\0\r\n"s;
  call.headers.add("Authorization", "Bearer x");
  call.headers.add("Accept-Encoding", "gzip");
  const HttpResult result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::Answered) << result.error;
  EXPECT_TRUE(result.sent);
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(result.headers.find("x-a"), "b");
  EXPECT_EQ(result.body, "hello");
  EXPECT_TRUE(result.error.empty());
  EXPECT_THAT(seen, testing::StartsWith("POST /path?q=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                                        "\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nAuthorization: Bearer x\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nAccept-Encoding: identity\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("gzip")));
  EXPECT_THAT(seen, testing::EndsWith("\r\n\r\nthe body\0\r\n"s));
}

TEST(HttpClient, ReadsEveryKindOfFraming) {
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").body, "abc");
  EXPECT_EQ(answered("HTTP/1.0 200 OK\r\n\r\nuntil close").body, "until close");
  EXPECT_EQ(answered("HTTP/1.1 204 No Content\r\n\r\n").outcome, Outcome::Answered);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD").outcome, Outcome::Answered);
}

TEST(HttpClient, TheEndOfChunksIsTheEnd) {
  // The server keeps the connection open: waiting for more would only end by a deadline.
  ScriptServer server([&](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
    EXPECT_TRUE(peer.waitClosed());
  });
  EXPECT_EQ(perform(callTo(server.url())).outcome, Outcome::Answered);
}

TEST(HttpClient, InterimAnswersAreNotTheAnswer) {
  const HttpResult result =
      answered("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.body, "ok");
  EXPECT_EQ(result.headers.count("Link"), 0u);
}

TEST(HttpClient, RedirectsAreNotFollowed) {
  const HttpResult result =
      answered("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(result.outcome, Outcome::Answered);
  EXPECT_EQ(result.status, 302);
}

TEST(HttpClient, ACutAnswerIsAmbiguous) {
  for (const char* bytes :
       {"", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
    const HttpResult result = answered(bytes);
    EXPECT_EQ(result.outcome, Outcome::Ambiguous) << bytes;
    EXPECT_TRUE(result.sent) << bytes;
    EXPECT_FALSE(result.error.empty()) << bytes;
    EXPECT_TRUE(result.body.empty()) << bytes;
  }
}

TEST(HttpClient, AConnectionClosedAtOnceIsAmbiguousOnceBytesLeft) {
  ScriptServer server([](Peer& peer) {
    peer.read();
    peer.reset();
  });
  const HttpResult result = perform(callTo(server.url()));
  EXPECT_EQ(result.outcome, Outcome::Ambiguous) << result.error;
  EXPECT_TRUE(result.sent);
  EXPECT_EQ(result.status, 0);
}

TEST(HttpClient, AResetWithinABodyThatEndsByCloseIsAmbiguous) {
  std::promise<void> arrived;
  ScriptServer server([&](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\n\r\npart");
    arrived.get_future().wait();
    peer.reset();
  });
  HttpCall call = callTo(server.url());
  call.onBody = [&](std::string_view) {
    arrived.set_value();
    return true;
  };
  EXPECT_EQ(perform(call).outcome, Outcome::Ambiguous);
}

TEST(HttpClient, AnAnswerBeforeTheWholeRequestIsHeard) {
  ScriptServer server([](Peer& peer) {
    peer.read();
    peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.method = "POST";
  call.body.assign(16 * 1024 * 1024, 'x');
  const HttpResult result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::Answered) << result.error;
  EXPECT_EQ(result.status, 413);
  EXPECT_EQ(result.body, "big");
}

TEST(HttpClient, StreamsTheBody) {
  std::promise<void> first;
  ScriptServer server([&](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    first.get_future().wait();  // the second piece goes only after the first was given to the caller
    peer.send("3\r\ntwo\r\n0\r\n\r\n");
  });
  HttpCall call = callTo(server.url());
  int headStatus = 0;
  std::string got;
  call.onHead = [&](int status, const HttpHeaders&) {
    headStatus = status;
    return true;
  };
  call.onBody = [&](std::string_view bytes) {
    EXPECT_EQ(headStatus, 200);
    if (got.empty()) first.set_value();
    got += bytes;
    return true;
  };
  const HttpResult result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::Answered) << result.error;
  EXPECT_EQ(got, "onetwo");
  EXPECT_TRUE(result.body.empty());
}

TEST(HttpClient, TheCallerMayStop) {
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.onHead = [](int, const HttpHeaders&) { return false; };
  EXPECT_EQ(perform(call).outcome, Outcome::Stopped);
  call.onHead = {};
  call.onBody = [](std::string_view) { return false; };
  const HttpResult result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::Stopped);
  EXPECT_EQ(result.status, 200);
}

TEST(HttpClient, TheBodyIsBounded) {
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x'));
    EXPECT_TRUE(peer.waitClosed());
  });
  HttpCall call = callTo(server.url());
  call.maxBody = 1000;
  const HttpResult result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::Ambiguous);
  EXPECT_THAT(result.error, HasSubstr("too large"));
}

TEST(HttpClient, SpeaksToUnixSockets) {
  const tsunagi::test::TempFolder folder;
  std::string seen;
  ScriptServer server(
      [&](Peer& peer) {
        seen = peer.readRequest();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      },
      folder.file("s"), nullptr);
  HttpCall call;
  call.unixPath = folder.file("s");
  call.url.target = "/units";
  const HttpResult result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::Answered) << result.error;
  EXPECT_EQ(result.body, "ok");
  EXPECT_THAT(seen, HasSubstr("\r\nHost: localhost\r\n"));
  EXPECT_THAT(seen, testing::StartsWith("GET /units HTTP/1.1\r\n"));

  call.unixPath = folder.file("missing");
  const HttpResult missing = perform(call);
  EXPECT_EQ(missing.outcome, Outcome::NotSent);
  EXPECT_THAT(missing.error, HasSubstr("No such file"));
}

TEST(HttpClient, WhatNeverLeftIsNotSent) {
  const UniqueFd closed = boundSocket("127.0.0.1", 0);
  HttpCall call = callTo("http://127.0.0.1:" + std::to_string(portOf(closed.get())) + "/secret-path");
  HttpResult result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::NotSent);
  EXPECT_FALSE(result.sent);
  EXPECT_THAT(result.error, HasSubstr("Connection refused"));
  EXPECT_THAT(result.error, Not(HasSubstr("secret-path")));

  call = callTo("https://127.0.0.1:1/");
  result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::NotSent);
  EXPECT_THAT(result.error, HasSubstr("TLS"));

  call = callTo("http://127.0.0.1:1/");
  call.headers.add("X-Secret", "value\r\nInjected: yes");
  result = perform(call);
  EXPECT_EQ(result.outcome, Outcome::NotSent);
  EXPECT_THAT(result.error, Not(HasSubstr("value")));
}

TEST(HttpClient, TriesEveryAddress) {
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const HttpClient client(nullptr, [](const std::string& host) -> Result<std::vector<std::string>> {
    EXPECT_EQ(host, "two.example");
    return std::vector<std::string>{"127.0.0.2", "127.0.0.1"};  // nobody listens on the first
  });
  const HttpResult result = client.perform(callTo(server.url("/", "http", "two.example")));
  EXPECT_EQ(result.outcome, Outcome::Answered) << result.error;
}

TEST(HttpClient, AnAddressThatHangsDoesNotHoldTheNextOne) {
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  std::vector<UniqueFd> fillers;
  const UniqueFd hanging = fullListener("127.0.0.2", server.port(), fillers);
  const HttpClient client(nullptr, [](const std::string&) -> Result<std::vector<std::string>> {
    return std::vector<std::string>{"127.0.0.2", "127.0.0.1"};
  });
  EXPECT_EQ(client.perform(callTo(server.url("/", "http", "two.example"))).outcome, Outcome::Answered);
}

TEST(HttpClient, ANameThatIsNotFoundIsNotSent) {
  const HttpClient failing(
      nullptr, [](const std::string&) -> Result<std::vector<std::string>> { return Error{"no such name"}; });
  HttpResult result = failing.perform(callTo("http://gone.example/"));
  EXPECT_EQ(result.outcome, Outcome::NotSent);
  EXPECT_THAT(result.error, HasSubstr("no such name"));
  const HttpClient empty(
      nullptr, [](const std::string&) -> Result<std::vector<std::string>> { return std::vector<std::string>{}; });
  EXPECT_EQ(empty.perform(callTo("http://gone.example/")).outcome, Outcome::NotSent);
  const HttpClient throwing(nullptr, [](const std::string&) -> Result<std::vector<std::string>> {
    throw std::runtime_error("resolver broke");
  });
  EXPECT_EQ(throwing.perform(callTo("http://gone.example/")).outcome, Outcome::NotSent);
}

TEST(HttpClient, FindsLocalhostByItself) {
  ScriptServer server([](Peer& peer) {
    peer.readRequest();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  EXPECT_EQ(perform(callTo(server.url("/", "http", "localhost"))).outcome, Outcome::Answered);
}

}  // namespace
}  // namespace tsunagi::net::test
