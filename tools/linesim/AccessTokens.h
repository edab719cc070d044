#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/SecretString.h"

namespace tsunagi::linesim {

// Channel access tokens: one that never ends and stateless ones that do (line-api.md section 7). Times are steady
// milliseconds. Not thread-safe.
class AccessTokens {
 public:
  static constexpr int64_t STATELESS_LIFE_MS = 15 * 60 * 1000;
  static constexpr size_t MAX_STATELESS = 100'000;  // alive at once

  explicit AccessTokens(SecretString fixed) : _fixed(std::move(fixed)) {}

  // The value of an Authorization field.
  bool acceptsBearer(std::string_view authorization, int64_t nowMs) const;
  // A new stateless token; empty when too many are alive.
  std::string issue(int64_t nowMs);
  int64_t lifeMs() const { return _lifeMs; }
  void setLife(int64_t ms) { _lifeMs = ms; }        // of tokens issued from now on
  void withdrawStateless() { _stateless.clear(); }  // every one that was issued
  void acceptFixed(bool accepted) { _fixedAccepted = accepted; }
  uint64_t issued() const { return _issued; }

 private:
  SecretString _fixed;
  bool _fixedAccepted = true;
  int64_t _lifeMs = STATELESS_LIFE_MS;
  std::map<std::string, int64_t, std::less<>> _stateless;  // to the time of its end
  uint64_t _issued = 0;
};

}  // namespace tsunagi::linesim
