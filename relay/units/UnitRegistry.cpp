#include "relay/units/UnitRegistry.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <unordered_map>

#include "base/Encoding.h"
#include "base/Hash.h"
#include "base/LogEscape.h"
#include "base/Random.h"
#include "relay/units/UnitTable.h"

namespace tsunagi::relay {
namespace {

using RecordPointer = std::shared_ptr<const UnitRecord>;

constexpr std::string_view TOKEN_PREFIX = "tsgu_";
constexpr size_t MAX_NAME = 100;
constexpr size_t MAX_FLEET = 32;

// Looks up by string_view without making a string.
struct IdHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
using Records = std::unordered_map<std::string, RecordPointer, IdHash, std::equal_to<>>;

// The units under both their names.
struct Units {
  Records byId, byWebhook;

  void put(const RecordPointer& unit) {
    erase(unit->id);
    byId[unit->id] = unit;
    byWebhook[unit->webhookId] = unit;
  }
  void erase(const std::string& id) {
    const auto found = byId.find(id);
    if (found == byId.end()) return;
    byWebhook.erase(found->second->webhookId);
    byId.erase(found);
  }
};

RecordPointer findIn(const Records& records, std::string_view key) {
  const auto found = records.find(key);
  return found == records.end() ? nullptr : found->second;
}

RecordPointer ofFleet(RecordPointer record, std::string_view fleet) {
  return record && record->fleet == fleet ? std::move(record) : nullptr;
}

Status checkFleet(std::string_view fleet) {
  const bool good = !fleet.empty() && fleet.size() <= MAX_FLEET && std::all_of(fleet.begin(), fleet.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (good) return {};
  return Error{"the fleet \"" + logEscape(fleet, 60) + "\" must be 1 to 32 of a-z, 0-9 and -"};
}

Status checkName(std::string_view name) {
  if (name.size() > MAX_NAME) return Error{"the name is longer than 100 bytes"};
  if (!isValidUtf8(name)) return Error{"the name is not UTF-8"};
  if (logEscape(name, MAX_NAME * 10) != name) return Error{"the name has control characters or a backslash"};
  return {};
}

// The fields a unit's connections depend on.
bool sameTokens(const UnitRecord& a, const UnitRecord& b) {
  return std::equal(a.tokens.begin(), a.tokens.end(), b.tokens.begin(), [](const TokenSlot& x, const TokenSlot& y) {
    return std::tie(x.hash, x.expiresWallMs, x.serial) == std::tie(y.hash, y.expiresWallMs, y.serial);
  });
}

bool hasToken(const UnitRecord& unit) { return !unit.tokens[0].hash.empty() || !unit.tokens[1].hash.empty(); }

bool sameRest(const UnitRecord& a, const UnitRecord& b) {
  return std::tie(a.fleet, a.name, a.webhookId, a.limits.backlogEvents, a.limits.backlogBytes,
                  a.limits.requestsPerMinute,
                  a.legacy) == std::tie(b.fleet, b.name, b.webhookId, b.limits.backlogEvents, b.limits.backlogBytes,
                                        b.limits.requestsPerMinute, b.legacy);
}

// What reload() has to tell about a unit that was there before.
std::optional<UnitChange> difference(const UnitRecord& before, const UnitRecord& now) {
  if (before.suspended != now.suspended) return now.suspended ? UnitChange::Suspended : UnitChange::Resumed;
  if (!sameTokens(before, now)) return hasToken(now) ? UnitChange::Rotated : UnitChange::Revoked;
  if (!sameRest(before, now)) return UnitChange::Edited;
  return std::nullopt;
}

// Puts a new token into the free or the older slot; the other one ends after graceMs at the latest.
SecretString issueToken(UnitRecord& unit, int64_t nowMs, int64_t graceMs) {
  TokenSlot& first = unit.tokens[0];
  TokenSlot& second = unit.tokens[1];
  TokenSlot& older = first.hash.empty() || (!second.hash.empty() && first.serial < second.serial) ? first : second;
  TokenSlot& other = &older == &first ? second : first;
  const uint32_t serial = std::max(first.serial, second.serial) + 1;
  if (graceMs <= 0) {
    other = TokenSlot{{}, 0, other.serial};
  } else if (!other.hash.empty()) {
    const int64_t end = nowMs + graceMs;
    other.expiresWallMs = other.expiresWallMs == 0 ? end : std::min(other.expiresWallMs, end);
  }
  SecretString token(randomToken(TOKEN_PREFIX));
  older = TokenSlot{sha256(token.reveal()), 0, serial};
  return token;
}

}  // namespace

struct UnitRegistry::State {
  State(std::string folder, const Clock& given) : path(std::move(folder) + "/units.db"), clock(given) {}

