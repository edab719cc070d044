#pragma once
#include <utility>

namespace tsunagi {

// Runs a callable when the scope ends.
template <typename F>
class Deferred {
 public:
  explicit Deferred(F action) : _action(std::move(action)) {}
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;
  ~Deferred() { _action(); }

 private:
  F _action;
};

}  // namespace tsunagi
