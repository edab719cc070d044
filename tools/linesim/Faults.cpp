#include "tools/linesim/Faults.h"

#include <algorithm>
#include <iterator>

namespace tsunagi::linesim {
namespace {

constexpr std::string_view SENDING[] = {"reply", "push", "multicast"};
constexpr std::string_view CONTENT[] = {"content", "preview", "transcoding"};
constexpr std::string_view OTHER[] = {"validate", "loading",     "markAsRead", "profile", "member",
                                      "summary",  "count",       "ids",        "leave",   "info",
                                      "quota",    "consumption", "token",      "webhook", "webhookTest"};

template <size_t N>
bool holds(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

template <size_t N>
void append(std::string& text, const std::string_view (&names)[N]) {
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
}

}  // namespace

bool Faults::addNext(const Fault& fault, size_t count) {
  if (count > MAX_LISTED - _next.size()) return false;
  _next.insert(_next.end(), count, fault);
  return true;
}

void Faults::setRate(const Fault& fault, unsigned percent, uint64_t seed) {
  _byChance = fault;
  _percent = percent;
  _state = seed;
}

void Faults::clear() {
  _next.clear();
  _percent = 0;
}

std::optional<Fault> Faults::take() {
  std::optional<Fault> fault;
  if (!_next.empty()) {
    fault = _next.front();
    _next.pop_front();
  } else if (_percent > 0 && nextRandom(_state) % 100 < _percent) {
    fault = _byChance;
  }
  if (fault) ++_taken;
  return fault;
}

uint64_t nextRandom(uint64_t& state) {
  uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

bool FaultPlans::isEndpoint(std::string_view name) {
  return name.empty() || holds(SENDING, name) || holds(CONTENT, name) || holds(OTHER, name);
}

bool FaultPlans::isContentEndpoint(std::string_view name) { return name == "content" || name == "preview"; }

std::string FaultPlans::endpointNames() {
  std::string text;
  append(text, SENDING);
  append(text, CONTENT);
  append(text, OTHER);
  return text;
}

void FaultPlans::clear() {
  for (auto& [endpoint, faults] : _plans) faults.clear();
}

std::optional<Fault> FaultPlans::take(const std::string& endpoint) {
  if (auto own = plan(endpoint).take()) return own;
  return holds(SENDING, endpoint) ? plan("").take() : std::nullopt;
}

uint64_t FaultPlans::taken() const {
  uint64_t count = 0;
  for (const auto& [endpoint, faults] : _plans) count += faults.taken();
  return count;
}

}  // namespace tsunagi::linesim
