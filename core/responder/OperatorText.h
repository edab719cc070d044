#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/Clock.h"
#include "base/SecretString.h"

namespace tsunagi::responder {

// Everything an instance says to the operator goes through here: its secrets are taken out, control characters escaped,
// the length cut and the rate bounded. Logger "responder.<instance>". Thread-safe.
class OperatorText {
 public:
  OperatorText(const std::string& instance, const std::map<std::string, SecretString>& secrets, const Clock& clock);

  // Safe to show: at most maxBytes of valid UTF-8.
  std::string clean(std::string_view text, size_t maxBytes = 500) const;
  // A line of the plugin; level is RSP_LOG_*, callId 0 for none. At most 200 lines at once and 20 a second.
  void log(int32_t level, uint64_t callId, std::string_view text);
  // A breach of the ABI's rules. Counted; logged the first 10 times, then every 100th.
  void misbehaved(uint64_t callId, std::string_view what);
  uint64_t misbehaviours() const;

 private:
  bool mayLog(uint64_t& suppressed);

  const std::string _loggerName;
  const std::vector<SecretString> _secrets;  // longest first
  const Clock& _clock;
  mutable std::mutex _mutex;
  double _allowance;
  int64_t _allowanceAt;
  uint64_t _suppressed = 0;
  uint64_t _misbehaviours = 0;
};

}  // namespace tsunagi::responder
