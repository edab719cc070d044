#include "relay/units/UnitRecord.h"

#include "base/Hash.h"

namespace tsunagi::relay {
namespace {

bool isLive(const TokenSlot& slot, int64_t wallMs) {
  return !slot.hash.empty() && (slot.expiresWallMs == 0 || wallMs < slot.expiresWallMs);
}

}  // namespace

std::optional<uint32_t> matchToken(const UnitRecord* unit, std::string_view token, int64_t wallMs) {
  static const UnitRecord nobody = [] {
    UnitRecord record;
    for (TokenSlot& slot : record.tokens) slot.hash.assign(32, '\0');
    return record;
  }();
  const std::string hash = sha256(token);
  const UnitRecord& record = unit != nullptr ? *unit : nobody;
  std::optional<uint32_t> found;
  for (const TokenSlot& slot : record.tokens)
    if (equalConstantTime(slot.hash, hash) && isLive(slot, wallMs)) found = slot.serial;
  return unit != nullptr ? found : std::nullopt;
}

bool tokenIsLive(const UnitRecord& unit, uint32_t serial, int64_t wallMs) {
  for (const TokenSlot& slot : unit.tokens)
    if (slot.serial == serial && isLive(slot, wallMs)) return true;
  return false;
}

int64_t tokenExpiry(const UnitRecord& unit, uint32_t serial) {
  for (const TokenSlot& slot : unit.tokens)
    if (slot.serial == serial && !slot.hash.empty()) return slot.expiresWallMs;
  return 0;
}

}  // namespace tsunagi::relay
