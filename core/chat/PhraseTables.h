#pragma once
#include <string_view>

#include "chat/Phrases.h"

namespace tsunagi::chat {

// One table for each language; each knows every phrase, which the compiler checks (-Wswitch).
std::string_view phraseInJapanese(Phrase what);
std::string_view phraseInChineseTraditional(Phrase what);
std::string_view phraseInThai(Phrase what);
std::string_view phraseInEnglish(Phrase what);

}  // namespace tsunagi::chat
