// The Messaging API's own view of the webhook: which URL is set, and a try of it.
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/linesim/BotAnswers.h"
#include "tools/linesim/BotApi.h"
#include "tools/linesim/WebhookBody.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
using Form = FieldRule::Form;

constexpr int64_t MAX_ENDPOINT = 500;

std::string isoNow() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

json testResult(const WebhookAttempt& attempt) {
  const char* reason = "OK";
  if (attempt.status == 0)
    reason = !attempt.connected                             ? "COULD_NOT_CONNECT"
             : attempt.latencyMs >= WebhookSender::LIMIT_MS ? "REQUEST_TIMEOUT"
                                                            : "UNCLASSIFIED";
  else if (!attempt.accepted())
    reason = "ERROR_STATUS_CODE";
  return {{"success", attempt.accepted()},
          {"timestamp", isoNow()},
          {"statusCode", attempt.status},
          {"reason", reason},
          {"detail", attempt.status == 0 ? attempt.error : std::to_string(attempt.status)}};
}

// The endpoint of a request body; empty with answer refused when it is none.
std::string readEndpoint(const std::string& body, bool needed, BotAnswer& answer) {
  const json request = body.empty() && !needed ? json::object() : parseBody(body, answer);
  if (request.is_null()) return {};
  FieldChecker checker;
  checker.check(request, "", {{"endpoint", Form::Units, needed, 1, MAX_ENDPOINT}});
  if (!checker.found.empty()) answer = refuseFaults(std::move(answer), checker.found);
  return stringMember(request, "endpoint");
}

}  // namespace

void BotApi::addWebhookRoutes(net::HttpServer& server, WebhookSender& sender) {
  // Each: the bearer, the endpoint's faults, then what the route is for.
  const auto add = [this, &server](const char* verb, const char* path, const char* endpoint, auto work) {
    server.route(
        verb, path,
        [this, endpoint, work](const net::HttpRequest& request, const net::PathParameters&,
                               const net::HttpReply& reply) {
          const BotAnswer begun = _platform.begin(endpoint);
          const auto goOn = [reply, work, body = request.body, begun] {
            BotAnswer plain = begun;
            plain.spoiled.reset();
            work(std::move(plain), body, reply);
          };
          if (begun.status != 200 || begun.spoiled)
            answer(begun, reply, goOn);
          else
            goOn();
        },
        [this](const net::HttpRequest& head, const net::PathParameters&) -> std::optional<net::HttpResponse> {
          const auto authorization = head.headers.find("Authorization");
          if (authorization && _platform.acceptsBearer(*authorization)) return std::nullopt;
          return net::HttpResponse::json(401, refuse({}, 401, "Authentication failed").body);
        },
        MAX_BODY);
  };
  const auto send = [](const BotAnswer& result, const net::HttpReply& reply) {
    net::HttpResponse response = net::HttpResponse::json(result.status, result.body);
    response.headers.add("x-line-request-id", result.requestId);
    reply.send(std::move(response));
  };
  add("GET", "/v2/bot/channel/webhook/endpoint", "webhook",
      [&sender, send](BotAnswer result, const std::string&, const net::HttpReply& reply) {
        const std::string url = sender.url();
        if (url.empty()) return send(refuse(std::move(result), 404, "Not found"), reply);
        result.body = dumpJson({{"endpoint", url}, {"active", true}});
        send(result, reply);
      });
  add("PUT", "/v2/bot/channel/webhook/endpoint", "webhook",
      [&sender, send](BotAnswer result, const std::string& body, const net::HttpReply& reply) {
        const std::string url = readEndpoint(body, true, result);
        if (result.status == 200) {
          const Status set = sender.setUrl(url);
          result.body = "{}";
          if (!set)
            result = refuse(std::move(result), 400, "Invalid webhook endpoint URL", {{"endpoint", set.error()}});
        }
        send(result, reply);
      });
  add("POST", "/v2/bot/channel/webhook/test", "webhookTest",
      [this, &sender, send](BotAnswer result, const std::string& body, const net::HttpReply& reply) {
        const std::string url = readEndpoint(body, false, result);
        if (result.status != 200) return send(result, reply);
        if (url.empty() && sender.url().empty()) return send(refuse(std::move(result), 404, "Not found"), reply);
        Webhook webhook;
        webhook.body = std::make_shared<const std::string>(webhookBody(_platform.options().botUserId, {}));
        webhook.signature = _platform.sign(*webhook.body);
        webhook.url = url;
        const auto done = [result, reply, send](const WebhookAttempt& attempt) {
          BotAnswer answered = result;
          answered.body = dumpJson(testResult(attempt));
          send(answered, reply);
        };
        if (!sender.send(std::move(webhook), done))
          send(refuse(std::move(result), 500, "too many webhooks wait to be sent"), reply);
      });
}

}  // namespace tsunagi::linesim
