import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

import type { Language } from '../shared/language';

const en = {
  chats: 'Chats', newUser: 'New person', newGroup: 'New group', settings: 'Settings', close: 'Close', back: 'Back to the chats',
  language: 'Language', webhookUrl: 'Webhook URL of the bot', save: 'Save', saved: 'Saved.', verify: 'Verify',
  verified: 'The bot answered: {status}', empty: 'Write a first message.', message: 'Message', send: 'Send',
  sent: 'sent', delivered: 'delivered', refused: 'webhook refused', noAnswer: 'webhook not reached', answered: 'answered',
  pushed: 'answered by push', read: 'read', reply: 'reply', push: 'push', again: 'again', edited: 'edited', unsentMessage: 'Message unsent',
  typing: '{name} is writing…', noWebhook: 'No webhook URL is set: nothing reaches the bot.', ready: 'Webhooks go to {host}',
  lost: 'The simulator does not answer. Trying again…', group: 'Group', room: 'Room', members: 'Members', memberCount: '{count} members',
  you: 'You act as', attach: 'Attach a file', sticker: 'Send a sticker', mention: 'Mention the bot', more: 'More about this message',
  quote: 'Quote', unsend: 'Unsend', edit: 'Edit', cancel: 'Cancel', quoting: 'Quoting {name}', editing: 'Editing your message',
  name: 'Name', displayName: 'Shown name', friend: 'Is a friend of the bot', blocked: 'Has blocked the bot',
  identified: 'Lets the bot see who writes', create: 'Create', add: 'Add', remove: 'Remove {name}', info: 'About this chat',
  botIn: 'The bot is in this chat', botOut: 'The bot is not in this chat.', blockedNote: '{name} has blocked the bot.', image: 'Picture', video: 'Video', audio: 'Voice',
  file: 'File', download: 'Download', location: 'Place', stickers: 'Stickers', quickReplies: 'Quick replies', tapped: 'tapped',
  opens: 'Link: {uri}', follow: '{name} added the bot as a friend', unfollow: '{name} blocked the bot', join: 'The bot joined',
  leave: 'The bot left', memberJoined: '{names} joined', memberLeft: '{names} left', other: 'Event: {type}', standby: 'standby',
  tooLarge: 'That file is too large (at most 60 MB).', spoiled: 'answer spoiled by a fault', undelivered: 'reached nobody', unread: 'unread messages',
  pickDate: 'Choose a date or time', original: 'quoted message', columns: 'Cards', bot: 'Bot',
};

export type Words = Record<keyof typeof en, string>;

const ja: Words = {
  chats: 'トーク', newUser: 'ユーザーを追加', newGroup: 'グループを作成', settings: '設定', close: '閉じる', back: 'トーク一覧へ戻る',
  language: '言語', webhookUrl: 'ボットのWebhook URL', save: '保存', saved: '保存しました。', verify: '検証',
  verified: 'ボットの応答: {status}', empty: '最初のメッセージを書いてください。', message: 'メッセージ', send: '送信',
  sent: '送信済み', delivered: '配信済み', refused: 'Webhookが拒否されました', noAnswer: 'Webhookに届きません', answered: '応答あり',
  pushed: 'プッシュで応答', read: '既読', reply: '応答', push: 'プッシュ', again: '再送', edited: '編集済み', unsentMessage: 'メッセージの送信を取り消しました',
  typing: '{name}が入力中…', noWebhook: 'Webhook URLが未設定のため、ボットには届きません。', ready: 'Webhookの送信先: {host}',
  lost: 'シミュレーターが応答しません。再接続中…', group: 'グループ', room: '複数人トーク', members: 'メンバー', memberCount: 'メンバー {count}人',
  you: '送信者', attach: 'ファイルを添付', sticker: 'スタンプを送る', mention: 'ボットをメンション', more: 'このメッセージの操作',
  quote: 'リプライ', unsend: '送信取消', edit: '編集', cancel: 'キャンセル', quoting: '{name}へのリプライ', editing: 'メッセージを編集中',
  name: '名前', displayName: '表示名', friend: 'ボットの友だち', blocked: 'ボットをブロック中',
  identified: '送信者をボットに知らせる', create: '作成', add: '追加', remove: '{name}を外す', info: 'このトークについて',
  botIn: 'ボットが参加している', botOut: 'ボットは参加していません。', blockedNote: '{name}はボットをブロックしています。', image: '写真', video: '動画', audio: 'ボイスメッセージ',
  file: 'ファイル', download: 'ダウンロード', location: '位置情報', stickers: 'スタンプ', quickReplies: 'クイックリプライ', tapped: 'タップ',
  opens: 'リンク: {uri}', follow: '{name}がボットを友だちに追加しました', unfollow: '{name}がボットをブロックしました', join: 'ボットが参加しました',
  leave: 'ボットが退出しました', memberJoined: '{names}が参加しました', memberLeft: '{names}が退出しました', other: 'イベント: {type}', standby: 'スタンバイ',
  tooLarge: 'ファイルが大きすぎます（最大60 MB）。', spoiled: '障害により応答が破棄されました', undelivered: '誰にも届いていません', unread: '未読あり',
  pickDate: '日時を選択', original: '引用元のメッセージ', columns: 'カード', bot: 'ボット',
};

