#include "tools/linesim/Platform.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/linesim/LedgerJson.h"

namespace tsunagi::linesim {
namespace {

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Platform::Platform(PlatformOptions options, const Clock& clock)
    : _options(std::move(options)),
      _clock(clock),
      _secret(_options.channelSecret),
      _signer(_secret),
      _replyTokens(_options.tokenLifeMs),
      _accessTokens(_options.accessToken),
      _messageIds(static_cast<uint64_t>(clock.wallMs()) * 100'000) {}

std::string Platform::sign(std::string_view body) const {
  const std::lock_guard lock(_mutex);
  return _signer.sign(body);
}

bool Platform::acceptsBearer(std::string_view authorization) const {
  const std::lock_guard lock(_mutex);
  return _accessTokens.acceptsBearer(authorization, _clock.steadyMs());
}

void Platform::changed() const {
  if (_listener) _listener();
}

std::string Platform::nextMessageId() { return std::to_string(++_messageIds); }

std::shared_ptr<const std::string> Platform::makeBody(const std::vector<size_t>& events, bool redelivery) {
  std::vector<EventContent> contents;
  for (const size_t index : events) {
    contents.push_back(_ledger.event(index).content);
    contents.back().isRedelivery = redelivery;
  }
  auto body = std::make_shared<const std::string>(webhookBody(_options.botUserId, contents));
  const std::string signature = _signer.sign(*body);
  for (const size_t index : events) {
    _ledger.event(index).body = body;
    _ledger.event(index).signature = signature;
  }
  return body;
}

Webhook Platform::makeRedelivery(std::vector<size_t> events) {
  const auto body = makeBody(events, true);
  return {{}, body, _ledger.event(events.front()).signature, std::move(events), true};
}

Result<Webhook> Platform::redeliver(const std::string& webhookEventId) {
  const std::lock_guard lock(_mutex);
  const auto index = _ledger.find(webhookEventId);
  if (!index) return Error{"there is no event of that webhookEventId"};
  return makeRedelivery({*index});
}

std::optional<Webhook> Platform::redeliverRest(const Webhook& webhook) {
  const std::lock_guard lock(_mutex);
  std::vector<size_t> rest;
  for (const size_t event : webhook.events)
    if (!_ledger.event(event).accepted()) rest.push_back(event);
  return rest.empty() ? std::nullopt : std::optional<Webhook>(makeRedelivery(std::move(rest)));
}

void Platform::beginAttempt(const Webhook& webhook) {
  const std::lock_guard lock(_mutex);
  const int64_t now = _clock.steadyMs();
  for (const size_t event : webhook.events) _replyTokens.renew(_ledger.event(event).content.replyToken, now);
}

void Platform::recordAttempt(const Webhook& webhook, const WebhookAttempt& attempt) {
  {
    const std::lock_guard lock(_mutex);
    for (const size_t event : webhook.events) _ledger.addAttempt(event, attempt);
  }
  changed();
}

void Platform::markShuffled(const Webhook& webhook) {
  const std::lock_guard lock(_mutex);
  for (const size_t event : webhook.events) _ledger.event(event).isShuffled = true;
}

void Platform::setQuota(std::optional<uint64_t> limit, std::optional<uint64_t> used) {
  const std::lock_guard lock(_mutex);
  _quota = limit;
  _pushed = used.value_or(_pushed);
}

bool Platform::addFaults(const std::string& endpoint, const Fault& fault, size_t count) {
  const std::lock_guard lock(_mutex);
  return _faults.plan(endpoint).addNext(fault, count);
}

void Platform::setFaultRate(const std::string& endpoint, const Fault& fault, unsigned percent, uint64_t seed) {
  const std::lock_guard lock(_mutex);
  _faults.plan(endpoint).setRate(fault, percent, seed);
}

void Platform::clearFaults() {
  const std::lock_guard lock(_mutex);
  _faults.clear();
}

void Platform::setRate(const std::string& endpoint, std::optional<CallRates::Limit> limit) {
  const std::lock_guard lock(_mutex);
  _rates.set(endpoint, limit);
}

void Platform::setAccount(std::optional<std::string> chatMode, std::optional<bool> verified) {
  const std::lock_guard lock(_mutex);
  if (chatMode) _chatMode = std::move(*chatMode);
  _verified = verified.value_or(_verified);
}

void Platform::setSecret(SecretString channelSecret) {
  const std::lock_guard lock(_mutex);
  _secret = std::move(channelSecret);
  _signer = line::SignatureVerifier(_secret);
}

void Platform::setTokens(std::optional<int64_t> lifeMs, bool withdraw, std::optional<bool> acceptFixed) {
  const std::lock_guard lock(_mutex);
  if (lifeMs) _accessTokens.setLife(*lifeMs);
  if (withdraw) _accessTokens.withdrawStateless();
  if (acceptFixed) _accessTokens.acceptFixed(*acceptFixed);
}

std::string Platform::summaryJson() const {
  const std::lock_guard lock(_mutex);
  nlohmann::json result = summaryToJson(_ledger.summary());
  result["deadTokenCalls"] = _deadTokenCalls;
  result["faults"] = _faults.taken();
  result["statelessTokens"] = _accessTokens.issued();
  return dump(result);
}

std::string Platform::eventJson(const std::string& webhookEventId) const {
  const std::lock_guard lock(_mutex);
  const auto index = _ledger.find(webhookEventId);
  return index ? dump(eventDetail(_ledger, *index)) : std::string();
}

bool Platform::isWaiting(const std::string& webhookEventId) const {
  const std::lock_guard lock(_mutex);
  const auto index = _ledger.find(webhookEventId);
  return index && _ledger.event(*index).answers.empty();
}

std::string Platform::ledgerJson(size_t since, size_t limit) const {
  const std::lock_guard lock(_mutex);
  const size_t end = std::min(_ledger.entries().size(), since > SIZE_MAX - limit ? SIZE_MAX : since + limit);
  nlohmann::json entries = nlohmann::json::array();
  for (size_t i = since; i < end; ++i) entries.push_back(entryToJson(_ledger, i));
  return dump({{"next", std::max(since, end)}, {"total", _ledger.entries().size()}, {"entries", std::move(entries)}});
}

std::string Platform::peopleJson() const {
  const std::lock_guard lock(_mutex);
  return dump(_people.toJson());
}

size_t Platform::ledgerSize() const {
  const std::lock_guard lock(_mutex);
  return _ledger.entries().size();
}

std::optional<Content> Platform::contentOf(const std::string& messageId) const {
  const std::lock_guard lock(_mutex);
  const Content* const content = _contents.find(messageId);
  return content && !content->gone ? std::optional<Content>(*content) : std::nullopt;
}

}  // namespace tsunagi::linesim
