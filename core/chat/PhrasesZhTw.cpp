#include "chat/PhraseTables.h"

namespace tsunagi::chat {

std::string_view phraseInChineseTraditional(Phrase what) {
  switch (what) {
    case Phrase::NoAnswer:
      return "抱歉，目前無法回覆，請稍後再傳一次。";
    case Phrase::TooSlow:
      return "抱歉，回覆花費的時間太長了，請縮短問題或再傳一次。";
    case Phrase::Empty:
      return "沒有得到回覆內容，請換個說法再傳一次。";
    case Phrase::GaveUp:
      return "抱歉，這則訊息無法處理，請換個內容再試。";
    case Phrase::CutMark:
      return "…（內容過長，已省略）";
    case Phrase::Busy:
      return "目前忙線中，請稍後再傳一次。";
    case Phrase::CannotImage:
      return "抱歉，我還看不懂圖片，請用文字說明。";
    case Phrase::CannotAudio:
      return "抱歉，我還聽不懂語音，請改用文字傳送。";
    case Phrase::CannotVideo:
      return "抱歉，我還看不懂影片，請用文字說明。";
    case Phrase::CannotFile:
      return "抱歉，我無法讀取這種檔案，請改傳文字檔或 PDF。";
    case Phrase::CannotOther:
      return "抱歉，我還不支援這種訊息，請改用文字傳送。";
    case Phrase::FileTooBig:
      return "檔案太大了，請傳送 {limit} 以下的檔案。";
    case Phrase::StorageFull:
      return "抱歉，儲存空間不足，無法接收檔案，請通知擁有者。";
    case Phrase::Heard:
      return "🎤「{text}」";
    case Phrase::SlowText:
      return "還在思考中，請稍等一下，再按按鈕取得回覆。";
    case Phrase::SlowLabel:
      return "取得回覆";
    case Phrase::StillWorking:
      return "還在思考中，請再等一下，然後再按一次按鈕。";
    case Phrase::AnswerGone:
      return "這則回覆已不再保留，請再問一次。";
    case Phrase::ContinueText:
      return "後面還有內容。";
    case Phrase::ContinueLabel:
      return "繼續";
    case Phrase::LateNotice:
      return "剛才連線中斷了一段時間，以下一併回覆先前的 {count} 則訊息。";
    case Phrase::KeptAnswer:
      return "這是先前問題的回覆：";
    case Phrase::OfferPairing:
      return "這個帳號僅供受邀者使用。請向擁有者索取配對碼，並傳送到這裡。";
    case Phrase::OfferPairingFirst:
      return "尚未設定擁有者。請將設定畫面上顯示的配對碼傳送到這裡。";
    case Phrase::Greet:
      return "你好，有什麼想問的都可以問我。輸入 {command} 可查看用法。";
    case Phrase::GreetGroup:
      return "大家好，需要我的時候請標註（@）我。";
    case Phrase::TellAllow:
      return "謝謝邀請。請擁有者在此群組傳送 {command}，我就能開始回覆。";
    case Phrase::Limited:
      return "訊息太頻繁了，請稍後再傳。";
    case Phrase::BudgetSpent:
      return "今天的使用額度已用完，請明天再試。";
    case Phrase::Paired:
      return "配對完成（{role}），現在可以開始使用了。";
    case Phrase::CodeWrong:
      return "配對碼不正確或已過期，請確認後再傳一次。";
    case Phrase::CodesLocked:
      return "配對碼錯誤次數過多，請一小時後再試。";
    case Phrase::CodeInGroup:
      return "配對碼不能在群組中使用，請在一對一聊天中傳送。";
    case Phrase::CodesCancelled:
      return "有人多次輸入錯誤的配對碼，所有未使用的配對碼已失效。如有需要請重新建立。";
    case Phrase::CodeUsage:
      return "請在後面加上配對碼，例如：{command} ABCD-2345";
    case Phrase::Expired:
      return "時間已過，所以沒有執行。如有需要請再傳一次。";
    case Phrase::OnlyPaired:
      return "只有已配對的使用者才能使用這個指令。";
    case Phrase::OnlyMember:
      return "只有成員和擁有者才能使用這個指令。";
    case Phrase::OnlyOwner:
      return "只有擁有者才能使用這個指令。";
    case Phrase::OnlyDirect:
      return "這個指令請在一對一聊天中使用。";
    case Phrase::OnlyGroup:
      return "這個指令請在群組中使用。";
    case Phrase::UnknownCommand:
      return "沒有 /{word} 這個指令，輸入 {command} 可查看清單。";
    case Phrase::HelpHead:
      return "可用的指令：";
    case Phrase::HelpHelp:
      return "顯示這份清單";
    case Phrase::HelpNew:
      return "開始新話題（不再參考先前的對話）；後面可直接寫第一個問題";
    case Phrase::HelpStop:
      return "停止產生中的回覆";
    case Phrase::HelpWhoAmI:
      return "查看自己的配對狀態";
    case Phrase::HelpPair:
      return "用配對碼配對";
    case Phrase::HelpUnpair:
      return "解除配對";
    case Phrase::HelpForget:
      return "刪除已儲存的對話";
    case Phrase::HelpStatus:
      return "查看目前狀態";
    case Phrase::HelpQuota:
      return "查看本月的訊息用量";
    case Phrase::HelpModel:
      return "查看或選擇模型";
    case Phrase::HelpPause:
      return "暫停回覆（例如 1h）";
    case Phrase::HelpResume:
      return "恢復回覆";
    case Phrase::HelpAllow:
      return "允許在此群組回覆；加上「已配對」則只限已配對的人";
    case Phrase::HelpDeny:
      return "停止在此群組回覆";
    case Phrase::HelpProject:
      return "查看或選擇專案";
    case Phrase::NewDone:
      return "好的，開始新話題。";
    case Phrase::StopDone:
      return "已停止。";
    case Phrase::StopNothing:
      return "目前沒有正在產生的回覆。";
    case Phrase::WhoAmI:
      return "你是 {name}（{role}）。";
    case Phrase::WhoAmIUnknown:
      return "你尚未配對。";
    case Phrase::RoleGuest:
      return "訪客";
    case Phrase::RoleMember:
      return "成員";
    case Phrase::RoleOwner:
      return "擁有者";
    case Phrase::UnpairDone:
      return "已解除配對。再次使用時需要新的配對碼。";
    case Phrase::UnpairLastOwner:
      return "你是最後一位擁有者，無法解除配對。請先新增另一位擁有者。";
    case Phrase::ForgetDone:
      return "已刪除儲存的對話和檔案。";
    case Phrase::ForgetGroupDone:
      return "已刪除此群組儲存的內容。";
    case Phrase::StatusReady:
      return "運作正常（{responder}）。";
    case Phrase::StatusDown:
      return "目前無法回覆（{responder}）。";
    case Phrase::StatusPaused:
      return "暫停中，{duration}後恢復。";
    case Phrase::QuotaLimited:
      return "本月訊息用量：{used} / {limit}";
    case Phrase::QuotaFree:
      return "本月訊息用量：{used}（無上限）";
    case Phrase::QuotaUnknown:
      return "無法取得訊息用量，請稍後再試。";
    case Phrase::QuotaPushed:
      return "其中由我主動傳送：{used} / {limit}";
    case Phrase::QuotaPushedFree:
      return "其中由我主動傳送：{used}";
    case Phrase::QuotaWaiting:
      return "等待下一則訊息的回答：{count} 則";
    case Phrase::ModelNow:
      return "目前的模型：{model}";
    case Phrase::ModelList:
      return "可選擇的模型：\n{models}";
    case Phrase::ModelSet:
      return "已改用模型 {model}。";
    case Phrase::ModelNotFound:
      return "找不到模型 {model}。";
    case Phrase::ModelNone:
      return "沒有可選擇的模型。";
    case Phrase::PauseDone:
      return "暫停回覆 {duration}。";
    case Phrase::PauseUsage:
      return "請用 30m、1h、2d 這樣的時間，例如：{command} 1h";
    case Phrase::ResumeDone:
      return "已恢復回覆。";
    case Phrase::ResumeNothing:
      return "目前沒有暫停。";
    case Phrase::AllowDone:
      return "我可以在此群組回覆了，需要時請標註（@）我。";
    case Phrase::AllowPaired:
      return "在此群組，我現在只回覆已配對的人。";
    case Phrase::AllowEveryone:
      return "我現在會回覆此群組的所有人。";
    case Phrase::AllowUsage:
      return "「{command} 所有人」：群組裡每個人都可以找我。「{command} 已配對」：只限已配對的人。";
    case Phrase::AllowAlready:
      return "此群組已經允許回覆。";
    case Phrase::DenyDone:
      return "我會停止在此群組回覆。";
    case Phrase::DenyAlready:
      return "此群組本來就沒有開放回覆。";
    case Phrase::ProjectNow:
      return "目前的專案：{project}";
    case Phrase::ProjectNone:
      return "尚未設定專案。";
    case Phrase::ProjectSet:
      return "已將專案設為 {project}。";
    case Phrase::ProjectNotFound:
      return "找不到專案 {project}。";
    case Phrase::OwnerToken:
      return "LINE 不接受頻道存取權杖，請在 bridge.ini 設定有效的權杖。";
    case Phrase::OwnerSecret:
      return "收到簽章不符的訊息，請確認頻道密鑰是否屬於這個頻道。";
    case Phrase::OwnerQuotaUsedUp:
      return "本月的 LINE 訊息額度已用完，較慢的回答會和下一則回覆一起送出。";
    case Phrase::OwnerQuotaLow:
      return "本月的 LINE 訊息額度只剩保留的部分，較慢的回答會和下一則回覆一起送出。";
    case Phrase::OwnerBudgetPerson:
      return "有人今天的使用額度已用完。";
    case Phrase::OwnerBudgetAll:
      return "今天全體的使用額度已用完。";
    case Phrase::OwnerLinkRefused:
      return "中繼站不接受這台橋接器的權杖，請確認權杖或重新建立。";
    case Phrase::OwnerLinkReplaced:
      return "另一台橋接器使用同一個中繼權杖，只有其中一台能收到訊息。";
    case Phrase::OwnerStore:
      return "資料無法儲存，磁碟可能已滿，請檢查橋接器。";
    case Phrase::OwnerResponder:
      return "{responder} 已有一段時間沒有回應，請確認是否正在執行。";
    case Phrase::OwnerUnknown:
      return "有一則回答無法確認是否送達，為避免重複不會再送。";
    case Phrase::Minutes:
      return "{count} 分鐘";
    case Phrase::Hours:
      return "{count} 小時";
    case Phrase::Days:
      return "{count} 天";
    case Phrase::OwnerNotice:
      return "【通知】{text}";
  }
  return {};
}

}  // namespace tsunagi::chat