const zhTW: Words = {
  chats: '聊天', newUser: '新增使用者', newGroup: '建立群組', settings: '設定', close: '關閉', back: '返回聊天列表',
  language: '語言', webhookUrl: '機器人的 Webhook URL', save: '儲存', saved: '已儲存。', verify: '驗證',
  verified: '機器人的回應：{status}', empty: '請輸入第一則訊息。', message: '訊息', send: '傳送',
  sent: '已送出', delivered: '已送達', refused: 'Webhook 被拒絕', noAnswer: '無法連到 Webhook', answered: '已回覆',
  pushed: '以推播回覆', read: '已讀', reply: '回覆', push: '推播', again: '重送', edited: '已編輯', unsentMessage: '已收回訊息',
  typing: '{name} 正在輸入…', noWebhook: '尚未設定 Webhook URL，訊息不會送到機器人。', ready: 'Webhook 送往 {host}',
  lost: '模擬器沒有回應，正在重試…', group: '群組', room: '多人聊天', members: '成員', memberCount: '{count} 位成員',
  you: '目前身分', attach: '附加檔案', sticker: '傳送貼圖', mention: '提及機器人', more: '這則訊息的操作',
  quote: '引用', unsend: '收回', edit: '編輯', cancel: '取消', quoting: '引用 {name}', editing: '正在編輯訊息',
  name: '名稱', displayName: '顯示名稱', friend: '是機器人的好友', blocked: '已封鎖機器人',
  identified: '讓機器人知道傳送者', create: '建立', add: '新增', remove: '移除 {name}', info: '關於這個聊天',
  botIn: '機器人在這個聊天中', botOut: '機器人不在這個聊天中。', blockedNote: '{name} 已封鎖機器人。', image: '照片', video: '影片', audio: '語音',
  file: '檔案', download: '下載', location: '位置', stickers: '貼圖', quickReplies: '快速回覆', tapped: '點選',
  opens: '連結：{uri}', follow: '{name} 加了機器人為好友', unfollow: '{name} 封鎖了機器人', join: '機器人已加入',
  leave: '機器人已離開', memberJoined: '{names} 已加入', memberLeft: '{names} 已離開', other: '事件：{type}', standby: '待命',
  tooLarge: '檔案太大（上限 60 MB）。', spoiled: '回應因故障而遺失', undelivered: '沒有送達任何人', unread: '有未讀訊息',
  pickDate: '選擇日期或時間', original: '被引用的訊息', columns: '卡片', bot: '機器人',
};

