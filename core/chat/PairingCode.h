#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tsunagi::chat {

// Pairing codes (S14, J6): 8 signs of Crockford's 32 (0-9 and A-Z without I, L, O, U), 40 bits, at least one of the
// digits 2 to 9 among them, so that no ordinary word has the form of a code. Stored only as HMAC.

// Makes one from random bytes: random(n) returns n bytes of the CSPRNG (base/Random.h's randomBytes).
std::string makePairingCode(const std::function<std::string(size_t)>& random);
std::string showPairingCode(std::string_view code);  // "7KQ2-M0XD"

// What a person typed, as the canonical 8 signs: lower case, full-width forms, spaces and hyphens of any kind between
// the signs do not matter, o is 0, i and l are 1. Nothing when it does not have the form of a code. At most 64 bytes
// are looked at.
std::optional<std::string> readPairingCode(std::string_view typed);

// What is stored and looked up: HMAC-SHA256 under the install's key over the channel and the canonical code, in hex. A
// code of one channel is unknown in another (S12).
std::string pairingCodeHash(std::string_view installKey, std::string_view channel, std::string_view code);

// The link behind the QR: opens the chat with the bot, the code typed in. basicId with or without its '@'.
std::string pairingLink(std::string_view basicId, std::string_view code);
// RFC 3986: all but unreserved characters become %XX.
std::string percentEncode(std::string_view text);

}  // namespace tsunagi::chat
