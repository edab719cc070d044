#include "chat/PromptText.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "line/Utf8.h"

namespace tsunagi::chat {
namespace {

constexpr std::string_view JAPANESE =
    "あなたは LINE で会話するアシスタントです。日本語で、わかりやすく短く答えてください。相手が別の言語で書いたときは、"
    "その言語で答えてください。LINE は Markdown "
    "を表示できないので、見出し、表、太字などの記号は使わず、普通の文章で書いて"
    "ください。わからないことは、わからないと伝えてください。今日は {date}（{weekday}）、現在の時刻は {time} です。";
constexpr std::string_view CHINESE =
    "你是在 LINE 上對話的助理。請使用繁體中文（台灣用語），回答要清楚簡短。如果對方使用其他語言，就用那個語言回答。"
    "LINE 不會顯示 Markdown，請不要使用標題、表格、粗體等符號，用一般文字書寫。不知道的事情請直接說不知道。"
    "今天是 {date}（{weekday}），現在時間是 {time}。";
constexpr std::string_view THAI =
    "คุณเป็นผู้ช่วยที่สนทนาผ่าน LINE ตอบเป็นภาษาไทยให้ชัดเจนและสั้น ถ้าผู้ใช้เขียนเป็นภาษาอื่น ให้ตอบเป็นภาษานั้น LINE ไม่แสดง Markdown จึงไม่ต้องใช้"
    "หัวข้อ ตาราง หรือตัวหนา ให้เขียนเป็นข้อความธรรมดา ถ้าไม่รู้ให้บอกว่าไม่รู้ วันนี้คือ {weekday} {date} เวลา {time}";
constexpr std::string_view ENGLISH =
    "You are an assistant in a LINE chat. Answer in English, clearly and briefly; when somebody writes in another "
    "language, answer in that one. LINE does not show Markdown: no headings, tables or bold marks, write plain text. "
    "When you do not know something, say so. Today is {weekday}, {date}, the time is {time}.";

constexpr std::array<std::array<std::string_view, 7>, 4> WEEKDAYS{{
    {"日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"},
    {"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
    {"วันอาทิตย์", "วันจันทร์", "วันอังคาร", "วันพุธ", "วันพฤหัสบดี", "วันศุกร์", "วันเสาร์"},
    {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}};

// How a prompt speaks of a name that it must not hold itself.
struct References {
  std::string_view user, group;
};
constexpr std::array<References, 4> REFERENCES{{
    {"（データの \"user\" にある名前の人）", "（データの \"group\" にある名前のグループ）"},
    {"（資料中 \"user\" 所示姓名的人）", "（資料中 \"group\" 所示名稱的群組）"},
    {"(ผู้ที่มีชื่อใน \"user\" ของข้อมูล)", "(กลุ่มที่มีชื่อใน \"group\" ของข้อมูล)"},
    {"(the person named by \"user\" in the data)", "(the group named by \"group\" in the data)"},
}};

std::string twoDigits(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

// Control and bidirectional characters, line separators, and what is invisible on purpose.
bool isUnwanted(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace

CivilTime civilTime(int64_t wallMs, int offsetMinutes) {
  constexpr int64_t DAY_MS = 86'400'000;
  const int64_t local = wallMs + offsetMinutes * int64_t{60'000};
  const int64_t day = local >= 0 ? local / DAY_MS : -((-local + DAY_MS - 1) / DAY_MS);
  const int64_t minuteOfDay = (local - day * DAY_MS) / 60'000;
  // Proleptic Gregorian calendar, counted in years that begin on 1 March.
  const int64_t shifted = day + 719'468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const int64_t dayOfEra = shifted - era * 146'097;
  const int64_t yearOfEra = (dayOfEra - dayOfEra / 1'460 + dayOfEra / 36'524 - dayOfEra / 146'096) / 365;
  const int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const int64_t month = (5 * dayOfYear + 2) / 153;
  CivilTime time;
  time.day = static_cast<int>(dayOfYear - (153 * month + 2) / 5 + 1);
  time.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  time.year = yearOfEra + era * 400 + (time.month <= 2 ? 1 : 0);
  time.weekday = static_cast<int>(((day + 4) % 7 + 7) % 7);
  time.hour = static_cast<int>(minuteOfDay / 60);
  time.minute = static_cast<int>(minuteOfDay % 60);
  return time;
}

std::string_view defaultPrompt(Language language) {
  switch (language) {
    case Language::Japanese:
      return JAPANESE;
    case Language::ChineseTraditional:
      return CHINESE;
    case Language::Thai:
      return THAI;
    case Language::English:
      break;
  }
  return ENGLISH;
}

std::string_view continueRequest(Language language) {
  switch (language) {
    case Language::Japanese:
      return "続きをお願いします。前の文の途中からそのまま続けてください。";
    case Language::ChineseTraditional:
      return "請繼續，直接從剛才中斷的地方接著寫。";
    case Language::Thai:
      return "กรุณาเขียนต่อจากที่ค้างไว้";
    case Language::English:
      break;
  }
  return "Please go on from exactly where you stopped.";
}

Prompt makePrompt(std::string_view text, const PromptFacts& facts) {
  if (text.empty()) text = defaultPrompt(facts.language);
  const CivilTime now = civilTime(facts.wallMs, facts.offsetMinutes);
  const auto language = static_cast<size_t>(facts.language);
  const std::string date = std::to_string(now.year) + "-" + twoDigits(now.month) + "-" + twoDigits(now.day);
  const std::string time = twoDigits(now.hour) + ":" + twoDigits(now.minute);
  std::vector<PhraseValue> values{
      {"date", date}, {"time", time}, {"weekday", WEEKDAYS[language][static_cast<size_t>(now.weekday)]}};

  nlohmann::ordered_json data = nlohmann::ordered_json::object();
  const auto name = [&](std::string_view variable, std::string_view written, std::string_view reference) {
    if (text.find("{" + std::string(variable) + "}") == std::string_view::npos) return;
    values.push_back({variable, reference});
    data[std::string(variable)] = cleanName(written);
  };
  name("user", facts.userName, REFERENCES[language].user);
  name("group", facts.groupName, REFERENCES[language].group);
  return {fillIn(text, values), data.empty() ? std::string() : data.dump()};
}

std::string cleanName(std::string_view name, size_t maxSigns) {
  std::string clean;
  size_t signs = 0;
  for (size_t at = 0; at < name.size() && signs < maxSigns;) {
    const auto point = line::decodeUtf8(name, at);
    if (!point.valid) {
      clean += "\xEF\xBF\xBD";
      ++signs;
    } else if (!isUnwanted(point.value)) {
      clean.append(name, at, point.bytes);
      ++signs;
    }
    at += point.bytes;
  }
  return clean;
}

}  // namespace tsunagi::chat
