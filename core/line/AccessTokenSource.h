#pragma once
#include <cstdint>
#include <string>

#include "base/SecretString.h"

namespace tsunagi::net {
class CancelToken;
}

namespace tsunagi::line {

// What a token source has to offer now.
struct AccessToken {
  enum class State : uint8_t {
    Ready,
    Refused,      // LINE does not accept the credentials (or none are set): a person must act
    Unavailable,  // none could be had for now: later
    Cancelled
  };
  State state = State::Unavailable;
  SecretString secret;  // only when Ready
  std::string error;    // otherwise one line for the operator: what happened and what to do
};

// Where the calls to LINE get their channel access token. Thread-safe.
class AccessTokenSource {
 public:
  virtual ~AccessTokenSource() = default;
  // May block while one is issued, at most for that call's deadline; cancel ends the wait.
  virtual AccessToken token(net::CancelToken* cancel) = 0;
  // LINE answered 401 to a call with this token. True: token() may now give another one, so that the call is worth
  // repeating once.
  virtual bool invalidate(const SecretString& refused) = 0;
};

// One long-lived token from the console; a 401 is final until another one is configured.
class StaticAccessToken : public AccessTokenSource {
 public:
  explicit StaticAccessToken(SecretString token);  // an empty one is Refused
  AccessToken token(net::CancelToken* cancel) override;
  bool invalidate(const SecretString& refused) override;

 private:
  SecretString _token;
};

}  // namespace tsunagi::line
