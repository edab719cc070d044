#include "responder/OperatorText.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

#include "abi/responder.h"
#include "base/LogEscape.h"

namespace tsunagi::responder {
namespace {

constexpr double kLinesAtOnce = 200;
constexpr double kLinesPerMs = 0.02;
constexpr std::string_view kHidden = "[secret]";

std::vector<SecretString> longestFirst(const std::map<std::string, SecretString>& secrets) {
  std::vector<SecretString> list;
  for (const auto& [key, secret] : secrets)
    if (!secret.empty()) list.push_back(secret);
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return a.reveal().size() > b.reveal().size(); });
  return list;
}

Poco::Message::Priority priorityOf(int32_t level) {
  switch (level) {
    case RSP_LOG_DEBUG:
      return Poco::Message::PRIO_DEBUG;
    case RSP_LOG_INFO:
      return Poco::Message::PRIO_INFORMATION;
    case RSP_LOG_WARN:
      return Poco::Message::PRIO_WARNING;
    default:
      return Poco::Message::PRIO_ERROR;
  }
}

std::string callPrefix(uint64_t callId) { return callId == 0 ? "" : "call " + std::to_string(callId) + ": "; }

}  // namespace

OperatorText::OperatorText(const std::string& instance, const std::map<std::string, SecretString>& secrets,
                           const Clock& clock)
    : _loggerName("responder." + instance),
      _secrets(longestFirst(secrets)),
      _clock(clock),
      _allowance(kLinesAtOnce),
      _allowanceAt(clock.steadyMs()) {}

std::string OperatorText::clean(std::string_view text, size_t maxBytes) const {
  std::string open(text);
  for (const auto& secret : _secrets)
    for (size_t at = 0; (at = open.find(secret.reveal(), at)) != std::string::npos; at += kHidden.size())
      open.replace(at, secret.reveal().size(), kHidden);
  return logEscape(open, maxBytes);
}

void OperatorText::log(int32_t level, uint64_t callId, std::string_view text) {
  Poco::Logger& logger = Poco::Logger::get(_loggerName);
  const auto priority = priorityOf(level);
  if (!logger.is(priority)) return;
  uint64_t suppressed = 0;
  if (!mayLog(suppressed)) return;
  if (suppressed != 0)
    logger.warning(std::to_string(suppressed) + " lines of the plugin were left out: too many at once");
  // The first cut bounds the work; it lies far beyond what is shown, so no half of a secret is left at the end of that.
  logger.log(Poco::Message(_loggerName, callPrefix(callId) + clean(text.substr(0, size_t{64} * 1024), 2000), priority));
}

bool OperatorText::mayLog(uint64_t& suppressed) {
  const std::lock_guard lock(_mutex);
  const int64_t now = _clock.steadyMs();
  _allowance = std::min(kLinesAtOnce, _allowance + static_cast<double>(now - _allowanceAt) * kLinesPerMs);
  _allowanceAt = now;
  if (_allowance < 1) {
    ++_suppressed;
    return false;
  }
  _allowance -= 1;
  suppressed = std::exchange(_suppressed, 0);
  return true;
}

void OperatorText::misbehaved(uint64_t callId, std::string_view what) {
  uint64_t count = 0;
  {
    const std::lock_guard lock(_mutex);
    count = ++_misbehaviours;
  }
  if (count > 10 && count % 100 != 0) return;
  Poco::Logger::get(_loggerName)
      .warning(callPrefix(callId) + "plugin misbehaving: " + clean(what) + " (" + std::to_string(count) + " so far)");
}

uint64_t OperatorText::misbehaviours() const {
  const std::lock_guard lock(_mutex);
  return _misbehaviours;
}

}  // namespace tsunagi::responder
