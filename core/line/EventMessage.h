#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "line/TextRanges.h"

namespace tsunagi::line {

// One mention in a text; index and length count UTF-16 units of the text.
struct Mentionee {
  int64_t index = 0;
  int64_t length = 0;
  std::string type;  // "user", "all" or one that came later
  std::string userId;
  bool isSelf = false;
};

// One of LINE's own emoji, standing in the text as its name in parentheses; index and length count UTF-16 units.
struct LineEmoji {
  int64_t index = 0;
  int64_t length = 0;
  std::string productId;
  std::string emojiId;
};

// Where the bytes of an image, video or audio are. A third party's address is data from a stranger (S18).
struct ContentProvider {
  std::string type;  // "line", "external", empty when LINE told none
  std::string originalContentUrl;
  std::string previewImageUrl;

  bool isLine() const { return type.empty() || type == "line"; }  // can LINE's content endpoint be asked for it?
};

// Pictures sent together come as one event each, in any order; old phones leave out index and total.
struct ImageSet {
  std::string id;
  int64_t index = 0;  // from 1; 0 = absent
  int64_t total = 0;  // 0 = absent
};

struct Location {
  std::string title;
  std::string address;
  double latitude = 0;  // as received: finite, the range is not checked
  double longitude = 0;
};

struct Sticker {
  std::string packageId;
  std::string stickerId;
  std::string resourceType;  // "STATIC", "MESSAGE", … or one that came later
  std::vector<std::string> keywords;
};

enum class MessageKind : uint8_t { Unknown, Text, Image, Video, Audio, File, Location, Sticker };

// The "message" of a message or messageEdited event. What a type has not is empty, 0 or absent.
struct EventMessage {
  std::string id;
  std::string type;  // "text", "image", … or one that came later
  std::string text;  // of a text message; of a sticker, what its sender wrote on it
  std::string quoteToken;
  std::string quotedMessageId;
  std::string markAsReadToken;
  std::vector<Mentionee> mentionees;
  std::vector<LineEmoji> emojis;
  ContentProvider contentProvider;  // image, video, audio; a file's bytes are always LINE's
  std::optional<ImageSet> imageSet;
  int64_t durationMs = 0;  // video, audio; 0 = absent
  std::string fileName;    // file: a stranger's text, never a path (S10)
  int64_t fileSize = 0;    // file: bytes as LINE told them; 0 = absent
  std::optional<Location> location;
  std::optional<Sticker> sticker;
};

MessageKind kindOf(const EventMessage& message);

// The ranges of the text in which the bot itself is mentioned: by LINE's mark, or by its user id. botUserId may be
// empty.
std::vector<TextRange> mentionsOfBot(const EventMessage& message, std::string_view botUserId);

}  // namespace tsunagi::line