const th: Words = {
  chats: 'แชต', newUser: 'เพิ่มผู้ใช้', newGroup: 'สร้างกลุ่ม', settings: 'การตั้งค่า', close: 'ปิด', back: 'กลับไปที่รายการแชต',
  language: 'ภาษา', webhookUrl: 'Webhook URL ของบอต', save: 'บันทึก', saved: 'บันทึกแล้ว', verify: 'ตรวจสอบ',
  verified: 'บอตตอบว่า: {status}', empty: 'พิมพ์ข้อความแรกได้เลย', message: 'ข้อความ', send: 'ส่ง',
  sent: 'ส่งแล้ว', delivered: 'ส่งถึงแล้ว', refused: 'Webhook ถูกปฏิเสธ', noAnswer: 'ติดต่อ Webhook ไม่ได้', answered: 'ตอบแล้ว',
  pushed: 'ตอบด้วยพุช', read: 'อ่านแล้ว', reply: 'ตอบกลับ', push: 'พุช', again: 'ส่งซ้ำ', edited: 'แก้ไขแล้ว', unsentMessage: 'ยกเลิกข้อความแล้ว',
  typing: '{name} กำลังพิมพ์…', noWebhook: 'ยังไม่ได้ตั้ง Webhook URL ข้อความจึงไปไม่ถึงบอต', ready: 'ส่ง Webhook ไปที่ {host}',
  lost: 'ตัวจำลองไม่ตอบสนอง กำลังลองใหม่…', group: 'กลุ่ม', room: 'ห้องแชต', members: 'สมาชิก', memberCount: 'สมาชิก {count} คน',
  you: 'ส่งในนามของ', attach: 'แนบไฟล์', sticker: 'ส่งสติกเกอร์', mention: 'กล่าวถึงบอต', more: 'ตัวเลือกของข้อความนี้',
  quote: 'ตอบกลับข้อความ', unsend: 'ยกเลิกการส่ง', edit: 'แก้ไข', cancel: 'ยกเลิก', quoting: 'ตอบกลับ {name}', editing: 'กำลังแก้ไขข้อความ',
  name: 'ชื่อ', displayName: 'ชื่อที่แสดง', friend: 'เป็นเพื่อนกับบอต', blocked: 'บล็อกบอตอยู่',
  identified: 'ให้บอตเห็นว่าใครส่ง', create: 'สร้าง', add: 'เพิ่ม', remove: 'นำ {name} ออก', info: 'เกี่ยวกับแชตนี้',
  botIn: 'บอตอยู่ในแชตนี้', botOut: 'บอตไม่ได้อยู่ในแชตนี้', blockedNote: '{name} บล็อกบอตอยู่', image: 'รูปภาพ', video: 'วิดีโอ', audio: 'ข้อความเสียง',
  file: 'ไฟล์', download: 'ดาวน์โหลด', location: 'ตำแหน่ง', stickers: 'สติกเกอร์', quickReplies: 'ตอบกลับด่วน', tapped: 'แตะ',
  opens: 'ลิงก์: {uri}', follow: '{name} เพิ่มบอตเป็นเพื่อน', unfollow: '{name} บล็อกบอต', join: 'บอตเข้าร่วมแล้ว',
  leave: 'บอตออกแล้ว', memberJoined: '{names} เข้าร่วม', memberLeft: '{names} ออก', other: 'เหตุการณ์: {type}', standby: 'สแตนด์บาย',
  tooLarge: 'ไฟล์ใหญ่เกินไป (สูงสุด 60 MB)', spoiled: 'คำตอบเสียหายจากข้อผิดพลาดจำลอง', undelivered: 'ไม่ถึงผู้ใด', unread: 'มีข้อความที่ยังไม่อ่าน',
  pickDate: 'เลือกวันหรือเวลา', original: 'ข้อความที่ถูกตอบกลับ', columns: 'การ์ด', bot: 'บอต',
};

export const WORDS: Record<Language, Words> = { en, ja, 'zh-TW': zhTW, th };

export const WordsContext = createContext<Words>(en);
export const useWords = (): Words => useContext(WordsContext);
