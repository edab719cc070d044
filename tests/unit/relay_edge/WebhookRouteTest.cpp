#include "relay/edge/WebhookRoute.h"

#include "EdgeBench.h"

using namespace tsunagi;
using namespace tsunagi::relay;
using test::RawSocket;

namespace {

int answerTo(const EdgeBench& bench, const std::string& request) {
  auto socket = RawSocket::connect(bench.port);
  socket.send(request);
  return socket.readAnswer().status;
}

TEST(WebhookRoute, StoresThenAnswers200) {
  EdgeBench bench;
  auto socket = RawSocket::connect(bench.port);
  socket.send(bench.webhook("{\"events\":[]}"));
  auto answer = socket.readAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(bench.counters().pending, 1u);
  EXPECT_EQ(bench.webhooks().stats().stored, 1u);
}

TEST(WebhookRoute, AnEmptyBodyIsStoredToo) {
  EdgeBench bench;
  EXPECT_EQ(bench.post(""), 200);
}

TEST(WebhookRoute, RefusesAnUnknownUnitBeforeTheBody) {
  EdgeBench bench;
  auto socket = RawSocket::connect(bench.port);
  // The body is announced and never sent: the answer must come all the same.
  socket.send("POST /gmk/nobody/webhook HTTP/1.1\r\nHost: relay\r\ncontent-length: 100000\r\n\r\n");
  EXPECT_EQ(socket.readAnswer().status, 404);
  EXPECT_EQ(
      answerTo(bench, "POST /other/" + bench.unit->id + "/webhook HTTP/1.1\r\nHost: r\r\ncontent-length: 0\r\n\r\n"),
      404);
}

TEST(WebhookRoute, RefusesABodyAboveTheCapBeforeReadingIt) {
  EdgeBench bench({}, {1'000});
  std::string request = bench.webhook(std::string(1'001, 'x'));
  auto socket = RawSocket::connect(bench.port);
  socket.send(request.substr(0, request.find("\r\n\r\n") + 4));
  EXPECT_EQ(socket.readAnswer().status, 413);
  EXPECT_EQ(bench.post(std::string(1'000, 'x')), 200);
}

TEST(WebhookRoute, WantsExactlyOneWellFormedSignature) {
  EdgeBench bench;
  const std::string good = "x-line-signature: " + toBase64(std::string(32, 's')) + "\r\n";
  const std::string shortOne = "x-line-signature: " + toBase64(std::string(31, 's')) + "\r\n";
  const std::string longOne = "x-line-signature: " + toBase64(std::string(33, 's')) + "\r\n";
  for (const std::string& headers :
       {std::string("x-none-at-all: 1\r\n"), good + good, shortOne, longOne, std::string("x-line-signature: \r\n"),
        std::string("x-line-signature: !!!notbase64!!!\r\n")}) {
    EXPECT_EQ(answerTo(bench, bench.webhook("{}", headers)), 400) << headers;
  }
  EXPECT_EQ(bench.webhooks().stats().badForm, 6u);
  EXPECT_EQ(bench.counters().storedTotal, 0u);
}

TEST(WebhookRoute, WantsJson) {
  EdgeBench bench;
  for (const char* type : {"text/plain", "application/jsonp", "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(answerTo(bench, bench.webhook("{}", std::string("content-type: ") + type + "\r\n")), 400) << type;
  }
  EXPECT_EQ(answerTo(bench, bench.webhook("{}", "content-type: Application/JSON ;charset=utf-8\r\n")), 200);
}

TEST(WebhookRoute, TheJsonItselfIsNotLookedAt) {
  EdgeBench bench;
  EXPECT_EQ(bench.post("not { json \xff"), 200);
}

TEST(WebhookRoute, ASuspendedUnitGets503AndIsServedAgainLater) {
  EdgeBench bench;
  ASSERT_TRUE(bench.units().setSuspended(bench.unit->id, true).ok());
  auto socket = RawSocket::connect(bench.port);
  socket.send(bench.webhook("{}"));
  auto answer = socket.readAnswer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.count("retry-after"), 1u);
  ASSERT_TRUE(bench.units().setSuspended(bench.unit->id, false).ok());
  EXPECT_EQ(bench.post("{}"), 200);
}

TEST(WebhookRoute, AFullBacklogGets503) {
  EdgeBench bench;
  UnitLimits limits;
  limits.backlogEvents = 2;
  ASSERT_TRUE(bench.units().setLimits(bench.unit->id, limits).ok());
  EXPECT_EQ(bench.post("1"), 200);
  EXPECT_EQ(bench.post("2"), 200);
  EXPECT_EQ(bench.post("3"), 503);
  EXPECT_EQ(bench.webhooks().stats().backlogFull, 1u);
  EXPECT_EQ(bench.counters().pending, 2u);
}

TEST(WebhookRoute, ARequestLimitIsOffUnlessSet) {
  EdgeBench bench;
  for (int i = 0; i < 50; ++i) ASSERT_EQ(bench.post("{}"), 200);
  UnitLimits limits;
  limits.requestsPerMinute = 1;
  ASSERT_TRUE(bench.units().setLimits(bench.unit->id, limits).ok());
  // Two in one minute, or one in each of two: of three at least one is over.
  int refused = 0;
  for (int i = 0; i < 3; ++i) refused += bench.post("{}") == 429;
  EXPECT_GE(refused, 1);
}

TEST(WebhookRoute, AStoppedStoreGets503) {
  EdgeBench bench;
  bench.spool().stop();
  EXPECT_EQ(bench.post("{}"), 503);
}

}  // namespace
