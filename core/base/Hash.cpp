#include "base/Hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <stdexcept>

namespace tsunagi {

std::string sha256(std::string_view bytes) {
  std::string out(32, '\0');
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_sha256(),
                 nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  return out;
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : _state(std::make_unique<State>()) {
  if (_state->context == nullptr || EVP_DigestInit_ex(_state->context, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(std::string_view bytes) {
  if (EVP_DigestUpdate(_state->context, bytes.data(), bytes.size()) != 1) throw std::runtime_error("SHA-256 failed");
}

std::string Sha256::digest() {
  std::string out(32, '\0');
  if (EVP_DigestFinal_ex(_state->context, reinterpret_cast<unsigned char*>(out.data()), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return out;
}

struct HmacSha256::State {
  EVP_MAC_CTX* keyed = nullptr;
  ~State() { EVP_MAC_CTX_free(keyed); }
};

HmacSha256::HmacSha256(std::string_view key) : _state(std::make_unique<State>()) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  _state->keyed = EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  // OpenSSL takes a null key as "keep the old one", so an empty key needs an address.
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
  if (_state->keyed == nullptr || EVP_MAC_init(_state->keyed, bytes, key.size(), params) != 1)
    throw std::runtime_error("HMAC-SHA256 is not available in this OpenSSL");
}

HmacSha256::~HmacSha256() = default;
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

std::string HmacSha256::digest(std::string_view message) const {
  EVP_MAC_CTX* ctx = EVP_MAC_CTX_dup(_state->keyed);
  std::string out(32, '\0');
  size_t length = 0;
  const bool ok = ctx != nullptr &&
                  EVP_MAC_update(ctx, reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1 &&
                  EVP_MAC_final(ctx, reinterpret_cast<unsigned char*>(out.data()), &length, out.size()) == 1 &&
                  length == 32;
  EVP_MAC_CTX_free(ctx);
  if (!ok) throw std::runtime_error("HMAC-SHA256 failed");
  return out;
}

bool equalConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tsunagi
