#include "tools/linesim/Platform.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/Encoding.h"
#include "base/Hash.h"
#include "base/Random.h"
#include "line/TextLimits.h"
#include "tools/linesim/Identity.h"
#include "tools/linesim/LedgerJson.h"

namespace tsunagi::linesim {
namespace {

bool isName(const std::string& name) {
  return !name.empty() && name.size() <= Platform::MAX_NAME && isValidUtf8(name) &&
         std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Platform::Platform(PlatformOptions options, const Clock& clock)
    : _options(std::move(options)),
      _clock(clock),
      _signer(_options.channelSecret),
      _tokens(_options.tokenLifeMs),
      _messageIds(static_cast<uint64_t>(clock.wallMs()) * 100'000) {}

bool Platform::acceptsBearer(std::string_view authorization) const {
  constexpr std::string_view SCHEME = "Bearer ";
  return authorization.substr(0, SCHEME.size()) == SCHEME &&
         equalConstantTime(authorization.substr(SCHEME.size()), _options.accessToken.reveal());
}

void Platform::changed() const {
  if (_listener) _listener();
}

std::string Platform::nextMessageId() { return std::to_string(++_messageIds); }

std::shared_ptr<const std::string> Platform::makeBody(const std::vector<size_t>& events, bool redelivery) {
  std::vector<TextEvent> contents;
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

Result<std::vector<Webhook>> Platform::write(const NewMessages& messages, std::vector<std::string>& ids) {
  if (!isName(messages.user)) return Error{"user must be a name of 1 to 64 bytes"};
  if (!messages.group.empty() && !isName(messages.group)) return Error{"group must be a name of 1 to 64 bytes"};
  if (messages.count < 1 || messages.count > MAX_COUNT) return Error{"count must be 1 to 10000"};
  if (messages.batch && messages.count > 100) return Error{"a batch holds at most 100 messages"};
  if (messages.copies < 1 || messages.copies > 10) return Error{"copies must be 1 to 10"};
  if (!isValidUtf8(messages.text)) return Error{"text must be UTF-8"};
  const size_t units = line::utf16Length(messages.text) + (messages.count > 1 ? 6 : 0);
  if (messages.text.empty() || units > line::MAX_TEXT_UNITS) return Error{"text must have 1 to 5000 UTF-16 units"};

  std::vector<Webhook> webhooks;
  {
    const std::lock_guard lock(_mutex);
    if (_ledger.full(messages.count)) return Error{"the ledger is full; start the simulator anew"};
    const std::string userId = userIdOf(messages.user);
    const std::string groupId = messages.group.empty() ? std::string() : groupIdOf(messages.group);
    _users.emplace(userId, messages.user);
    std::vector<size_t> batch;
    for (size_t i = 1; i <= messages.count; ++i) {
      SentEvent event;
      event.user = messages.user;
      event.group = messages.group;
      event.conversation = groupId.empty() ? userId : groupId;
      event.sentMs = _clock.steadyMs();
      const std::string text = messages.count > 1 ? messages.text + " " + std::to_string(i) : messages.text;
      event.content = {makeUlid(_clock.wallMs()),
                       nextMessageId(),
                       toHex(randomBytes(24)),
                       _tokens.issue(_ledger.eventCount(), event.sentMs),
                       text,
                       userId,
                       groupId,
                       _clock.wallMs(),
                       false};
      ids.push_back(event.content.webhookEventId);
      batch.push_back(_ledger.addEvent(std::move(event)));
      if (messages.batch && i < messages.count) continue;
      const auto body = makeBody(batch, false);
      const SentEvent& last = _ledger.event(batch.back());
      webhooks.insert(webhooks.end(), messages.copies, {last.conversation, body, last.signature, batch, false});
      batch.clear();
    }
  }
  changed();
  return webhooks;
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
  for (const size_t event : webhook.events) _tokens.renew(_ledger.event(event).content.replyToken, now);
}

void Platform::recordAttempt(const Webhook& webhook, const WebhookAttempt& attempt) {
  {
    const std::lock_guard lock(_mutex);
    for (const size_t event : webhook.events) _ledger.addAttempt(event, attempt);
  }
  changed();
}

void Platform::setQuota(std::optional<uint64_t> limit) {
  const std::lock_guard lock(_mutex);
  _quota = limit;
}

bool Platform::addFaults(const Fault& fault, size_t count) {
  const std::lock_guard lock(_mutex);
  return _faults.addNext(fault, count);
}

void Platform::setFaultRate(const Fault& fault, unsigned percent, uint64_t seed) {
  const std::lock_guard lock(_mutex);
  _faults.setRate(fault, percent, seed);
}

void Platform::clearFaults() {
  const std::lock_guard lock(_mutex);
  _faults.clear();
}

std::string Platform::summaryJson() const {
  const std::lock_guard lock(_mutex);
  nlohmann::json result = summaryToJson(_ledger.summary());
  result["deadTokenCalls"] = _deadTokenCalls;
  result["faults"] = _faults.taken();
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

size_t Platform::ledgerSize() const {
  const std::lock_guard lock(_mutex);
  return _ledger.entries().size();
}

}  // namespace tsunagi::linesim
