#include "net/HttpRouter.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tsunagi::net {
namespace {

HttpRoute route(const std::string& method, const std::string& pattern, bool upgrade = false) {
  HttpRoute made;
  made.method = method;
  made.pattern = pattern;
  if (upgrade) {
    made.upgradeHandler = [](const HttpRequest&, const PathParameters&) {
      return std::variant<HttpResponse, UpgradeAccept>(HttpResponse::text(503, ""));
    };
  }
  return made;
}

TEST(HttpRouter, LiteralElementsWinOverParametersWhateverTheOrder) {
  HttpRouter router;
  router.add(route("GET", "/{a}/{b}"));
  router.add(route("GET", "/units/{b}"));
  router.add(route("GET", "/units/all"));
  EXPECT_EQ(router.find("GET", "/units/all").route->pattern, "/units/all");
  EXPECT_EQ(router.find("GET", "/units/one").route->pattern, "/units/{b}");
  EXPECT_EQ(router.find("GET", "/other/one").route->pattern, "/{a}/{b}");
  EXPECT_EQ(router.find("GET", "/other").route, nullptr);
  EXPECT_TRUE(router.find("GET", "/other").allow.empty());
}

TEST(HttpRouter, AMethodMayStandAtALessLiteralPattern) {
  HttpRouter router;
  router.add(route("GET", "/units/all"));
  router.add(route("DELETE", "/units/{b}"));
  EXPECT_EQ(router.find("DELETE", "/units/all").route->pattern, "/units/{b}");
  EXPECT_EQ(router.find("PUT", "/units/all").allow, "DELETE, GET, HEAD");
}

TEST(HttpRouter, AnUpgradeAndAPlainGetMayShareAPath) {
  HttpRouter router;
  router.add(route("GET", "/x", true));
  router.add(route("GET", "/x"));
  const auto match = router.find("GET", "/x");
  ASSERT_NE(match.route, nullptr);
  ASSERT_NE(match.upgrade, nullptr);
  EXPECT_FALSE(match.route->upgradeHandler);
  EXPECT_EQ(router.find("HEAD", "/x").upgrade, nullptr);
  HttpRouter only;
  only.add(route("GET", "/x", true));
  EXPECT_EQ(only.find("HEAD", "/x").allow, "GET");
}

TEST(HttpRouter, ParametersAreTheElementsAsTheyStand) {
  const HttpRoute made = route("GET", "/{fleet}/{unit}/webhook");
  const std::string path = "/gmk/a%20b/webhook";
  EXPECT_EQ(HttpRouter::parameters(made, path), (PathParameters{"gmk", "a%20b"}));
}

TEST(HttpRouter, TheRootAndATrailingSlashAreTheirOwnPaths) {
  HttpRouter router;
  router.add(route("GET", "/"));
  router.add(route("GET", "/a"));
  router.add(route("GET", "/a/"));
  EXPECT_EQ(router.find("GET", "/").route->pattern, "/");
  EXPECT_EQ(router.find("GET", "/a").route->pattern, "/a");
  EXPECT_EQ(router.find("GET", "/a/").route->pattern, "/a/");
  EXPECT_EQ(router.find("GET", "//").route, nullptr);
}

TEST(HttpRouter, BadPatternsAreProgrammingErrors) {
  HttpRouter router;
  for (const char* pattern : {"", "a", "/a//b", "/a{b}", "/{a", "/{}", "/{a}{b}"}) {
    EXPECT_THROW(router.add(route("GET", pattern)), std::invalid_argument) << pattern;
  }
}

}  // namespace
}  // namespace tsunagi::net
