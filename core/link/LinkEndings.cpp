#include "link/LinkEndings.h"

#include <algorithm>
#include <ctime>

#include "base/LogEscape.h"
#include "link/Messages.h"

namespace tsunagi::link {

using Ending = ReconnectPolicy::Ending;
using Trouble = LinkState::Trouble;

namespace {

constexpr int64_t CLOCK_CERTAINLY_WRONG_BEFORE_MS = 1'735'689'600'000;  // 2025-01-01

std::string utc(int64_t wallMs) {
  std::time_t seconds = static_cast<std::time_t>(wallMs / 1000);
  std::tm parts{};
  if (!gmtime_r(&seconds, &parts)) return "unreadable";
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

EndingVerdict ofStatus(const net::WebSocketRefusal& refusal) {
  const std::string status = std::to_string(refusal.httpStatus);
  switch (refusal.httpStatus) {
    case 401:
      return {Ending::Refused, Trouble::Refused,
              "the relay does not know this unit or its token (401): compare [relay] unit and token_file with the "
              "relay's list, or rotate the token there"};
    case 403:
      return {Ending::Refused, Trouble::Refused, "this unit is suspended on the relay (403): ask its operator"};
    case 404:
      return {Ending::Incompatible, Trouble::Incompatible,
              "there is no relay at this address (404): check [relay] url, it ends with the fleet's name"};
    case 426:
      return {Ending::Incompatible, Trouble::Incompatible,
              "the relay does not speak tsunagi.v1 for this unit (426): update it, or the bridge"};
    case 429:
    case 503:
      return {Ending::Overloaded, Trouble::Overloaded, "the relay asks for patience (" + status + ")",
              refusal.retryAfterMs};
    default:
      return {Ending::Failed, Trouble::Incompatible,
              "the relay's address answered HTTP " + status + " to the link: a proxy in between, or no relay"};
  }
}

}  // namespace

EndingVerdict judgeRefusal(const net::WebSocketRefusal& refusal, int64_t wallMs) {
  using Kind = net::WebSocketRefusal::Kind;
  const std::string text = logEscape(refusal.message);
  switch (refusal.kind) {
    case Kind::Http:
      return ofStatus(refusal);
    case Kind::Tls: {
      EndingVerdict verdict{Ending::Failed, Trouble::Tls, "no trusted TLS connection to the relay: " + text};
      const bool aboutTime =
          text.find("expired") != std::string::npos || text.find("not yet valid") != std::string::npos;
      if (aboutTime || wallMs < CLOCK_CERTAINLY_WRONG_BEFORE_MS) {
        verdict.detail += "; this machine's clock says " + utc(wallMs) + ": if that is wrong, set the clock";
      }
      return verdict;
    }
    case Kind::Protocol:
      return {Ending::Incompatible, Trouble::Incompatible, "no link protocol at the relay's address: " + text};
    case Kind::Dns:
    case Kind::Connect:
    case Kind::Timeout:
    case Kind::Cancelled:
      break;
  }
  return {Ending::Failed, Trouble::Unreachable, "the relay cannot be reached: " + text};
}

EndingVerdict judgeClose(uint16_t code, const std::string& reason, bool ours, bool healthy) {
  const Ending usual = healthy ? Ending::Healthy : Ending::Failed;
  const std::string text = reason.empty() ? "" : ": " + logEscape(reason);
  if (ours) {
    if (code == 1002) return {Ending::Incompatible, Trouble::Incompatible, "no tsunagi.v1 at the relay" + text};
    if (code == 1006) return {usual, Trouble::Unreachable, "the connection was given up" + text};
    return {Ending::Failed, Trouble::Protocol, "the relay broke the protocol" + text};
  }
  switch (code) {
    case close::NORMAL:
    case 1001:
      return {usual, Trouble::None, "the relay closed the connection" + text};
    case close::RESTARTING:
      return {Ending::Healthy, Trouble::None, "the relay restarts" + text};
    case close::BAD_MESSAGE:
      return {Ending::Failed, Trouble::Protocol, "the relay did not understand this bridge (4400)" + text};
    case close::TOKEN_EXPIRED:
      return {Ending::Refused, Trouble::Refused,
              "this token has expired (4401): put the rotated token into [relay] token_file"};
    case close::REVOKED:
      return {Ending::Refused, Trouble::Refused, "this unit's access was revoked (4403): ask the relay's operator"};
    case close::REPLACED:
      return {Ending::Replaced, Trouble::Replaced,
              "another bridge serves this unit with the same token (4409): stop one of the two; this one waits"};
    case close::TOO_BIG:
      return {Ending::Failed, Trouble::Protocol, "the relay found a message too big (4413)" + text};
    case close::SLOW_DOWN:
      return {Ending::Overloaded, Trouble::Overloaded, "the relay asks to dial less often (4429)" + text};
    case 1006:
      return {usual, Trouble::Unreachable, "the connection broke" + text};
    default:
      return {usual, Trouble::Protocol, "the relay closed with code " + std::to_string(code) + text};
  }
}

Result<net::Url> unitSocketUrl(const std::string& url, const std::string& unit) {
  auto parsed = net::Url::parse(url);
  if (!parsed) return Error{"[relay] url: " + parsed.error()};
  if (parsed->scheme != "wss" && parsed->scheme != "ws") return Error{"[relay] url must begin with wss://"};
  if (parsed->scheme == "ws" && !parsed->isLoopback()) {
    return Error{"[relay] url must begin with wss://: the token would travel unprotected (ws:// is for loopback only)"};
  }
  std::string path = parsed->target;
  while (!path.empty() && path.back() == '/') path.pop_back();
  if (path.empty() || path.find('?') != std::string::npos) {
    return Error{"[relay] url must end with the fleet's name, as in wss://relay.example.org/home"};
  }
  const bool plain = !unit.empty() && unit.size() <= 128 && std::all_of(unit.begin(), unit.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!plain) return Error{"[relay] unit must be the id that `tsunagi-relay unit add` printed"};
  parsed->target = path + "/" + unit + "/ws";
  return std::move(parsed).value();
}

std::optional<net::Url> allowedAlternative(const std::string& alt, const net::Url& unitSocket,
                                           const std::vector<std::string>& altHosts) {
  auto parsed = net::Url::parse(alt);
  if (!parsed || parsed->scheme != "wss") return std::nullopt;
  const bool known =
      parsed->host == unitSocket.host || std::find(altHosts.begin(), altHosts.end(), parsed->host) != altHosts.end();
  if (!known) return std::nullopt;
  net::Url url = unitSocket;
  url.scheme = parsed->scheme;
  url.host = parsed->host;
  url.port = parsed->port;
  return url;
}

}  // namespace tsunagi::link
