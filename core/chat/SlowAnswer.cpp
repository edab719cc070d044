#include "chat/SlowAnswer.h"

#include "chat/TurnContext.h"
#include "line/MessageJson.h"
#include "line/TextLimits.h"

namespace tsunagi::chat {
namespace {

line::OutgoingMessage button(Language language, Phrase text, Phrase label, const std::string& ticket) {
  line::OutgoingMessage message;
  line::ButtonsTemplate shown;
  shown.text = say(text, language);
  shown.buttons.push_back({say(label, language), ticket, ""});
  message.buttons = std::move(shown);
  return message;
}

// Is it there, or is its question still being answered? What was stopped, given up or forgotten never comes.
bool isToCome(store::BridgeStore& events, const store::HeldAnswer& held) {
  if (held.ready) return !held.texts.empty();
  const auto question = events.inboxRow(held.inboxId);
  return question && (question->state == store::InboxState::New || question->state == store::InboxState::Working);
}

// As many of its texts as LINE takes; with more a button brings the rest.
void deliver(store::HeldAnswers& store, const store::HeldAnswer& held, const Arrival& arrival,
             store::OutboxDraft& draft) {
  std::vector<std::string> texts = held.texts;
  std::string ticket;
  if (texts.size() > line::MAX_MESSAGES) {
    const auto cut = texts.begin() + static_cast<std::ptrdiff_t>(line::MAX_MESSAGES) - 1;
    ticket = store.addRest(held.inboxId, held.asker, {cut, texts.end()}).ticket;
    texts.erase(cut, texts.end());
  }
  draft.body = answerJson(texts, ticket, arrival.language);
  draft.heldAnswer = held.id;
  draft.answeredIds = held.answeredIds;
  draft.apology = held.apology;
  if (!held.delivered && !held.apology) draft.texts = keptAnswer(arrival, std::move(texts));
  draft.heldTexts = draft.texts.size();
}

}  // namespace

std::string slowButtonJson(Language language, Phrase text, const std::string& ticket) {
  return line::messagesJson({button(language, text, Phrase::SlowLabel, ticket)});
}

std::string answerJson(const std::vector<std::string>& texts, const std::string& restTicket, Language language,
                       const std::string& quoteToken) {
  std::vector<line::OutgoingMessage> messages;
  for (const auto& text : texts) messages.push_back({text});
  if (!restTicket.empty())
    messages.push_back(button(language, Phrase::ContinueText, Phrase::ContinueLabel, restTicket));
  line::MessageExtras extras;
  extras.quoteToken = quoteToken;
  return line::messagesJson(messages, extras);
}

std::vector<std::string> keptTexts(const store::HeldAnswer& held, Language language) {
  std::vector<std::string> texts;
  if (!held.texts.empty()) texts = line::splitText(say(Phrase::KeptAnswer, language) + "\n" + held.texts.front());
  for (size_t i = 1; i < held.texts.size(); ++i) texts.push_back(held.texts[i]);
  return texts;
}

TapAnswer answerTap(store::Tables& tables, const Arrival& arrival) {
  const std::string ticket = arrival.event.postback ? arrival.event.postback->data : std::string();
  const auto held = tables.held.byTicket(arrival.row.channelId, ticket);
  const bool here = held && held->conversation == arrival.row.conversation && isToCome(tables.events, *held);
  const bool asker = here && arrival.person && held->asker == arrival.person->lineUserId;
  TapAnswer answer;
  answer.plan = planTap(here, asker, arrival.place, here && held->ready);
  answer.draft.target = *arrival.row.replyToken;
  switch (answer.plan) {
    case TapPlan::Refuse:
      break;
    case TapPlan::Gone:
      answer.draft.body = line::textMessagesJson({say(Phrase::AnswerGone, arrival.language)});
      break;
    case TapPlan::ShowAgain:
      answer.draft.body = slowButtonJson(arrival.language, Phrase::StillWorking, held->ticket);
      break;
    case TapPlan::Deliver:
      deliver(tables.held, *held, arrival, answer.draft);
      break;
  }
  return answer;
}

}  // namespace tsunagi::chat
