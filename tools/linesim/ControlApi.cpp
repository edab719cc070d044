#include "tools/linesim/ControlApi.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/linesim/RequestFields.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

constexpr uint64_t MAX_BODY = 4 * 1024 * 1024;
constexpr uint64_t MAX_LEDGER_PAGE = 5'000;

net::HttpResponse jsonResponse(const json& body) {
  return net::HttpResponse::json(200, body.dump(-1, ' ', false, json::error_handler_t::replace));
}

Fault readFault(RequestFields& fields) {
  Fault fault;
  const std::string action = fields.text("action", "status");
  if (action == "break")
    fault.action = Fault::Action::Break;
  else if (action == "hold")
    fault.action = Fault::Action::Hold;
  else if (action != "status")
    fields.complain("action must be status, break or hold");
  const std::string when = fields.text("when", "before");
  fault.afterEffect = when == "after";
  if (when != "after" && when != "before") fields.complain("when must be before or after");
  fault.status = static_cast<int>(fields.number("status", 500, 599));
  if (fault.status < 400) fields.complain("status must be 400 to 599");
  return fault;
}

// The wait of a query; an answer when it cannot be read.
std::optional<net::HttpResponse> readWait(const std::string& query, int64_t& waitMs) {
  const auto text = queryValue(query, "wait");
  if (!text) return std::nullopt;
  const auto wait = parseWait(*text);
  if (!wait) return errorResponse(400, "wait must be like 30s or 500ms");
  waitMs = *wait;
  return std::nullopt;
}

}  // namespace

void ControlApi::addPost(net::HttpServer& server, const char* path, Action action) {
  server.route(
      "POST", path,
      [action = std::move(action)](const net::HttpRequest& request, const net::PathParameters&,
                                   const net::HttpReply& reply) {
        const json body = json::parse(request.body, nullptr, false);
        reply.send(body.is_object() ? action(body) : errorResponse(400, "the body must be a JSON object"));
      },
      [](const net::HttpRequest& head, const net::PathParameters&) { return checkChangingCall(head); }, MAX_BODY);
}

net::HttpResponse ControlApi::postMessages(const json& request) {
  RequestFields fields(request);
  NewMessages messages;
  messages.user = fields.text("user");
  messages.group = fields.text("group", "");
  messages.text = fields.text("text");
  messages.count = fields.number("count", 1, Platform::MAX_COUNT);
  messages.batch = fields.flag("batch");
  messages.copies = fields.number("copies", 1, 10);
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  std::vector<std::string> ids;
  auto webhooks = _platform.write(messages, ids);
  if (!webhooks) return errorResponse(400, webhooks.error());
  for (Webhook& webhook : webhooks.value())
    if (!_dispatch(std::move(webhook))) return errorResponse(503, "too many webhooks wait to be sent");
  return jsonResponse({{"events", ids}});
}

net::HttpResponse ControlApi::postWebhookUrl(const json& request) {
  RequestFields fields(request);
  const std::string url = fields.text("url");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  if (auto status = _sender.setUrl(url); !status) return errorResponse(400, status.error());
  return jsonResponse({{"url", url}});
}

net::HttpResponse ControlApi::postRedeliver(const json& request) {
  RequestFields fields(request);
  const std::string id = fields.text("webhookEventId");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  auto webhook = _platform.redeliver(id);
  if (!webhook) return errorResponse(404, webhook.error());
  if (!_dispatch(std::move(webhook.value()))) return errorResponse(503, "too many webhooks wait to be sent");
  return jsonResponse(json::object());
}

net::HttpResponse ControlApi::postFaults(const json& request) {
  RequestFields fields(request);
  std::vector<std::pair<Fault, uint64_t>> next;
  for (const json& item : request.value("next", json::array())) {
    if (!item.is_object()) return errorResponse(400, "next must be a list of objects");
    RequestFields itemFields(item);
    const Fault fault = readFault(itemFields);
    next.emplace_back(fault, itemFields.number("count", 1, Faults::MAX_LISTED));
    if (!itemFields.problem().empty()) return errorResponse(400, "next: " + itemFields.problem());
  }
  const bool clear = fields.flag("clear");
  const bool release = fields.flag("release");
  std::optional<Fault> byChance;
  uint64_t percent = 0;
  uint64_t seed = 0;
  if (const auto rate = request.find("rate"); rate != request.end()) {
    if (!rate->is_object()) return errorResponse(400, "rate must be an object");
    RequestFields rateFields(*rate);
    byChance = readFault(rateFields);
    percent = rateFields.number("percent", 0, 100);
    seed = rateFields.number("seed", 1, UINT64_MAX);
    if (!rateFields.problem().empty()) return errorResponse(400, "rate: " + rateFields.problem());
  }
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());

  if (clear) _platform.clearFaults();
  for (const auto& [fault, count] : next)
    if (!_platform.addFaults(fault, count)) return errorResponse(400, "next: too many faults are listed");
  if (byChance) _platform.setFaultRate(*byChance, static_cast<unsigned>(percent), seed);
  return jsonResponse({{"released", release ? _bot.releaseHeld() : 0}, {"held", _bot.held()}});
}

