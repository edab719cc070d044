// The HTTP server against peers that are hostile, broken or slow: real sockets, every byte as written here.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <Poco/Exception.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "net/EventLoop.h"
#include "net/HttpServer.h"
#include "tests/support/RawSocket.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {
namespace {

using namespace tsunagi::net;

constexpr const char* GOOD = "GET /good HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string post(const std::string& fields, const std::string& body, const std::string& path = "/post") {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body;
}

class HttpEdge : public ::testing::Test {
 protected:
  HttpEdge() { _options.allowedHosts = {"localhost", "127.0.0.1", "::1", "relay.example"}; }

  void start() {
    _first.start();
    _second.start();
    _server = std::make_unique<HttpServer>(std::vector<EventLoop*>{&_first, &_second}, _options);
    _server->route("GET", "/good", [this](HttpRequest, const PathParameters&, const HttpReply& reply) {
      ++_handled;
      reply.send(HttpResponse::text(200, "good"));
    });
    _server->route(
        "POST", "/post",
        [this](HttpRequest request, const PathParameters&, const HttpReply& reply) {
          ++_handled;
          reply.send(HttpResponse::text(200, std::move(request.body)));
        },
        {}, 4096);
    _server->route("POST", "/large", [](HttpRequest request, const PathParameters&, const HttpReply& reply) {
      reply.send(HttpResponse::text(200, std::to_string(request.body.size())));
    });
    _server->route("GET", "/item/{name}/part/{number}",
                   [](HttpRequest, const PathParameters& parameters, const HttpReply& reply) {
                     reply.send(HttpResponse::text(200, std::string(parameters[0]) + "+" + std::string(parameters[1])));
                   });
    _server->route("GET", "/std", [](HttpRequest, const PathParameters&, const HttpReply&) {
      throw std::runtime_error("handler fault");
    });
    _server->route("GET", "/poco", [](HttpRequest, const PathParameters&, const HttpReply&) {
      throw Poco::NotFoundException("handler fault");
    });
    _server->route("GET", "/silent", [](HttpRequest, const PathParameters&, const HttpReply&) {});
    _server->route("GET", "/badheader", [](HttpRequest, const PathParameters&, const HttpReply& reply) {
      HttpResponse response = HttpResponse::text(200, "x");
      response.headers.add("X-Injected", "a\r\nSet-Cookie: b");
      reply.send(std::move(response));
    });
    _server->route("GET", "/later/{n}", [this](HttpRequest, const PathParameters& parameters, const HttpReply& reply) {
      const std::lock_guard lock(_mutex);
      _later.emplace_back(std::string(parameters[0]), reply);
      _changed.notify_all();
    });
    _server->route("GET", "/big", [](HttpRequest, const PathParameters&, const HttpReply& reply) {
      reply.send(HttpResponse::text(200, std::string(256 * 1024, 'b')));
    });
    _server->route(
        "POST", "/checked",
        [this](HttpRequest, const PathParameters&, const HttpReply& reply) {
          ++_handled;
          reply.send(HttpResponse::text(200, "checked"));
        },
        [](const HttpRequest& head, const PathParameters&) -> std::optional<HttpResponse> {
          if (head.headers.find("X-Pass")) return std::nullopt;
          return HttpResponse::text(429, "no");
        });
    _server->routeUpgrade("/socket", [](const HttpRequest&, const PathParameters&) {
      return std::variant<HttpResponse, UpgradeAccept>(HttpResponse::text(401, "who are you"));
    });
    const auto bound = _server->listen(*ListenAddress::parse("127.0.0.1:0"));
    ASSERT_TRUE(bound.ok()) << bound.error();
    _port = bound->port;
  }

  void TearDown() override {
    _server.reset();
    _second.stop();
    _first.stop();
  }

  RawSocket connect() const { return RawSocket::connect(_port); }

