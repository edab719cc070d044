// What the HTTP server does with requests, failures and its own life: real sockets, every byte as written here.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "tests/service/HttpEdge.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {
namespace {

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
