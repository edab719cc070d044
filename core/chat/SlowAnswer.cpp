#include "chat/SlowAnswer.h"

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

HeldDelivery heldDelivery(store::HeldAnswers& store, const store::HeldAnswer& held, Language language) {
  HeldDelivery delivery;
  delivery.texts = held.texts;
  std::string ticket;
  if (delivery.texts.size() > line::MAX_MESSAGES) {
    const auto cut = delivery.texts.begin() + static_cast<std::ptrdiff_t>(line::MAX_MESSAGES) - 1;
    ticket = store.addRest(held.inboxId, held.asker, {cut, delivery.texts.end()}).ticket;
    delivery.texts.erase(cut, delivery.texts.end());
  }
  delivery.body = answerJson(delivery.texts, ticket, language);
  return delivery;
}

}  // namespace tsunagi::chat