  // Sends the bytes, expects the status and that the server closes behind it, answering nothing more.
  void expectRefused(const std::string& bytes, int status) {
    SCOPED_TRACE(bytes.substr(0, 200));
    const int before = _handled;
    RawSocket socket = connect();
    socket.send(bytes);
    // What stands behind a refused request must not be executed.
    socket.trySend(GOOD);
    const RawAnswer answer = socket.readAnswer();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(socket.readToEnd(), "");
    EXPECT_EQ(_handled, before);
  }

  // Waits for count requests of /later/{n} and gives them in their order of arrival.
  std::vector<std::pair<std::string, HttpReply>> takeLater(size_t count) {
    std::unique_lock lock(_mutex);
    EXPECT_TRUE(_changed.wait_for(lock, HANG_GUARD, [&] { return _later.size() >= count; }));
    return std::exchange(_later, {});
  }

  HttpServerOptions _options;
  EventLoop _first{"edge-0"}, _second{"edge-1"};
  std::unique_ptr<HttpServer> _server;
  uint16_t _port = 0;
  std::atomic<int> _handled{0};
  std::mutex _mutex;
  std::condition_variable _changed;
  std::vector<std::pair<std::string, HttpReply>> _later;
};

TEST_F(HttpEdge, RefusesEveryAmbiguousFraming) {
  start();
  expectRefused(post("Content-Length: 4\r\nContent-Length: 4\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: 4\r\nContent-Length: 5\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: -1\r\n", ""), 400);
  expectRefused(post("Content-Length: +4\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: 4, 4\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: 0x4\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: 99999999999999999999\r\n", "abcd"), 413);
  expectRefused(post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
  expectRefused(post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"), 400);
  expectRefused(post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400);
  expectRefused(post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501);
  expectRefused(post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400);
  expectRefused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
  expectRefused("POST /post HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
  expectRefused(post("", "abcd"), 411);
}

TEST_F(HttpEdge, RefusesBadChunks) {
  start();
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const char* body : {"zz\r\n", "-4\r\nabcd\r\n0\r\n\r\n", "+4\r\nabcd\r\n0\r\n\r\n", "0x4\r\nabcd\r\n0\r\n\r\n",
                           "\r\nabcd\r\n", "4\nabcd\n0\n\n", "4\r\nabcdef\r\n0\r\n\r\n", "ffffffffffffffffff\r\n"}) {
    SCOPED_TRACE(body);
    RawSocket socket = connect();
    socket.send(post(chunked, body));
    socket.trySend(GOOD);
    const RawAnswer answer = socket.readAnswer();
    EXPECT_TRUE(answer.status == 400 || answer.status == 413) << answer.status;
    EXPECT_EQ(socket.readToEnd(), "");
  }
  EXPECT_EQ(_handled, 0);
  expectRefused(post(chunked, "1001\r\n" + std::string(0x1001, 'a') + "\r\n0\r\n\r\n"), 413);
  RawSocket socket = connect();
  socket.send(post(chunked, "4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n"));
  EXPECT_EQ(socket.readAnswer().body, "abcdef");
}

TEST_F(HttpEdge, RefusesBadHeads) {
  start();
  expectRefused("GET /good HTTP/1.1\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.0\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: lo cal\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400);  // obs-fold
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: a\x01\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: a" + std::string(1, '\0') + "b\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: a\nY: b\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX : a\r\n\r\n", 400);
  expectRefused("GET /go\x7fod HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("G(T /good HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET  /good HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET http://localhost/good HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET good HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET /good HTTP/2.0\r\nHost: localhost\r\n\r\n", 505);
  expectRefused("GET /good\r\n\r\n", 400);
  expectRefused("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(17000, 'a') + "\r\n\r\n", 431);
  std::string many = "GET /good HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  expectRefused(many + "\r\n", 431);
  expectRefused(post("Expect: the-unexpected\r\nContent-Length: 1\r\n", "a"), 417);
}

TEST_F(HttpEdge, ServesOnlyAllowedHostsAndChecksBeforeRouting) {
  start();
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.2", "[::2]", "relay.example.", "a:80"}) {
    expectRefused(std::string("GET /good HTTP/1.1\r\nHost: ") + host + "\r\n\r\n", 421);
    expectRefused(std::string("GET /unknown HTTP/1.1\r\nHost: ") + host + "\r\n\r\n", 421);
  }
  for (const char* host : {"localhost", "LocalHost:8080", "127.0.0.1:1", "[::1]:80", "[::1]", "Relay.Example"}) {
    RawSocket socket = connect();
    socket.send(std::string("GET /good HTTP/1.1\r\nHost: ") + host + "\r\n\r\n");
    EXPECT_EQ(socket.readAnswer().status, 200) << host;
  }
}

TEST_F(HttpEdge, RoutesByPathAndMethod) {
  start();
  RawSocket socket = connect();
  const auto get = [&](const std::string& method, const std::string& path) {
    socket.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return socket.readAnswer();
  };
  EXPECT_EQ(get("GET", "/item/a/part/7").body, "a+7");
  EXPECT_EQ(get("GET", "/item/a%2Fb/part/7?x=1").body, "a%2Fb+7");
  for (const char* path :
       {"/item//part/7", "/item/a/part/", "/item/a/part", "/item/a/part/7/", "/", "//good", "/goodx"}) {
    EXPECT_EQ(get("GET", path).status, 404) << path;
  }
  const RawAnswer wrong = get("DELETE", "/good");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.at("allow"), "GET, HEAD");
  EXPECT_EQ(get("GET", "/post").headers.at("allow"), "POST");
  socket.send("HEAD /good HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const RawAnswer head = socket.readHeadAnswer();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "4");
  EXPECT_EQ(get("GET", "/good").body, "good");  // nothing stood between
}

TEST_F(HttpEdge, ASmuggledRequestInABodyStaysABody) {
  start();
  const std::string smuggled = "GET /good HTTP/1.1\r\nHost: localhost\r\n\r\n";
  RawSocket socket = connect();
  socket.send(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled) +
              post("Content-Length: 2\r\n", "ok"));
  EXPECT_EQ(socket.readAnswer().body, smuggled);
  EXPECT_EQ(socket.readAnswer().body, "ok");
  EXPECT_EQ(_handled, 2);
  // Refused with the body still to come: neither the body nor what follows is taken for a request.
  expectRefused(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled, "/nowhere"), 404);
  expectRefused(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled, "/good"), 405);
  expectRefused(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled, "/checked"), 429);
}

TEST_F(HttpEdge, RequestsBehindARefusedOneAreNeverExecutedButThoseBeforeAreAnswered) {
  start();
  RawSocket socket = connect();
  socket.send(std::string("GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n") + GOOD +
              "GET /good HTTP/1.1\r\nHost: evil\r\n\r\n" + GOOD + GOOD);
  const auto later = takeLater(1);
  later[0].second.send(HttpResponse::text(200, "first"));
  EXPECT_EQ(socket.readAnswer().body, "first");
  EXPECT_EQ(socket.readAnswer().body, "good");
  EXPECT_EQ(socket.readAnswer().status, 421);
  EXPECT_EQ(socket.readToEnd(), "");
  EXPECT_EQ(_handled, 1);
}

TEST_F(HttpEdge, AnswersKeepTheOrderOfTheirRequestsWhoeverAnswersWhen) {
  start();
  RawSocket socket = connect();
  constexpr size_t COUNT = 24;
  std::string requests;
  for (size_t i = 0; i < COUNT; ++i) {
    requests += "GET /later/" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  socket.send(requests);
  auto later = takeLater(COUNT);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = COUNT; i-- > 0;) {
        if (i % 4 != t) continue;
        later[i].second.send(HttpResponse::text(200, later[i].first));
        later[i].second.send(HttpResponse::text(500, "a second answer is ignored"));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (size_t i = 0; i < COUNT; ++i) {
    const RawAnswer answer = socket.readAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, std::to_string(i));
  }
  socket.send(GOOD);
  EXPECT_EQ(socket.readAnswer().body, "good");
}

TEST_F(HttpEdge, TakesNoMorePipelinedRequestsThanItsLimitUntilAnswersWentOut) {
  _options.maxPipelined = 4;
  start();
  RawSocket socket = connect();
  std::string requests;
  for (int i = 0; i < 10; ++i) requests += "GET /later/" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  socket.send(requests);
  int next = 0;
  while (next < 10) {
    auto later = takeLater(1);
    ASSERT_LE(later.size(), 4u);
    for (const auto& [name, reply] : later) {
      reply.send(HttpResponse::text(200, name));
      EXPECT_EQ(socket.readAnswer().body, std::to_string(next++));
    }
  }
}

TEST_F(HttpEdge, AHeadThatDripsIsEndedByTheWholeHeadDeadline) {
  _options.headDeadlineMs = 300;
  start();
  const std::string head = "GET /good HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + std::string(4000, 'a');
  RawSocket socket = connect();
  // Each byte comes well within the deadline, so that one restarted by bytes would never end.
  std::string answer;
  for (const char byte : head) {
    if (!socket.trySend(std::string_view(&byte, 1))) break;
    pollfd readable{socket.fd(), POLLIN, 0};
    if (::poll(&readable, 1, 20) > 0) break;
  }
  EXPECT_EQ(socket.readAnswer().status, 408);
  EXPECT_EQ(socket.readToEnd(), "");
  EXPECT_EQ(_handled, 0);
  EXPECT_GE(_server->stats().timedOut, 1u);
}

TEST_F(HttpEdge, AnotherRequestsHeadDeadlineCountsFromItsFirstByte) {
  _options.headDeadlineMs = 300;
  start();
  RawSocket socket = connect();
  socket.send(GOOD);
  EXPECT_EQ(socket.readAnswer().status, 200);
  socket.send("GET /good HT");
  EXPECT_EQ(socket.readAnswer().status, 408);
  EXPECT_EQ(socket.readToEnd(), "");
}

TEST_F(HttpEdge, ABodyThatStallsIsEndedAndNeverHandled) {
  _options.bodyDeadlineMs = 300;
  start();
  RawSocket socket = connect();
  socket.send(post("Content-Length: 10\r\n", "half"));
  EXPECT_EQ(socket.readAnswer().status, 408);
  EXPECT_EQ(socket.readToEnd(), "");
  EXPECT_EQ(_handled, 0);
}

TEST_F(HttpEdge, UnfinishedBodiesAreBoundedTogetherAndOrdinaryOnesStillGoThrough) {
  _options.maxBodyBytes = 64 * 1024;
  start();
  const std::string large = "POST /large HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000\r\n\r\n";
  std::vector<RawSocket> slow;
  uint64_t expected = 0;
  for (int i = 0; i < 2; ++i) {
    slow.push_back(connect());
    slow.back().send(large + std::string(30'000, 's'));
    expected += 30'000;
    ASSERT_TRUE(eventually([&] { return _server->stats().bodyBytes == expected; }));
  }
  RawSocket refused = connect();
  refused.send(large + std::string(39'999, 's'));
  EXPECT_EQ(refused.readAnswer().status, 503);
  EXPECT_EQ(refused.readToEnd(), "");
  RawSocket ordinary = connect();
  ordinary.send(post("Content-Length: 2\r\n", "ok"));
  EXPECT_EQ(ordinary.readAnswer().body, "ok");
  slow[0].send(std::string(10'000, 's'));
  EXPECT_EQ(slow[0].readAnswer().body, "40000");
  slow[1].close();
  ASSERT_TRUE(eventually([&] { return _server->stats().bodyBytes == 0; }));
  RawSocket again = connect();
  again.send(large + std::string(40'000, 's'));
  EXPECT_EQ(again.readAnswer().body, "40000");
}

TEST_F(HttpEdge, AConnectionThatSaysNothingIsClosedWithoutAnAnswer) {
  _options.headDeadlineMs = 300;
  _options.keepAliveMs = 300;
  start();
  RawSocket silent = connect();
  EXPECT_EQ(silent.readToEnd(), "");
  RawSocket idle = connect();
  idle.send(GOOD);
  EXPECT_EQ(idle.readAnswer().status, 200);
  EXPECT_EQ(idle.readToEnd(), "");
}

TEST_F(HttpEdge, ABodyCutShortIsNoRequest) {
  start();
  for (const std::string& cut :
       {post("Content-Length: 10\r\n", "half"), post("Transfer-Encoding: chunked\r\n", "4\r\nha"),
        post("Transfer-Encoding: chunked\r\n", "4\r\nhalf\r\n"), std::string("GET /good HT")}) {
    RawSocket socket = connect();
    socket.send(cut);
    socket.shutdownWrite();
    EXPECT_EQ(socket.readToEnd(), "") << cut;
  }
  EXPECT_EQ(_handled, 0);
}

TEST_F(HttpEdge, AHalfClosedClientStillGetsItsAnswers) {
  start();
  RawSocket socket = connect();
  socket.send(std::string("GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n") + GOOD);
  socket.shutdownWrite();
  const auto later = takeLater(1);
  later[0].second.send(HttpResponse::text(200, "late"));
  EXPECT_EQ(socket.readAnswer().body, "late");
  EXPECT_EQ(socket.readAnswer().body, "good");
  EXPECT_EQ(socket.readToEnd(), "");
}

TEST_F(HttpEdge, HandlersThatFailGive500AndTheConnectionGoesOn) {
  start();
  RawSocket socket = connect();
  for (const char* path : {"/std", "/poco", "/silent", "/badheader"}) {
    socket.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const RawAnswer answer = socket.readAnswer();
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.headers.count("set-cookie"), 0u);
    EXPECT_EQ(answer.body.find("fault"), std::string::npos);
  }
  socket.send(GOOD);
  EXPECT_EQ(socket.readAnswer().status, 200);
  EXPECT_EQ(_server->stats().handlerFailures, 4u);
}

TEST_F(HttpEdge, AHandlerThatNeverAnswersIsAnsweredFor) {
  _options.answerDeadlineMs = 300;
  start();
  RawSocket socket = connect();
  socket.send(std::string("GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n") + GOOD);
  const auto later = takeLater(1);
  EXPECT_EQ(socket.readAnswer().status, 503);
  EXPECT_EQ(socket.readAnswer().body, "good");
  later[0].second.send(HttpResponse::text(200, "too late"));
  socket.send(GOOD);
  EXPECT_EQ(socket.readAnswer().body, "good");
}

TEST_F(HttpEdge, ContinueIsSentOnlyAfterTheHeadPassed) {
  start();
  RawSocket refused = connect();
  refused.send("POST /checked HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(refused.readAnswer().status, 429);
  EXPECT_EQ(refused.readToEnd(), "");
  RawSocket tooBig = connect();
  tooBig.send("POST /post HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4097\r\n\r\n");
  EXPECT_EQ(tooBig.readAnswer().status, 413);
  // Behind an answer that is still missing it waits for its turn.
  RawSocket socket = connect();
  socket.send(
      "GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "POST /checked HTTP/1.1\r\nHost: localhost\r\nX-Pass: 1\r\nExpect: 100-continue\r\n"
      "Content-Length: 3\r\n\r\n");
  const auto later = takeLater(1);
  later[0].second.send(HttpResponse::text(200, "before"));
  EXPECT_EQ(socket.readAnswer().body, "before");
  EXPECT_EQ(socket.readAnswer().status, 100);
  socket.send("abc");
  EXPECT_EQ(socket.readAnswer().body, "checked");
}

TEST_F(HttpEdge, Http10IsAnsweredAndClosedUnlessItAsksToStay) {
  start();
  RawSocket once = connect();
  once.send("GET /good HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(once.readAnswer().headers.at("connection"), "close");
  EXPECT_EQ(once.readToEnd(), "");
  RawSocket stays = connect();
  stays.send("GET /good HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(stays.readAnswer().headers.at("connection"), "keep-alive");
  stays.send("GET /good HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + std::string(GOOD));
  EXPECT_EQ(stays.readAnswer().body, "good");
  EXPECT_EQ(stays.readToEnd(), "");
  EXPECT_EQ(_handled, 3);
}

TEST_F(HttpEdge, ASlowReaderIsNotReadFurtherAndLosesNothing) {
  start();
  RawSocket socket = connect();
  constexpr int COUNT = 200;  // 50 MiB of answers
  std::thread writer([&] {
    std::string requests;
    for (int i = 0; i < COUNT; ++i) requests += "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n";
    socket.send(requests);
  });
  // Nothing is read until the server has stopped taking requests, which it must long before the last.
  uint64_t seen = 0, rounds = 0;
  ASSERT_TRUE(eventually([&] {
    const uint64_t now = _server->stats().requests;
    rounds = now == seen && now > 0 ? rounds + 1 : 0;
    seen = now;
    return rounds >= 20;
  }));
  EXPECT_LT(seen, static_cast<uint64_t>(COUNT));
  for (int i = 0; i < COUNT; ++i) {
    const RawAnswer answer = socket.readAnswer();
    ASSERT_EQ(answer.body.size(), 256u * 1024);
  }
  writer.join();
}

TEST_F(HttpEdge, ConnectionsBeyondTheCapWaitAndAreServedWhenOthersEnd) {
  _options.maxConnections = 8;
  start();
  std::vector<RawSocket> held;
  for (int i = 0; i < 8; ++i) {
    held.push_back(connect());
    held.back().send(GOOD);
    EXPECT_EQ(held.back().readAnswer().status, 200);
  }
  RawSocket waiting = connect();  // in the kernel's queue
  waiting.send(GOOD);
  ASSERT_TRUE(eventually([&] { return _server->stats().acceptPauses > 0; }));
  EXPECT_EQ(_server->stats().accepted, 8u);
  held.pop_back();
  EXPECT_EQ(waiting.readAnswer().status, 200);
  EXPECT_EQ(_server->stats().accepted, 9u);
}

TEST_F(HttpEdge, StopEndsIdleConnectionsAtOnceAndAnswersThoseUnderWay) {
  start();
  // One on each loop, so that their ends show that both loops heard of it.
  RawSocket idle = connect();
  idle.send(GOOD);
  EXPECT_EQ(idle.readAnswer().status, 200);
  RawSocket alsoIdle = connect();
  alsoIdle.send(GOOD);
  EXPECT_EQ(alsoIdle.readAnswer().status, 200);
  RawSocket busy = connect();
  busy.send("GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto later = takeLater(1);
  std::thread stopping([&] { _server->stop(60'000); });
  EXPECT_EQ(idle.readToEnd(), "");
  EXPECT_EQ(alsoIdle.readToEnd(), "");
  EXPECT_THROW(RawSocket::connect(_port), std::runtime_error);
  later[0].second.send(HttpResponse::text(200, "last"));
  const RawAnswer answer = busy.readAnswer();
  EXPECT_EQ(answer.body, "last");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_EQ(busy.readToEnd(), "");
  stopping.join();
  EXPECT_EQ(_server->stats().open, 0u);
}

TEST_F(HttpEdge, StopWithoutGraceEndsEverythingAndLateAnswersAreDropped) {
  start();
  RawSocket busy = connect();
  busy.send("GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  RawSocket half = connect();
  half.send(post("Content-Length: 10\r\n", "half"));
  const auto later = takeLater(1);
  _server->stop(0);
  _server->stop(0);
  EXPECT_EQ(busy.readToEnd(), "");
  EXPECT_EQ(half.readToEnd(), "");
  _server.reset();
  later[0].second.send(HttpResponse::text(200, "too late"));
}

TEST_F(HttpEdge, TheServerMayOutliveTheRunOfItsLoops) {
  start();
  RawSocket socket = connect();
  socket.send("GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto later = takeLater(1);
  _first.stop();
  _second.stop();
  _server->stop(0);
  EXPECT_EQ(socket.readToEnd(), "");
}

TEST_F(HttpEdge, UpgradesAreCheckedAndRefusalsReadable) {
  start();
  const std::string base = "GET /socket HTTP/1.1\r\nHost: localhost\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const auto ask = [&](const std::string& request) {
    RawSocket socket = connect();
    socket.send(request);
    RawAnswer answer = socket.readAnswer();
    EXPECT_EQ(socket.readToEnd(), "");
    return answer;
  };
  EXPECT_EQ(ask(base + "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n" + key +
                "\r\n")
                .status,
            401);
  const RawAnswer plain = ask(base + "\r\n");
  EXPECT_EQ(plain.status, 426);
  EXPECT_EQ(plain.headers.at("sec-websocket-version"), "13");
  EXPECT_EQ(
      ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n" + key + "\r\n").status,
      426);
  EXPECT_EQ(ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n").status, 400);
  EXPECT_EQ(
      ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + key + key + "\r\n")
          .status,
      400);
  EXPECT_EQ(ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
                "Sec-WebSocket-Key: c2hvcnQ=\r\n\r\n")
                .status,
            400);
  EXPECT_EQ(
      ask(base + "Upgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n" + key + "\r\n").status,
      400);
  EXPECT_EQ(ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + key +
                "Content-Length: 3\r\n\r\nabc")
                .status,
            400);
}

TEST_F(HttpEdge, AUnixSocketIsPrivateReplacesAStaleOneAndGoesWithTheServer) {
  start();
  const TempFolder folder;
  const auto address = *ListenAddress::parse("unix:" + folder.file("control"));
  ASSERT_TRUE(_server->listen(address).ok());
  struct stat found {};
  ASSERT_EQ(::stat(address.unixPath.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  RawSocket socket = RawSocket::connectUnix(address.unixPath);
  socket.send(GOOD);
  EXPECT_EQ(socket.readAnswer().body, "good");

  EventLoop loop("other");
  loop.start();
  HttpServer other({&loop}, {});
  const auto inUse = other.listen(address);
  ASSERT_FALSE(inUse.ok());
  EXPECT_NE(inUse.error().find("listen"), std::string::npos);
  folder.write("file", "x");
  EXPECT_FALSE(other.listen(*ListenAddress::parse("unix:" + folder.file("file"))).ok());
  EXPECT_EQ(folder.read("file"), "x");

  _server->stop(0);
  EXPECT_FALSE(folder.exists("control"));
  {
    // What a killed program leaves behind.
    UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    std::copy(address.unixPath.begin(), address.unixPath.end(), path.sun_path);
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&path), sizeof path), 0);
  }
  EXPECT_TRUE(folder.exists("control"));
  EXPECT_TRUE(other.listen(address).ok());
}

TEST_F(HttpEdge, APortInUseIsSaidWithWhatToDo) {
  start();
  const auto second = _server->listen(*ListenAddress::parse("127.0.0.1:" + std::to_string(_port)));
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().find("choose another port"), std::string::npos) << second.error();
}

TEST_F(HttpEdge, AnAdoptedSocketServesAndAnythingElseIsRefused) {
  start();
  int pipes[2];
  ASSERT_EQ(::pipe(pipes), 0);
  EXPECT_FALSE(_server->adopt(pipes[0]).ok());
  ::close(pipes[1]);
  UniqueFd listening(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listening.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
  ASSERT_EQ(::listen(listening.get(), 4), 0);
  const auto bound = _server->adopt(listening.release());
  ASSERT_TRUE(bound.ok()) << bound.error();
  RawSocket socket = RawSocket::connect(bound->port);
  socket.send(GOOD);
  EXPECT_EQ(socket.readAnswer().body, "good");
}

}  // namespace
}  // namespace tsunagi::test
