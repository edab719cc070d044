#include "tools/linesim/AccessTokens.h"

#include "base/Hash.h"
#include "base/Random.h"

namespace tsunagi::linesim {

bool AccessTokens::acceptsBearer(std::string_view authorization, int64_t nowMs) const {
  constexpr std::string_view SCHEME = "Bearer ";
  if (authorization.substr(0, SCHEME.size()) != SCHEME) return false;
  const std::string_view token = authorization.substr(SCHEME.size());
  if (_fixedAccepted && equalConstantTime(token, _fixed.reveal())) return true;
  const auto found = _stateless.find(token);
  return found != _stateless.end() && nowMs < found->second;
}

std::string AccessTokens::issue(int64_t nowMs) {
  if (_stateless.size() >= MAX_STATELESS)
    for (auto token = _stateless.begin(); token != _stateless.end();)
      token = nowMs >= token->second ? _stateless.erase(token) : std::next(token);
  if (_stateless.size() >= MAX_STATELESS) return {};
  std::string token = randomToken("stateless.");
  _stateless.emplace(token, nowMs + _lifeMs);
  ++_issued;
  return token;
}

}  // namespace tsunagi::linesim
