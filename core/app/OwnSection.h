#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "service/Settings.h"

namespace tsunagi::app {

// [access] or [reply] as one channel has it: what [access.shop] of [line.shop] does not say is said by [access]
// (ADR 024). settings outlives it.
class OwnSection {
 public:
  // channel: "line.shop", or "line", which has the common section.
  OwnSection(const service::Settings& settings, const std::string& common, std::string_view channel)
      : _settings(settings),
        _common(common),
        _own(common + std::string(channel.substr(std::string_view("line").size()))) {}

  bool isOwn(const char* key) const { return _own != _common && _settings.isSet(_own, key); }
  // The section that says it, for messages.
  const std::string& of(const char* key) const { return isOwn(key) ? _own : _common; }
  std::string text(const char* key) const { return _settings.text(of(key), key); }
  std::vector<std::string> list(const char* key) const { return _settings.list(of(key), key); }
  int64_t integer(const char* key) const { return _settings.integer(of(key), key); }
  int64_t milliseconds(const char* key) const { return _settings.duration(of(key), key).count(); }
  bool boolean(const char* key) const { return _settings.boolean(of(key), key); }

 private:
  const service::Settings& _settings;
  const std::string _common, _own;
};

}  // namespace tsunagi::app
