#include "chat/PhraseTables.h"

namespace tsunagi::chat {

std::string_view phraseInThai(Phrase what) {
  switch (what) {
    case Phrase::NoAnswer:
      return "ขออภัย ขณะนี้ยังตอบไม่ได้ กรุณาส่งข้อความอีกครั้งในอีกสักครู่";
    case Phrase::TooSlow:
      return "ขออภัย ใช้เวลาตอบนานเกินไป กรุณาถามให้สั้นลงหรือส่งอีกครั้ง";
    case Phrase::Empty:
      return "ไม่ได้รับคำตอบ กรุณาลองถามใหม่ด้วยถ้อยคำอื่น";
    case Phrase::GaveUp:
      return "ขออภัย ไม่สามารถจัดการข้อความนี้ได้ กรุณาลองข้อความอื่น";
    case Phrase::CutMark:
      return "…(ข้อความยาวเกินไป ตัดที่นี่)";
    case Phrase::Busy:
      return "ขณะนี้มีผู้ใช้งานมาก กรุณาส่งใหม่อีกครั้งในอีกสักครู่";
    case Phrase::CannotImage:
      return "ขออภัย ยังดูรูปภาพไม่ได้ กรุณาพิมพ์เป็นข้อความ";
    case Phrase::CannotAudio:
      return "ขออภัย ยังฟังเสียงไม่ได้ กรุณาพิมพ์เป็นข้อความ";
    case Phrase::CannotVideo:
      return "ขออภัย ยังดูวิดีโอไม่ได้ กรุณาพิมพ์เป็นข้อความ";
    case Phrase::CannotFile:
      return "ขออภัย อ่านไฟล์ชนิดนี้ไม่ได้ กรุณาส่งเป็นไฟล์ข้อความหรือ PDF";
    case Phrase::CannotOther:
      return "ขออภัย ยังไม่รองรับข้อความประเภทนี้ กรุณาพิมพ์เป็นข้อความ";
    case Phrase::FileTooBig:
      return "ไฟล์ใหญ่เกินไป กรุณาส่งไฟล์ไม่เกิน {limit}";
    case Phrase::StorageFull:
      return "ขออภัย พื้นที่จัดเก็บเต็ม จึงรับไฟล์ไม่ได้ กรุณาแจ้งเจ้าของบอต";
    case Phrase::Heard:
      return "🎤 “{text}”";
    case Phrase::SlowText:
      return "กำลังคิดอยู่ กรุณารอสักครู่ แล้วแตะปุ่มเพื่อรับคำตอบ";
    case Phrase::SlowLabel:
      return "รับคำตอบ";
    case Phrase::StillWorking:
      return "ยังคิดไม่เสร็จ กรุณารออีกสักครู่ แล้วแตะปุ่มอีกครั้ง";
    case Phrase::AnswerGone:
      return "คำตอบนี้ไม่ได้เก็บไว้แล้ว กรุณาถามใหม่อีกครั้ง";
    case Phrase::ContinueText:
      return "ยังมีเนื้อหาต่อ";
    case Phrase::ContinueLabel:
      return "อ่านต่อ";
    case Phrase::LateNotice:
      return "ขออภัยที่ขาดการติดต่อไป คำตอบนี้รวมถึงข้อความที่ค้างอยู่ {count} ข้อความด้วย";
    case Phrase::KeptAnswer:
      return "คำตอบของคำถามก่อนหน้านี้";
    case Phrase::OfferPairing:
      return "บัญชีนี้ใช้ได้เฉพาะผู้ที่ได้รับเชิญ กรุณาขอรหัสจับคู่จากเจ้าของ แล้วส่งรหัสมาที่นี่";
    case Phrase::OfferPairingFirst:
      return "ยังไม่มีเจ้าของ กรุณาส่งรหัสที่แสดงบนหน้าตั้งค่ามาที่นี่";
    case Phrase::Greet:
      return "สวัสดี ถามได้ทุกเรื่อง พิมพ์ {command} เพื่อดูวิธีใช้";
    case Phrase::GreetGroup:
      return "สวัสดีทุกคน ต้องการถามอะไรให้แท็ก (@) ถึงบอต";
    case Phrase::TellAllow:
      return "ขอบคุณที่เชิญ เมื่อเจ้าของบอตส่ง {command} ในกลุ่มนี้ จึงจะเริ่มตอบได้";
    case Phrase::Limited:
      return "ส่งข้อความถี่เกินไป กรุณารอสักครู่แล้วส่งใหม่";
    case Phrase::BudgetSpent:
      return "ใช้งานครบตามจำนวนของวันนี้แล้ว กรุณาลองใหม่พรุ่งนี้";
    case Phrase::Paired:
      return "จับคู่เรียบร้อย ({role}) เริ่มใช้งานได้เลย";
    case Phrase::CodeWrong:
      return "รหัสไม่ถูกต้องหรือหมดอายุแล้ว กรุณาตรวจสอบแล้วส่งใหม่";
    case Phrase::CodesLocked:
      return "ใส่รหัสผิดหลายครั้งเกินไป กรุณาลองใหม่ในอีกหนึ่งชั่วโมง";
    case Phrase::CodeInGroup:
      return "ใช้รหัสในกลุ่มไม่ได้ กรุณาส่งในแชทส่วนตัวกับบอต";
    case Phrase::CodesCancelled:
      return "มีการใส่รหัสผิดหลายครั้ง รหัสจับคู่ที่ยังไม่ได้ใช้ถูกยกเลิกทั้งหมด หากต้องการให้สร้างใหม่";
    case Phrase::CodeUsage:
      return "กรุณาใส่รหัสต่อท้าย เช่น {command} ABCD-2345";
    case Phrase::Expired:
      return "หมดเวลาแล้ว จึงไม่ได้ดำเนินการ หากยังต้องการ กรุณาส่งใหม่";
    case Phrase::OnlyPaired:
      return "คำสั่งนี้ใช้ได้เฉพาะผู้ที่จับคู่แล้ว";
    case Phrase::OnlyMember:
      return "คำสั่งนี้ใช้ได้เฉพาะสมาชิกและเจ้าของ";
    case Phrase::OnlyOwner:
      return "คำสั่งนี้ใช้ได้เฉพาะเจ้าของ";
    case Phrase::OnlyDirect:
      return "คำสั่งนี้ใช้ได้ในแชทส่วนตัวเท่านั้น";
    case Phrase::OnlyGroup:
      return "คำสั่งนี้ใช้ได้ในกลุ่มเท่านั้น";
    case Phrase::UnknownCommand:
      return "ไม่มีคำสั่ง /{word} พิมพ์ {command} เพื่อดูรายการ";
    case Phrase::HelpHead:
      return "คำสั่งที่ใช้ได้:";
    case Phrase::HelpHelp:
      return "ดูรายการนี้";
    case Phrase::HelpNew:
      return "เริ่มเรื่องใหม่ (ไม่ใช้บทสนทนาเดิม) พิมพ์คำถามแรกต่อท้ายได้เลย";
    case Phrase::HelpStop:
      return "หยุดคำตอบที่กำลังสร้าง";
    case Phrase::HelpWhoAmI:
      return "ดูสถานะของตัวเอง";
    case Phrase::HelpPair:
      return "จับคู่ด้วยรหัส";
    case Phrase::HelpUnpair:
      return "ยกเลิกการจับคู่";
    case Phrase::HelpForget:
      return "ลบบทสนทนาที่เก็บไว้";
    case Phrase::HelpStatus:
      return "ดูสถานะการทำงาน";
    case Phrase::HelpQuota:
      return "ดูจำนวนข้อความที่ใช้ในเดือนนี้";
    case Phrase::HelpModel:
      return "ดูหรือเลือกโมเดล";
    case Phrase::HelpPause:
      return "พักการตอบชั่วคราว (เช่น 1h)";
    case Phrase::HelpResume:
      return "กลับมาตอบตามปกติ";
    case Phrase::HelpAllow:
      return "อนุญาตให้ตอบในกลุ่มนี้ (ใส่ ที่จับคู่แล้ว เพื่อจำกัดเฉพาะผู้ที่จับคู่แล้ว)";
    case Phrase::HelpDeny:
      return "หยุดตอบในกลุ่มนี้";
    case Phrase::HelpProject:
      return "ดูหรือเลือกโปรเจกต์";
    case Phrase::NewDone:
      return "เริ่มเรื่องใหม่ได้เลย";
    case Phrase::StopDone:
      return "หยุดแล้ว";
    case Phrase::StopNothing:
      return "ขณะนี้ไม่มีคำตอบที่กำลังสร้าง";
    case Phrase::WhoAmI:
      return "คุณคือ {name} ({role})";
    case Phrase::WhoAmIUnknown:
      return "คุณยังไม่ได้จับคู่";
    case Phrase::RoleGuest:
      return "ผู้เยี่ยมชม";
    case Phrase::RoleMember:
      return "สมาชิก";
    case Phrase::RoleOwner:
      return "เจ้าของ";
    case Phrase::UnpairDone:
      return "ยกเลิกการจับคู่แล้ว หากต้องการใช้อีก ต้องใช้รหัสใหม่";
    case Phrase::UnpairLastOwner:
      return "คุณเป็นเจ้าของคนสุดท้าย จึงยกเลิกไม่ได้ กรุณาเพิ่มเจ้าของคนอื่นก่อน";
    case Phrase::ForgetDone:
      return "ลบบทสนทนาและไฟล์ที่เก็บไว้แล้ว";
    case Phrase::ForgetGroupDone:
      return "ลบข้อมูลของกลุ่มนี้ที่เก็บไว้แล้ว";
    case Phrase::StatusReady:
      return "ทำงานปกติ ({responder})";
    case Phrase::StatusDown:
      return "ขณะนี้ยังตอบไม่ได้ ({responder})";
    case Phrase::StatusPaused:
      return "พักการตอบอยู่ จะกลับมาในอีก {duration}";
    case Phrase::QuotaLimited:
      return "ข้อความเดือนนี้: {used} / {limit}";
    case Phrase::QuotaFree:
      return "ข้อความเดือนนี้: {used} (ไม่จำกัด)";
    case Phrase::QuotaUnknown:
      return "ตรวจสอบจำนวนข้อความไม่ได้ กรุณาลองใหม่ในอีกสักครู่";
    case Phrase::QuotaPushed:
      return "ในจำนวนนี้ส่งโดยบอต: {used} / {limit}";
    case Phrase::QuotaPushedFree:
      return "ในจำนวนนี้ส่งโดยบอต: {used}";
    case Phrase::QuotaWaiting:
      return "คำตอบที่รอข้อความถัดไปในแชท: {count}";
    case Phrase::ModelNow:
      return "โมเดลที่ใช้อยู่: {model}";
    case Phrase::ModelList:
      return "โมเดลที่เลือกได้:\n{models}";
    case Phrase::ModelSet:
      return "เปลี่ยนเป็นโมเดล {model} แล้ว";
    case Phrase::ModelNotFound:
      return "ไม่พบโมเดล {model}";
    case Phrase::ModelNone:
      return "ไม่มีโมเดลให้เลือก";
    case Phrase::PauseDone:
      return "จะพักการตอบเป็นเวลา {duration}";
    case Phrase::PauseUsage:
      return "กรุณาระบุเวลา เช่น 30m, 1h, 2d ตัวอย่าง: {command} 1h";
    case Phrase::ResumeDone:
      return "กลับมาตอบแล้ว";
    case Phrase::ResumeNothing:
      return "ขณะนี้ไม่ได้พักการตอบ";
    case Phrase::AllowDone:
      return "ตอบในกลุ่มนี้ได้แล้ว ต้องการถามอะไรให้แท็ก (@) ถึงบอต";
    case Phrase::AllowPaired:
      return "ตอนนี้จะตอบเฉพาะผู้ที่จับคู่แล้วในกลุ่มนี้";
    case Phrase::AllowEveryone:
      return "ตอนนี้จะตอบทุกคนในกลุ่มนี้";
    case Phrase::AllowUsage:
      return "{command} ทุกคน: ทุกคนในกลุ่มถามได้ หรือ {command} ที่จับคู่แล้ว: เฉพาะผู้ที่จับคู่แล้ว";
    case Phrase::AllowAlready:
      return "กลุ่มนี้ได้รับอนุญาตอยู่แล้ว";
    case Phrase::DenyDone:
      return "จะหยุดตอบในกลุ่มนี้";
    case Phrase::DenyAlready:
      return "กลุ่มนี้ยังไม่ได้เปิดให้ตอบอยู่แล้ว";
    case Phrase::ProjectNow:
      return "โปรเจกต์: {project}";
    case Phrase::ProjectNone:
      return "ยังไม่ได้ตั้งโปรเจกต์";
    case Phrase::ProjectSet:
      return "ตั้งโปรเจกต์เป็น {project} แล้ว";
    case Phrase::ProjectNotFound:
      return "ไม่พบโปรเจกต์ {project}";
    case Phrase::OwnerToken:
      return "LINE ไม่ยอมรับ channel access token กรุณาใส่โทเคนที่ใช้ได้ใน bridge.ini";
    case Phrase::OwnerSecret:
      return "มีข้อความที่ลายเซ็นไม่ตรง กรุณาตรวจสอบว่า channel secret เป็นของช่องนี้หรือไม่";
    case Phrase::OwnerQuotaUsedUp:
      return "ใช้ข้อความ LINE ของเดือนนี้ครบแล้ว คำตอบที่มาช้าจะส่งพร้อมกับคำตอบถัดไปในแชทนั้น";
    case Phrase::OwnerQuotaLow:
      return "ข้อความ LINE ของเดือนนี้เหลือเพียงส่วนสำรอง คำตอบที่มาช้าจะส่งพร้อมกับคำตอบถัดไปในแชทนั้น";
    case Phrase::OwnerBudgetPerson:
      return "มีคนใช้งานครบตามจำนวนของวันนี้แล้ว";
    case Phrase::OwnerBudgetAll:
      return "การใช้งานรวมของวันนี้ครบตามจำนวนแล้ว";
    case Phrase::OwnerLinkRefused:
      return "รีเลย์ไม่ยอมรับโทเคนของบริดจ์นี้ กรุณาตรวจสอบหรือสร้างใหม่";
    case Phrase::OwnerLinkReplaced:
      return "มีบริดจ์อื่นใช้โทเคนรีเลย์เดียวกัน มีเพียงเครื่องเดียวที่รับข้อความได้";
    case Phrase::OwnerStore:
      return "บันทึกข้อมูลไม่ได้ ดิสก์อาจเต็ม กรุณาตรวจสอบบริดจ์";
    case Phrase::OwnerResponder:
      return "{responder} ไม่ตอบมาระยะหนึ่งแล้ว กรุณาตรวจสอบว่ายังทำงานอยู่หรือไม่";
    case Phrase::OwnerUnknown:
      return "มีคำตอบหนึ่งที่ไม่แน่ใจว่าส่งถึงหรือไม่ จะไม่ส่งซ้ำ";
    case Phrase::Minutes:
      return "{count} นาที";
    case Phrase::Hours:
      return "{count} ชั่วโมง";
    case Phrase::Days:
      return "{count} วัน";
    case Phrase::OwnerNotice:
      return "[แจ้งเตือน] {text}";
  }
  return {};
}

}  // namespace tsunagi::chat
