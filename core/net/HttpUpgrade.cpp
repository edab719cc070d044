#include "net/HttpUpgrade.h"

#include "base/Encoding.h"
#include "net/WebSocketCodec.h"

namespace tsunagi::net {

namespace {

constexpr size_t KEY_BYTES = 16;

HttpResponse upgradeRequired(std::string text) {
  HttpResponse response = HttpResponse::text(426, std::move(text));
  response.headers.set("Upgrade", "websocket");
  response.headers.set("Connection", "Upgrade, close");
  response.headers.set("Sec-WebSocket-Version", "13");
  return response;
}

}  // namespace

bool asksForUpgrade(const HttpRequest& head) {
  return head.method == "GET" && (head.headers.count("Upgrade") > 0 || head.headers.count("Sec-WebSocket-Key") > 0);
}

std::optional<HttpResponse> checkUpgrade(const HttpRequest& head, bool bodyAnnounced) {
  const HttpHeaders& headers = head.headers;
  const auto refuse = [](const char* what) { return HttpResponse::text(400, std::string(what) + "\n"); };
  if (!headers.hasToken("Upgrade", "websocket")) return upgradeRequired("A WebSocket is spoken here.\n");
  if (head.minorVersion < 1) return refuse("A WebSocket needs HTTP/1.1.");
  if (!headers.hasToken("Connection", "Upgrade")) return refuse("Connection: Upgrade is missing.");
  if (bodyAnnounced) return refuse("A WebSocket handshake has no body.");
  const auto version = headers.find("Sec-WebSocket-Version");
  if (!version || headers.count("Sec-WebSocket-Version") != 1 || *version != "13") {
    return upgradeRequired("Only WebSocket version 13 is spoken here.\n");
  }
  const auto key = headers.find("Sec-WebSocket-Key");
  if (!key || headers.count("Sec-WebSocket-Key") != 1) return refuse("Exactly one Sec-WebSocket-Key is needed.");
  const auto bytes = fromBase64(*key);
  if (!bytes || bytes->size() != KEY_BYTES) return refuse("Sec-WebSocket-Key is not 16 bytes in base64.");
  return std::nullopt;
}

HttpResponse acceptUpgrade(const HttpRequest& head, std::string_view subprotocol) {
  HttpResponse response;
  response.status = 101;
  response.headers.add("Upgrade", "websocket");
  response.headers.add("Connection", "Upgrade");
  response.headers.add("Sec-WebSocket-Accept", websocketAccept(*head.headers.find("Sec-WebSocket-Key")));
  if (!subprotocol.empty()) response.headers.add("Sec-WebSocket-Protocol", std::string(subprotocol));
  return response;
}

}  // namespace tsunagi::net
