#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace tsunagi {

std::string sha256(std::string_view bytes);  // 32 raw bytes

// SHA-256 of bytes that come in pieces. One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void add(std::string_view bytes);
  std::string digest();  // 32 raw bytes of all that was added; call it once, at the end

 private:
  struct State;
  std::unique_ptr<State> _state;
};

// HMAC-SHA256 under one key, with the key schedule kept, so that a digest costs only the message. Thread-safe.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  std::string digest(std::string_view message) const;  // 32 raw bytes

 private:
  struct State;
  std::unique_ptr<State> _state;
};

// Compares without telling by its time where the first difference is. Lengths are not secret.
bool equalConstantTime(std::string_view a, std::string_view b);

}  // namespace tsunagi
