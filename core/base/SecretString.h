#pragma once
#include <string>
#include <string_view>

namespace tsunagi {

// A string that is wiped when it goes and that no stream prints by accident: reveal() is the only way in (S26).
class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string text) : _text(std::move(text)) {}
  SecretString(const SecretString&) = default;
  SecretString(SecretString&& other) noexcept;
  SecretString& operator=(const SecretString& other);
  SecretString& operator=(SecretString&& other) noexcept;
  ~SecretString();

  bool empty() const { return _text.empty(); }
  std::string_view reveal() const { return _text; }
  friend bool operator==(const SecretString& a, const SecretString& b);

 private:
  void wipe();
  std::string _text;
};

}  // namespace tsunagi
