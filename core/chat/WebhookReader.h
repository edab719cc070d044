#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "chat/ChatSettings.h"
#include "line/Events.h"
#include "store/Rows.h"

namespace tsunagi::chat {

// A webhook as it came in, over the link or directly. The body's bytes are those LINE signed.
struct RawWebhook {
  std::string signature;  // value of the one x-line-signature field; empty when there was none or more than one
  std::string body;
  store::Receipt receipt;
  // Of the link; empty and 0 in direct mode.
  std::string epoch;
  uint64_t seq = 0;
  std::string linkId;
  std::string replay;
};

// What a webhook is, by its signature and its form alone.
struct ReadWebhook {
  enum class Kind {
    Good,          // signed with a secret of `channel`; may hold no events
    BadSignature,  // fits no channel that has a secret
    Unparsable     // signed by LINE, and not a webhook this version can read
  };
  Kind kind = Kind::BadSignature;
  const ChannelSettings* channel = nullptr;  // of the settings given; null for BadSignature
  std::string secretMark;                    // of the secret that fitted
  line::Webhook webhook;
  std::string problem;  // of Unparsable
};

// Tries each channel's secrets on the raw bytes before any parse (S12); the first that fits wins.
ReadWebhook readWebhook(const RawWebhook& raw, const ChatSettings& settings);

// What makes an event the same when it comes again (DESIGN section 6): (webhookEventId, replay), else the relay's id or
// place of the webhook and the index in it, else the body's hash and the index.
std::string eventKey(const line::Event& event, const RawWebhook& raw, size_t index);

// The rows for the events of a good webhook. A replay's reply token counts as spent, a standby event has none.
std::vector<store::NewEvent> newEvents(const ReadWebhook& read, const RawWebhook& raw, int64_t channelId);
// A row that only keeps a webhook which can never be worked on.
store::NewEvent deadEvent(const RawWebhook& raw, int64_t channelId, const std::string& outcome);

}  // namespace tsunagi::chat
