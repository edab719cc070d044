#include "chat/WebhookReader.h"

#include <utility>

#include "base/Encoding.h"
#include "base/Hash.h"

namespace tsunagi::chat {
namespace {

const ChannelSettings::Secret* fitting(const ChannelSettings& channel, const RawWebhook& raw) {
  for (const auto& secret : channel.secrets)
    if (secret.verifier->verify(raw.body, raw.signature)) return &secret;
  return nullptr;
}

}  // namespace

ReadWebhook readWebhook(const RawWebhook& raw, const ChatSettings& settings) {
  ReadWebhook read;
  for (const auto& channel : settings.channels) {
    if (const auto* secret = fitting(channel, raw)) {
      read.channel = &channel;
      read.secretMark = secret->mark;
      break;
    }
  }
  if (read.channel == nullptr) return read;
  auto parsed = line::parseWebhook(raw.body);
  if (!parsed) {
    read.kind = ReadWebhook::Kind::Unparsable;
    read.problem = parsed.error();
    return read;
  }
  read.kind = ReadWebhook::Kind::Good;
  read.webhook = std::move(parsed).value();
  return read;
}

std::string eventKey(const line::Event& event, const RawWebhook& raw, size_t index) {
  if (!event.webhookEventId.empty()) return "w:" + event.webhookEventId + ":" + raw.replay;
  const std::string place = ":" + std::to_string(index) + ":" + raw.replay;
  // The relay's id stays the same when its queue is numbered anew; the sequence number does not.
  if (!raw.linkId.empty()) return "l:" + raw.linkId + place;
  if (!raw.epoch.empty()) return "s:" + raw.epoch + ":" + std::to_string(raw.seq) + place;
  return "h:" + toHex(sha256(raw.body)) + place;
}

std::vector<store::NewEvent> newEvents(const ReadWebhook& read, const RawWebhook& raw, int64_t channelId) {
  std::vector<store::NewEvent> rows;
  rows.reserve(read.webhook.events.size());
  for (size_t i = 0; i < read.webhook.events.size(); ++i) {
    const line::Event& event = read.webhook.events[i];
    store::NewEvent row;
    row.channelId = channelId;
    row.conversation = std::string(event.conversation());
    row.eventKey = eventKey(event, raw, i);
    row.type = event.type;
    row.body = event.json;
    row.receipt = raw.receipt;
    const bool usable = !event.replyToken.empty() && !event.isStandby() && !line::isVerificationSample(event);
    if (usable && raw.replay.empty()) row.replyToken = event.replyToken;
    rows.push_back(std::move(row));
  }
  return rows;
}

store::NewEvent deadEvent(const RawWebhook& raw, int64_t channelId, const std::string& outcome) {
  store::NewEvent row;
  row.channelId = channelId;
  row.eventKey = eventKey(line::Event(), raw, 0) + ":" + outcome;
  row.type = "webhook";
  row.body = raw.body;
  row.receipt = raw.receipt;
  row.dead = true;
  row.outcome = outcome;
  return row;
}

}  // namespace tsunagi::chat
