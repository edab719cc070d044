#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tsunagi::linesim {

// LINE's reply tokens: each good once, for a while (line-api.md section 4). Times are steady milliseconds.
// Not thread-safe.
class ReplyTokens {
 public:
  enum class State { Good, Unknown, Spent, Expired };
  struct Found {
    State state = State::Unknown;
    size_t event = 0;  // whose token it is; nothing when Unknown
  };
  static constexpr int64_t RENEWABLE_MS = 20 * 60 * 1000;  // a redelivery later than this renews nothing

  explicit ReplyTokens(int64_t lifeMs) : _lifeMs(lifeMs) {}

  std::string issue(size_t event, int64_t nowMs);
  // The event is delivered anew: the life begins again, unless the token is spent or too old.
  void renew(const std::string& token, int64_t nowMs);
  Found find(const std::string& token, int64_t nowMs) const;
  void spend(const std::string& token);
  int64_t lifeMs() const { return _lifeMs; }

 private:
  struct Token {
    size_t event;
    int64_t issuedMs;
    int64_t deliveredMs;
    bool spent;
  };
  int64_t _lifeMs;
  std::unordered_map<std::string, Token> _tokens;
};

}  // namespace tsunagi::linesim
