#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "net/HttpServer.h"

namespace tsunagi::net {

struct HttpRoute {
  std::string method;
  std::string pattern;  // for logs: unlike the path it holds no secret
  HttpHandler handler;
  HeadCheck check;
  uint64_t maxBody = 0;           // 0 = the server's
  UpgradeHandler upgradeHandler;  // set: GET with Upgrade only
};

// Patterns to handlers. Filled before the server listens, then only read: from any thread.
class HttpRouter {
 public:
  // Throws std::invalid_argument on a pattern that does not begin with '/', has an empty element in the middle or
  // braces that are not a whole element.
  void add(HttpRoute route);

  struct Match {
    const HttpRoute* route = nullptr;    // for plain requests
    const HttpRoute* upgrade = nullptr;  // for the same path with Upgrade
    std::string allow;                   // methods of the path when neither was found; empty = unknown path
  };
  // GET routes also match HEAD. Of several patterns the one with the most literal elements wins.
  Match find(std::string_view method, std::string_view path) const;

  // What stands at the places of the pattern's {elements}; views into path, which the pattern matches.
  static PathParameters parameters(const HttpRoute& route, std::string_view path);

 private:
  struct Entry {
    HttpRoute route;
    std::vector<std::string> elements;  // "{...}" stays as it is
    size_t literals = 0;
  };
  std::deque<Entry> _entries;        // in order of adding; addresses stay
  std::vector<const Entry*> _order;  // the most literal first
};

}  // namespace tsunagi::net
