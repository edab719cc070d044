#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/HttpMessage.h"

namespace tsunagi::net {

// Does the request ask for a WebSocket, well or badly?
bool asksForUpgrade(const HttpRequest& head);

// The server's checks of RFC 6455 section 4.2.1: nothing when the handshake may go on, else the refusal (400, or 426
// with the version spoken here).
std::optional<HttpResponse> checkUpgrade(const HttpRequest& head, bool bodyAnnounced);

// The 101 for a request that passed. subprotocol is empty or a token.
HttpResponse acceptUpgrade(const HttpRequest& head, std::string_view subprotocol);

}  // namespace tsunagi::net
