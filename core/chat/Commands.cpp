#include "chat/Commands.h"

#include <algorithm>

#include "chat/TypedText.h"
#include "line/Utf8.h"

namespace tsunagi::chat {
namespace {

using User = CommandUser;

constexpr size_t MAX_WORD = 32;
constexpr size_t LANGUAGE_COUNT = std::size(LANGUAGES);

constexpr std::array<CommandRule, COMMAND_COUNT> RULES{{
    {Command::Help, "help", User::Anyone, User::Anyone, ""},
    {Command::New, "new", User::Talker, User::Talker, "[text]"},
    {Command::Stop, "stop", User::Talker, User::Talker, ""},
    {Command::WhoAmI, "whoami", User::Anyone, User::Anyone, ""},
    {Command::Pair, "pair", User::Anyone, User::Nobody, "CODE"},
    {Command::Unpair, "unpair", User::Guest, User::Nobody, ""},
    {Command::Forget, "forget", User::Anyone, User::Owner, ""},
    {Command::Status, "status", User::Member, User::Member, ""},
    {Command::Quota, "quota", User::Owner, User::Owner, ""},
    {Command::Model, "model", User::Owner, User::Owner, "[name]"},
    {Command::Pause, "pause", User::Owner, User::Owner, "[1h]"},
    {Command::Resume, "resume", User::Owner, User::Owner, ""},
    {Command::Allow, "allow", User::Nobody, User::Owner, "[paired]"},
    {Command::Deny, "deny", User::Nobody, User::Owner, ""},
    {Command::Project, "project", User::Owner, User::Owner, "[name]"},
}};

// Aliases in each language, separated by spaces, the first is the one that is shown. Already folded.
struct Aliases {
  std::string_view japanese, chinese, thai, english;
};
constexpr std::array<Aliases, COMMAND_COUNT> ALIASES{{
    {"ヘルプ 使い方", "說明 幫助", "ช่วยเหลือ วิธีใช้", "?"},
    {"新規 新しい話題 リセット", "新對話 新話題 重新開始", "เริ่มใหม่ เรื่องใหม่", "reset clear"},
    {"停止 ストップ 中止", "停止", "หยุด", "cancel"},
    {"自分 私は誰", "我是誰", "ฉันคือใคร", "me"},
    {"登録 ペアリング", "配對 綁定", "จับคู่", "bind"},
    {"登録解除", "解除配對 解除綁定", "ยกเลิกจับคู่", "unbind"},
    {"忘れて 消去", "忘記 刪除紀錄", "ลบข้อมูล ลืม", ""},
    {"状態 ステータス", "狀態", "สถานะ", ""},
    {"送信数 残数", "用量 額度", "โควตา", ""},
    {"モデル", "模型", "โมเดล", ""},
    {"一時停止 休止", "暫停", "พัก", ""},
    {"再開", "恢復 繼續", "กลับมาตอบ", ""},
    {"許可", "允許", "อนุญาต", ""},
    {"不許可 禁止", "禁止 拒絕", "ไม่อนุญาต", ""},
    {"プロジェクト", "專案", "โปรเจกต์", ""},
}};

std::string_view firstWord(std::string_view words) { return words.substr(0, words.find(' ')); }

template <typename Visit>
void eachWord(std::string_view words, Visit visit) {
  while (!words.empty()) {
    const auto word = firstWord(words);
    visit(word);
    words.remove_prefix(std::min(words.size(), word.size() + 1));
  }
}

// Is what was typed one of the words? They are folded.
bool isOneOf(std::string_view words, std::string_view typed) {
  const std::string folded = foldTyped(trimTyped(line::cutUtf8(typed, 64)));
  bool found = false;
  eachWord(words, [&](std::string_view word) { found = found || word == folded; });
  return found;
}

std::array<std::string_view, LANGUAGE_COUNT> aliasLists(Command command) {
  const Aliases& row = ALIASES[static_cast<size_t>(command)];
  return {row.japanese, row.chinese, row.thai, row.english};
}

std::optional<Command> commandOf(std::string_view folded) {
  for (const auto& rule : RULES)
    for (const auto& word : commandWords(rule.command))
      if (word == folded) return rule.command;
  return std::nullopt;
}

// A letter of any script, for words that may be a mistyped command; ASCII punctuation and digits are none.
bool isCommandSign(char32_t folded) {
  if (folded < 0x80) return folded >= 'a' && folded <= 'z';
  return folded != 0xFFFD && !(folded >= 0x2000 && folded <= 0x206F) && !(folded >= 0x3001 && folded <= 0x303F);
}

size_t wordsIn(std::string_view text) {
  size_t words = 0;
  bool inside = false;
  for (const auto& sign : TypedText(text).signs) {
    const bool within = sign.value != 0 && !isSpace(sign.value);
    if (within && !inside) ++words;
    inside = within;
  }
  return words;
}

}  // namespace

const std::array<CommandRule, COMMAND_COUNT>& commandRules() { return RULES; }

const CommandRule& ruleOf(Command command) { return RULES[static_cast<size_t>(command)]; }

std::string_view commandWord(Command command, Language language) {
  if (language == Language::English) return ruleOf(command).name;
  return firstWord(aliasLists(command)[static_cast<size_t>(language)]);
}

std::vector<std::string_view> commandWords(Command command) {
  std::vector<std::string_view> words{ruleOf(command).name};
  for (const auto& list : aliasLists(command)) eachWord(list, [&](std::string_view word) { words.push_back(word); });
  return words;
}

CommandParse parseCommand(std::string_view text) {
  CommandParse parsed;
  const char* const begin = text.data();
  text = trimTyped(text);
  // A command's beginning is short: nothing behind it needs a look yet.
  const TypedText head(text.substr(0, line::cutUtf8(text, 4 * (MAX_WORD + 2)).size()));
  if (head.size() < 2 || head.signs[0].value != '/') return parsed;
  size_t end = 1;
  while (end < head.size() && !isSpace(head.signs[end].value)) ++end;
  if (end == 1 || end > MAX_WORD + 1 || (end == head.size() && head.signs[end].byte < text.size())) return parsed;

  const size_t from = head.signs[1].byte;
  const size_t to = head.signs[end].byte;
  const std::string_view word = text.substr(from, to - from);
  const std::string_view rest = trimTyped(text.substr(to));
  const auto known = commandOf(foldTyped(word));
  if (!known) {
    for (size_t i = 1; i < end; ++i)
      if (!isCommandSign(head.signs[i].value)) return parsed;
    if (wordsIn(rest) > 1) return parsed;
  }
  parsed.kind = known ? CommandParse::Kind::Known : CommandParse::Kind::Unknown;
  parsed.command = known.value_or(Command::Help);
  parsed.word = word;
  parsed.argument = line::cutUtf8(rest, CommandParse::MAX_ARGUMENT);
  parsed.behindWord = static_cast<size_t>(text.data() - begin) + to;
  return parsed;
}

std::optional<store::GroupMembers> parseGroupMembers(std::string_view text) {
  if (isOneOf("paired 登録者 登録済み 已配對 已綁定 ที่จับคู่แล้ว จับคู่แล้ว", text)) return store::GroupMembers::Paired;
  if (isOneOf("everyone all 全員 みんな 所有人 大家 ทุกคน", text)) return store::GroupMembers::Everyone;
  return std::nullopt;
}

bool meansNone(std::string_view text) { return isOneOf("none なし 無 ไม่มี", text); }

std::optional<int64_t> parseDuration(std::string_view text) {
  struct Unit {
    std::string_view words;  // folded
    int64_t ms;
  };
  static constexpr Unit UNITS[] = {
      {"m min mins minute minutes 分 分間 分鐘 นาที", 60'000},
      {"h hr hour hours 時間 小時 ชั่วโมง ชม ชม.", 3'600'000},
      {"d day days 日 日間 天 วัน", 86'400'000},
  };
  constexpr int64_t LONGEST_MS = 30 * 86'400'000LL;
  const std::string folded = foldTyped(trimTyped(text.substr(0, line::cutUtf8(text, 64).size())));
  size_t digits = 0;
  int64_t count = 0;
  while (digits < folded.size() && folded[digits] >= '0' && folded[digits] <= '9' && digits < 6)
    count = count * 10 + (folded[digits++] - '0');
  if (digits == 0) return std::nullopt;
  const std::string_view unit = trimTyped(std::string_view(folded).substr(digits));
  for (const auto& row : UNITS) {
    if (isOneOf(row.words, unit) && count >= 1 && count <= LONGEST_MS / row.ms) return count * row.ms;
  }
  return std::nullopt;
}

}  // namespace tsunagi::chat
