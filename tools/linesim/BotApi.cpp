#include "tools/linesim/BotApi.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/Random.h"
#include "tools/linesim/BotAnswers.h"

namespace tsunagi::linesim {
namespace {

net::HttpResponse toResponse(const BotAnswer& answer) {
  net::HttpResponse response;
  response.status = answer.status;
  response.headers.add("Content-Type", answer.contentType.empty() ? "application/json" : answer.contentType);
  response.body = answer.content ? *answer.content : answer.body;
  response.headers.add("x-line-request-id", answer.requestId);
  if (!answer.acceptedRequestId.empty()) response.headers.add("x-line-accepted-request-id", answer.acceptedRequestId);
  return response;
}

net::HttpResponse refusal(int status, const std::string& message) {
  BotAnswer answer;
  answer.requestId = randomUuid();
  return toResponse(refuse(std::move(answer), status, message));
}

// An answer no strict client takes as whole: it announces an encoding nobody asked for.
net::HttpResponse brokenResponse() {
  net::HttpResponse response = net::HttpResponse::text(200, "broken");
  response.headers.add("Content-Encoding", "broken");
  return response;
}

std::optional<net::HttpResponse> checkBearer(const Platform& platform, const net::HttpRequest& head) {
  const auto authorization = head.headers.find("Authorization");
  if (authorization && head.headers.count("Authorization") == 1 && platform.acceptsBearer(*authorization))
    return std::nullopt;
  return refusal(401,
                 "Authentication failed due to the following reason: invalid token. Confirm that the access token in "
                 "the authorization header is valid.");
}

std::optional<net::HttpResponse> checkBody(const net::HttpRequest& head, std::string_view contentType) {
  const auto type = head.headers.find("Content-Type");
  const std::string_view plain = type ? type->substr(0, type->find(';')) : std::string_view();
  if (!net::equalsIgnoreCase(plain.substr(0, plain.find_last_not_of(' ') + 1), contentType))
    return refusal(415,
                   "The content type, " + std::string(type ? type->substr(0, 100) : "none") + ", is not supported");
  const auto length = head.headers.find("Content-Length");
  uint64_t bytes = 0;
  if (length) std::from_chars(length->data(), length->data() + length->size(), bytes);
  if (bytes > BotApi::MAX_BODY) return refusal(413, "Request exceeds the max size of 2MB. Make the request smaller.");
  return std::nullopt;
}

BotCall makeCall(net::HttpRequest request, const net::PathParameters& parameters) {
  BotCall call;
  if (const auto key = request.headers.find("X-Line-Retry-Key")) {
    call.hasRetryKey = true;
    call.retryKey = std::string(*key);
  }
  call.body = std::move(request.body);
  call.query = std::move(request.query);
  for (const std::string_view parameter : parameters) call.parameters.emplace_back(parameter);
  return call;
}

}  // namespace

void BotApi::call(Method method, BotCall call, net::HttpReply reply) {
  const BotAnswer result = method(_platform, call);
  answer(result, reply, [this, method, call = std::move(call), reply] { this->call(method, call, reply); });
}

// again: makes the call anew, for a fault before its effect.
void BotApi::answer(const BotAnswer& result, const net::HttpReply& reply, std::function<void()> again) {
  if (!result.spoiled) return reply.send(toResponse(result));
  const Fault& fault = *result.spoiled;
  if (result.effect) again = [reply, response = toResponse(result)] { reply.send(response); };
  switch (fault.action) {
    case Fault::Action::Reset:
      return reply.reset();
    case Fault::Action::Delay:
      _loop.callAfter(fault.ms, std::move(again));
      return;
    case Fault::Action::Slow:
    case Fault::Action::Cut:
      if (result.content) return sendSlowly(result, reply);
      return reply.send(toResponse(result));
    case Fault::Action::Hold:
      if (_held.size() < MAX_HELD) return _held.push_back(std::move(again));
      break;
    case Fault::Action::Break:
    case Fault::Action::Status:
      break;
  }
  reply.send(brokenResponse());
}

void BotApi::sendSlowly(const BotAnswer& result, const net::HttpReply& reply) {
  reply.begin(toResponse(result), result.content->size());
  const Fault& fault = *result.spoiled;
  if (fault.action == Fault::Action::Slow)
    return sendPiece(result.content, 0, fault, _loop.nowMs() + MAX_SLOW_MS, reply);
  reply.more(result.content->substr(0, fault.bytes));
  _loop.callAfter(1, [reply] { reply.reset(); });  // in a later turn, so that the bytes go out before it
}

void BotApi::sendPiece(std::shared_ptr<const std::string> bytes, size_t from, Fault fault, int64_t endMs,
                       net::HttpReply reply) {
  if (_loop.nowMs() > endMs) return reply.reset();
  const size_t piece = std::max<uint64_t>(fault.bytes, 1);
  reply.more(bytes->substr(from, piece));
  if (from + piece >= bytes->size()) return;
  _loop.callAfter(fault.ms, [this, bytes, from, piece, fault, endMs, reply] {
    sendPiece(bytes, from + piece, fault, endMs, reply);
  });
}

size_t BotApi::releaseHeld() {
  std::vector<std::function<void()>> held;
  held.swap(_held);
  for (const auto& release : held) release();
  return held.size();
}

void BotApi::addPost(net::HttpServer& server, const char* path, Method method) {
  server.route(
      "POST", path,
      [this, method](net::HttpRequest request, const net::PathParameters& parameters, net::HttpReply reply) {
        call(method, makeCall(std::move(request), parameters), std::move(reply));
      },
      [this](const net::HttpRequest& head, const net::PathParameters&) {
        auto refused = checkBearer(_platform, head);
        return refused ? refused : checkBody(head, "application/json");
      },
      MAX_BODY);
}

void BotApi::addBare(net::HttpServer& server, const char* verb, const char* path, Method method) {
  server.route(
      verb, path,
      [this, method](net::HttpRequest request, const net::PathParameters& parameters, net::HttpReply reply) {
        call(method, makeCall(std::move(request), parameters), std::move(reply));
      },
      [this](const net::HttpRequest& head, const net::PathParameters&) { return checkBearer(_platform, head); },
      MAX_BODY);
}

void BotApi::addTokenRoute(net::HttpServer& server) {
  server.route(
      "POST", "/oauth2/v3/token",
      [this](net::HttpRequest request, const net::PathParameters& parameters, net::HttpReply reply) {
        call(&Platform::issueToken, makeCall(std::move(request), parameters), std::move(reply));
      },
      [](const net::HttpRequest& head, const net::PathParameters&) {
        return checkBody(head, "application/x-www-form-urlencoded");
      },
      MAX_BODY);
}

void BotApi::addRoutes(net::HttpServer& server, WebhookSender& sender, std::function<void(std::vector<Webhook>)> tell) {
  const auto leave = [tell = std::move(tell)](Platform& platform, const BotCall& call) {
    Happened happened;
    BotAnswer result = platform.leave(call, &happened);
    tell(std::move(happened.webhooks));
    return result;
  };
  addPost(server, "/v2/bot/message/reply", &Platform::reply);
  addPost(server, "/v2/bot/message/push", &Platform::push);
  addPost(server, "/v2/bot/message/multicast", &Platform::multicast);
  for (const char* kind : {"reply", "push", "multicast", "narrowcast", "broadcast"})
    addPost(server, (std::string("/v2/bot/message/validate/") + kind).c_str(), &Platform::validate);
  addPost(server, "/v2/bot/chat/loading/start", &Platform::startLoading);
  addPost(server, "/v2/bot/chat/markAsRead", &Platform::markAsRead);
  addBare(server, "GET", "/v2/bot/info", &Platform::botInfo);
  addBare(server, "GET", "/v2/bot/message/quota", &Platform::quota);
  addBare(server, "GET", "/v2/bot/message/quota/consumption", &Platform::quotaConsumption);
  addBare(server, "GET", "/v2/bot/profile/{userId}", &Platform::profile);
  addBare(server, "GET", "/v2/bot/followers/ids", &Platform::followerIds);
  addBare(server, "GET", "/v2/bot/group/{groupId}/summary", &Platform::groupSummary);
  for (const std::string chat : {"/v2/bot/group/{groupId}", "/v2/bot/room/{roomId}"}) {
    addBare(server, "GET", (chat + "/member/{userId}").c_str(), &Platform::memberProfile);
    addBare(server, "GET", (chat + "/members/count").c_str(), &Platform::memberCount);
    addBare(server, "GET", (chat + "/members/ids").c_str(), &Platform::memberIds);
    addBare(server, "POST", (chat + "/leave").c_str(), leave);
  }
  addBare(server, "GET", "/v2/bot/message/{messageId}/content", &Platform::content);
  addBare(server, "GET", "/v2/bot/message/{messageId}/content/preview", &Platform::contentPreview);
  addBare(server, "GET", "/v2/bot/message/{messageId}/content/transcoding", &Platform::transcoding);
  addTokenRoute(server);
  addWebhookRoutes(server, sender);
}

}  // namespace tsunagi::linesim
