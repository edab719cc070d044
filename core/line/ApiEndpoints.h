#pragma once
#include <string>

#include "base/Result.h"

namespace tsunagi::line {

// Base URLs without a trailing slash; a path is kept as a prefix.
struct ApiEndpoints {
  std::string apiBase = "https://api.line.me";
  std::string dataBase = "https://api-data.line.me";
  std::string oauthBase = {};  // where access tokens are issued; empty = apiBase

  // Each base must be https, or http to a loopback address: it carries the access token (S2). No query.
  Status validate() const;
  const std::string& tokenBase() const { return oauthBase.empty() ? apiBase : oauthBase; }
};

}  // namespace tsunagi::line
