#include "line/AccessTokenSource.h"

#include <utility>

namespace tsunagi::line {

StaticAccessToken::StaticAccessToken(SecretString token) : _token(std::move(token)) {}

AccessToken StaticAccessToken::token(net::CancelToken*) {
  if (_token.empty()) return {AccessToken::State::Refused, {}, "no channel access token is set"};
  return {AccessToken::State::Ready, _token, {}};
}

bool StaticAccessToken::invalidate(const SecretString&) { return false; }

}  // namespace tsunagi::line
