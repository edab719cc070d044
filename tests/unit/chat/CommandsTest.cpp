#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "chat/Commands.h"
#include "chat/TypedText.h"
#include "tests/support/MarkdownTable.h"

namespace tsunagi::chat {
namespace {

using Kind = CommandParse::Kind;

// "`/a` `/b`" without the marks.
std::vector<std::string> codeIn(const std::string& cell) {
  std::vector<std::string> found;
  for (size_t open = cell.find('`'); open != std::string::npos;) {
    const size_t close = cell.find('`', open + 1);
    found.push_back(cell.substr(open + 1, close - open - 1));
    open = cell.find('`', close + 1);
  }
  return found;
}

// ASCII letters as a Japanese or Chinese keyboard in full-width mode gives them.
std::string fullWidth(const std::string& text) {
  std::string wide;
  for (const char c : text) {
    if (c > ' ' && c < 0x7F) {
      const unsigned code = 0xFF00u + static_cast<unsigned char>(c) - 0x20;
      wide += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
               static_cast<char>(0x80 | (code & 0x3F))};
    } else {
      wide += c;
    }
  }
  return wide;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

TEST(Commands, ThePageIsTheTable) {
  const auto page = test::readTable("commands.md", "# Commands in LINE");
  static const std::map<std::string, CommandUser> USERS{
      {"nobody", CommandUser::Nobody}, {"anyone", CommandUser::Anyone}, {"talker", CommandUser::Talker},
      {"guest", CommandUser::Guest},   {"member", CommandUser::Member}, {"owner", CommandUser::Owner}};
  ASSERT_EQ(page.rows.size(), commandRules().size());
  std::set<std::string> all;
  for (size_t i = 0; i < page.rows.size(); ++i) {
    const auto& cells = page.rows[i];
    const CommandRule& rule = commandRules()[i];
    SCOPED_TRACE(rule.name);
    EXPECT_EQ(static_cast<size_t>(rule.command), i);
    EXPECT_EQ(codeIn(cells[0]), std::vector<std::string>{"/" + std::string(rule.name)});
    EXPECT_EQ(USERS.at(cells[1]), rule.inDirect);
    EXPECT_EQ(USERS.at(cells[2]), rule.inGroup);
    EXPECT_EQ(codeIn(cells[3]), rule.argument.empty() ? std::vector<std::string>{}
                                                      : std::vector<std::string>{std::string(rule.argument)});
    std::vector<std::string> words = codeIn(cells[0]);
    for (size_t column = 4; column <= 7; ++column) {
      const auto aliases = codeIn(cells[column]);
      if (column < 7) {
        ASSERT_FALSE(aliases.empty());
        EXPECT_EQ(aliases.front().substr(1), commandWord(rule.command, LANGUAGES[column - 4]));
      }
      words.insert(words.end(), aliases.begin(), aliases.end());
    }
    std::set<std::string> known;
    for (const auto word : commandWords(rule.command)) known.insert("/" + std::string(word));
    EXPECT_EQ(known, std::set<std::string>(words.begin(), words.end()));
    EXPECT_EQ(commandWord(rule.command, Language::English), rule.name);
    for (const auto& word : known) {
      EXPECT_EQ(word, foldTyped(word)) << "is looked up folded";
      for (const auto& typed : {word, upper(word), fullWidth(word), fullWidth(upper(word)), "  " + word + "\n",
                                word + " x", word + "\xE3\x80\x80x"}) {
        const auto parsed = parseCommand(typed);
        EXPECT_EQ(parsed.kind, Kind::Known) << typed;
        EXPECT_EQ(parsed.command, rule.command) << typed;
        EXPECT_EQ(parsed.argument, typed.back() == 'x' ? "x" : "") << typed;
      }
    }
    // A word of two commands would be neither's, but one command may have it in two languages.
    for (const auto& word : known) EXPECT_TRUE(all.insert(word).second) << word;
  }
}

TEST(Commands, OrdinaryTexts) {
  const char* const texts[] = {"",
                               "/",
                               "／",
                               " / ",
                               "//",
                               "/etc/hosts what is this?",
                               "/tmp/x",
                               "/usr/bin",
                               "/a.txt",
                               "/r/linux",
                               "/1",
                               "/2024",
                               "hello /help",
                               "help",
                               "/tmp what is in this folder",
                               "/tmp what now",
                               "/-v",
                               "/ help",
                               "http://example.com",
                               "/…",
                               "/foo\xFF",
                               "/。",
                               "\\help",
                               "/abcdefghijklmnopqrstuvwxyzabcdefghijkl"};
  for (const auto* text : texts) EXPECT_EQ(parseCommand(text).kind, Kind::None) << text;
  EXPECT_EQ(parseCommand("/" + std::string(100'000, 'a')).kind, Kind::None);
  EXPECT_EQ(parseCommand("/" + std::string(100'000, '/')).kind, Kind::None);
}

TEST(Commands, UnknownWords) {
  for (const auto* text : {"/hlep", "/foo bar", "／ほげ", "/ไม่มี", "/HLEP"})
    EXPECT_EQ(parseCommand(text).kind, Kind::Unknown) << text;
  EXPECT_EQ(parseCommand("／Foo bar").word, "Foo");
  EXPECT_EQ(parseCommand("／Foo  bar ").argument, "bar");
}

TEST(Commands, Arguments) {
  EXPECT_EQ(parseCommand("/model  Gemma 3  ").argument, "Gemma 3");
  EXPECT_EQ(parseCommand("/pair\n7kq2-m0xd").argument, "7kq2-m0xd");
  const auto parsed = parseCommand("/model " + std::string(5000, 'x'));
  EXPECT_EQ(parsed.kind, Kind::Known);
  EXPECT_EQ(parsed.argument, std::string(CommandParse::MAX_ARGUMENT, 'x'));
}

TEST(Commands, WhatStandsBehindTheWordIsFoundInTheWholeText) {
  const std::string question(5000, 'x');
  for (const auto& typed : {"/new " + question, "  ／新對話\n" + question, "/NEW\xE3\x80\x80" + question}) {
    const auto parsed = parseCommand(typed);
    EXPECT_EQ(parsed.command, Command::New);
    EXPECT_EQ(trimTyped(std::string_view(typed).substr(parsed.behindWord)), question);
  }
  EXPECT_EQ(parseCommand("/new  ").behindWord, 4u);
}

TEST(Commands, WhomAGroupLetsTalk) {
  for (const auto* text : {"paired", " PAIRED ", "登録者", "已配對", "ที่จับคู่แล้ว", "ｐａｉｒｅｄ"})
    EXPECT_EQ(parseGroupMembers(text), store::GroupMembers::Paired) << text;
  for (const auto* text : {"everyone", "all", "全員", "所有人", "ทุกคน"})
    EXPECT_EQ(parseGroupMembers(text), store::GroupMembers::Everyone) << text;
  for (const auto* text : {"", "nobody", "paired people", "pair"}) EXPECT_EQ(parseGroupMembers(text), std::nullopt);
}

TEST(Commands, None) {
  for (const auto* text : {"none", " NONE ", "なし", "無", "ไม่มี"}) EXPECT_TRUE(meansNone(text)) << text;
  for (const auto* text : {"", "no", "nonesuch", "無い"}) EXPECT_FALSE(meansNone(text)) << text;
}

TEST(Commands, Durations) {
  constexpr int64_t MINUTE = 60'000;
  const std::map<std::string, int64_t> good{
      {"30m", 30 * MINUTE},      {"1h", 60 * MINUTE},     {"2d", 2880 * MINUTE},    {" 5 min ", 5 * MINUTE},
      {"１Ｈ", 60 * MINUTE},     {"30分", 30 * MINUTE},   {"2時間", 120 * MINUTE},  {"1日", 1440 * MINUTE},
      {"30分鐘", 30 * MINUTE},   {"2小時", 120 * MINUTE}, {"1天", 1440 * MINUTE},   {"30 นาที", 30 * MINUTE},
      {"2 ชั่วโมง", 120 * MINUTE}, {"1 วัน", 1440 * MINUTE}, {"30d", 43'200 * MINUTE}, {"43200m", 43'200 * MINUTE}};
  for (const auto& [text, ms] : good) EXPECT_EQ(parseDuration(text), ms) << text;
  for (const auto* text :
       {"", "h", "1", "0m", "-1h", "1.5h", "31d", "43201m", "1h30m", "1 fortnight", "9999999999h", "1hh", "one hour"})
    EXPECT_EQ(parseDuration(text), std::nullopt) << text;
}

}  // namespace
}  // namespace tsunagi::chat
