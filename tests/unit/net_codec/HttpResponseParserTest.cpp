#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "Feeding.h"
#include "net/HttpParser.h"

namespace tsunagi::net::test {
namespace {

using Stage = HttpResponseParser::Stage;
using namespace std::string_literals;

ResponseRun run(const std::string& bytes, bool close = false, bool isHead = false, HttpLimits limits = {}) {
  const ResponseRun whole = runResponse(bytes, 0, close, isHead, limits);
  for (const size_t step : {1u, 2u, 3u, 7u, 64u}) {
    const ResponseRun pieces = runResponse(bytes, step, close, isHead, limits);
    EXPECT_EQ(whole.stage, pieces.stage) << "step " << step << ": " << whole.reason << " / " << pieces.reason;
    EXPECT_EQ(whole.reason, pieces.reason) << "step " << step;
    EXPECT_EQ(whole.body, pieces.body) << "step " << step;
    EXPECT_TRUE(whole == pieces) << "step " << step;
  }
  return whole;
}

std::string ok(const std::string& rest) { return "HTTP/1.1 200 OK\r\n" + rest; }

TEST(HttpResponseParser, ReadsABodyByItsLength) {
  const ResponseRun result = run(ok("Content-Length: 5\r\nX: y\r\n\r\nhellorest"));
  EXPECT_EQ(result.stage, Stage::Complete);
  EXPECT_EQ(result.body, "hello");
  EXPECT_EQ(result.used, ok("Content-Length: 5\r\nX: y\r\n\r\nhello").size());
  EXPECT_TRUE(result.keepAlive);
  EXPECT_THAT(result.headers, testing::ElementsAre("Content-Length: 5", "X: y"));
}

TEST(HttpResponseParser, AStatusLineWithoutReasonIsEnough) {
  EXPECT_EQ(run("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").stage, Stage::Complete);
  EXPECT_EQ(run("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").stage, Stage::Complete);
}

TEST(HttpResponseParser, ReadsChunks) {
  const ResponseRun result =
      run(ok("Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: u\r\n\r\nrest"));
  EXPECT_EQ(result.stage, Stage::Complete);
  EXPECT_EQ(result.body, "abcde");
  EXPECT_THAT(result.headers, testing::ElementsAre("Transfer-Encoding: Chunked"));
}

TEST(HttpResponseParser, ReadsUntilTheEnd) {
  const std::string bytes = ok("\r\nall of it");
  EXPECT_EQ(run(bytes).stage, Stage::Body);
  const ResponseRun result = run(bytes, true);
  EXPECT_EQ(result.stage, Stage::Complete);
  EXPECT_EQ(result.body, "all of it");
  EXPECT_FALSE(result.keepAlive);
}

TEST(HttpResponseParser, SkipsInterimAnswers) {
  const ResponseRun result = run("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" +
                                 ok("Content-Length: 1\r\n\r\nx"));
  EXPECT_EQ(result.stage, Stage::Complete);
  EXPECT_EQ(result.status, 200);
  EXPECT_THAT(result.headers, testing::ElementsAre("Content-Length: 1"));
}

TEST(HttpResponseParser, EndlessInterimAnswersAreRefused) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(run(bytes).stage, Stage::Failed);
}

TEST(HttpResponseParser, A101EndsHttp) {
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  const ResponseRun result = run(head + "\x81\x01x");
  EXPECT_EQ(result.stage, Stage::Complete);
  EXPECT_EQ(result.status, 101);
  EXPECT_EQ(result.used, head.size());
  EXPECT_TRUE(result.body.empty());
}

TEST(HttpResponseParser, SomeAnswersHaveNoBody) {
  EXPECT_EQ(run("HTTP/1.1 204 No Content\r\n\r\n").stage, Stage::Complete);
  EXPECT_EQ(run("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n").stage, Stage::Complete);
  EXPECT_EQ(run(ok("Content-Length: 10\r\n\r\n"), false, true).stage, Stage::Complete);
  EXPECT_EQ(run(ok("Transfer-Encoding: chunked\r\n\r\n"), false, true).stage, Stage::Complete);
  EXPECT_EQ(run(ok("Content-Length: 0\r\n\r\n")).stage, Stage::Complete);
}

TEST(HttpResponseParser, CutShortIsNeverSuccess) {
  for (const std::string& bytes : {
           ok("Content-Length: 5\r\n\r\nhell"),
           ok("Content-Length: 5\r\n\r\n"),
           ok("Content-Length: 5\r\n"),
           ok("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
           ok("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"),
           ok("Transfer-Encoding: chunked\r\n\r\n5\r\nhel"),
           ok("Transfer-Encoding: chunked\r\n\r\n"),
           "HTTP/1.1 200 OK\r\n"s,
           "HTTP/1.1 100 Continue\r\n\r\n"s,
           "HTTP/1."s,
       }) {
    const ResponseRun result = run(bytes, true);
    EXPECT_EQ(result.stage, Stage::Failed) << bytes;
    EXPECT_THAT(result.reason, testing::HasSubstr("cut short")) << bytes;
  }
  EXPECT_EQ(run("", true).reason, "the connection was closed without an answer");
}

TEST(HttpResponseParser, RefusesWhatTwoReadersCouldTakeDifferently) {
  for (const std::string& bytes : {
           ok("Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
           ok("Content-Length: 1, 2\r\n\r\nxx"),
           ok("Content-Length: -1\r\n\r\nx"),
           ok("Content-Length: +1\r\n\r\nx"),
           ok("Content-Length: x\r\n\r\nx"),
           ok("Content-Length:\r\n\r\nx"),
           ok("Content-Length: 1,\r\n\r\nx"),
           ok("Content-Length: 99999999999999999999999\r\n\r\nx"),
           ok("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
           ok("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
           ok("Transfer-Encoding: identity\r\n\r\n"),
           ok("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
           "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"s,
           ok("Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n"),
           ok("Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n"),
           ok("Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n"),
           ok("Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\nx\r\n0\r\n\r\n"),
           ok("A: b\r\n c\r\n\r\n"),
           ok("A\r\n\r\n"),
           ok("A: \0\r\n\r\n"s),
           "HTTP/1.1 200 OK\nContent-Length: 0\n\n"s,
           "HTTP/2.0 200 OK\r\n\r\n"s,
           "HTTP/1.1 20 OK\r\n\r\n"s,
           "HTTP/1.1 099 OK\r\n\r\n"s,
           "HTTP/1.1 2000 OK\r\n\r\n"s,
           "HTTP/1.1  200 OK\r\n\r\n"s,
           "ICY 200 OK\r\n\r\n"s,
           "SSH-2.0-OpenSSH_9.2\r\n"s,
           "\r\n"s + ok("\r\n"),
           ok("A: " + std::string(17 * 1024, 'a') + "\r\n\r\n"),
       })
    EXPECT_EQ(run(bytes).stage, Stage::Failed) << bytes.substr(0, 200);
}

TEST(HttpResponseParser, TakesTheSameLengthTwice) {
  EXPECT_EQ(run(ok("Content-Length: 1\r\nContent-Length: 1\r\n\r\nx")).stage, Stage::Complete);
  EXPECT_EQ(run(ok("Content-Length: 1, 1\r\n\r\nx")).stage, Stage::Complete);
}

TEST(HttpResponseParser, RefusesCompression) {
  for (const char* coding : {"gzip", "br", "deflate", "identity, gzip"})
    EXPECT_EQ(run(ok("Content-Encoding: "s + coding + "\r\nContent-Length: 1\r\n\r\nx")).stage, Stage::Failed)
        << coding;
  EXPECT_EQ(run(ok("Content-Encoding: gzip\r\n\r\n"), true).stage, Stage::Failed);
  EXPECT_EQ(run(ok("Content-Encoding: identity\r\nContent-Length: 1\r\n\r\nx")).stage, Stage::Complete);
}

TEST(HttpResponseParser, BoundsTheBody) {
  HttpLimits limits;
  limits.maxBody = 4;
  EXPECT_EQ(run(ok("Content-Length: 4\r\n\r\nabcd"), false, false, limits).stage, Stage::Complete);
  EXPECT_EQ(run(ok("Content-Length: 5\r\n\r\n"), false, false, limits).stage, Stage::Failed);
  EXPECT_EQ(run(ok("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\n"), false, false, limits).stage, Stage::Failed);
  EXPECT_EQ(run(ok("\r\nabcd"), true, false, limits).stage, Stage::Complete);
  EXPECT_EQ(run(ok("\r\nabcde"), true, false, limits).stage, Stage::Failed);
}

TEST(HttpResponseParser, KeepAliveByVersionAndConnection) {
  EXPECT_FALSE(run(ok("Connection: close\r\nContent-Length: 0\r\n\r\n")).keepAlive);
  EXPECT_FALSE(run("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keepAlive);
  EXPECT_TRUE(run("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").keepAlive);
}

TEST(HttpResponseParser, StopsWhenTheReaderSaysSo) {
  HttpResponseParser parser;
  const std::string head = ok("Content-Length: 10\r\n\r\n");
  EXPECT_EQ(parser.feed(head + "abc", {}), head.size());
  EXPECT_EQ(parser.stage(), Stage::Body);
  parser.feed("abc", [](std::string_view) { return false; });
  EXPECT_EQ(parser.stage(), Stage::Failed);
  EXPECT_EQ(parser.failure().reason, "stopped");
}

TEST(HttpResponseParser, BodiesMayBeDropped) {
  HttpResponseParser parser;
  parser.feed(ok("Content-Length: 3\r\n\r\n"), {});
  parser.feed("abc", {});
  EXPECT_EQ(parser.stage(), Stage::Complete);
}

}  // namespace
}  // namespace tsunagi::net::test
