#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/Result.h"

namespace tsunagi::net {

// An absolute http, https, ws or wss URL, parsed strictly: no user info, no fragment, no control characters.
struct Url {
  std::string scheme;  // lower case
  std::string host;    // lower case; an IPv6 literal without brackets
  uint16_t port = 0;   // the scheme's default when the text has none
  std::string target;  // path and query, at least "/"
  bool tls() const { return scheme == "https" || scheme == "wss"; }
  bool isLoopback() const;        // localhost, 127.0.0.0/8 or ::1, by its text; no name is looked up
  std::string authority() const;  // for the Host field: brackets as needed, port only when not the default
  std::string withTarget(std::string_view otherTarget) const;  // absolute URL with another target

  static Result<Url> parse(std::string_view text);
};

// "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:443" or "unix:/path" as used by every listen key; port 0 lets the kernel
// choose.
struct ListenAddress {
  std::string host;
  uint16_t port = 0;
  std::string unixPath;
  bool isUnix() const { return !unixPath.empty(); }
  bool isLoopback() const;
  std::string text() const;
  static Result<ListenAddress> parse(std::string_view text);
};

}  // namespace tsunagi::net
