#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "chat/Arrival.h"
#include "chat/Phrases.h"
#include "chat/ReplyPlan.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// The button that stands for an answer which is not there yet, or for the rest of one (J20): a template rather than a
// quick reply, which phones alone show and the next message hides. A tap brings the ticket back with a token of its
// own.
std::string slowButtonJson(Language language, Phrase text, const std::string& ticket);

// What a tap on such a button brings.
struct TapAnswer {
  TapPlan plan = TapPlan::Refuse;
  store::OutboxDraft draft;  // unless refused
};
// Reads the store, and puts aside for another button what LINE takes no more of in one call. Throws sql::SqlError.
TapAnswer answerTap(store::Tables& tables, const Arrival& arrival);

// What waited for a token, with a sentence before it that says so.
std::vector<std::string> keptTexts(const store::HeldAnswer& held, Language language);

// An answer's texts for one call, the rest behind a button when there is one.
std::string answerJson(const std::vector<std::string>& texts, const std::string& restTicket, Language language,
                       const std::string& quoteToken = {});

}  // namespace tsunagi::chat
