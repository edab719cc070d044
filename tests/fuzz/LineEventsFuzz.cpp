// LINE's webhook body: never a crash, and what was read once reads the same again, within the limits; ranges of a text
// are taken out without harm. Texts are split under LINE's limit.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/Encoding.h"
#include "line/Events.h"
#include "line/Signature.h"
#include "line/TextLimits.h"
#include "line/TextRanges.h"

using namespace tsunagi;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void checkSplit(std::string_view text, size_t maxUnits) {
  for (const auto& piece : line::splitText(text, maxUnits)) {
    require(!piece.empty());
    require(line::utf16Length(piece) <= maxUnits);
  }
}

void checkMessage(const line::EventMessage& message) {
  require(isValidUtf8(message.text) && isValidUtf8(message.fileName));
  require(message.emojis.size() <= line::WebhookLimits::MAX_EMOJIS);
  require(message.durationMs >= 0 && message.fileSize >= 0);
  line::kindOf(message);
  auto ranges = line::mentionsOfBot(message, "Ubot");
  for (const auto& mentionee : message.mentionees) ranges.push_back({mentionee.index, mentionee.length});
  for (const auto& emoji : message.emojis) ranges.push_back({emoji.index, emoji.length});
  const std::string rest = line::withoutRanges(message.text, ranges);
  require(isValidUtf8(rest) && rest.size() <= message.text.size());
  if (ranges.empty()) require(rest == message.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  line::SignatureVerifier::wellFormed(bytes);
  checkSplit(bytes, 16);
  checkSplit(bytes, 100);
  const auto webhook = line::parseWebhook(bytes);
  if (!webhook) return 0;
  for (const auto& event : webhook->events) {
    require(isValidUtf8(event.json));
    line::kindName(line::kindOf(event));
    require(event.memberIds.size() <= line::WebhookLimits::MAX_MEMBERS);
    if (event.message) checkMessage(*event.message);
    if (event.json.front() != '{') continue;
    const auto again = line::parseEvent(event.json);
    require(again.ok());
    require(again->json == event.json && again->type == event.type && again->replyToken == event.replyToken);
    require(again->conversation() == event.conversation());
  }
  return 0;
}
