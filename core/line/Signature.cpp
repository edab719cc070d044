#include "line/Signature.h"

#include <optional>

#include "base/Encoding.h"

namespace tsunagi::line {
namespace {

constexpr size_t DIGEST_BYTES = 32;
constexpr size_t ENCODED_BYTES = 44;

std::optional<std::string> decode(std::string_view headerValue) {
  if (headerValue.size() != ENCODED_BYTES) return std::nullopt;
  std::optional<std::string> bytes = fromBase64(headerValue);
  if (bytes && bytes->size() != DIGEST_BYTES) bytes.reset();
  return bytes;
}

}  // namespace

SignatureVerifier::SignatureVerifier(const SecretString& channelSecret)
    : _hmac(channelSecret.reveal()), _usable(!channelSecret.empty()) {}

bool SignatureVerifier::verify(std::string_view rawBody, std::string_view headerValue) const {
  if (!_usable) return false;
  const auto given = decode(headerValue);
  return given && equalConstantTime(*given, _hmac.digest(rawBody));
}

std::string SignatureVerifier::sign(std::string_view rawBody) const { return toBase64(_hmac.digest(rawBody)); }

bool SignatureVerifier::wellFormed(std::string_view headerValue) { return decode(headerValue).has_value(); }

}  // namespace tsunagi::line
