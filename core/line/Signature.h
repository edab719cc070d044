#pragma once
#include <string>
#include <string_view>

#include "base/Hash.h"
#include "base/SecretString.h"

namespace tsunagi::line {

// LINE's webhook signature: base64(HMAC-SHA256(channel secret as text, raw body)). The body must be the bytes as they
// came: LINE writes some characters as escapes, and JSON that was parsed and written again has another signature.
// Keeps the key schedule, so that a check costs only the body. Thread-safe. Depends on core/base alone.
class SignatureVerifier {
 public:
  // An empty secret verifies nothing.
  explicit SignatureVerifier(const SecretString& channelSecret);

  // headerValue: the one x-line-signature field. Strict base64 of exactly 32 bytes, compared in constant time.
  bool verify(std::string_view rawBody, std::string_view headerValue) const;
  std::string sign(std::string_view rawBody) const;  // the header value LINE would send

  // Can this be a signature at all (strict base64 of 32 bytes)? Lets a relay without the secret refuse junk (S6).
  static bool wellFormed(std::string_view headerValue);

 private:
  HmacSha256 _hmac;
  bool _usable;
};

}  // namespace tsunagi::line
