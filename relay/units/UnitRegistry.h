#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Clock.h"
#include "base/Result.h"
#include "base/SecretString.h"
#include "relay/units/UnitRecord.h"

namespace tsunagi::relay {

enum class UnitChange {
  Added,
  Rotated,    // a second token; the older one got an expiry, a third one is gone
  Revoked,    // no token is good any more: close 4403
  Suspended,  // close 4403
  Resumed,
  Removed,  // close 4403
  Edited    // name, limits or webhook URL
};

struct UnitToken {
  std::shared_ptr<const UnitRecord> unit;
  SecretString token;  // given once; only its hash is kept
};

// The relay's units, in units.db of the data folder and in memory. Look-ups take a shared lock for the time of a hash
// look-up; the records they return never change. Changes are written to the file first, block on the disk, and must not
// be made on an event loop. Thread-safe.
class UnitRegistry {
 public:
  // folder: must exist and be locked by the caller (DataFolder).
  explicit UnitRegistry(std::string folder, const Clock& clock = Clock::system());
  ~UnitRegistry();
  UnitRegistry(const UnitRegistry&) = delete;
  UnitRegistry& operator=(const UnitRegistry&) = delete;

  Status open();    // opens or creates the file and reads all units. Once, before anything else.
  Status reload();  // reads the file again (SIGHUP) and tells the listener what changed

  // Null when there is no such unit in that fleet. [any thread, loops included]
  std::shared_ptr<const UnitRecord> lookup(std::string_view fleet, std::string_view unit) const;
  // The same by the place in the webhook URL.
  std::shared_ptr<const UnitRecord> lookupWebhook(std::string_view fleet, std::string_view webhookId) const;
  std::shared_ptr<const UnitRecord> find(std::string_view unit) const;                     // in any fleet
  std::vector<std::shared_ptr<const UnitRecord>> list(std::string_view fleet = {}) const;  // by fleet, then age
  size_t size() const;

  Result<UnitToken> add(const std::string& fleet, const std::string& name, UnitLimits limits = {});
  // A new token; the youngest old one stays good for graceMs (0 = not at all).
  Result<UnitToken> rotate(const std::string& unit, int64_t graceMs);
  Status revoke(const std::string& unit);
  Status remove(const std::string& unit);
  Status rename(const std::string& unit, const std::string& name);
  Status setLimits(const std::string& unit, UnitLimits limits);
  // A new webhook URL; the one before is unknown at once. Tokens, link and backlog stay as they are (S6).
  Status readdress(const std::string& unit);
  Status setSuspended(const std::string& unit, bool suspended);

  // Called after each committed change, on the thread that made it, with no lock held. Set before units change; one
  // listener (the hub).
  using Listener = std::function<void(const std::string& unit, UnitChange what)>;
  void setListener(Listener listener);

 private:
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace tsunagi::relay
