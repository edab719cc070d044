#include "tools/linesim/ReplyTokens.h"

#include "base/Encoding.h"
#include "base/Random.h"

namespace tsunagi::linesim {

std::string ReplyTokens::issue(size_t event, int64_t nowMs) {
  std::string token = toHex(randomBytes(16));
  _tokens.emplace(token, Token{event, nowMs, nowMs, false});
  return token;
}

void ReplyTokens::renew(const std::string& token, int64_t nowMs) {
  const auto found = _tokens.find(token);
  if (found == _tokens.end() || found->second.spent || nowMs - found->second.issuedMs > RENEWABLE_MS) return;
  found->second.deliveredMs = nowMs;
}

ReplyTokens::Found ReplyTokens::find(const std::string& token, int64_t nowMs) const {
  const auto found = _tokens.find(token);
  if (found == _tokens.end()) return {};
  const Token& entry = found->second;
  if (entry.spent) return {State::Spent, entry.event};
  if (nowMs - entry.deliveredMs > _lifeMs) return {State::Expired, entry.event};
  return {State::Good, entry.event};
}

void ReplyTokens::spend(const std::string& token) {
  const auto found = _tokens.find(token);
  if (found != _tokens.end()) found->second.spent = true;
}

}  // namespace tsunagi::linesim
