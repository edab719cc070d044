#include "chat/PhraseTables.h"

namespace tsunagi::chat {

std::string_view phraseInJapanese(Phrase what) {
  switch (what) {
    case Phrase::NoAnswer:
      return "申し訳ありません。ただいま回答できませんでした。少し時間をおいて、もう一度お送りください。";
    case Phrase::TooSlow:
      return "申し訳ありません。回答に時間がかかりすぎました。短くするか、もう一度お送りください。";
    case Phrase::Empty:
      return "回答が空でした。別の言い方でもう一度お送りください。";
    case Phrase::GaveUp:
      return "申し訳ありません。このメッセージは処理できませんでした。別の内容でお試しください。";
    case Phrase::CutMark:
      return "…（長いため、ここまで）";
    case Phrase::Busy:
      return "ただいま混み合っています。少し時間をおいて、もう一度お送りください。";
    case Phrase::CannotImage:
      return "申し訳ありません。写真を見ることはまだできません。内容を文字でお送りください。";
    case Phrase::CannotAudio:
      return "申し訳ありません。音声を聞くことはまだできません。文字でお送りください。";
    case Phrase::CannotVideo:
      return "申し訳ありません。動画を見ることはまだできません。内容を文字でお送りください。";
    case Phrase::CannotFile:
      return "申し訳ありません。この種類のファイルは読めません。テキストか PDF でお送りください。";
    case Phrase::CannotOther:
      return "申し訳ありません。この種類のメッセージには対応していません。文字でお送りください。";
    case Phrase::FileTooBig:
      return "ファイルが大きすぎます。{limit} 以下のものをお送りください。";
    case Phrase::StorageFull:
      return "申し訳ありません。保存場所に空きがなく、ファイルを受け取れませんでした。オーナーにお知らせください。";
    case Phrase::Heard:
      return "🎤「{text}」";
    case Phrase::SlowText:
      return "考えるのに時間がかかっています。少し待ってからボタンを押すと、回答を受け取れます。";
    case Phrase::SlowLabel:
      return "回答を受け取る";
    case Phrase::StillWorking:
      return "まだ考えています。もう少し待ってから、もう一度ボタンを押してください。";
    case Phrase::AnswerGone:
      return "この回答はもう残っていません。お手数ですが、もう一度お送りください。";
    case Phrase::ContinueText:
      return "続きがあります。";
    case Phrase::ContinueLabel:
      return "続きを読む";
    case Phrase::LateNotice:
      return "しばらくつながっていませんでした。お待たせしていた {count} 件のメッセージにもあわせてお答えします。";
    case Phrase::KeptAnswer:
      return "先ほどのご質問への回答です。";
    case Phrase::OfferPairing:
      return "このアカウントは、招待された方だけが使えます。オーナーからペアリングコードをもらい、ここに送ってください"
             "。";
    case Phrase::OfferPairingFirst:
      return "まだオーナーが登録されていません。設定画面に表示されるコードを、ここに送ってください。";
    case Phrase::Greet:
      return "こんにちは。何でも聞いてください。使い方は {command} で見られます。";
    case Phrase::GreetGroup:
      return "こんにちは。ご用のときは、私をメンションしてください。";
    case Phrase::TellAllow:
      return "追加ありがとうございます。オーナーがこのグループで {command} と送ると、お話しできるようになります。";
    case Phrase::Limited:
      return "メッセージが続いています。少し時間をおいてからお送りください。";
    case Phrase::BudgetSpent:
      return "本日の利用上限に達しました。明日またお送りください。";
    case Phrase::Paired:
      return "登録できました（{role}）。これからお話しできます。";
    case Phrase::CodeWrong:
      return "コードが正しくないか、期限が切れています。確かめて、もう一度お送りください。";
    case Phrase::CodesLocked:
      return "コードの間違いが続きました。1時間ほどおいてから、もう一度お試しください。";
    case Phrase::CodeInGroup:
      return "コードはグループでは使えません。1対1のトークで送ってください。";
    case Phrase::CodesCancelled:
      return "間違ったコードが何度も送られたため、未使用のペアリングコードをすべて無効にしました。必要なら新しく作って"
             "ください。";
    case Phrase::CodeUsage:
      return "コードを付けて送ってください。例：{command} ABCD-2345";
    case Phrase::Expired:
      return "時間がたちすぎたため、実行しませんでした。必要なら、もう一度お送りください。";
    case Phrase::OnlyPaired:
      return "この操作は、登録された方だけができます。";
    case Phrase::OnlyMember:
      return "この操作は、メンバーとオーナーだけができます。";
    case Phrase::OnlyOwner:
      return "この操作は、オーナーだけができます。";
    case Phrase::OnlyDirect:
      return "この操作は、1対1のトークで行ってください。";
    case Phrase::OnlyGroup:
      return "この操作は、グループの中で行ってください。";
    case Phrase::UnknownCommand:
      return "/{word} というコマンドはありません。{command} で一覧を見られます。";
    case Phrase::HelpHead:
      return "できること：";
    case Phrase::HelpHelp:
      return "この一覧を見る";
    case Phrase::HelpNew:
      return "新しい話題を始める（前の会話を忘れます）。続けて書けば、それが最初の質問になります";
    case Phrase::HelpStop:
      return "作成中の回答を止める";
    case Phrase::HelpWhoAmI:
      return "自分の登録内容を見る";
    case Phrase::HelpPair:
      return "ペアリングコードで登録する";
    case Phrase::HelpUnpair:
      return "登録を解除する";
    case Phrase::HelpForget:
      return "保存された会話を消す";
    case Phrase::HelpStatus:
      return "動作の状態を見る";
    case Phrase::HelpQuota:
      return "今月の送信数を見る";
    case Phrase::HelpModel:
      return "モデルを見る、選ぶ";
    case Phrase::HelpPause:
      return "しばらく回答を止める（例：1h）";
    case Phrase::HelpResume:
      return "回答を再開する";
    case Phrase::HelpAllow:
      return "このグループで回答を始める。「登録者」を付けると登録した方だけ";
    case Phrase::HelpDeny:
      return "このグループで回答をやめる";
    case Phrase::HelpProject:
      return "プロジェクトを見る、選ぶ";
    case Phrase::NewDone:
      return "新しい話題を始めましょう。";
    case Phrase::StopDone:
      return "止めました。";
    case Phrase::StopNothing:
      return "いま作成中の回答はありません。";
    case Phrase::WhoAmI:
      return "{name} さん（{role}）として登録されています。";
    case Phrase::WhoAmIUnknown:
      return "まだ登録されていません。";
    case Phrase::RoleGuest:
      return "ゲスト";
    case Phrase::RoleMember:
      return "メンバー";
    case Phrase::RoleOwner:
      return "オーナー";
    case Phrase::UnpairDone:
      return "登録を解除しました。また使うときは、新しいコードが必要です。";
    case Phrase::UnpairLastOwner:
      return "最後のオーナーなので、解除できません。先に別のオーナーを登録してください。";
    case Phrase::ForgetDone:
      return "保存していた会話とファイルを消しました。";
    case Phrase::ForgetGroupDone:
      return "このグループの保存内容を消しました。";
    case Phrase::StatusReady:
      return "正常に動いています（{responder}）。";
    case Phrase::StatusDown:
      return "いまは回答できません（{responder}）。";
    case Phrase::StatusPaused:
      return "停止中です。あと {duration} で再開します。";
    case Phrase::QuotaLimited:
      return "今月の送信数：{used} / {limit}";
    case Phrase::QuotaFree:
      return "今月の送信数：{used}（上限なし）";
    case Phrase::QuotaUnknown:
      return "送信数を確認できませんでした。少し時間をおいてお試しください。";
    case Phrase::QuotaPushed:
      return "そのうち私からの送信：{used} / {limit}";
    case Phrase::QuotaPushedFree:
      return "そのうち私からの送信：{used}";
    case Phrase::QuotaWaiting:
      return "次のメッセージを待っている回答：{count}件";
    case Phrase::ModelNow:
      return "使用中のモデル：{model}";
    case Phrase::ModelList:
      return "選べるモデル：\n{models}";
    case Phrase::ModelSet:
      return "モデルを {model} にしました。";
    case Phrase::ModelNotFound:
      return "{model} というモデルはありません。";
    case Phrase::ModelNone:
      return "選べるモデルはありません。";
    case Phrase::PauseDone:
      return "回答を {duration} 止めます。";
    case Phrase::PauseUsage:
      return "時間は 30m、1h、2d のように指定してください。例：{command} 1h";
    case Phrase::ResumeDone:
      return "回答を再開します。";
    case Phrase::ResumeNothing:
      return "いまは止まっていません。";
    case Phrase::AllowDone:
      return "このグループでお答えします。ご用のときは、私をメンションしてください。";
    case Phrase::AllowPaired:
      return "このグループでは、登録した方だけにお答えします。";
    case Phrase::AllowEveryone:
      return "このグループの全員にお答えします。";
    case Phrase::AllowUsage:
      return "「{command} 全員」ならグループの全員に、「{command} 登録者」なら登録した方だけにお答えします。";
    case Phrase::AllowAlready:
      return "このグループは、すでに許可されています。";
    case Phrase::DenyDone:
      return "このグループでの回答をやめます。";
    case Phrase::DenyAlready:
      return "このグループでは、もともと回答していません。";
    case Phrase::ProjectNow:
      return "プロジェクト：{project}";
    case Phrase::ProjectNone:
      return "プロジェクトは設定されていません。";
    case Phrase::ProjectSet:
      return "プロジェクトを {project} にしました。";
    case Phrase::ProjectNotFound:
      return "{project} というプロジェクトはありません。";
    case Phrase::OwnerToken:
      return "LINEがチャネルアクセストークンを受け付けませんでした。bridge.iniに有効なものを設定してください。";
    case Phrase::OwnerSecret:
      return "署名の合わないメッセージが届きました。チャネルシークレットがこのチャネルのものか確かめてください。";
    case Phrase::OwnerQuotaUsedUp:
      return "今月のLINEメッセージ数を使い切りました。遅れた回答は、次のメッセージへの返信と一緒にお届けします。";
    case Phrase::OwnerQuotaLow:
      return "今月のLINEメッセージの残りが予備分だけになりました。遅れた回答は、次のメッセージへの返信と一緒にお届けし"
             "ます。";
    case Phrase::OwnerBudgetPerson:
      return "本日の利用上限に達した人がいます。";
    case Phrase::OwnerBudgetAll:
      return "全体の本日の利用上限に達しました。";
    case Phrase::OwnerLinkRefused:
      return "中継サーバーがこのブリッジのトークンを受け付けません。トークンを確かめるか、作り直してください。";
    case Phrase::OwnerLinkReplaced:
      return "同じ中継トークンを別のブリッジが使っています。メッセージを受け取れるのは一台だけです。";
    case Phrase::OwnerStore:
      return "データを保存できません。ディスクがいっぱいかもしれません。ブリッジを確認してください。";
    case Phrase::OwnerResponder:
      return "{responder}がしばらく応答していません。動いているか確認してください。";
    case Phrase::OwnerUnknown:
      return "届いたか確認できない回答が1件あります。二重に送らないよう、再送はしません。";
    case Phrase::Minutes:
      return "{count}分";
    case Phrase::Hours:
      return "{count}時間";
    case Phrase::Days:
      return "{count}日";
    case Phrase::OwnerNotice:
      return "【お知らせ】{text}";
  }
  return {};
}

}  // namespace tsunagi::chat
