#include "base/SecretString.h"

#include <openssl/crypto.h>

#include "base/Hash.h"

namespace tsunagi {

// Copied and wiped: a string that is moved from may keep its bytes.
// NOLINTNEXTLINE(performance-move-constructor-init)
SecretString::SecretString(SecretString&& other) noexcept : _text(other._text) { other.wipe(); }

SecretString& SecretString::operator=(const SecretString& other) {
  if (this != &other) {
    wipe();
    _text = other._text;
  }
  return *this;
}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  if (this != &other) {
    wipe();
    _text = other._text;
    other.wipe();
  }
  return *this;
}

SecretString::~SecretString() { wipe(); }

void SecretString::wipe() {
  if (!_text.empty()) OPENSSL_cleanse(_text.data(), _text.size());
  _text.clear();
}

bool operator==(const SecretString& a, const SecretString& b) { return equalConstantTime(a._text, b._text); }

}  // namespace tsunagi
