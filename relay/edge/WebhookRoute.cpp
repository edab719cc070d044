#include "relay/edge/WebhookRoute.h"

#include <algorithm>
#include <chrono>

#include "base/Encoding.h"
#include "link/Messages.h"
#include "relay/edge/UnitHub.h"

namespace tsunagi::relay {

namespace {

constexpr size_t SIGNATURE_BYTES = 32;  // HMAC-SHA256

net::HttpResponse unavailable(const char* text, const char* retryAfterS) {
  net::HttpResponse response = net::HttpResponse::text(503, text);
  response.headers.add("Retry-After", retryAfterS);
  return response;
}

bool isJson(const net::HttpHeaders& headers) {
  if (headers.count("content-type") != 1) return false;
  std::string_view type = *headers.find("content-type");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return net::equalsIgnoreCase(type, "application/json");
}

bool hasSignature(const net::HttpHeaders& headers) {
  if (headers.count("x-line-signature") != 1) return false;
  auto bytes = fromBase64(*headers.find("x-line-signature"));
  return bytes && bytes->size() == SIGNATURE_BYTES;
}

// content-type, user-agent and x-line-*: all that a bridge is ever told (S16).
std::vector<std::pair<std::string, std::string>> allowedHeaders(const net::HttpHeaders& headers) {
  std::vector<std::pair<std::string, std::string>> allowed;
  for (const net::HttpHeader& header : headers.all()) {
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const bool wanted = name == "content-type" || name == "user-agent" || name.rfind("x-line-", 0) == 0;
    if (wanted) allowed.emplace_back(std::move(name), header.value);
  }
  return allowed;
}

}  // namespace

WebhookRoute::WebhookRoute(Spool& spool, const UnitRegistry& units, UnitHub& hub, const Clock& clock,
                           WebhookOptions options)
    : _spool(spool), _units(units), _hub(hub), _clock(clock), _options(options) {}

void WebhookRoute::add(net::HttpServer& server) {
  server.route(
      "POST", "/{fleet}/{unit}/webhook",
      [this](net::HttpRequest request, const net::PathParameters& parameters, net::HttpReply reply) {
        handle(std::move(request), parameters, std::move(reply));
      },
      [this](const net::HttpRequest& head, const net::PathParameters& parameters) { return check(head, parameters); },
      std::min<uint64_t>(_options.maxBody, link::MAX_EVENT_BODY_BYTES));
}

std::optional<net::HttpResponse> WebhookRoute::check(const net::HttpRequest& head,
                                                     const net::PathParameters& parameters) {
  auto unit = _units.lookupWebhook(parameters[0], parameters[1]);
  if (!unit) {
    ++_counters.unknown;
    return net::HttpResponse::text(404, "no such unit\n");
  }
  if (!hasSignature(head.headers)) {
    ++_counters.badForm;
    return net::HttpResponse::text(400, "x-line-signature is missing or malformed\n");
  }
  if (!isJson(head.headers)) {
    ++_counters.badForm;
    return net::HttpResponse::text(400, "content-type must be application/json\n");
  }
  if (unit->suspended || !_spool.writable()) {
    ++_counters.unavailable;
    return unavailable("not available now\n", "30");
  }
  if (!_rate.take(unit->id, unit->limits.requestsPerMinute, _clock.steadyMs())) {
    ++_counters.rateLimited;
    net::HttpResponse response = net::HttpResponse::text(429, "too many requests\n");
    response.headers.add("Retry-After", "60");
    return response;
  }
  return std::nullopt;
}

void WebhookRoute::handle(net::HttpRequest request, const net::PathParameters& parameters, net::HttpReply reply) {
  auto unit = _units.lookupWebhook(parameters[0], parameters[1]);
  if (!unit) {
    ++_counters.unknown;
    return reply.send(net::HttpResponse::text(404, "no such unit\n"));
  }
  NewEvent event;
  event.unit = unit->id;
  event.path = std::move(request.path);
  event.headers = allowedHeaders(request.headers);
  event.body = std::move(request.body);
  event.backlogEvents = unit->limits.backlogEvents;
  event.backlogBytes = unit->limits.backlogBytes;
  const auto begin = std::chrono::steady_clock::now();
  _spool.append(std::move(event), [this, id = unit->id, reply, begin](const AppendResult& result) {
    if (result.outcome == AppendOutcome::Stored) {
      const auto time = std::chrono::steady_clock::now() - begin;
      _storeTimes.add(static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count()));
    }
    answer(id, result, reply);
  });
}

void WebhookRoute::answer(const std::string& unit, const AppendResult& result, const net::HttpReply& reply) {
  switch (result.outcome) {
    case AppendOutcome::Stored:
      ++_counters.stored;
      reply.send(net::HttpResponse::json(200, "{}"));
      _hub.wake(unit);
      return;
    case AppendOutcome::Full:
      ++_counters.backlogFull;
      if (_options.tell)
        _options.tell("backlog_full", unit,
                      "the backlog of unit " + unit + " is full, its webhooks get 503: its bridge is away too long");
      return reply.send(unavailable("this unit's backlog is full\n", "60"));
    case AppendOutcome::Late:
    case AppendOutcome::Failed:
      ++_counters.unavailable;
      return reply.send(unavailable("not stored\n", "5"));
    case AppendOutcome::UnknownUnit:
      ++_counters.unknown;
      return reply.send(net::HttpResponse::text(404, "no such unit\n"));
  }
}

WebhookStats WebhookRoute::stats() const {
  WebhookStats stats;
  stats.stored = _counters.stored;
  stats.unknown = _counters.unknown;
  stats.badForm = _counters.badForm;
  stats.unavailable = _counters.unavailable;
  stats.backlogFull = _counters.backlogFull;
  stats.rateLimited = _counters.rateLimited;
  return stats;
}

}  // namespace tsunagi::relay
