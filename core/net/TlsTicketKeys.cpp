#include "net/TlsTicketKeys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "base/Random.h"

namespace tsunagi::net {

namespace {

constexpr size_t NAME_SIZE = 16;
constexpr size_t KEY_SIZE = 32;

int keysIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void wipe(TlsTicketKeys::Key& key) {
  OPENSSL_cleanse(key.cipher.data(), key.cipher.size());
  OPENSSL_cleanse(key.mac.data(), key.mac.size());
}

const unsigned char* bytesOf(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

bool useMac(EVP_MAC_CTX* mac, TlsTicketKeys::Key& key) {
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
                             OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                             OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// SSL_CTX_set_tlsext_ticket_key_evp_cb(3): -1 is an error, 0 no such key, 1 good, 2 good but to be renewed.
int onTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
             int encrypting) {
  auto* keys = static_cast<TlsTicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keysIndex()));
  if (!keys) return -1;
  TlsTicketKeys::Key key;
  bool old = false;
  if (encrypting) {
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    try {
      key = keys->current();
    } catch (const std::exception&) {  // no randomness for a new key
      return -1;
    }
    key.name.copy(reinterpret_cast<char*>(name), NAME_SIZE);
    if (EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, bytesOf(key.cipher), iv) != 1) return -1;
  } else {
    if (!keys->find(std::string(reinterpret_cast<const char*>(name), NAME_SIZE), key, old)) return 0;
    if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, bytesOf(key.cipher), iv) != 1) return -1;
  }
  const bool ready = useMac(mac, key);
  wipe(key);
  if (!ready) return -1;
  return old ? 2 : 1;
}

TlsTicketKeys::Key makeKey(int64_t nowMs) {
  return {randomBytes(NAME_SIZE), randomBytes(KEY_SIZE), randomBytes(KEY_SIZE), nowMs};
}

}  // namespace

TlsTicketKeys::TlsTicketKeys(const Clock& clock) : _clock(clock), _current(makeKey(clock.steadyMs())) {}

TlsTicketKeys::~TlsTicketKeys() {
  wipe(_current);
  wipe(_previous);
}

void TlsTicketKeys::install(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, keysIndex(), this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, onTicket);
}

void TlsTicketKeys::rotate(int64_t nowMs) {
  if (nowMs - _current.bornMs >= ROTATE_MS) {
    Key fresh = makeKey(nowMs);
    wipe(_previous);
    _previous = std::move(_current);
    _current = std::move(fresh);
  }
  if (!_previous.name.empty() && nowMs - _previous.bornMs >= 2 * ROTATE_MS) {
    wipe(_previous);
    _previous = Key();
  }
}

TlsTicketKeys::Key TlsTicketKeys::current() {
  const std::lock_guard lock(_mutex);
  rotate(_clock.steadyMs());
  return _current;
}

bool TlsTicketKeys::find(const std::string& name, Key& key, bool& old) {
  const std::lock_guard lock(_mutex);
  const int64_t nowMs = _clock.steadyMs();
  if (name == _current.name && nowMs - _current.bornMs < 2 * ROTATE_MS) {
    old = nowMs - _current.bornMs >= ROTATE_MS;
    key = _current;
    return true;
  }
  if (_previous.name.empty() || name != _previous.name || nowMs - _previous.bornMs >= 2 * ROTATE_MS) return false;
  old = true;
  key = _previous;
  return true;
}

}  // namespace tsunagi::net
