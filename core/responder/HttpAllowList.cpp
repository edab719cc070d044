#include "responder/HttpAllowList.h"

#include <algorithm>
#include <utility>

namespace tsunagi::responder {
namespace {

std::string_view pathOf(std::string_view target) { return target.substr(0, target.find('?')); }

std::string withoutEndSlash(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return std::string(path);
}

// Would some server take the path for another one than it looks like?
bool isTricky(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.find('\\') != std::string_view::npos ||
      path.find("//") != std::string_view::npos)
    return true;
  for (size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    std::string code(path.substr(at + 1, 2));
    std::transform(code.begin(), code.end(), code.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
    for (const char* forbidden : {"2F", "5C", "2E", "25", "00"})
      if (code == forbidden) return true;
  }
  for (std::string_view rest = path.substr(1);;) {
    const size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment == "." || segment == "..") return true;
    if (slash == std::string_view::npos) return false;
    rest.remove_prefix(slash + 1);
  }
}

bool isAtOrBelow(std::string_view path, std::string_view prefix) {
  return path.substr(0, prefix.size()) == prefix && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

Result<net::Url> HttpAllowList::parseBase(std::string_view text) {
  auto url = net::Url::parse(text);
  if (!url) return url;
  if (url->scheme != "http" && url->scheme != "https") return Error{"must begin with http:// or https://"};
  if (url->target.find('?') != std::string::npos) return Error{"must have no query"};
  if (const std::string path = withoutEndSlash(url->target); !path.empty() && isTricky(path))
    return Error{"has a path with \"..\", \"//\" or an encoded slash or dot"};
  return url;
}

void HttpAllowList::add(net::Url base, std::vector<std::string> paths) {
  const std::string below = withoutEndSlash(base.target);
  if (paths.empty()) paths.emplace_back();
  for (auto& path : paths) path = below + withoutEndSlash(path);
  _bases.push_back({std::move(base), std::move(paths)});
}

Result<net::Url> HttpAllowList::check(std::string_view text) const {
  auto url = net::Url::parse(text);
  if (!url) return Error{"the address " + url.error()};
  const std::string_view path = pathOf(url->target);
  if (isTricky(path)) return Error{"the address has a path with \"..\", \"//\" or an encoded slash or dot"};
  for (const Base& base : _bases) {
    if (base.url.scheme != url->scheme || base.url.host != url->host || base.url.port != url->port) continue;
    for (const auto& prefix : base.prefixes)
      if (isAtOrBelow(path, prefix)) return url;
  }
  return Error{"the address is not below one of this responder's own (" + url->authority() + ")"};
}

}  // namespace tsunagi::responder
