#include "net/Url.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <optional>

#include "net/HttpSyntax.h"

namespace tsunagi::net {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool isIpv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool isIpv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool loopbackText(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::optional<uint16_t> readPort(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), isDigit)) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
  if (value > 65535) return std::nullopt;
  return static_cast<uint16_t>(value);
}

// Labels of letters, digits, '-' and '_'. What a resolver would take for a number (0x7f000001, 127.1, 2130706433) must
// be an IPv4 address in its usual form, so that a check by text and the system see the same host.
bool isHostName(const std::string& host) {
  if (host.empty() || host.size() > 253) return false;
  size_t start = 0;
  std::string_view label;
  while (start <= host.size()) {
    const size_t dot = std::min(host.find('.', start), host.size());
    label = std::string_view(host).substr(start, dot - start);
    const bool rootDot = label.empty() && dot == host.size() && start > 0;
    if (rootDot) break;
    if (label.empty() || label.size() > 63) return false;
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return isAlpha(c) || isDigit(c) || c == '-' || c == '_'; }))
      return false;
    start = dot + 1;
  }
  const std::string bare = host.back() == '.' ? host.substr(0, host.size() - 1) : host;
  const std::string lastLabel = bare.substr(bare.rfind('.') + 1);
  const bool numeric =
      std::all_of(lastLabel.begin(), lastLabel.end(), isDigit) ||
      (lastLabel.compare(0, 2, "0x") == 0 && std::all_of(lastLabel.begin() + 2, lastLabel.end(), isHex));
  return !numeric || isIpv4(host);
}

// host[:port] with IPv6 in brackets. port is left alone when the text has none.
const char* splitAuthority(std::string_view text, std::string& host, std::optional<std::string_view>& port) {
  if (!text.empty() && text.front() == '[') {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return "the IPv6 address has no closing bracket";
    host = lowered(text.substr(1, end - 1));
    if (!isIpv6(host)) return "what stands in brackets is not an IPv6 address";
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return "text after the closing bracket";
    if (!rest.empty()) port = rest.substr(1);
    return nullptr;
  }
  const size_t colon = text.find(':');
  if (colon != text.rfind(':')) return "an IPv6 address must stand in brackets";
  host = lowered(text.substr(0, colon));
  if (colon != std::string_view::npos) port = text.substr(colon + 1);
  return nullptr;
}

uint16_t defaultPort(std::string_view scheme) { return scheme == "https" || scheme == "wss" ? 443 : 80; }

bool percentsAreWhole(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] == '%' && (i + 2 >= text.size() || !isHex(text[i + 1]) || !isHex(text[i + 2]))) return false;
  return true;
}

Error urlError(const char* what) {
  return Error{std::string("not a usable URL: ") + what + " (expected like https://host.example/path)"};
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  const size_t mark = text.find("://");
  if (mark == std::string_view::npos) return urlError("it has no scheme");
  Url url;
  url.scheme = lowered(text.substr(0, mark));
  if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ws" && url.scheme != "wss")
    return urlError("the scheme must be http, https, ws or wss");
  const std::string_view rest = text.substr(mark + 3);
  const size_t pathAt = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, pathAt);
  if (authority.find('@') != std::string_view::npos) return urlError("user names and passwords in URLs are refused");
  std::optional<std::string_view> port;
  if (const char* wrong = splitAuthority(authority, url.host, port)) return urlError(wrong);
  if (authority.empty() || authority.front() != '[') {
    if (!isHostName(url.host)) return urlError("the host is not a name or an address in its usual form");
  }
  url.port = defaultPort(url.scheme);
  if (port) {
    const std::optional<uint16_t> number = readPort(*port);
    if (!number || *number == 0) return urlError("the port must be 1 to 65535");
    url.port = *number;
  }
  const std::string_view target = rest.substr(pathAt);
  if (target.find('#') != std::string_view::npos) return urlError("it has a fragment (#...), take that away");
  if (!target.empty() && !isTargetText(target))
    return urlError("a space, control or non-ASCII character in the path; write it percent-encoded");
  if (!percentsAreWhole(target)) return urlError("a % that is not followed by two hex digits");
  url.target = target.empty() || target.front() != '/' ? "/" + std::string(target) : std::string(target);
  return url;
}

bool Url::isLoopback() const { return loopbackText(host); }

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != defaultPort(scheme)) out += ":" + std::to_string(port);
  return out;
}

std::string Url::withTarget(std::string_view otherTarget) const {
  return scheme + "://" + authority() + std::string(otherTarget);
}

bool ListenAddress::isLoopback() const { return !isUnix() && loopbackText(host); }

std::string ListenAddress::text() const {
  if (isUnix()) return "unix:" + unixPath;
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  constexpr std::string_view UNIX_PREFIX = "unix:";
  const auto bad = [](const char* what) {
    return Error{std::string("not a listen address: ") + what +
                 " (expected like 127.0.0.1:8080, [::1]:8080, 0.0.0.0:443 or unix:/path)"};
  };
  ListenAddress address;
  if (text.substr(0, UNIX_PREFIX.size()) == UNIX_PREFIX) {
    const std::string_view path = text.substr(UNIX_PREFIX.size());
    if (path.empty() || path.front() != '/') return bad("the path of a Unix socket must be absolute");
    if (path.size() >= sizeof(sockaddr_un::sun_path))
      return bad("the path of the Unix socket is longer than 107 bytes");
    if (path.find('\0') != std::string_view::npos) return bad("NUL in the path");
    address.unixPath = path;
    return address;
  }
  std::optional<std::string_view> port;
  if (const char* wrong = splitAuthority(text, address.host, port)) return bad(wrong);
  if (address.host == "localhost") address.host = "127.0.0.1";
  const bool bracketed = !text.empty() && text.front() == '[';
  if (!bracketed && !isIpv4(address.host)) return bad("the host must be an IP address of this machine or localhost");
  if (!port) return bad("the port is missing");
  const std::optional<uint16_t> number = readPort(*port);
  if (!number) return bad("the port must be 0 to 65535");
  address.port = *number;
  return address;
}

}  // namespace tsunagi::net
