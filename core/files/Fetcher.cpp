#include "files/Fetcher.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace tsunagi::files {
namespace {

constexpr int64_t LONGEST_SLEEP_MS = 60'000;
constexpr int64_t SHORTEST_SLEEP_MS = 50;
constexpr int64_t BUSY_SLEEP_MS = 1'000;  // while what is due is in others' hands
constexpr int64_t TROUBLE_SLEEP_MS = 5'000;

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("files");
  return instance;
}

}  // namespace

Fetcher::Fetcher(store::Tables& tables, Downloader& downloader, Bell& bell, const Clock& clock, Settings settings)
    : _tables(tables), _downloader(downloader), _bell(bell), _clock(clock), _settings(std::move(settings)) {}

void Fetcher::run() {
  while (!_bell.stopped()) {
    const uint64_t seen = _bell.rings();
    int64_t sleep = TROUBLE_SLEEP_MS;
    try {
      if (step()) continue;
      sleep = untilNextMs();
    } catch (const std::exception& e) {
      logger().error("downloads wait, the store failed: %s", std::string(e.what()));
    }
    _bell.wait(seen, sleep);
  }
}

// One download; false when none is due that nobody has in hand.
bool Fetcher::step() {
  const auto settings = _settings();
  if (!settings->download) return false;
  store::FetchJob job;
  const auto token = std::make_shared<net::CancelToken>();
  {
    const std::lock_guard lock(_mutex);
    if (_bell.stopped()) return false;
    const auto due = _tables.files.due(2 * Downloader::LONGEST_WAIT_MS, static_cast<int64_t>(_inHand.size()) + 1);
    const auto mine = std::find_if(due.begin(), due.end(), [&](const auto& one) { return _inHand.count(one.id) == 0; });
    if (mine == due.end()) return false;
    job = *mine;
    _inHand.emplace(job.id, token);
  }
  const auto letGo = [&] {
    {
      const std::lock_guard lock(_mutex);
      _inHand.erase(job.id);
    }
    _bell.ring();
  };
  try {
    _downloader.attempt(job, *settings, *token);
  } catch (...) {
    letGo();
    throw;
  }
  letGo();
  return true;
}

int64_t Fetcher::untilNextMs() {
  if (!_settings()->download) return LONGEST_SLEEP_MS;
  const auto next = _tables.files.nextDueMs();
  if (!next) return LONGEST_SLEEP_MS;
  const int64_t left = *next - _clock.wallMs();
  return left <= 0 ? BUSY_SLEEP_MS : std::clamp(left, SHORTEST_SLEEP_MS, LONGEST_SLEEP_MS);
}

void Fetcher::cancelAll() {
  const std::lock_guard lock(_mutex);
  for (const auto& [id, token] : _inHand) token->cancel();
}

bool Fetcher::cancel(int64_t fileId) {
  const std::lock_guard lock(_mutex);
  const auto found = _inHand.find(fileId);
  if (found == _inHand.end()) return false;
  found->second->cancel();
  return true;
}

}  // namespace tsunagi::files
