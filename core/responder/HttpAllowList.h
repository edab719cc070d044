#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"
#include "net/Url.h"

namespace tsunagi::responder {

// What an instance may reach by rsp.http/1 (S17): the base URLs of its own settings, and below each of them all or some
// paths. Everything is compared after strict parsing. Immutable once filled.
class HttpAllowList {
 public:
  // paths: below the base's own, such as "/v1"; none: everything below it. A base's query is refused.
  static Result<net::Url> parseBase(std::string_view text);
  void add(net::Url base, std::vector<std::string> paths);

  // The parsed URL, or why the host does not call it: another scheme, host or port, a path that is not at or below an
  // allowed one, a dot segment, an encoded slash, backslash or dot, user info, a fragment.
  Result<net::Url> check(std::string_view url) const;

 private:
  struct Base {
    net::Url url;
    std::vector<std::string> prefixes;  // whole paths without a slash at the end
  };
  std::vector<Base> _bases;
};

}  // namespace tsunagi::responder
