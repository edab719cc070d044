#pragma once
#include <string>
#include <utility>
#include <variant>

namespace tsunagi {

// What went wrong, in words an operator can act on: what happened, where, what to do. Never a secret.
struct Error {
  std::string message;
};

// A value or an Error. Parsers and codecs return it; they do not throw on bad input.
// Asking for the side that is not there is a programming error and throws std::bad_variant_access.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : _state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : _state(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return _state.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(_state); }
  const T& value() const& { return std::get<0>(_state); }
  T&& value() && { return std::get<0>(std::move(_state)); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const std::string& error() const { return std::get<1>(_state).message; }

 private:
  std::variant<T, Error> _state;
};

// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : _error(std::move(error)), _ok(false) {}
  bool ok() const { return _ok; }
  explicit operator bool() const { return _ok; }
  const std::string& error() const { return _error.message; }

 private:
  Error _error;
  bool _ok = true;
};

}  // namespace tsunagi
