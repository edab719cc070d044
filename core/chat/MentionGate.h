#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "line/Events.h"

namespace tsunagi::chat {

// By what a bot is called in a group.
struct BotNames {
  std::string userId;                 // the webhook's destination; may be empty
  std::string displayName;            // as LINE shows it; addressed with @ before it; may be empty
  std::vector<std::string> prefixes;  // texts that address it at the beginning of a message, as configured

  static constexpr size_t MAX_PREFIXES = 16;     // more are not looked at
  static constexpr size_t MAX_NAME_BYTES = 256;  // a longer name or prefix is not looked at
};

struct Addressing {
  enum class How : uint8_t {
    No,
    Mention,  // LINE's own mention of the bot; "@All" is none
    Prefix,   // a configured prefix
    Name,     // '@' or '＠' and the display name, its spaces optional
    Quote     // quotes one of the bot's messages
  };
  How how = How::No;
  std::string text;  // the message without the address, trimmed; the whole text when not addressed
  bool addressed() const { return how != How::No; }
};

// Is this group message for the bot? Only texts can be: stickers, photos and files never address (they are kept for
// the question that follows), also when they quote the bot. Full-width forms and the case of ASCII letters do not
// matter. LINE's mention positions count UTF-16 units; one that points outside the text still addresses, and nothing is
// cut. A name counts only as a whole word, so that a mail address holds none. Linear in the text's length.
// quotesBot: the quoted message is one that the bot sent, as the store knows.
Addressing mentionGate(const line::EventMessage& message, const BotNames& names, bool quotesBot);

}  // namespace tsunagi::chat
