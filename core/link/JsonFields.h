#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace tsunagi::link {

// Reads typed fields of one JSON object and keeps the first complaint. A field that is absent takes the default given;
// one of the wrong type or out of range is an error. The object must outlive it. For .cpp files of this folder only.
class JsonFields {
 public:
  explicit JsonFields(const nlohmann::json& object) : _object(object) {}

  std::optional<std::string> text(const char* name, size_t maxBytes);
  uint64_t number(const char* name, uint64_t low, uint64_t high, std::optional<uint64_t> ifAbsent = std::nullopt);
  // Out of range is moved into it; a wrong type is an error.
  int64_t clamped(const char* name, int64_t low, int64_t high, int64_t ifAbsent);

  bool ok() const { return _error.empty(); }
  const std::string& error() const { return _error; }
  void fail(const char* name, const char* what);

 private:
  const nlohmann::json& _object;
  std::string _error;
};

}  // namespace tsunagi::link
