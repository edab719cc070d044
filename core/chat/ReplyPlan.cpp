#include "chat/ReplyPlan.h"

#include <algorithm>

#include "line/TextLimits.h"
#include "line/Utf8.h"

namespace tsunagi::chat {
namespace {

constexpr int64_t HOUR_MS = 3'600'000;

bool isBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

std::optional<SlowPolicy> parseSlowPolicy(std::string_view text) {
  if (text == "button") return SlowPolicy::Button;
  if (text == "hold") return SlowPolicy::Hold;
  if (text == "push") return SlowPolicy::Push;
  return std::nullopt;
}

std::optional<LatePolicy> parseLatePolicy(std::string_view text) {
  if (text == "hold") return LatePolicy::Hold;
  if (text == "push") return LatePolicy::Push;
  if (text == "drop") return LatePolicy::Drop;
  return std::nullopt;
}

bool mayPush(const PushRoom& room, bool ownerAlarm) {
  if (room.quotaExhausted || room.cost <= 0) return false;
  const int64_t reserve = ownerAlarm ? 0 : std::max<int64_t>(0, room.reserve);
  const auto fits = [&](const std::optional<int64_t>& left, int64_t kept) {
    return !left || (*left >= kept && *left - kept >= room.cost);
  };
  if (!fits(room.quotaLeft, reserve) || !fits(room.budgetLeft, reserve)) return false;
  return ownerAlarm || fits(room.userDayLeft, 0);
}

TurnPlan planTurn(const TurnFacts& facts) {
  using Kind = TurnPlan::Kind;
  const bool button = facts.slow == SlowPolicy::Button && (facts.place == Place::Direct || facts.groupButton);
  const bool push = facts.slow == SlowPolicy::Push && mayPush(facts.push);
  const int64_t usableMs = facts.tokenLeftMs - facts.sendMarginMs;
  if (facts.answerReady) {
    // A token that lives is always tried, in its margin too; the button's tap brings another.
    if (facts.tokenLeftMs > 0 && !facts.buttonSent) return {Kind::Reply, 0};
    return {push && !facts.buttonSent ? Kind::Push : Kind::Keep, 0};
  }
  if (!button || facts.buttonSent || facts.tokenLeftMs <= 0) return {Kind::Wait, 0};
  const int64_t dueMs = std::min(facts.buttonAtMs - facts.waitedMs, usableMs);
  if (dueMs <= 0) return {Kind::SendButton, 0};
  return {Kind::Wait, dueMs};
}

TapPlan planTap(bool known, bool isAsker, Place place, bool answerReady) {
  if (place != Place::Direct && !isAsker) return TapPlan::Refuse;
  if (!known) return TapPlan::Gone;
  return answerReady ? TapPlan::Deliver : TapPlan::ShowAgain;
}

LatePlan planLate(const LateFacts& facts) {
  if (facts.ageMs > facts.lateMaxMs || facts.late == LatePolicy::Drop) return LatePlan::RecordOnly;
  if (facts.place != Place::Direct) return LatePlan::RecordOnly;
  return facts.late == LatePolicy::Push && mayPush(facts.push) ? LatePlan::AnswerAndPush : LatePlan::HoldForNext;
}

ContentKind contentKindOf(std::string_view lineType) {
  if (lineType == "text") return ContentKind::Text;
  if (lineType == "sticker") return ContentKind::Sticker;
  if (lineType == "location") return ContentKind::Location;
  if (lineType == "image") return ContentKind::Image;
  if (lineType == "audio") return ContentKind::Audio;
  if (lineType == "video") return ContentKind::Video;
  if (lineType == "file") return ContentKind::File;
  return ContentKind::Unknown;
}

KindPlan planKind(ContentKind kind, const ResponderTakes& takes, bool textFile, Place place) {
  const auto given = [&] {
    switch (kind) {
      case ContentKind::Text:
      case ContentKind::Sticker:
      case ContentKind::Location:
        return true;
      case ContentKind::Image:
        return takes.images;
      case ContentKind::Audio:
        return takes.audio;
      case ContentKind::File:
        return takes.textFiles && textFile;
      case ContentKind::Video:
      case ContentKind::Unknown:
        break;
    }
    return false;
  };
  if (given()) return KindPlan::Give;
  return place == Place::Direct ? KindPlan::SayCannot : KindPlan::Silence;
}

FailurePlan planFailure(Place place, std::optional<int64_t> lastNoticeAgoMs) {
  if (place == Place::Direct) return FailurePlan::Say;
  const bool saidLately = lastNoticeAgoMs && *lastNoticeAgoMs >= 0 && *lastNoticeAgoMs < HOUR_MS;
  return saidLately ? FailurePlan::Silence : FailurePlan::Say;
}

AnswerParts splitAnswer(const std::string& answer, bool cutByModel, std::string_view cutMark, size_t maxRestBytes) {
  AnswerParts parts;
  auto pieces = line::splitText(answer);
  const bool tooMany = pieces.size() > line::MAX_MESSAGES;
  parts.offerContinue = tooMany || (cutByModel && !isBlank(answer));
  // The offer is a message of its own.
  const size_t room = line::MAX_MESSAGES - (parts.offerContinue ? 1 : 0);
  if (pieces.size() > room) {
    // The rest stays as it was written, so that cutting it again does not depend on this cut.
    size_t end = 0;
    for (size_t i = 0; i < room; ++i) end = answer.find(pieces[i], end) + pieces[i].size();
    parts.rest = answer.substr(answer.find(pieces[room], end));
    pieces.resize(room);
  }
  parts.now = std::move(pieces);
  if (parts.rest.size() > maxRestBytes) {
    const size_t kept = maxRestBytes > cutMark.size() ? maxRestBytes - cutMark.size() : 0;
    parts.rest.resize(line::cutUtf8(parts.rest, kept).size());
    parts.rest += cutMark;
  }
  return parts;
}

}  // namespace tsunagi::chat
