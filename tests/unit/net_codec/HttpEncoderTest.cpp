#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "Feeding.h"
#include "net/HttpParser.h"

namespace tsunagi::net::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

HttpHeaders fields(std::vector<HttpHeader> list) {
  HttpHeaders headers;
  for (HttpHeader& field : list) headers.add(std::move(field.name), std::move(field.value));
  return headers;
}

TEST(EncodeRequest, IsReadBackByTheParser) {
  const std::string bytes =
      encodeRequest("POST", "/a?b=c", fields({{"Host", "h"}, {"X-Text", "caf\xc3\xa9"}}), "body\r\n\0"s);
  const RequestRun result = runRequests(bytes, 0);
  ASSERT_EQ(result.requests.size(), 1u) << result.reason;
  EXPECT_EQ(result.requests[0].target, "/a?b=c");
  EXPECT_EQ(result.requests[0].headers.find("x-text"), "caf\xc3\xa9");
  EXPECT_EQ(result.requests[0].body, "body\r\n\0"s);
}

TEST(EncodeRequest, TellsALengthWhereOneIsNeeded) {
  for (const char* method : {"POST", "PUT", "PATCH"})
    EXPECT_THAT(encodeRequest(method, "/", {}, ""), HasSubstr("Content-Length: 0\r\n"));
  EXPECT_THAT(encodeRequest("GET", "/", {}, ""), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(encodeRequest("DELETE", "/", {}, "x"), HasSubstr("Content-Length: 1\r\n"));
}

TEST(EncodeRequest, RefusesInjection) {
  const auto refused = [](std::string method, std::string target, HttpHeaders headers) {
    EXPECT_THROW(encodeRequest(method, target, headers, ""), std::invalid_argument) << method << target;
  };
  refused("GET /", "/", {});
  refused("GE\r\nT", "/", {});
  refused("", "/", {});
  refused("GET", "", {});
  refused("GET", "/ HTTP/1.1\r\nX: y", {});
  refused("GET", "/a b", {});
  refused("GET", "/a\tb", {});
  refused("GET", "/a\0b"s, {});
  refused("GET", "/\xe3\x81\x82", {});
  refused("GET", "/a#b", {});
  for (const std::string& value : {"a\r\nX: y"s, "a\nb"s, "a\rb"s, "a\0b"s, "\x1b[0m"s, "\x7f"s})
    refused("GET", "/", fields({{"A", value}}));
  for (const std::string& name : {"A\r\n"s, "A B"s, "A:"s, ""s, "\xc3\xa9"s, "A\0"s})
    refused("GET", "/", fields({{name, "b"}}));
  refused("GET", "/", fields({{"content-length", "3"}}));
  refused("GET", "/", fields({{"Transfer-encoding", "chunked"}}));
}

TEST(EncodeResponse, IsReadBackByTheParser) {
  HttpResponse response = HttpResponse::json(201, "{\"a\":1}");
  response.headers.add("X-One", "1");
  const ResponseRun result = runResponse(encodeResponse(response, true), 0, false);
  EXPECT_EQ(result.stage, HttpResponseParser::Stage::Complete);
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(result.body, "{\"a\":1}");
  EXPECT_TRUE(result.keepAlive);
  EXPECT_THAT(result.headers, testing::Contains("Content-Type: application/json"));
  EXPECT_THAT(result.headers, testing::Contains("Content-Length: 7"));
  EXPECT_THAT(result.headers,
              testing::Contains(testing::MatchesRegex("Date: [A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] [0-9]+ "
                                                      "[0-9][0-9]:[0-9][0-9]:[0-9][0-9] GMT")));
  EXPECT_FALSE(runResponse(encodeResponse(response, false), 0, false).keepAlive);
}

TEST(EncodeResponse, HeadTellsTheLengthOnly) {
  const std::string bytes = encodeResponse(HttpResponse::text(200, "hello"), true, true);
  EXPECT_THAT(bytes, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(bytes, testing::EndsWith("\r\n\r\n"));
}

TEST(EncodeResponse, SomeStatusesHaveNoBody) {
  for (const int status : {101, 204, 304}) {
    const std::string bytes = encodeResponse(HttpResponse::text(status, "x"), true);
    EXPECT_THAT(bytes, Not(HasSubstr("Content-Length"))) << status;
    EXPECT_THAT(bytes, testing::EndsWith("\r\n\r\n")) << status;
  }
}

TEST(EncodeResponse, An101KeepsItsConnectionField) {
  HttpResponse response;
  response.status = 101;
  response.headers.add("Connection", "Upgrade");
  const std::string bytes = encodeResponse(response, true);
  EXPECT_THAT(bytes, HasSubstr("Connection: Upgrade\r\n"));
  EXPECT_THAT(bytes, Not(HasSubstr("keep-alive")));
}

TEST(EncodeResponse, RefusesInjection) {
  HttpResponse response;
  response.headers.add("Location", "/\r\nSet-Cookie: a=b");
  EXPECT_THROW(encodeResponse(response, true), std::invalid_argument);
  response.headers.set("Location", "/");
  EXPECT_NO_THROW(encodeResponse(response, true));
  response.headers.set("Content-Length", "3");
  EXPECT_THROW(encodeResponse(response, true), std::invalid_argument);
  response = HttpResponse();
  response.status = 42;
  EXPECT_THROW(encodeResponse(response, true), std::invalid_argument);
}

TEST(HttpHeaders, NamesCompareWithoutCase) {
  HttpHeaders headers = fields({{"A", "1"}, {"a", "2"}, {"B", "3"}});
  EXPECT_EQ(headers.count("a"), 2u);
  EXPECT_EQ(headers.find("A"), "1");
  headers.set("a", "4");
  EXPECT_EQ(headers.count("A"), 1u);
  EXPECT_EQ(headers.find("A"), "4");
  EXPECT_FALSE(headers.find("C").has_value());
  headers.remove("b");
  EXPECT_EQ(headers.all().size(), 1u);
}

TEST(HttpHeaders, TokensAreFoundInLists) {
  const HttpHeaders headers = fields({{"Connection", "keep-alive ,\tUpgrade"}, {"connection", "x"}});
  EXPECT_TRUE(headers.hasToken("connection", "upgrade"));
  EXPECT_TRUE(headers.hasToken("Connection", "Keep-Alive"));
  EXPECT_TRUE(headers.hasToken("Connection", "X"));
  EXPECT_FALSE(headers.hasToken("Connection", "grade"));
  EXPECT_FALSE(headers.hasToken("Upgrade", "x"));
}

}  // namespace
}  // namespace tsunagi::net::test
