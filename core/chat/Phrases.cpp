#include "chat/Phrases.h"

namespace tsunagi::chat {

std::optional<Language> parseLanguage(std::string_view code) {
  if (code == "ja") return Language::Japanese;
  if (code == "zh-TW") return Language::ChineseTraditional;
  if (code == "th") return Language::Thai;
  if (code == "en") return Language::English;
  return std::nullopt;
}

std::string_view phrase(Phrase what, Language language) {
  struct Row {
    std::string_view ja, zh, th, en;
  };
  static constexpr Row NO_ANSWER{
      "申し訳ありません。ただいま回答できませんでした。少し時間をおいて、もう一度お送りください。",
      "抱歉，目前無法回覆，請稍後再傳一次。", "ขออภัย ขณะนี้ยังตอบไม่ได้ กรุณาส่งข้อความอีกครั้งในอีกสักครู่",
      "Sorry, I could not answer just now. Please send your message again in a little while."};
  static constexpr Row TOO_SLOW{"申し訳ありません。回答に時間がかかりすぎました。短くするか、もう一度お送りください。",
                                "抱歉，回覆花費的時間太長了，請縮短問題或再傳一次。",
                                "ขออภัย ใช้เวลาตอบนานเกินไป กรุณาถามให้สั้นลงหรือส่งอีกครั้ง",
                                "Sorry, the answer took too long. Please ask something shorter, or send it again."};
  static constexpr Row EMPTY{"回答が空でした。別の言い方でもう一度お送りください。",
                             "沒有得到回覆內容，請換個說法再傳一次。", "ไม่ได้รับคำตอบ กรุณาลองถามใหม่ด้วยถ้อยคำอื่น",
                             "The answer came back empty. Please try again in other words."};
  static constexpr Row GAVE_UP{"申し訳ありません。このメッセージは処理できませんでした。別の内容でお試しください。",
                               "抱歉，這則訊息無法處理，請換個內容再試。",
                               "ขออภัย ไม่สามารถจัดการข้อความนี้ได้ กรุณาลองข้อความอื่น",
                               "Sorry, this message could not be handled. Please try another one."};
  static constexpr Row CUT{"…（長いため、ここまで）", "…（內容過長，已省略）", "…(ข้อความยาวเกินไป ตัดที่นี่)",
                           "… (cut here: too long)"};
  const Row& row = [&]() -> const Row& {
    switch (what) {
      case Phrase::TooSlow:
        return TOO_SLOW;
      case Phrase::Empty:
        return EMPTY;
      case Phrase::GaveUp:
        return GAVE_UP;
      case Phrase::CutMark:
        return CUT;
      case Phrase::NoAnswer:
        break;
    }
    return NO_ANSWER;
  }();
  switch (language) {
    case Language::Japanese:
      return row.ja;
    case Language::ChineseTraditional:
      return row.zh;
    case Language::Thai:
      return row.th;
    case Language::English:
      break;
  }
  return row.en;
}

}  // namespace tsunagi::chat