  const std::string path;
  const Clock& clock;
  std::mutex changing;  // one change at a time; guards table and listener
  std::unique_ptr<UnitTable> table;
  Listener listener;
  mutable std::shared_mutex reading;  // guards units
  Units units;

  RecordPointer find(std::string_view id) const {
    const std::shared_lock lock(reading);
    return findIn(units.byId, id);
  }

  void publish(const RecordPointer& unit) {
    const std::unique_lock lock(reading);
    units.put(unit);
  }

  void tell(const std::string& unit, UnitChange what) {
    Listener copy;
    {
      const std::lock_guard lock(changing);
      copy = listener;
    }
    if (copy) copy(unit, what);
  }

  // edit: changes the record in place; its error leaves everything as it was.
  Result<RecordPointer> change(const std::string& id, UnitChange what, const std::function<Status(UnitRecord&)>& edit) {
    RecordPointer changed;
    try {
      const std::lock_guard lock(changing);
      if (!table) return Error{"the unit registry is not open"};
      const RecordPointer before = find(id);
      if (!before) return Error{"there is no unit \"" + logEscape(id, 60) + "\"; see tsunagi-relay unit list"};
      UnitRecord record = *before;
      if (Status status = edit(record); !status) return Error{status.error()};
      table->put(record);
      changed = std::make_shared<const UnitRecord>(std::move(record));
      publish(changed);
    } catch (const sql::SqlError& error) {
      return Error{error.what()};
    }
    tell(id, what);
    return changed;
  }

