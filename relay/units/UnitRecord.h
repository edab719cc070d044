#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tsunagi::relay {

// One of the two live tokens of a unit. The relay keeps only the SHA-256 (S15).
struct TokenSlot {
  std::string hash;           // 32 raw bytes; empty = no token
  int64_t expiresWallMs = 0;  // from then on refused, its sockets closed 4401; 0 = never
  uint32_t serial = 0;        // counts the tokens this unit ever had; names this one
};

struct UnitLimits {
  uint64_t backlogEvents = 0;      // 0 = the relay's default
  uint64_t backlogBytes = 0;       // 0 = the relay's default
  uint32_t requestsPerMinute = 0;  // 0 = off
};

// Everything the relay knows of a unit. Immutable once in the registry; a change makes a new one.
struct UnitRecord {
  std::string id;         // public, unguessable; the unit's place in link URLs, for ever
  std::string webhookId;  // its place in the webhook URL, as unguessable; the id itself until it is readdressed (S6)
  std::string fleet;      // [a-z0-9-]{1,32}
  std::string name;       // free text for the operator, at most 100 bytes of UTF-8
  std::array<TokenSlot, 2> tokens;
  UnitLimits limits;
  bool legacy = false;
  bool suspended = false;  // webhooks 503, links refused 403, nothing deleted
  int64_t createdWallMs = 0;
};

// The serial of the token that `token` is, compared in constant time, or nothing when it is none or expired. `unit` may
// be null: then nothing, after the same work, so that an unknown unit takes no other path than a wrong token.
std::optional<uint32_t> matchToken(const UnitRecord* unit, std::string_view token, int64_t wallMs);

// Is the token with this serial still good? For a connection that was made with it.
bool tokenIsLive(const UnitRecord& unit, uint32_t serial, int64_t wallMs);

// When the token with this serial stops being good; 0 = not known to end (or not there at all).
int64_t tokenExpiry(const UnitRecord& unit, uint32_t serial);

}  // namespace tsunagi::relay
