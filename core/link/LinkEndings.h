#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/Result.h"
#include "link/LinkClient.h"
#include "link/ReconnectPolicy.h"
#include "net/Url.h"
#include "net/WebSocketClient.h"

namespace tsunagi::link {

// What the end of an attempt or a session means: the table of docs/link-protocol.md as pure functions.
struct EndingVerdict {
  ReconnectPolicy::Ending ending = ReconnectPolicy::Ending::Failed;
  LinkState::Trouble trouble = LinkState::Trouble::None;
  std::string detail;  // for operators, escaped, one line
  int64_t askedMs = 0;
};

// wallMs: a certificate that seems not valid in time may be this machine's wrong clock; the detail then says so (J4).
EndingVerdict judgeRefusal(const net::WebSocketRefusal& refusal, int64_t wallMs);
// ours: this end closed, reason is its own. healthy: the session had been welcomed and lived a while.
EndingVerdict judgeClose(uint16_t code, const std::string& reason, bool ours, bool healthy);

// The socket's URL of a unit: url + "/" + unit + "/ws". url must be wss, or ws to loopback, with a path naming the
// fleet.
Result<net::Url> unitSocketUrl(const std::string& url, const std::string& unit);

// The unit's URL on another relay named by goaway: wss, and the host is the configured one or in altHosts (S16).
std::optional<net::Url> allowedAlternative(const std::string& alt, const net::Url& unitSocket,
                                           const std::vector<std::string>& altHosts);

}  // namespace tsunagi::link
