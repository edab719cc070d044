#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "Feeding.h"
#include "net/HttpParser.h"

namespace tsunagi::net::test {
namespace {

using Stage = HttpRequestParser::Stage;
using namespace std::string_literals;

// Runs it whole, byte by byte and in some odd pieces; all must agree.
RequestRun run(const std::string& bytes, HttpLimits limits = {}) {
  const RequestRun whole = runRequests(bytes, 0, limits);
  for (const size_t step : {1u, 2u, 3u, 7u, 64u}) {
    const RequestRun pieces = runRequests(bytes, step, limits);
    EXPECT_EQ(whole, pieces) << "step " << step << ": " << whole.failure << " " << whole.reason << " / "
                             << pieces.failure << " " << pieces.reason << "\n"
                             << bytes.substr(0, 200);
  }
  return whole;
}

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: a.example\r\n" + fields + "\r\n"; }
std::string post(const std::string& fieldsAndBody) { return "POST /p HTTP/1.1\r\nHost: a.example\r\n" + fieldsAndBody; }

struct Refused {
  const char* name;
  std::string bytes;
  int status;
};

class RefusedRequest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedRequest, FailsWithItsStatusHoweverItIsCut) {
  const RequestRun result = run(GetParam().bytes);
  EXPECT_EQ(result.last, Stage::Failed) << GetParam().bytes;
  EXPECT_EQ(result.failure, GetParam().status) << result.reason;
  EXPECT_TRUE(result.requests.empty());
  EXPECT_TRUE(result.started);
  EXPECT_FALSE(result.reason.empty());
}

std::string chunked(const std::string& body) { return post("Transfer-Encoding: chunked\r\n\r\n" + body); }

const Refused REFUSED[] = {
    {"DuplicateLength", post("Content-Length: 1\r\nContent-Length: 1\r\n\r\nx"), 400},
    {"DifferentLengths", post("Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), 400},
    {"NegativeLength", post("Content-Length: -1\r\n\r\n"), 400},
    {"SignedLength", post("Content-Length: +1\r\n\r\nx"), 400},
    {"HexLength", post("Content-Length: 0x1\r\n\r\nx"), 400},
    {"ListLength", post("Content-Length: 1, 1\r\n\r\nx"), 400},
    {"EmptyLength", post("Content-Length:\r\n\r\n"), 400},
    {"SpacedLength", post("Content-Length: 1 1\r\n\r\nx"), 400},
    {"HugeLength", post("Content-Length: 99999999999999999999999999\r\n\r\nx"), 413},
    {"LengthBeyondCap", post("Content-Length: 1048577\r\n\r\nx"), 413},
    {"LargestLength", post("Content-Length: 18446744073709551615\r\n\r\nx"), 413},
    {"LengthAndCoding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
    {"CodingAndLength", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), 400},
    {"SpaceBeforeColon", post("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), 400},
    {"TabBeforeColon", post("Content-Length\t: 1\r\n\r\nx"), 400},
    {"CodingIdentity", post("Transfer-Encoding: identity\r\n\r\n"), 400},
    {"CodingGzipChunked", post("Transfer-Encoding: gzip, chunked\r\n\r\n"), 501},
    {"CodingChunkedGzip", post("Transfer-Encoding: chunked, gzip\r\n\r\n"), 400},
    {"CodingQuoted", post("Transfer-Encoding: \"chunked\"\r\n\r\n"), 400},
    {"CodingXchunked", post("Transfer-Encoding: xchunked\r\n\r\n"), 400},
    {"CodingTwice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
    {"CodingVerticalTab",
     post("Transfer-Encoding: \x0b"
          "chunked\r\n\r\n"),
     400},
    {"CodingOn10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"ChunkEmptySize", chunked("\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkHexPrefix", chunked("0x1\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkPlus", chunked("+1\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkMinus", chunked("-1\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkSpace", chunked("1 \r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkLeadingSpace", chunked(" 1\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkNotHex", chunked("g\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkOverflow", chunked("10000000000000000\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkLargest", chunked("ffffffffffffffff\r\nx\r\n"), 413},
    {"ChunkSecondOverflowsSum", chunked("1\r\nx\r\nffffffffffffffff\r\nx"), 413},
    {"ChunkOverCap", chunked("100001\r\n"), 413},
    {"ChunkBareLf", chunked("1\nx\r\n0\r\n\r\n"), 400},
    {"ChunkBareCr", chunked("1\rx"), 400},
    {"ChunkDataNotEnded", chunked("1\r\nxx\r\n0\r\n\r\n"), 400},
    {"ChunkDataEndsLf", chunked("1\r\nx\n0\r\n\r\n"), 400},
    {"ChunkExtensionTooLong", chunked("1;" + std::string(300, 'e') + "\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkExtensionControl", chunked("1;a=\x01\r\nx\r\n0\r\n\r\n"), 400},
    {"ChunkExtensionNul", chunked("1;a=\0\r\nx\r\n0\r\n\r\n"s), 400},
    {"TrailerNoColon", chunked("0\r\nnonsense\r\n\r\n"), 400},
    {"TrailerFolded", chunked("0\r\nA: b\r\n c\r\n\r\n"), 400},
    {"TrailerTooLong", chunked("0\r\nA: " + std::string(9000, 'x') + "\r\n\r\n"), 431},
    {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
    {"NoHostOn10", "GET / HTTP/1.0\r\n\r\n", 400},
    {"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"HostUserInfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"HostSpace", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"HostSlash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"HostComma", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
    {"HostPortText", "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", 400},
    {"HostPortZero", "GET / HTTP/1.1\r\nHost: a:0\r\n\r\n", 400},
    {"HostPortBig", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
    {"HostPortSigned", "GET / HTTP/1.1\r\nHost: a:+80\r\n\r\n", 400},
    {"HostPortEmpty", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400},
    {"HostTwoColons", "GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", 400},
    {"HostV6Bare", "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", 400},
    {"HostV6Open", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
    {"HostV6Bad", "GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n", 400},
    {"HostV6Tail", "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400},
    {"HostNotAscii", "GET / HTTP/1.1\r\nHost: a\xc3\xa9\r\n\r\n", 400},
    {"HostTooLong", "GET / HTTP/1.1\r\nHost: " + std::string(256, 'a') + "\r\n\r\n", 400},
    {"AbsoluteTarget", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"AuthorityTarget", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"AsteriskTarget", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"RelativeTarget", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"EmptyTarget", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"FragmentTarget", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"SpaceInTarget", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"TabInTarget", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"NotAsciiTarget", "GET /\xe3\x81\x82 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"NulInTarget", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
    {"NulInMethod", "G\0T / HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
    {"NulInName", get("A\0: b\r\n"s), 400},
    {"NulInValue", get("A: \0\r\n"s), 400},
    {"ControlInValue", get("A: \x1b[31m\r\n"), 400},
    {"DelInValue", get("A: \x7f\r\n"), 400},
    {"FormFeedInValue", get("A: \x0c\r\n"), 400},
    {"Folded", get("A: b\r\n c\r\n"), 400},
    {"FoldedTab", get("A: b\r\n\tc\r\n"), 400},
    {"FoldedFirst", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"NoColon", get("nonsense\r\n"), 400},
    {"EmptyName", get(": b\r\n"), 400},
    {"NameWithSpace", get("A B: c\r\n"), 400},
    {"NameNotAscii", get("\xc3\xa9: c\r\n"), 400},
    {"NameWithParenthesis", get("A(b): c\r\n"), 400},
    {"BareLfLine", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"BareLfInHeaders", "GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n", 400},
    {"BareLfEnd", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"BareCr", "GET / HTTP/1.1\r\nA: b\rc\r\nHost: a\r\n\r\n", 400},
    {"CrCrLf", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400},
    {"LeadingLf", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"TwoLeadingCrlf", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"NoVersion", "GET /\r\nHost: a\r\n\r\n", 400},
    {"Version09", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
    {"Version12", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
    {"Version20", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"VersionLower", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
    {"VersionLong", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
    {"VersionShort", "GET / HTTP/1\r\nHost: a\r\n\r\n", 400},
    {"VersionText", "GET / FTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"TwoSpaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"SpaceAfterVersion", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
    {"LeadingSpace", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"BadMethod", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"LongMethod", std::string(33, 'M') + " / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
    {"TlsHello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
    {"PostNoLength", "POST / HTTP/1.1\r\nHost: a\r\n\r\n", 411},
    {"PutNoLength", "PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 411},
    {"PatchNoLength", "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", 411},
    {"OtherExpectation", get("Expect: a-miracle\r\n"), 417},
    {"TargetTooLong", "GET /" + std::string(8 * 1024, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
    {"TargetEndless", "GET /" + std::string(20 * 1024, 'a'), 414},
    {"HeadTooLong", get("A: " + std::string(16 * 1024, 'a') + "\r\n"), 431},
    {"HeadEndless", "GET / HTTP/1.1\r\nA: " + std::string(20 * 1024, 'a'), 431},
    {"HeadManyLines",
     [] {
       std::string fields;
       for (int i = 0; i < 90; ++i) fields += "A: " + std::string(200, 'a') + "\r\n";
       return get(fields);
     }(),
     431},
    {"TooManyFields",
     [] {
       std::string fields;
       for (int i = 0; i < 100; ++i) fields += "A: b\r\n";
       return get(fields);
     }(),
     431},
};

INSTANTIATE_TEST_SUITE_P(Http, RefusedRequest, testing::ValuesIn(REFUSED),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(HttpRequestParser, ReadsAGet) {
  const RequestRun result =
      run("GET /a/b?c=d&e HTTP/1.1\r\nHOST: A.Example:8080\r\nX-One:  two words \t\r\nEmpty:\r\n\r\n");
  ASSERT_EQ(result.requests.size(), 1u);
  const HttpRequest& request = result.requests[0];
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a/b?c=d&e");
  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "c=d&e");
  EXPECT_EQ(request.host, "a.example");
  EXPECT_EQ(request.minorVersion, 1);
  EXPECT_EQ(request.headers.find("x-one"), "two words");
  EXPECT_EQ(request.headers.find("empty"), "");
  EXPECT_TRUE(request.body.empty());
  EXPECT_TRUE(result.keepAlive[0]);
  EXPECT_EQ(result.last, Stage::Head);
  EXPECT_FALSE(result.started);
}

TEST(HttpRequestParser, KeepsTheBytesOfABody) {
  std::string body;
  for (int i = 0; i < 256; ++i) body += static_cast<char>(i);
  const RequestRun result = run(post("Content-Length: 256\r\n\r\n" + body));
  ASSERT_EQ(result.requests.size(), 1u);
  EXPECT_EQ(result.requests[0].body, body);
}

TEST(HttpRequestParser, ReadsChunksWithExtensionsAndDropsTrailers) {
  const RequestRun result = run(chunked(
      "5;a=b;c=\"d\"\r\nhello\r\n0000000000000001\r\n \r\nA\r\n0123456789\r\n000;x\r\nX: y\r\nHost: evil\r\n\r\n"));
  ASSERT_EQ(result.requests.size(), 1u) << result.reason;
  EXPECT_EQ(result.requests[0].body, "hello 0123456789");
  EXPECT_EQ(result.requests[0].headers.count("X"), 0u);
  EXPECT_EQ(result.requests[0].host, "a.example");
}

TEST(HttpRequestParser, BoundsExtensionsOverTheWholeBody) {
  std::string body;
  for (int i = 0; i < 100; ++i) body += "1;" + std::string(200, 'e') + "\r\nx\r\n";
  EXPECT_EQ(run(chunked(body + "0\r\n\r\n")).failure, 400);
}

TEST(HttpRequestParser, BoundsTrailersOverTheWholeBody) {
  std::string trailers;
  for (int i = 0; i < 100; ++i) trailers += "A: " + std::string(100, 'e') + "\r\n";
  EXPECT_EQ(run(chunked("0\r\n" + trailers + "\r\n")).failure, 431);
}

TEST(HttpRequestParser, TakesChunksUpToTheCapAndNoMore) {
  HttpLimits limits;
  limits.maxBody = 4;
  EXPECT_EQ(run(chunked("2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"), limits).requests.size(), 1u);
  EXPECT_EQ(run(chunked("2\r\nab\r\n3\r\n"), limits).failure, 413);
  EXPECT_EQ(run(post("Content-Length: 4\r\n\r\nabcd"), limits).requests.size(), 1u);
  EXPECT_EQ(run(post("Content-Length: 5\r\n\r\na"), limits).failure, 413);
}

TEST(HttpRequestParser, AnswersPipelinedRequestsInOrder) {
  const RequestRun result =
      run("\r\nPOST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + chunked("1\r\nx\r\n0\r\n\r\n") +
          "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\nGET /smuggled\r\n");
  ASSERT_EQ(result.requests.size(), 4u);
  EXPECT_EQ(result.requests[0].body, "abc");
  EXPECT_EQ(result.requests[1].body, "x");
  EXPECT_EQ(result.requests[2].path, "/3");
  EXPECT_EQ(result.requests[3].path, "/4");
  EXPECT_EQ(result.failure, 400);
}

TEST(HttpRequestParser, StopsBehindTheHeadAndTheMessage) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
  HttpRequestParser parser;
  EXPECT_EQ(parser.feed(head + "abGET"), head.size());
  EXPECT_EQ(parser.stage(), Stage::Body);
  EXPECT_EQ(parser.contentLength(), 2u);
  EXPECT_EQ(parser.feed("abGET"), 2u);
  EXPECT_EQ(parser.stage(), Stage::Complete);
  EXPECT_EQ(parser.feed("GET"), 0u);
  parser.reset();
  EXPECT_EQ(parser.stage(), Stage::Head);
  EXPECT_FALSE(parser.started());
  EXPECT_FALSE(parser.contentLength().has_value());
  parser.feed("\r\n");
  EXPECT_FALSE(parser.started());
  parser.feed("G");
  EXPECT_TRUE(parser.started());
}

TEST(HttpRequestParser, ARouteMayLowerOrRaiseTheCap) {
  HttpLimits limits;
  limits.maxBody = 10;
  HttpRequestParser parser(limits);
  parser.feed(post("Content-Length: 20\r\n\r\n"));
  ASSERT_EQ(parser.stage(), Stage::Body);
  parser.setMaxBody(20);
  EXPECT_EQ(parser.feed(std::string(20, 'x')), 20u);
  EXPECT_EQ(parser.stage(), Stage::Complete);

  parser.reset();
  parser.feed(post("Content-Length: 10\r\n\r\n"));
  parser.setMaxBody(9);
  EXPECT_EQ(parser.stage(), Stage::Failed);
  EXPECT_EQ(parser.failure().status, 413);

  parser.reset();
  parser.feed(post("Transfer-Encoding: chunked\r\n\r\n"));
  parser.setMaxBody(1);
  parser.feed("1\r\na\r\n1\r\n");
  EXPECT_EQ(parser.failure().status, 413);

  parser.reset();  // the cap of one request is not the cap of the next
  parser.feed(post("Content-Length: 10\r\n\r\n"));
  EXPECT_EQ(parser.feed(std::string(10, 'x')), 10u);
  EXPECT_EQ(parser.stage(), Stage::Complete);
}

TEST(HttpRequestParser, AnnouncedLengthReservesNothing) {
  HttpLimits limits;
  limits.maxBody = uint64_t{1} << 40;
  HttpRequestParser parser(limits);
  parser.feed(post("Content-Length: 1099511627776\r\n\r\n"));
  parser.feed("x");
  EXPECT_EQ(parser.stage(), Stage::Body);
  EXPECT_LT(parser.request().body.capacity(), 1024u);
}

TEST(HttpRequestParser, GivesBackBigBuffersOnReset) {
  HttpRequestParser parser;
  parser.feed("GET /" + std::string(8000, 'a'));
  parser.feed(" HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(parser.stage(), Stage::Complete);
  parser.reset();
  EXPECT_LT(parser.request().target.capacity(), 64u);
  EXPECT_LT(parser.request().path.capacity(), 64u);
  EXPECT_TRUE(parser.request().headers.empty());
}

TEST(HttpRequestParser, KeepAliveByVersionAndConnection) {
  const auto keeps = [](const std::string& version, const std::string& connection) {
    const RequestRun result = run("GET / HTTP/" + version + "\r\nHost: a\r\n" + connection + "\r\n");
    EXPECT_EQ(result.requests.size(), 1u);
    return result.keepAlive.at(0);
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: Upgrade, CLOSE\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  EXPECT_TRUE(keeps("1.1", "Connection: close-ish\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(HttpRequestParser, ContinueIsExpectedOn11Only) {
  HttpRequestParser parser;
  parser.feed(post("Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n"));
  EXPECT_TRUE(parser.expectsContinue());
  parser.reset();
  EXPECT_FALSE(parser.expectsContinue());
  parser.feed("POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(parser.stage(), Stage::Body);
  EXPECT_FALSE(parser.expectsContinue());
}

TEST(HttpRequestParser, TakesHostsAsTheyAreWritten) {
  const auto host = [](const std::string& text) {
    const RequestRun result = run("GET / HTTP/1.1\r\nHost: " + text + "\r\n\r\n");
    return result.requests.empty() ? "refused" : result.requests[0].host;
  };
  EXPECT_EQ(host("[::1]:8080"), "[::1]");
  EXPECT_EQ(host("[FE80::1]"), "[fe80::1]");
  EXPECT_EQ(host("127.0.0.1:65535"), "127.0.0.1");
  EXPECT_EQ(host("My_Host-1.example"), "my_host-1.example");
}

TEST(HttpRequestParser, LimitsAreExact) {
  const std::string target = "/" + std::string(8 * 1024 - 1, 'a');
  EXPECT_EQ(run("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n").requests.size(), 1u);
  const std::string before = "GET / HTTP/1.1\r\nHost: a.example\r\nA: ";
  HttpLimits limits;
  limits.maxHead = 1000;
  const std::string fitting = before + std::string(1000 - before.size() - 4, 'a') + "\r\n\r\n";
  ASSERT_EQ(fitting.size(), 1000u);
  EXPECT_EQ(run(fitting, limits).requests.size(), 1u);
  EXPECT_EQ(run(before + "a" + fitting.substr(before.size()), limits).failure, 431);
  limits.maxHeaders = 2;
  EXPECT_EQ(run(get("A: b\r\n"), limits).requests.size(), 1u);
  EXPECT_EQ(run(get("A: b\r\nA: b\r\n"), limits).failure, 431);
}

TEST(HttpRequestParser, NothingIsTakenAfterAFailure) {
  HttpRequestParser parser;
  parser.feed("\x01");
  ASSERT_EQ(parser.stage(), Stage::Failed);
  EXPECT_EQ(parser.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0u);
  EXPECT_FALSE(parser.keepAlive());
}

}  // namespace
}  // namespace tsunagi::net::test
