#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::line {

// LINE's limits of what stands in a message. Labels and a template's text count signs (graphemes), the rest UTF-16
// units.
struct MessageLimits {
  static constexpr size_t ALT_TEXT_UNITS = 1500;
  static constexpr size_t TEMPLATE_SIGNS = 160;  // text of a buttons template without image and title
  static constexpr size_t LABEL_SIGNS = 20;
  static constexpr size_t DATA_UNITS = 300;
  static constexpr size_t DISPLAY_UNITS = 300;
  static constexpr size_t BUTTONS = 4;
  static constexpr size_t QUICK_REPLIES = 13;
};

// A button, or an item of the quick reply. With data a tap comes back as a postback; without, the person sends text.
struct MessageAction {
  std::string label;  // cut to its limit
  std::string data;   // never cut: an action whose data is too long is left out, for LINE would refuse the whole call
  std::string text;  // shown in the chat as said by the person: a postback's displayText (may be empty), or the message
};

// LINE's "buttons" template, shown on phones and desktops.
struct ButtonsTemplate {
  std::string text;
  std::string altText;                 // for lists of chats and notifications; empty = text
  std::vector<MessageAction> buttons;  // the first four; with none left it is sent as a text message
};

struct OutgoingMessage {
  std::string text;  // cut to LINE's limit; for texts that may be longer see splitText()
  std::optional<ButtonsTemplate> buttons = std::nullopt;  // instead of text
};

struct MessageExtras {
  std::string quoteToken;                   // the first message quotes this one, when it is a text
  std::vector<MessageAction> quickReplies;  // under the last message; only phones show them
};

// A JSON array for reply or push, everything cut to LINE's limits between graphemes. Messages without text are left
// out, and those behind the fifth: the caller packs. Bytes that are not UTF-8 become U+FFFD. Always type "text", never
// "textV2" (S24).
std::string messagesJson(const std::vector<OutgoingMessage>& messages, const MessageExtras& extras = {});
std::string textMessagesJson(const std::vector<std::string>& texts, const MessageExtras& extras = {});

}  // namespace tsunagi::line
