#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace tsunagi {

// All from OpenSSL's CSPRNG (S15). Thread-safe. They throw std::runtime_error when the system has no randomness.

std::string randomBytes(size_t count);
uint64_t randomBelow(uint64_t bound);  // uniform in [0, bound); bound > 0

// An unguessable public id: 128 bits as 26 characters of lower-case base32 ([a-z2-7]).
std::string randomId();

// A secret: prefix + 256 bits in base32 (52 characters) + 6 characters of checksum (of SHA-256 over what stands
// before), so that a mistyped or cut token is told apart from a wrong one. Example prefix: "tsgu_".
std::string randomToken(std::string_view prefix);
bool tokenIsWellFormed(std::string_view token, std::string_view prefix);

// UUID version 4 in its usual text form; LINE's X-Line-Retry-Key.
std::string randomUuid();

// ULID: 26 characters whose order is the order of wallMs. For ordering and display, never as a secret (S15).
std::string makeUlid(int64_t wallMs);

}  // namespace tsunagi
