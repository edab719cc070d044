#include "tools/linesim/BotApi.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/Random.h"
#include "tools/linesim/MessageRules.h"

namespace tsunagi::linesim {
namespace {

net::HttpResponse toResponse(const BotAnswer& answer) {
  net::HttpResponse response = net::HttpResponse::json(answer.status, answer.body);
  response.headers.add("x-line-request-id", answer.requestId);
  if (!answer.acceptedRequestId.empty()) response.headers.add("x-line-accepted-request-id", answer.acceptedRequestId);
  return response;
}

net::HttpResponse refusal(int status, const std::string& message) {
  BotAnswer answer;
  answer.status = status;
  answer.body = errorBody(message);
  answer.requestId = randomUuid();
  return toResponse(answer);
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

bool isJson(std::string_view contentType) {
  const std::string_view type = contentType.substr(0, contentType.find(';'));
  const size_t end = type.find_last_not_of(' ');
  return end != std::string_view::npos && net::equalsIgnoreCase(type.substr(0, end + 1), "application/json");
}

std::optional<net::HttpResponse> checkPost(const Platform& platform, const net::HttpRequest& head) {
  if (auto refused = checkBearer(platform, head)) return refused;
  const auto type = head.headers.find("Content-Type");
  if (!type || !isJson(*type))
    return refusal(415,
                   "The content type, " + std::string(type ? type->substr(0, 100) : "none") + ", is not supported");
  const auto length = head.headers.find("Content-Length");
  uint64_t bytes = 0;
  if (length) std::from_chars(length->data(), length->data() + length->size(), bytes);
  if (bytes > BotApi::MAX_BODY) return refusal(413, "Request exceeds the max size of 2MB. Make the request smaller.");
  return std::nullopt;
}

}  // namespace

void BotApi::answer(Method method, BotCall call, net::HttpReply reply) {
  const BotAnswer result = (_platform.*method)(call);
  if (!result.spoiled) {
    reply.send(toResponse(result));
  } else if (*result.spoiled == Fault::Action::Break || _held.size() >= MAX_HELD) {
    reply.send(brokenResponse());
  } else if (result.effect) {
    _held.push_back([reply, response = toResponse(result)] { reply.send(response); });
  } else {
    _held.push_back([this, method, call = std::move(call), reply] { answer(method, call, reply); });
  }
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
      [this, method](net::HttpRequest request, const net::PathParameters&, net::HttpReply reply) {
        BotCall call;
        if (const auto key = request.headers.find("X-Line-Retry-Key")) {
          call.hasRetryKey = true;
          call.retryKey = std::string(*key);
        }
        call.body = std::move(request.body);
        answer(method, std::move(call), std::move(reply));
      },
      [this](const net::HttpRequest& head, const net::PathParameters&) { return checkPost(_platform, head); },
      MAX_BODY);
}

void BotApi::addGet(net::HttpServer& server, const char* path,
                    std::function<BotAnswer(const net::PathParameters& parameters)> method) {
  server.route(
      "GET", path,
      [method = std::move(method)](const net::HttpRequest&, const net::PathParameters& parameters,
                                   const net::HttpReply& reply) { reply.send(toResponse(method(parameters))); },
      [this](const net::HttpRequest& head, const net::PathParameters&) { return checkBearer(_platform, head); });
}

void BotApi::addRoutes(net::HttpServer& server) {
  addPost(server, "/v2/bot/message/reply", &Platform::reply);
  addPost(server, "/v2/bot/message/push", &Platform::push);
  addPost(server, "/v2/bot/chat/loading/start", &Platform::startLoading);
  addGet(server, "/v2/bot/info", [this](const net::PathParameters&) { return _platform.botInfo(); });
  addGet(server, "/v2/bot/message/quota", [this](const net::PathParameters&) { return _platform.quota(); });
  addGet(server, "/v2/bot/message/quota/consumption",
         [this](const net::PathParameters&) { return _platform.quotaConsumption(); });
  addGet(server, "/v2/bot/profile/{userId}",
         [this](const net::PathParameters& parameters) { return _platform.profile(std::string(parameters.at(0))); });
}

}  // namespace tsunagi::linesim
