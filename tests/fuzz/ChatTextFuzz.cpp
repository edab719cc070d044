#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/Encoding.h"
#include "chat/Commands.h"
#include "chat/ContextWindow.h"
#include "chat/MentionGate.h"
#include "chat/PairingCode.h"
#include "chat/PromptText.h"
#include "chat/RateLimits.h"
#include "chat/ReplyPlan.h"
#include "chat/TimeZone.h"
#include "line/TextLimits.h"

// What people type, call themselves and write into configuration, through everything in core/chat that reads it.

using namespace tsunagi;
using namespace tsunagi::chat;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void typed(std::string_view text, int64_t index, int64_t length) {
  line::EventMessage message;
  message.type = "text";
  message.text = text;
  message.mentionees = {{index, length, "user", "", true}, {length, index, "user", "", true}};
  const BotNames names{"", "My Bot", {"ai", "@b"}};
  require(mentionGate(message, names, false).text.size() <= text.size());
  message.mentionees.clear();
  require(mentionGate(message, names, true).addressed());
  mentionGate(message, {"", std::string(text.substr(0, 40)), {std::string(text)}}, false);

  const auto command = parseCommand(text);
  require(command.argument.size() <= CommandParse::MAX_ARGUMENT);
  if (const auto ms = parseDuration(text)) require(*ms >= 60'000 && *ms <= 30LL * 86'400'000);
  if (const auto code = readPairingCode(text)) require(readPairingCode(showPairingCode(*code)) == code);
}

void prompted(std::string_view text) {
  PromptFacts facts;
  facts.userName = text, facts.groupName = text;
  const auto prompt = makePrompt(text, facts);
  if (!prompt.data.empty()) require(nlohmann::json::parse(prompt.data).is_object());
  require(isValidUtf8(cleanName(text)));
  require(line::utf16Length(cleanName(text)) <= 128);
}

// In a group no text can make a line that was not said.
void remembered(std::string_view text) {
  ContextInput input;
  input.group = true;
  for (int i = 0; i < 3; ++i) {
    ContextMessage message;
    message.kind = static_cast<ContextMessage::Kind>(i * 3 % 8);
    message.text = text, message.speaker = text, message.fileName = text;
    message.keywords = {std::string(text)};
    input.history.push_back(message);
  }
  input.question = {input.history.front()};
  const auto context = buildContext(input);
  require(context.messages.size() == 1 && context.messages[0].parts.size() == 1);
  const std::string& said = context.messages[0].parts[0].data;
  size_t lines = 0;
  for (size_t at = 0; at <= said.size(); ++lines) {
    const size_t end = std::min(said.find('\n', at), said.size());
    require(nlohmann::json::parse(said.substr(at, end - at)).contains("from"));
    at = end + 1;
  }
  require(lines == context.historyMessages + 1);
}

void answered(const std::string& text) {
  const auto parts = splitAnswer(text, false, "...");
  require(parts.now.size() + (parts.offerContinue ? 1 : 0) <= line::MAX_MESSAGES);
  for (const auto& part : parts.now) require(line::utf16Length(part) <= line::MAX_TEXT_UNITS);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  typed(text, data[0], data[1]);
  prompted(text);
  remembered(text);
  answered(text);
  require(toText(usageFromText(text)) == toText(usageFromText(toText(usageFromText(text)))));
  if (const auto zone = TimeZone::parse(text)) zone->offsetMinutes(static_cast<int64_t>(data[0]) << 40);
  if (const auto rule = PosixZone::parse(text)) {
    const int offset = rule->offsetSeconds(static_cast<int64_t>(data[1]) << 24);
    require(offset >= -26 * 3600 && offset <= 26 * 3600);
  }
  return 0;
}
