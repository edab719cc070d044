#include "service/ConfigSchema.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "base/LogEscape.h"

namespace tsunagi::service {
namespace {

constexpr std::string_view FILE_SUFFIX = "_file";

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string plainDuration(int64_t ms) {
  if (ms % 86'400'000 == 0 && ms != 0) return std::to_string(ms / 86'400'000) + "d";
  if (ms % 3'600'000 == 0 && ms != 0) return std::to_string(ms / 3'600'000) + "h";
  if (ms % 60'000 == 0 && ms != 0) return std::to_string(ms / 60'000) + "m";
  if (ms % 1000 == 0) return std::to_string(ms / 1000) + "s";
  return std::to_string(ms) + "ms";
}

std::string plainBytes(int64_t bytes) {
  if (bytes % (1 << 20) == 0 && bytes != 0) return std::to_string(bytes >> 20) + "MiB";
  if (bytes % (1 << 10) == 0 && bytes != 0) return std::to_string(bytes >> 10) + "KiB";
  return std::to_string(bytes);
}

template <typename Show>
std::string range(const ConfigKey& key, Show show) {
  if (key.maximum == INT64_MAX) return key.minimum == INT64_MIN ? std::string() : " of at least " + show(key.minimum);
  return " from " + show(key.minimum) + " to " + show(key.maximum);
}

bool inRange(const ConfigKey& key, std::optional<int64_t> value) {
  return value && *value >= key.minimum && *value <= key.maximum;
}

bool isChoice(const ConfigKey& key, std::string_view value) {
  return key.choices.empty() || std::find(key.choices.begin(), key.choices.end(), value) != key.choices.end();
}

// Comments behind a value are part of it; say so where it is the likely reason.
std::string commentHint(std::string_view value) {
  return value.find(" #") != std::string_view::npos || value.find(" ;") != std::string_view::npos
             ? " (comments stand on lines of their own)"
             : "";
}

Status checkUrl(const ConfigKey& key, std::string_view value) {
  const size_t colon = value.find("://");
  const std::string shape = key.choices.empty() ? "an absolute URL" : "an absolute URL (" + joined(key.choices) + ")";
  if (colon == std::string_view::npos || !isChoice(key, value.substr(0, colon)))
    return Error{"must be " + shape + commentHint(value)};
  const std::string_view rest = value.substr(colon + 3);
  const std::string_view authority = rest.substr(0, std::min(rest.find_first_of("/?#"), rest.size()));
  if (authority.find('@') != std::string_view::npos)
    return Error{"must not carry a user name or password; secrets have keys of their own"};
  if (authority.empty() || authority.front() == ':' || value.find_first_of(" \\\"<>") != std::string_view::npos)
    return Error{"must be " + shape + commentHint(value)};
  return {};
}

bool isAddress(int family, const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(family, text.c_str(), bytes) == 1;
}

Status checkListen(std::string_view value) {
  const Error wrong{
      "must be an IP address of this machine and a port, like 127.0.0.1:8080 or [::1]:8080, or unix:/path" +
      commentHint(value)};
  constexpr size_t longestSocketPath = sizeof(sockaddr_un::sun_path) - 1;
  if (value.substr(0, 5) == "unix:") {
    if (value.substr(5, 1) != "/") return wrong;
    return value.size() - 5 <= longestSocketPath ? Status()
                                                 : Status(Error{"names a Unix socket of more than 107 bytes"});
  }
  const size_t colon = value.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong;
  const std::string host(value.substr(0, colon));
  const std::string_view port = value.substr(colon + 1);
  unsigned number = 0;
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (problem != std::errc() || end != port.data() + port.size() || number > 65535 || port.size() > 5) return wrong;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const bool known = bracketed ? isAddress(AF_INET6, host.substr(1, host.size() - 2))
                               : host == "localhost" || isAddress(AF_INET, host);
  return known ? Status() : Status(wrong);
}

}  // namespace

ConfigSchema& ConfigSchema::add(ConfigSection section) {
  for (const ConfigKey& key : section.keys)
    if (!key.fallback.empty() && !check(key, key.fallback).ok())
      throw std::logic_error("bad default of [" + section.name + "] " + key.name);
  for (const ConfigKey& key : section.keys)
    if (key.atStart && (section.form != SectionForm::plain || key.type == ConfigType::secret))
      throw std::logic_error("only plain keys of plain sections are for the start: " + key.name);
  const auto same = [&](const ConfigSection& s) { return s.name == section.name; };
  const auto it = std::find_if(_sections.begin(), _sections.end(), same);
  if (it == _sections.end())
    _sections.push_back(std::move(section));
  else
    it->keys.insert(it->keys.end(), section.keys.begin(), section.keys.end());
  return *this;
}

const ConfigSection* ConfigSchema::section(std::string_view name) const {
  for (const ConfigSection& s : _sections) {
    if (name == s.name && s.form != SectionForm::family) return &s;
    const bool below =
        name.size() > s.name.size() + 1 && name.substr(0, s.name.size()) == s.name && name[s.name.size()] == '.';
    if (below && s.form != SectionForm::plain) return &s;
  }
  return nullptr;
}

const ConfigKey* ConfigSchema::key(std::string_view sectionName, std::string_view name) const {
  const ConfigSection* s = section(sectionName);
  if (s == nullptr) return nullptr;
  for (const ConfigKey& key : s->keys)
    if (key.name == name) return &key;
  if (name.size() <= FILE_SUFFIX.size() || name.substr(name.size() - FILE_SUFFIX.size()) != FILE_SUFFIX) return nullptr;
  const std::string_view bare = name.substr(0, name.size() - FILE_SUFFIX.size());
  for (const ConfigKey& key : s->keys) {
    static const ConfigKey secretPath{.name = "_file", .type = ConfigType::path};
    if (key.type == ConfigType::secret && key.name == bare) return &secretPath;
  }
  return nullptr;
}

std::string ConfigSchema::unknownSection(std::string_view name) const {
  std::vector<std::string> known;
  for (const ConfigSection& s : _sections) known.push_back(s.name);
  const size_t dot = name.find('.');
  std::string message = "unknown section [" + logEscape(name) + "]";
  const ConfigSection* base = nullptr;
  for (const ConfigSection& s : _sections)
    if (s.name == name.substr(0, dot)) base = &s;
  if (base != nullptr)
    return message + (base->form == SectionForm::family ? "; it needs a name: [" + base->name + ".<name>]"
                                                        : "; there is only [" + base->name + "]");
  const std::string near = nearestWord(name.substr(0, dot), known);
  return message + (near.empty() ? "; there are " + joined(known) : "; did you mean [" + near + "]?");
}

std::string ConfigSchema::unknownKey(std::string_view sectionName, std::string_view name) const {
  std::vector<std::string> known;
  if (const ConfigSection* s = section(sectionName)) {
    for (const ConfigKey& key : s->keys) {
      known.push_back(key.name);
      if (key.type == ConfigType::secret) known.push_back(key.name + std::string(FILE_SUFFIX));
    }
  }
  const std::string near = nearestWord(name, known);
  return "unknown key [" + logEscape(sectionName) + "] " + logEscape(name) +
         (near.empty() ? "" : "; did you mean " + near + "?");
}

Status ConfigSchema::check(const ConfigKey& key, std::string_view value) {
  const auto number = [](int64_t n) { return std::to_string(n); };
  switch (key.type) {
    case ConfigType::text:
      if (!isChoice(key, value)) return Error{"must be one of " + joined(key.choices) + commentHint(value)};
      return {};
    case ConfigType::integer: {
      int64_t parsed = 0;
      const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), parsed);
      if (problem != std::errc() || end != value.data() + value.size() || !inRange(key, parsed))
        return Error{"must be a number" + range(key, number) + commentHint(value)};
      return {};
    }
    case ConfigType::boolean:
      if (!parseBoolean(value)) return Error{"must be yes or no" + commentHint(value)};
      return {};
    case ConfigType::duration:
      if (!inRange(key, parseDurationMs(value)))
        return Error{"must be a time like 90s, 10m, 24h or 3d" + range(key, plainDuration) + commentHint(value)};
      return {};
    case ConfigType::bytes:
      if (!inRange(key, parseBytes(value)))
        return Error{"must be a size like 4096, 64KiB or 1MiB" + range(key, plainBytes) + commentHint(value)};
      return {};
    case ConfigType::list:
      for (const std::string& item : parseList(value))
        if (!isChoice(key, item)) return Error{"may list only " + joined(key.choices) + commentHint(value)};
      return {};
    case ConfigType::url:
      return checkUrl(key, value);
    case ConfigType::listen:
      return checkListen(value);
    case ConfigType::path:
    case ConfigType::secret:
      return {};
  }
  return {};
}

}  // namespace tsunagi::service