net::HttpResponse ControlApi::postQuota(const json& request) {
  const auto limit = request.find("limit");
  if (limit == request.end() || !(limit->is_null() || limit->is_number_unsigned()))
    return errorResponse(400, "limit must be a whole number or null");
  _platform.setQuota(limit->is_null() ? std::nullopt : std::optional<uint64_t>(limit->get<uint64_t>()));
  return jsonResponse(json::object());
}

void ControlApi::postRaw(const net::HttpRequest& request, const net::HttpReply& reply) {
  const json parsed = json::parse(request.body, nullptr, false);
  if (!parsed.is_object()) return reply.send(errorResponse(400, "the body must be a JSON object"));
  RequestFields fields(parsed);
  auto body = std::make_shared<const std::string>(fields.text("body"));
  std::string signature = fields.has("signature") ? fields.text("signature") : _platform.signer().sign(*body);
  const std::string contentType = fields.text("contentType", "");
  if (!fields.problem().empty()) return reply.send(errorResponse(400, fields.problem()));
  const auto answer = [reply](const WebhookAttempt& attempt) {
    json result{{"status", attempt.status}, {"latencyMs", attempt.latencyMs}};
    if (!attempt.error.empty()) result["error"] = attempt.error;
    reply.send(jsonResponse(result));
  };
  if (!_sender.send({{}, std::move(body), std::move(signature), {}, false}, answer, 0, contentType))
    reply.send(errorResponse(503, "too many webhooks wait to be sent"));
}

void ControlApi::getEvent(const net::HttpRequest& request, const std::string& id, const net::HttpReply& reply) {
  int64_t waitMs = 0;
  if (auto refused = readWait(request.query, waitMs)) return reply.send(std::move(*refused));
  _polls.wait(
      waitMs,
      [this, id](bool last) -> std::optional<net::HttpResponse> {
        if (!last && _platform.isWaiting(id)) return std::nullopt;
        const std::string body = _platform.eventJson(id);
        if (body.empty()) return errorResponse(404, "there is no event of that webhookEventId");
        return net::HttpResponse::json(200, body);
      },
      reply);
}

void ControlApi::getLedger(const net::HttpRequest& request, const net::HttpReply& reply) {
  int64_t waitMs = 0;
  if (auto refused = readWait(request.query, waitMs)) return reply.send(std::move(*refused));
  const auto numberOf = [&request](std::string_view name, uint64_t fallback) {
    const auto text = queryValue(request.query, name);
    const auto number = text ? parseWait(std::string(*text) + "ms") : std::optional<int64_t>();
    return number ? static_cast<uint64_t>(*number) : fallback;
  };
  const uint64_t since = numberOf("since", 0);
  const uint64_t limit = std::min(numberOf("limit", 500), MAX_LEDGER_PAGE);
  _polls.wait(
      waitMs,
      [this, since, limit](bool last) -> std::optional<net::HttpResponse> {
        if (!last && _platform.ledgerSize() <= since) return std::nullopt;
        return net::HttpResponse::json(200, _platform.ledgerJson(since, limit));
      },
      reply);
}

net::HttpResponse ControlApi::getState(bool redelivers) const {
  const PlatformOptions& options = _platform.options();
  return jsonResponse({{"bot", {{"userId", options.botUserId}, {"displayName", options.botName}}},
                       {"webhookUrl", _sender.url()},
                       {"tokenLifeMs", options.tokenLifeMs},
                       {"redeliver", redelivers},
                       {"ledger", _platform.ledgerSize()}});
}

void ControlApi::addRoutes(net::HttpServer& server, bool redelivers) {
  addPost(server, "/control/messages", [this](const json& request) { return postMessages(request); });
  addPost(server, "/control/webhook-url", [this](const json& request) { return postWebhookUrl(request); });
  addPost(server, "/control/redeliver", [this](const json& request) { return postRedeliver(request); });
  addPost(server, "/control/faults", [this](const json& request) { return postFaults(request); });
  addPost(server, "/control/quota", [this](const json& request) { return postQuota(request); });
  server.route(
      "POST", "/control/raw",
      [this](const net::HttpRequest& request, const net::PathParameters&, const net::HttpReply& reply) {
        postRaw(request, reply);
      },
      [](const net::HttpRequest& head, const net::PathParameters&) { return checkChangingCall(head); }, MAX_BODY);
  server.route("GET", "/control/events/{id}",
               [this](const net::HttpRequest& request, const net::PathParameters& parameters,
                      const net::HttpReply& reply) { getEvent(request, std::string(parameters.at(0)), reply); });
  server.route("GET", "/control/ledger",
               [this](const net::HttpRequest& request, const net::PathParameters&, const net::HttpReply& reply) {
                 getLedger(request, reply);
               });
  server.route("GET", "/control/summary",
               [this](const net::HttpRequest&, const net::PathParameters&, const net::HttpReply& reply) {
                 reply.send(net::HttpResponse::json(200, _platform.summaryJson()));
               });
  server.route("GET", "/control/state",
               [this, redelivers](const net::HttpRequest&, const net::PathParameters&, const net::HttpReply& reply) {
                 reply.send(getState(redelivers));
               });
}

}  // namespace tsunagi::linesim
