#include "responder/HttpAllowList.h"

#include <gtest/gtest.h>

namespace tsunagi::responder {
namespace {

HttpAllowList listOf(std::string_view base, std::vector<std::string> paths = {}) {
  HttpAllowList list;
  auto url = HttpAllowList::parseBase(base);
  EXPECT_TRUE(url.ok()) << base;
  if (url) list.add(std::move(url).value(), std::move(paths));
  return list;
}

TEST(HttpAllowListTest, OnlyTheBaseAndWhatIsBelowIt) {
  const HttpAllowList list = listOf("https://api.example.com/v1/");
  for (const char* good :
       {"https://api.example.com/v1", "https://api.example.com/v1/", "https://API.example.com:443/v1/x",
        "https://api.example.com/v1/models?limit=5", "https://api.example.com/v1/a%20b"})
    EXPECT_TRUE(list.check(good).ok()) << good;
  for (const char* bad : {"http://api.example.com/v1",
                          "https://api.example.com:444/v1",
                          "https://api.example.com.evil.com/v1",
                          "https://evil.com/v1",
                          "https://api.example.com/v10",
                          "https://api.example.com/",
                          "https://api.example.com/V1",
                          "https://api.example.com/v1/../admin",
                          "https://api.example.com/v1/./x",
                          "https://api.example.com/v1/..",
                          "https://api.example.com/v1/%2e%2e/admin",
                          "https://api.example.com/v1/%2E./admin",
                          "https://api.example.com/v1%2Fx",
                          "https://api.example.com/v1/a%2fb",
                          "https://api.example.com/v1/a%5Cb",
                          "https://api.example.com/v1/a\\..\\b",
                          "https://api.example.com//v1/x",
                          "https://api.example.com/v1//x",
                          "https://user@api.example.com/v1",
                          "https://api.example.com@evil.com/v1",
                          "https://api.example.com/v1#x",
                          "https://api.example.com/v1/%252e%252e/x",
                          "/v1",
                          "",
                          "ftp://api.example.com/v1"})
    EXPECT_FALSE(list.check(bad).ok()) << bad;
}

TEST(HttpAllowListTest, WithPathsOnlyThose) {
  const HttpAllowList list = listOf("http://127.0.0.1:18789", {"/v1", "/readyz"});
  EXPECT_TRUE(list.check("http://127.0.0.1:18789/v1/chat/completions").ok());
  EXPECT_TRUE(list.check("http://127.0.0.1:18789/readyz").ok());
  EXPECT_FALSE(list.check("http://127.0.0.1:18789/tools/invoke").ok());
  EXPECT_FALSE(list.check("http://127.0.0.1:18789/v1/../tools/invoke").ok());
  EXPECT_FALSE(list.check("http://127.0.0.1:18789/").ok());
  EXPECT_FALSE(list.check("http://localhost:18789/v1").ok()) << "another name is another host";
}

TEST(HttpAllowListTest, ABaseIsAPlainAddress) {
  EXPECT_TRUE(HttpAllowList::parseBase("http://[::1]:8080/api/v1").ok());
  for (const char* bad : {"wss://x/", "http://x/?key=1", "http://x/a/../b", "x", "http://u:p@x/", "http://x/a%2fb"})
    EXPECT_FALSE(HttpAllowList::parseBase(bad).ok()) << bad;
}

TEST(HttpAllowListTest, NothingIsAllowedWithoutABase) { EXPECT_FALSE(HttpAllowList().check("http://127.0.0.1/").ok()); }

}  // namespace
}  // namespace tsunagi::responder
