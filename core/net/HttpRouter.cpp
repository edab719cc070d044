#include "net/HttpRouter.h"

#include <algorithm>
#include <stdexcept>

namespace tsunagi::net {

namespace {

bool isParameter(std::string_view element) { return !element.empty() && element.front() == '{'; }

// Takes the first element off rest, which begins with '/'.
std::string_view nextElement(std::string_view& rest) {
  const size_t end = rest.find('/', 1);
  const std::string_view element = rest.substr(1, end == std::string_view::npos ? end : end - 1);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return element;
}

}  // namespace

void HttpRouter::add(HttpRoute route) {
  Entry entry;
  std::string_view rest = route.pattern;
  if (rest.empty() || rest.front() != '/')
    throw std::invalid_argument("route pattern without a leading /: " + route.pattern);
  while (!rest.empty()) {
    const std::string_view element = nextElement(rest);
    const bool braces = element.find_first_of("{}") != std::string_view::npos;
    const bool whole = element.size() > 2 && element.front() == '{' && element.back() == '}' &&
                       element.substr(1, element.size() - 2).find_first_of("{}") == std::string_view::npos;
    if (braces && !whole) throw std::invalid_argument("route pattern with braces inside an element: " + route.pattern);
    if (element.empty() && !rest.empty())
      throw std::invalid_argument("route pattern with an empty element: " + route.pattern);
    entry.literals += isParameter(element) ? 0 : 1;
    entry.elements.emplace_back(element);
  }
  entry.route = std::move(route);
  _entries.push_back(std::move(entry));
  const Entry* const added = &_entries.back();
  const auto place =
      std::find_if(_order.begin(), _order.end(), [&](const Entry* other) { return other->literals < added->literals; });
  _order.insert(place, added);
}

HttpRouter::Match HttpRouter::find(std::string_view method, std::string_view path) const {
  Match match;
  std::vector<std::string_view> allowed;
  for (const Entry* entry : _order) {
    std::string_view rest = path;
    bool fits = true;
    for (const std::string& element : entry->elements) {
      if (rest.empty()) {
        fits = false;
        break;
      }
      const std::string_view given = nextElement(rest);
      fits = isParameter(element) ? !given.empty() : given == element;
      if (!fits) break;
    }
    if (!fits || !rest.empty()) continue;
    const HttpRoute& route = entry->route;
    const bool isGet = route.method == "GET";
    if (route.upgradeHandler && method == "GET") {
      if (!match.upgrade) match.upgrade = &route;
    } else if (!route.upgradeHandler && (route.method == method || (isGet && method == "HEAD"))) {
      if (!match.route) match.route = &route;
    } else {
      allowed.push_back(route.method);
      if (isGet && !route.upgradeHandler) allowed.push_back("HEAD");
    }
  }
  if (!match.route && !match.upgrade) {
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    for (const std::string_view name : allowed) match.allow.append(match.allow.empty() ? "" : ", ").append(name);
  }
  return match;
}

PathParameters HttpRouter::parameters(const HttpRoute& route, std::string_view path) {
  PathParameters found;
  std::string_view pattern = route.pattern;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view element = nextElement(pattern);
    const std::string_view given = nextElement(path);
    if (isParameter(element)) found.push_back(given);
  }
  return found;
}

}  // namespace tsunagi::net
