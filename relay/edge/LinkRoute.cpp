#include "relay/edge/LinkRoute.h"

#include "link/Messages.h"
#include "relay/edge/UnitHub.h"
#include "relay/edge/UnitSession.h"

namespace tsunagi::relay {

namespace {

constexpr size_t MAX_BEARER = 512;

// The token of "Authorization: Bearer <token>"; empty when there is not exactly one such field.
std::string_view bearerOf(const net::HttpHeaders& headers) {
  if (headers.count("authorization") != 1) return {};
  std::string_view value = *headers.find("authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (value.size() > MAX_BEARER || value.size() <= scheme.size()) return {};
  if (!net::equalsIgnoreCase(value.substr(0, scheme.size()), scheme)) return {};
  return value.substr(scheme.size());
}

}  // namespace

LinkRoute::LinkRoute(UnitHub& hub, const UnitRegistry& units, const Clock& clock)
    : _hub(hub), _units(units), _clock(clock) {}

void LinkRoute::add(net::HttpServer& server) {
  server.routeUpgrade("/{fleet}/{unit}/ws",
                      [this](const net::HttpRequest& head, const net::PathParameters& parameters) {
                        auto decision = upgrade(head, parameters);
                        if (std::holds_alternative<net::UpgradeAccept>(decision)) ++_counters.accepted;
                        return decision;
                      });
}

std::variant<net::HttpResponse, net::UpgradeAccept> LinkRoute::upgrade(const net::HttpRequest& head,
                                                                       const net::PathParameters& parameters) {
  auto unit = _units.lookup(parameters[0], parameters[1]);
  auto serial = matchToken(unit.get(), bearerOf(head.headers), _clock.wallMs());
  if (!unit || !serial) {
    ++_counters.unauthorized;
    net::HttpResponse response = net::HttpResponse::text(401, "unknown unit or wrong token\n");
    response.headers.add("WWW-Authenticate", "Bearer");
    return response;
  }
  if (unit->suspended) {
    ++_counters.refused;
    return net::HttpResponse::text(403, "this unit is suspended\n");
  }
  if (!head.headers.hasToken("sec-websocket-protocol", link::SUBPROTOCOL)) {
    ++_counters.refused;
    net::HttpResponse response = net::HttpResponse::text(426, "this unit needs the subprotocol tsunagi.v1\n");
    response.headers.add("Upgrade", "websocket");
    response.headers.add("Sec-WebSocket-Protocol", link::SUBPROTOCOL);
    return response;
  }
  if (!_hub.mayDial(unit->id)) {
    ++_counters.refused;
    net::HttpResponse response = net::HttpResponse::text(429, "too many connections in this minute\n");
    response.headers.add("Retry-After", "60");
    return response;
  }
  net::UpgradeAccept accept;
  accept.handler = std::make_shared<UnitSession>(_hub, unit, *serial);
  accept.subprotocol = link::SUBPROTOCOL;
  accept.maxMessage = link::MAX_CONTROL_BYTES;
  return accept;
}

LinkStats LinkRoute::stats() const { return {_counters.accepted, _counters.unauthorized, _counters.refused}; }

}  // namespace tsunagi::relay
