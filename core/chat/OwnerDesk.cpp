#include "chat/OwnerDesk.h"

#include <iterator>

namespace tsunagi::chat {
namespace {

constexpr size_t MOST_IN_A_LINE = 5;
constexpr const char* READER = "owner's reply";

struct CauseText {
  OwnerCause cause;
  const char* word;
  Phrase phrase;
  const char* text;  // to the operator
};
constexpr CauseText TEXTS[] = {
    {OwnerCause::AccessToken, "access_token", Phrase::OwnerToken,
     "LINE refuses the access token: nothing can be sent. Put a valid channel_access_token into bridge.ini"},
    {OwnerCause::ChannelSecret, "channel_secret", Phrase::OwnerSecret,
     "webhooks came whose signature fits no channel secret; they wait in quarantine for a day. Compare channel_secret "
     "with the channel's page in the LINE Developers Console"},
    {OwnerCause::QuotaUsedUp, "quota_used_up", Phrase::OwnerQuotaUsedUp,
     "the month's LINE messages are used up: nothing is pushed, late answers wait for the conversation's next message"},
    {OwnerCause::QuotaLow, "quota_low", Phrase::OwnerQuotaLow,
     "of the month's LINE messages only push_reserve is left: late answers wait for the conversation's next message"},
    {OwnerCause::BudgetPerson, "budget_person", Phrase::OwnerBudgetPerson,
     "a person has used up the day's budget of bridge.ini"},
    {OwnerCause::BudgetAll, "budget_all", Phrase::OwnerBudgetAll, "the day's budget for everybody is used up"},
    {OwnerCause::PairingCodes, "pairing_codes", Phrase::CodesCancelled,
     "somebody tried many wrong pairing codes: all open ones are cancelled. Make new ones with \"tsunagi-bridge "
     "code\""},
    {OwnerCause::LinkRefused, "link_refused", Phrase::OwnerLinkRefused,
     "the relay refuses this bridge's token: put a new one into bridge.ini"},
    {OwnerCause::LinkReplaced, "link_replaced", Phrase::OwnerLinkReplaced,
     "another bridge uses this unit's token: only one of them gets the messages"},
    {OwnerCause::Store, "store", Phrase::OwnerStore,
     "the store fails: nothing is taken until it works again. Look at the disk"},
    {OwnerCause::ResponderDown, "responder_down", Phrase::OwnerResponder, "the responder does not answer"},
    {OwnerCause::AnswerUnknown, "answer_unknown", Phrase::OwnerUnknown,
     "an answer may or may not have been delivered; it is not sent again. The log names it"},
};

const CauseText& textOf(OwnerCause cause) {
  for (const auto& one : TEXTS)
    if (one.cause == cause) return one;
  return *std::begin(TEXTS);
}

bool isOfAnotherChannel(const std::string& about, const std::string& channel) {
  return about != channel && (about == "line" || about.compare(0, 5, "line.") == 0);
}

}  // namespace

void OwnerDesk::tell(OwnerCause cause, std::string_view about, std::string_view detail) {
  const CauseText& known = textOf(cause);
  notify::Notice notice;
  notice.cause = known.word;
  notice.about = about;
  notice.text = (about.empty() ? std::string() : "[" + std::string(about) + "]: ") + known.text;
  if (!detail.empty()) notice.text += " (" + std::string(detail) + ")";
  _notifier.raise(notice);
}

void OwnerDesk::responderEnded(const std::string& name, bool answered, int64_t nowSteadyMs) {
  {
    const std::lock_guard lock(_mutex);
    if (answered) {
      _failingSince.erase(name);
      return;
    }
    const int64_t since = _failingSince.emplace(name, nowSteadyMs).first->second;
    if (nowSteadyMs - since < DOWN_AFTER_MS) return;
  }
  tell(OwnerCause::ResponderDown, name);
}

std::string OwnerDesk::sentence(const notify::Notice& notice, Language language) {
  for (const auto& known : TEXTS)
    if (notice.cause == known.word) return say(known.phrase, language, {{"responder", notice.about}});
  return {};
}

OwnerDesk::Line OwnerDesk::line(const std::string& channel, Language language) const {
  Line line;
  std::string sentences;
  for (const auto& entry : _notifier.missing(READER)) {
    const std::string sentence = OwnerDesk::sentence(entry.notice, language);
    if (sentence.empty() || isOfAnotherChannel(entry.notice.about, channel)) continue;
    line.keys.push_back(entry.key);
    // What two days or two things have in common is said once.
    if (sentences.find(sentence) != std::string::npos) continue;
    sentences += (sentences.empty() ? "" : "\n") + sentence;
    if (line.keys.size() == MOST_IN_A_LINE) break;
  }
  if (!sentences.empty()) line.text = say(Phrase::OwnerNotice, language, {{"text", sentences}});
  return line;
}

void OwnerDesk::said(const Line& line) {
  if (!line.keys.empty()) _notifier.markDone(READER, line.keys);
}

}  // namespace tsunagi::chat
