"use strict";

// The page's words in the languages of Tsunagi; English where a browser asks for none of them.
const LABELS = {
  en: {
    settings: "Settings", webhookUrl: "Webhook URL of the bot", save: "Save", saved: "Saved.", empty: "Write a first message.",
    message: "Message", send: "Send", sent: "sent", delivered: "delivered", refused: "webhook refused", noAnswer: "webhook not reached",
    answered: "answered", pushed: "push", again: "again", typing: "is writing…", noWebhook: "No webhook URL is set: nothing reaches the bot.",
    ready: "Webhooks go to", lost: "The simulator does not answer. Trying again…", group: "Group",
  },
  ja: {
    settings: "設定", webhookUrl: "ボットのWebhook URL", save: "保存", saved: "保存しました。", empty: "最初のメッセージを書いてください。",
    message: "メッセージ", send: "送信", sent: "送信済み", delivered: "配信済み", refused: "Webhookが拒否されました", noAnswer: "Webhookに届きません",
    answered: "応答あり", pushed: "プッシュ", again: "再送", typing: "入力中…", noWebhook: "Webhook URLが未設定のため、ボットには届きません。",
    ready: "Webhookの送信先:", lost: "シミュレーターが応答しません。再接続中…", group: "グループ",
  },
  "zh-TW": {
    settings: "設定", webhookUrl: "機器人的 Webhook URL", save: "儲存", saved: "已儲存。", empty: "請輸入第一則訊息。",
    message: "訊息", send: "傳送", sent: "已送出", delivered: "已送達", refused: "Webhook 被拒絕", noAnswer: "無法連到 Webhook",
    answered: "已回覆", pushed: "推播", again: "重送", typing: "正在輸入…", noWebhook: "尚未設定 Webhook URL，訊息不會送到機器人。",
    ready: "Webhook 送往", lost: "模擬器沒有回應，正在重試…", group: "群組",
  },
  th: {
    settings: "การตั้งค่า", webhookUrl: "Webhook URL ของบอต", save: "บันทึก", saved: "บันทึกแล้ว", empty: "พิมพ์ข้อความแรกได้เลย",
    message: "ข้อความ", send: "ส่ง", sent: "ส่งแล้ว", delivered: "ส่งถึงแล้ว", refused: "Webhook ถูกปฏิเสธ", noAnswer: "ติดต่อ Webhook ไม่ได้",
    answered: "ตอบแล้ว", pushed: "พุช", again: "ส่งซ้ำ", typing: "กำลังพิมพ์…", noWebhook: "ยังไม่ได้ตั้ง Webhook URL ข้อความจึงไปไม่ถึงบอต",
    ready: "ส่ง Webhook ไปที่", lost: "ตัวจำลองไม่ตอบสนอง กำลังลองใหม่…", group: "กลุ่ม",
  },
};

function chooseLanguage() {
  for (const language of navigator.languages || [navigator.language]) {
    const lower = language.toLowerCase();
    if (lower.startsWith("ja")) return "ja";
    if (lower.startsWith("zh")) return "zh-TW";
    if (lower.startsWith("th")) return "th";
    if (lower.startsWith("en")) return "en";
  }
  return "en";
}

const LANGUAGE = chooseLanguage();
const say = (key) => LABELS[LANGUAGE][key];
