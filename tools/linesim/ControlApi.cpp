#include "tools/linesim/ControlApi.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "line/JsonRepair.h"
#include "tools/linesim/EventRequest.h"
#include "tools/linesim/RequestFields.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

constexpr uint64_t MAX_BODY = 4 * 1024 * 1024;
constexpr uint64_t MAX_CONTENT_BODY = Contents::MAX_BYTES / 3 * 4 + 1024 * 1024;  // in base64
constexpr size_t MAX_DEPTH = 64;
constexpr uint64_t MAX_LEDGER_PAGE = 5'000;

net::HttpResponse jsonResponse(const json& body) {
  return net::HttpResponse::json(200, body.dump(-1, ' ', false, json::error_handler_t::replace));
}

constexpr uint64_t MAX_DELAY_MS = 600'000;
constexpr uint64_t MAX_QUOTA = 1'000'000'000;

Fault readFault(RequestFields& fields) {
  constexpr std::pair<const char*, Fault::Action> ACTIONS[] = {
      {"status", Fault::Action::Status}, {"break", Fault::Action::Break}, {"hold", Fault::Action::Hold},
      {"reset", Fault::Action::Reset},   {"delay", Fault::Action::Delay}, {"slow", Fault::Action::Slow},
      {"cut", Fault::Action::Cut}};
  Fault fault;
  const std::string action = fields.text("action", "status");
  const auto* known =
      std::find_if(std::begin(ACTIONS), std::end(ACTIONS), [&](const auto& a) { return action == a.first; });
  if (known == std::end(ACTIONS))
    fields.complain("action must be status, break, hold, reset, delay, slow or cut");
  else
    fault.action = known->second;
  const std::string when = fields.text("when", "before");
  fault.afterEffect = when == "after";
  if (when != "after" && when != "before") fields.complain("when must be before or after");
  fault.status = static_cast<int>(fields.number("status", 500, 599));
  if (fault.status < 400) fields.complain("status must be 400 to 599");
  fault.quota = fields.flag("quota");
  fault.ms = static_cast<int64_t>(fields.number("ms", 0, MAX_DELAY_MS));
  fault.bytes = fields.number("bytes", 1, Contents::MAX_BYTES);
  return fault;
}

// Which endpoint's plan; "" = all that send.
std::string readEndpoint(RequestFields& fields, const Fault& fault) {
  const std::string endpoint = fields.text("endpoint", "");
  if (!FaultPlans::isEndpoint(endpoint)) fields.complain("endpoint must be one of: " + FaultPlans::endpointNames());
  if (fault.isOfContent() && !FaultPlans::isContentEndpoint(endpoint))
    fields.complain("slow and cut are for the endpoints content and preview");
  return endpoint;
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

void ControlApi::addPost(net::HttpServer& server, const char* path, Action action, uint64_t maxBody) {
  server.route(
      "POST", path,
      [action = std::move(action)](const net::HttpRequest& request, const net::PathParameters&,
                                   const net::HttpReply& reply) {
        const auto text = line::repairJson(request.body, MAX_DEPTH);
        const json body = text ? json::parse(*text, nullptr, false) : json();
        reply.send(body.is_object() ? action(body) : errorResponse(400, "the body must be a JSON object"));
      },
      [](const net::HttpRequest& head, const net::PathParameters&) { return checkChangingCall(head); },
      maxBody == 0 ? MAX_BODY : maxBody);
}

bool ControlApi::send(std::vector<Webhook> webhooks) {
  bool good = true;
  for (Webhook& webhook : webhooks)
    for (Webhook& passed : _gate.pass(std::move(webhook))) good = _dispatch(std::move(passed)) && good;
  return good;
}

net::HttpResponse ControlApi::dispatch(Result<Happened> happened) {
  if (!happened) return errorResponse(400, happened.error());
  if (!send(std::move(happened->webhooks))) return errorResponse(503, "too many webhooks wait to be sent");
  return jsonResponse({{"events", happened->eventIds}, {"messages", happened->messageIds}});
}

net::HttpResponse ControlApi::postMessages(const json& request) {
  RequestFields fields(request);
  const uint64_t count = fields.number("count", 1, Platform::MAX_COUNT);
  const bool batch = fields.flag("batch");
  const uint64_t copies = fields.number("copies", 1, Platform::MAX_COPIES);
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  if (count != 1) {
    const NewMessages messages{
        fields.text("user"), fields.text("group", ""), fields.text("text"), count, batch, copies};
    if (!fields.problem().empty()) return errorResponse(400, fields.problem());
    return dispatch(_platform.write(messages));
  }
  auto event = readEventRequest(request);
  if (!event) return errorResponse(400, event.error());
  if (event->type != "message") return errorResponse(400, "other events go to /control/events");
  return dispatch(_platform.happen({std::move(*event)}, false, copies));
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
  struct Listed {
    std::string endpoint;
    Fault fault;
    uint64_t count;
  };
  std::vector<Listed> next;
  for (const json& item : request.value("next", json::array())) {
    if (!item.is_object()) return errorResponse(400, "next must be a list of objects");
    RequestFields itemFields(item);
    const Fault fault = readFault(itemFields);
    next.push_back({readEndpoint(itemFields, fault), fault, itemFields.number("count", 1, Faults::MAX_LISTED)});
    if (!itemFields.problem().empty()) return errorResponse(400, "next: " + itemFields.problem());
  }
  const bool clear = fields.flag("clear");
  const bool release = fields.flag("release");
  std::optional<Fault> byChance;
  uint64_t percent = 0;
  uint64_t seed = 0;
  std::string rateEndpoint;
  if (const auto rate = request.find("rate"); rate != request.end()) {
    if (!rate->is_object()) return errorResponse(400, "rate must be an object");
    RequestFields rateFields(*rate);
    byChance = readFault(rateFields);
    rateEndpoint = readEndpoint(rateFields, *byChance);
    percent = rateFields.number("percent", 0, 100);
    seed = rateFields.number("seed", 1, UINT64_MAX);
    if (!rateFields.problem().empty()) return errorResponse(400, "rate: " + rateFields.problem());
  }
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());

  if (clear) _platform.clearFaults();
  for (const auto& [endpoint, fault, count] : next)
    if (!_platform.addFaults(endpoint, fault, count)) return errorResponse(400, "next: too many faults are listed");
  if (byChance) _platform.setFaultRate(rateEndpoint, *byChance, static_cast<unsigned>(percent), seed);
  return jsonResponse({{"released", release ? _bot.releaseHeld() : 0}, {"held", _bot.held()}});
}

