#include "files/DownloadBudget.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace tsunagi::files {
namespace {

std::string personName(const store::FetchJob& job) {
  return job.personId ? "files:user:" + std::to_string(job.channelId) + ":" + std::to_string(*job.personId) : "";
}
std::string groupName(const store::FetchJob& job) {
  return job.groupId ? "files:group:" + std::to_string(*job.groupId) : "";
}

}  // namespace

DownloadBudget::DownloadBudget(store::Meters& meters) : _meters(meters) {}

uint64_t DownloadBudget::used(const std::string& name, int64_t day) {
  std::istringstream text(_meters.get(name));
  int64_t of = 0;
  uint64_t bytes = 0;
  return text >> of >> bytes && of == day ? bytes : 0;
}

std::optional<uint64_t> DownloadBudget::left(const store::FetchJob& job, const FileSettings& settings, int64_t day) {
  const std::lock_guard lock(_mutex);
  std::optional<uint64_t> least;
  for (const auto& [name, limit] :
       {std::pair{personName(job), settings.maxUserDay}, std::pair{groupName(job), settings.maxGroupDay}}) {
    if (name.empty() || limit == 0) continue;
    const uint64_t left = limit - std::min(limit, used(name, day));
    least = std::min(least.value_or(left), left);
  }
  return least;
}

void DownloadBudget::count(const store::FetchJob& job, int64_t day, uint64_t bytes) {
  if (bytes == 0) return;
  const std::lock_guard lock(_mutex);
  std::vector<std::pair<std::string, std::string>> values;
  for (const std::string& name : {personName(job), groupName(job)})
    if (!name.empty()) values.emplace_back(name, std::to_string(day) + " " + std::to_string(used(name, day) + bytes));
  if (!values.empty()) _meters.set(values);
}

}  // namespace tsunagi::files
