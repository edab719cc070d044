#include "line/EventMessage.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "line/EventMessageReader.h"
#include "line/Events.h"
#include "line/JsonRead.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Limits = WebhookLimits;

std::vector<Mentionee> readMentionees(const json& list) {
  std::vector<Mentionee> result;
  if (!list.is_array()) return result;
  for (const json& item : list) {
    if (result.size() == Limits::MAX_MENTIONEES) break;
    if (!item.is_object()) continue;
    result.push_back({integerOf(item, "index"), integerOf(item, "length"), stringOf(item, "type", Limits::MAX_ID),
                      stringOf(item, "userId", Limits::MAX_ID), boolOf(item, "isSelf")});
  }
  return result;
}

std::vector<LineEmoji> readEmojis(const json& list) {
  std::vector<LineEmoji> result;
  if (!list.is_array()) return result;
  for (const json& item : list) {
    if (result.size() == Limits::MAX_EMOJIS) break;
    if (!item.is_object()) continue;
    result.push_back({integerOf(item, "index"), integerOf(item, "length"), stringOf(item, "productId", Limits::MAX_ID),
                      stringOf(item, "emojiId", Limits::MAX_ID)});
  }
  return result;
}

std::optional<ImageSet> readImageSet(const json& set) {
  ImageSet result{stringOf(set, "id", Limits::MAX_ID), std::max<int64_t>(0, integerOf(set, "index")),
                  std::max<int64_t>(0, integerOf(set, "total"))};
  return result.id.empty() ? std::nullopt : std::optional(std::move(result));
}

std::optional<Location> readLocation(const json& message) {
  const auto latitude = numberOf(message, "latitude");
  const auto longitude = numberOf(message, "longitude");
  if (!latitude || !longitude) return std::nullopt;
  return Location{textOf(message, "title", Limits::MAX_NAME), textOf(message, "address", Limits::MAX_NAME), *latitude,
                  *longitude};
}

Sticker readSticker(const json& message) {
  Sticker result{stringOf(message, "packageId", Limits::MAX_ID),
                 stringOf(message, "stickerId", Limits::MAX_ID),
                 stringOf(message, "stickerResourceType", Limits::MAX_ID),
                 {}};
  const json& keywords = memberOf(message, "keywords");
  if (!keywords.is_array()) return result;
  for (const json& item : keywords) {
    if (result.keywords.size() == Limits::MAX_KEYWORDS) break;
    if (item.is_string() && item.get_ref<const std::string&>().size() <= Limits::MAX_ID)
      result.keywords.push_back(item.get<std::string>());
  }
  return result;
}

}  // namespace

MessageKind kindOf(const EventMessage& message) {
  static constexpr struct {
    std::string_view name;
    MessageKind kind;
  } KINDS[] = {{"text", MessageKind::Text},      {"image", MessageKind::Image}, {"video", MessageKind::Video},
               {"audio", MessageKind::Audio},    {"file", MessageKind::File},   {"location", MessageKind::Location},
               {"sticker", MessageKind::Sticker}};
  for (const auto& entry : KINDS)
    if (message.type == entry.name) return entry.kind;
  return MessageKind::Unknown;
}

std::vector<TextRange> mentionsOfBot(const EventMessage& message, std::string_view botUserId) {
  std::vector<TextRange> ranges;
  for (const Mentionee& mentionee : message.mentionees)
    if (mentionee.type != "all" && (mentionee.isSelf || (!botUserId.empty() && mentionee.userId == botUserId)))
      ranges.push_back({mentionee.index, mentionee.length});
  return ranges;
}

EventMessage readEventMessage(const json& message) {
  EventMessage result;
  result.id = stringOf(message, "id", Limits::MAX_ID);
  result.type = stringOf(message, "type", Limits::MAX_ID);
  result.text = textOf(message, "text", Limits::MAX_TEXT);
  result.quoteToken = stringOf(message, "quoteToken", Limits::MAX_TOKEN);
  result.quotedMessageId = stringOf(message, "quotedMessageId", Limits::MAX_ID);
  result.markAsReadToken = stringOf(message, "markAsReadToken", Limits::MAX_TOKEN);
  result.mentionees = readMentionees(memberOf(memberOf(message, "mention"), "mentionees"));
  result.emojis = readEmojis(memberOf(message, "emojis"));
  const json& provider = memberOf(message, "contentProvider");
  result.contentProvider = {stringOf(provider, "type", Limits::MAX_ID),
                            stringOf(provider, "originalContentUrl", Limits::MAX_TOKEN),
                            stringOf(provider, "previewImageUrl", Limits::MAX_TOKEN)};
  result.imageSet = readImageSet(memberOf(message, "imageSet"));
  result.durationMs = std::max<int64_t>(0, integerOf(message, "duration"));
  result.fileName = textOf(message, "fileName", Limits::MAX_NAME);
  result.fileSize = std::max<int64_t>(0, integerOf(message, "fileSize"));
  if (result.type == "location") result.location = readLocation(message);
  if (result.type == "sticker") result.sticker = readSticker(message);
  return result;
}

}  // namespace tsunagi::line