net::HttpResponse ControlApi::postQuota(const json& request) {
  const auto limit = request.find("limit");
  if (limit == request.end() || !(limit->is_null() || limit->is_number_unsigned()))
    return errorResponse(400, "limit must be a whole number or null");
  RequestFields fields(request);
  std::optional<uint64_t> used;
  if (fields.has("used")) used = fields.number("used", 0, MAX_QUOTA);
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  _platform.setQuota(limit->is_null() ? std::nullopt : std::optional<uint64_t>(limit->get<uint64_t>()), used);
  return jsonResponse(json::object());
}

net::HttpResponse ControlApi::postRates(const json& request) {
  RequestFields fields(request);
  const std::string endpoint = fields.text("endpoint");
  std::optional<CallRates::Limit> limit;
  if (fields.has("calls"))
    limit = {fields.number("calls", 0, 1'000'000), static_cast<int64_t>(fields.number("perMs", 1'000, 3'600'000))};
  if (!FaultPlans::isEndpoint(endpoint) || endpoint.empty())
    fields.complain("endpoint must be one of " + FaultPlans::endpointNames());
  if (limit && limit->perMs == 0) fields.complain("perMs must be at least 1");
  if (!fields.problem().empty()) return errorResponse(400, fields.problem());
  _platform.setRate(endpoint, limit);
  return jsonResponse(json::object());
}

void ControlApi::postRaw(const net::HttpRequest& request, const net::HttpReply& reply) {
  const json parsed = json::parse(request.body, nullptr, false);
  if (!parsed.is_object()) return reply.send(errorResponse(400, "the body must be a JSON object"));
  RequestFields fields(parsed);
  auto body = std::make_shared<const std::string>(fields.text("body"));
  std::string signature = fields.has("signature") ? fields.text("signature") : _platform.sign(*body);
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
                       {"channelId", options.channelId},
                       {"webhookUrl", _sender.url()},
                       {"tokenLifeMs", options.tokenLifeMs},
                       {"redeliver", redelivers},
                       {"held", _gate.held()},
                       {"ledger", _platform.ledgerSize()}});
}

void ControlApi::addRoutes(net::HttpServer& server, bool redelivers) {
  addPost(
      server, "/control/messages", [this](const json& request) { return postMessages(request); }, MAX_CONTENT_BODY);
  addPost(server, "/control/webhook-url", [this](const json& request) { return postWebhookUrl(request); });
  addPost(server, "/control/redeliver", [this](const json& request) { return postRedeliver(request); });
  addPost(server, "/control/faults", [this](const json& request) { return postFaults(request); });
  addPost(server, "/control/quota", [this](const json& request) { return postQuota(request); });
  addPost(server, "/control/rates", [this](const json& request) { return postRates(request); });
  server.route(
      "POST", "/control/raw",
      [this](const net::HttpRequest& request, const net::PathParameters&, const net::HttpReply& reply) {
        postRaw(request, reply);
      },
      [](const net::HttpRequest& head, const net::PathParameters&) { return checkChangingCall(head); }, MAX_BODY);
  addChatRoutes(server);
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
