// LINE's webhook body: never a crash, and what was read once reads the same again. Texts are split under LINE's limit.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/Encoding.h"
#include "line/Events.h"
#include "line/Signature.h"
#include "line/TextLimits.h"

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
    if (event.message) require(isValidUtf8(event.message->text));
    if (event.json.front() != '{') continue;
    const auto again = line::parseEvent(event.json);
    require(again.ok());
    require(again->json == event.json && again->type == event.type && again->replyToken == event.replyToken);
    require(again->conversation() == event.conversation());
  }
  return 0;
}
