#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/Phrases.h"
#include "store/Access.h"

namespace tsunagi::chat {

// What a LINE user can tell the bridge itself. docs/commands.md is the table of all words and rules; a test compares
// both.
enum class Command : uint8_t {
  Help,
  New,
  Stop,
  WhoAmI,
  Pair,
  Unpair,
  Forget,
  Status,
  Quota,
  Model,
  Pause,
  Resume,
  Allow,
  Deny,
  Project
};
constexpr size_t COMMAND_COUNT = 15;

// The least a sender must be. In a group a command always needs a user id (S1).
enum class CommandUser : uint8_t {
  Nobody,  // not in this place
  Anyone,  // who is not blocked
  Talker,  // who may talk to the bot here: paired in 1:1; in a group whom `group_members` lets talk
  Guest,   // paired with this role or a higher one
  Member,
  Owner
};

struct CommandRule {
  Command command;
  std::string_view name;      // "help": English, without the slash
  CommandUser inDirect;       // 1:1
  CommandUser inGroup;        // groups and rooms
  std::string_view argument;  // "", "CODE", "[name]", "[1h]"
};
const std::array<CommandRule, COMMAND_COUNT>& commandRules();  // in the order of Command
const CommandRule& ruleOf(Command command);
// The word to show in a language, without the slash: its first alias, in English the name.
std::string_view commandWord(Command command, Language language);
// All words that mean the command, folded by foldTyped(): its name and the aliases of every language.
std::vector<std::string_view> commandWords(Command command);

struct CommandParse {
  enum class Kind : uint8_t {
    None,  // an ordinary text; also one that begins like a path
    Known,
    Unknown  // one word, perhaps with one argument, that is no command: a hint in 1:1, nothing in groups
  };
  Kind kind = Kind::None;
  Command command = Command::Help;  // of Known
  std::string argument;             // what stands behind the word, trimmed, as typed; at most MAX_ARGUMENT bytes
  size_t behindWord = 0;            // where in the text that is read begins what stands behind the word
  std::string word;                 // as typed, without the slash, at most 32 characters
  static constexpr size_t MAX_ARGUMENT = 256;
};

// Reads a text from which the bot's address is already taken (MentionGate). '/' and '／' begin a command, upper and
// full-width letters are the same as lower ones. "/etc/hosts what is this?" and "/tmp/x" are ordinary texts, and so is
// an unknown word with more than one word behind it. Linear.
CommandParse parseCommand(std::string_view text);

// Whom "/allow" lets talk: "paired" or "everyone", also in Japanese, Chinese or Thai; nothing for anything else.
std::optional<store::GroupMembers> parseGroupMembers(std::string_view text);

// "none", also in Japanese, Chinese or Thai: takes a choice back.
bool meansNone(std::string_view text);

// "30m", "1h", "2d", also with the unit in Japanese, Chinese or Thai ("30分", "2小時", "1 วัน"): milliseconds, from one
// minute to 30 days; nothing for anything else.
std::optional<int64_t> parseDuration(std::string_view text);
constexpr int64_t DEFAULT_PAUSE_MS = 3'600'000;  // "/pause" alone

}  // namespace tsunagi::chat
