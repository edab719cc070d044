#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "chat/Phrases.h"
#include "store/BridgeStore.h"
#include "store/HeldAnswers.h"

namespace tsunagi::chat {

// The button that stands for an answer which is not there yet, or for the rest of one (J20): a template rather than a
// quick reply, which phones alone show and the next message hides. A tap brings the ticket back with a token of its
// own.
std::string slowButtonJson(Language language, Phrase text, const std::string& ticket);

// The messages with which a kept answer goes out.
struct HeldDelivery {
  std::string body;  // for reply or push
  std::vector<std::string> texts;
};
// As many of its texts as LINE takes; with more a button brings the rest, which is put aside for it. inboxId: the event
// whose token is spent.
HeldDelivery heldDelivery(store::HeldAnswers& store, const store::HeldAnswer& held, Language language);

// What waited for a token, with a sentence before it that says so.
std::vector<std::string> keptTexts(const store::HeldAnswer& held, Language language);

// An answer's texts for one call, the rest behind a button when there is one.
std::string answerJson(const std::vector<std::string>& texts, const std::string& restTicket, Language language,
                       const std::string& quoteToken = {});

}  // namespace tsunagi::chat