  Status changeOnly(const std::string& id, UnitChange what, const std::function<Status(UnitRecord&)>& edit) {
    const Result<RecordPointer> result = change(id, what, edit);
    return result ? Status() : Status(Error{result.error()});
  }
};

UnitRegistry::UnitRegistry(std::string folder, const Clock& clock)
    : _state(std::make_unique<State>(std::move(folder), clock)) {}

UnitRegistry::~UnitRegistry() = default;

Status UnitRegistry::open() {
  try {
    const std::lock_guard lock(_state->changing);
    _state->table = std::make_unique<UnitTable>(_state->path);
  } catch (const sql::SqlError& error) {
    return Error{error.what()};
  }
  return reload();
}

Status UnitRegistry::reload() {
  std::vector<std::pair<std::string, UnitChange>> changes;
  try {
    const std::lock_guard lock(_state->changing);
    if (!_state->table) return Error{"the unit registry is not open"};
    Units units;
    for (UnitRecord& record : _state->table->readAll()) {
      const std::string id = record.id;
      const RecordPointer before = _state->find(id);
      const auto what = before ? difference(*before, record) : std::optional(UnitChange::Added);
      if (what) changes.emplace_back(id, *what);
      units.put(what ? std::make_shared<const UnitRecord>(std::move(record)) : before);
    }
    const std::unique_lock reading(_state->reading);
    for (const auto& [id, record] : _state->units.byId)
      if (!findIn(units.byId, id)) changes.emplace_back(id, UnitChange::Removed);
    std::swap(_state->units, units);
  } catch (const sql::SqlError& error) {
    return Error{error.what()};
  }
  for (const auto& [id, what] : changes) _state->tell(id, what);
  return {};
}

std::shared_ptr<const UnitRecord> UnitRegistry::lookup(std::string_view fleet, std::string_view unit) const {
  return ofFleet(_state->find(unit), fleet);
}

std::shared_ptr<const UnitRecord> UnitRegistry::lookupWebhook(std::string_view fleet,
                                                              std::string_view webhookId) const {
  const std::shared_lock lock(_state->reading);
  return ofFleet(findIn(_state->units.byWebhook, webhookId), fleet);
}

std::shared_ptr<const UnitRecord> UnitRegistry::find(std::string_view unit) const { return _state->find(unit); }

std::vector<std::shared_ptr<const UnitRecord>> UnitRegistry::list(std::string_view fleet) const {
  std::vector<RecordPointer> units;
  {
    const std::shared_lock lock(_state->reading);
    for (const auto& [id, record] : _state->units.byId)
      if (fleet.empty() || record->fleet == fleet) units.push_back(record);
  }
  std::sort(units.begin(), units.end(), [](const RecordPointer& a, const RecordPointer& b) {
    return std::tie(a->fleet, a->createdWallMs, a->id) < std::tie(b->fleet, b->createdWallMs, b->id);
  });
  return units;
}

size_t UnitRegistry::size() const {
  const std::shared_lock lock(_state->reading);
  return _state->units.byId.size();
}

Result<UnitToken> UnitRegistry::add(const std::string& fleet, const std::string& name, UnitLimits limits) {
  if (Status status = checkFleet(fleet); !status) return Error{status.error()};
  if (Status status = checkName(name); !status) return Error{status.error()};
  UnitRecord record;
  record.id = record.webhookId = randomId();
  record.fleet = fleet;
  record.name = name;
  record.limits = limits;
  record.createdWallMs = _state->clock.wallMs();
  SecretString token = issueToken(record, record.createdWallMs, 0);
  const auto unit = std::make_shared<const UnitRecord>(std::move(record));
  try {
    const std::lock_guard lock(_state->changing);
    if (!_state->table) return Error{"the unit registry is not open"};
    _state->table->put(*unit);
    _state->publish(unit);
  } catch (const sql::SqlError& error) {
    return Error{error.what()};
  }
  _state->tell(unit->id, UnitChange::Added);
  return UnitToken{unit, std::move(token)};
}

Result<UnitToken> UnitRegistry::rotate(const std::string& unit, int64_t graceMs) {
  SecretString token;
  auto result = _state->change(unit, UnitChange::Rotated, [&](UnitRecord& record) {
    token = issueToken(record, _state->clock.wallMs(), graceMs);
    return Status();
  });
  if (!result) return Error{result.error()};
  return UnitToken{*result, std::move(token)};
}

Status UnitRegistry::revoke(const std::string& unit) {
  return _state->changeOnly(unit, UnitChange::Revoked, [](UnitRecord& record) {
    // Serials go on, so that a connection made with an old token never matches a new one.
    for (TokenSlot& slot : record.tokens) slot = TokenSlot{{}, 0, slot.serial};
    return Status();
  });
}

Status UnitRegistry::remove(const std::string& unit) {
  try {
    const std::lock_guard lock(_state->changing);
    if (!_state->table) return Error{"the unit registry is not open"};
    if (!_state->find(unit))
      return Error{"there is no unit \"" + logEscape(unit, 60) + "\"; see tsunagi-relay unit list"};
    _state->table->remove(unit);
    const std::unique_lock reading(_state->reading);
    _state->units.erase(unit);
  } catch (const sql::SqlError& error) {
    return Error{error.what()};
  }
  _state->tell(unit, UnitChange::Removed);
  return {};
}

Status UnitRegistry::rename(const std::string& unit, const std::string& name) {
  return _state->changeOnly(unit, UnitChange::Edited, [&](UnitRecord& record) {
    record.name = name;
    return checkName(name);
  });
}

Status UnitRegistry::setLimits(const std::string& unit, UnitLimits limits) {
  return _state->changeOnly(unit, UnitChange::Edited, [&](UnitRecord& record) {
    record.limits = limits;
    return Status();
  });
}

Status UnitRegistry::readdress(const std::string& unit) {
  return _state->changeOnly(unit, UnitChange::Edited, [](UnitRecord& record) {
    record.webhookId = randomId();
    return Status();
  });
}

Status UnitRegistry::setSuspended(const std::string& unit, bool suspended) {
  return _state->changeOnly(unit, suspended ? UnitChange::Suspended : UnitChange::Resumed, [&](UnitRecord& record) {
    record.suspended = suspended;
    return Status();
  });
}

void UnitRegistry::setListener(Listener listener) {
  const std::lock_guard lock(_state->changing);
  _state->listener = std::move(listener);
}

}  // namespace tsunagi::relay
