// The control interface's calls about people, groups, rooms, events of every kind, and the account.
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/linesim/ControlApi.h"
#include "tools/linesim/EventRequest.h"
#include "tools/linesim/RequestFields.h"
#include "tools/linesim/WebhookBody.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

constexpr uint64_t MAX_CONTENT_BODY = Contents::MAX_BYTES / 3 * 4 + 1024 * 1024;  // in base64
constexpr uint64_t MAX_TOKEN_LIFE_MS = 24 * 60 * 60 * 1000;

net::HttpResponse jsonResponse(const json& body) {
  return net::HttpResponse::json(200, body.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::optional<std::string> optionalText(RequestFields& fields, const char* name) {
  return fields.has(name) ? std::optional<std::string>(fields.text(name)) : std::nullopt;
}

std::optional<bool> optionalFlag(RequestFields& fields, const char* name) {
  return fields.has(name) ? std::optional<bool>(fields.flag(name)) : std::nullopt;
}

// A list of names; complains when it is none.
std::vector<std::string> names(const json& request, const char* name, RequestFields& fields) {
  std::vector<std::string> result;
  for (const json& item : request.value(name, json::array())) {
    if (!item.is_string()) fields.complain(std::string(name) + " must be a list of names");
    result.push_back(item.is_string() ? item.get<std::string>() : "");
  }
  return result;
}

// May a browser show it in place? Anything else is only downloaded.
bool isShownInPlace(const std::string& mimeType) {
  return mimeType == "image/png" || mimeType == "image/jpeg" || mimeType == "image/gif" || mimeType == "image/webp" ||
         mimeType.rfind("audio/", 0) == 0 || mimeType.rfind("video/", 0) == 0;
}

}  // namespace

net::HttpResponse ControlApi::postEvents(const json& request) {
  RequestFields fields(request);
  const uint64_t copies = fields.number("copies", 1, Platform::MAX_COPIES);
  const bool batch = fields.flag("batch");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  const json list = request.value("events", json::array({request}));
  if (!list.is_array()) return errorResponse(400, "events must be a list");
  std::vector<EventRequest> events;
  for (const json& item : list) {
    auto event = readEventRequest(item);
    if (!event) return errorResponse(400, event.error());
    events.push_back(std::move(*event));
  }
  return dispatch(_platform.happen(events, batch, copies));
}

net::HttpResponse ControlApi::postUsers(const json& request) {
  RequestFields fields(request);
  PersonChange change;
  change.user = fields.text("user");
  change.displayName = optionalText(fields, "displayName");
  change.pictureUrl = optionalText(fields, "pictureUrl");
  change.statusMessage = optionalText(fields, "statusMessage");
  change.language = optionalText(fields, "language");
  change.isFriend = optionalFlag(fields, "friend");
  change.hasBlocked = optionalFlag(fields, "blocked");
  change.isIdentified = optionalFlag(fields, "identified");
  change.quiet = fields.flag("quiet");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  return dispatch(_platform.changePerson(change));
}

net::HttpResponse ControlApi::postGroups(const json& request) {
  RequestFields fields(request);
  ChatChange change;
  auto chat = readChatName(request);
  if (!chat) return errorResponse(400, chat.error());
  change.chat = *chat;
  change.title = optionalText(fields, "title");
  change.pictureUrl = optionalText(fields, "pictureUrl");
  change.add = names(request, "add", fields);
  change.remove = names(request, "remove", fields);
  change.hasBot = optionalFlag(fields, "bot");
  change.quiet = fields.flag("quiet");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  return dispatch(_platform.changeChat(change));
}

net::HttpResponse ControlApi::postEdit(const json& request) {
  RequestFields fields(request);
  const std::string messageId = fields.text("messageId");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  auto event = readEventRequest(request);
  if (!event) return errorResponse(400, event.error());
  return dispatch(_platform.edit(messageId, *event));
}

net::HttpResponse ControlApi::postTap(const json& request) {
  RequestFields fields(request);
  const std::string user = fields.text("user");
  const std::string messageId = fields.text("messageId");
  const std::string action = fields.text("action");
  const json params = request.value("params", json());
  if (!params.is_null() && !params.is_object()) fields.complain("params must be an object");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  return dispatch(_platform.tap(user, messageId, action, params));
}

net::HttpResponse ControlApi::postDelivery(const json& request) {
  RequestFields fields(request);
  const bool hold = fields.flag("hold");
  const bool release = fields.flag("release");
  const std::optional<uint64_t> shuffle =
      fields.has("shuffle") ? std::optional<uint64_t>(fields.number("shuffle", 0, UINT64_MAX)) : std::nullopt;
  const uint64_t percent = fields.number("duplicates", 0, 100);
  const uint64_t seed = fields.number("seed", 1, UINT64_MAX);
  if (shuffle && !release) fields.complain("shuffle goes with release");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  if (fields.has("duplicates")) _gate.setDuplicates(static_cast<unsigned>(percent), seed);
  if (hold) _gate.hold();
  size_t released = 0;
  if (release) {
    for (Webhook& webhook : _gate.release(shuffle)) {
      if (shuffle) _platform.markShuffled(webhook);
      if (!_dispatch(std::move(webhook))) return errorResponse(503, "too many webhooks wait to be sent");
      ++released;
    }
  }
  return jsonResponse({{"released", released}, {"held", _gate.held()}});
}

net::HttpResponse ControlApi::postAccount(const json& request) {
  RequestFields fields(request);
  const auto chatMode = optionalText(fields, "chatMode");
  const auto verified = optionalFlag(fields, "verified");
  const auto secret = optionalText(fields, "channelSecret");
  std::optional<int64_t> life;
  if (fields.has("statelessLifeMs"))
    life = static_cast<int64_t>(fields.number("statelessLifeMs", 0, MAX_TOKEN_LIFE_MS));
  const bool withdraw = fields.flag("withdrawStateless");
  const auto acceptFixed = optionalFlag(fields, "acceptFixedToken");
  if (chatMode && *chatMode != "chat" && *chatMode != "bot") fields.complain("chatMode must be chat or bot");
  if (secret && secret->empty()) fields.complain("channelSecret must not be empty");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  _platform.setAccount(chatMode, verified);
  if (secret) _platform.setSecret(SecretString(*secret));
  _platform.setTokens(life, withdraw, acceptFixed);
  return jsonResponse(json::object());
}

// Whatever it is, it cannot act as a page of ours.
net::HttpResponse ControlApi::getContent(const std::string& messageId) const {
  const auto content = _platform.contentOf(messageId);
  if (!content) return errorResponse(404, "that message has no content, or it was unsent");
  net::HttpResponse response;
  const bool shown = isShownInPlace(content->mimeType);
  response.headers.add("Content-Type", shown ? content->mimeType : "application/octet-stream");
  if (!shown) response.headers.add("Content-Disposition", "attachment");
  response.headers.add("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cache-Control", "no-store");
  response.body = *content->bytes;
  return response;
}

void ControlApi::addChatRoutes(net::HttpServer& server) {
  addPost(
      server, "/control/events", [this](const json& request) { return postEvents(request); }, MAX_CONTENT_BODY);
  addPost(server, "/control/users", [this](const json& request) { return postUsers(request); });
  addPost(server, "/control/groups", [this](const json& request) { return postGroups(request); });
  addPost(server, "/control/unsend", [this](const json& request) {
    RequestFields fields(request);
    const std::string id = fields.text("messageId");
    return fields.problem().empty() ? dispatch(_platform.unsend(id)) : errorResponse(400, fields.problem());
  });
  addPost(server, "/control/edit", [this](const json& request) { return postEdit(request); });
  addPost(server, "/control/tap", [this](const json& request) { return postTap(request); });
  addPost(server, "/control/delivery", [this](const json& request) { return postDelivery(request); });
  addPost(server, "/control/account", [this](const json& request) { return postAccount(request); });
  addPost(server, "/control/verify", [this](const json&) {
    Webhook webhook;
    webhook.body = std::make_shared<const std::string>(webhookBody(_platform.options().botUserId, {}));
    webhook.signature = _platform.sign(*webhook.body);
    if (!_dispatch(std::move(webhook))) return errorResponse(503, "too many webhooks wait to be sent");
    return jsonResponse(json::object());
  });
  server.route("GET", "/control/people",
               [this](const net::HttpRequest&, const net::PathParameters&, const net::HttpReply& reply) {
                 reply.send(net::HttpResponse::json(200, _platform.peopleJson()));
               });
  server.route("GET", "/control/content/{messageId}",
               [this](const net::HttpRequest&, const net::PathParameters& parameters, const net::HttpReply& reply) {
                 reply.send(getContent(std::string(parameters.at(0))));
               });
}

}  // namespace tsunagi::linesim
