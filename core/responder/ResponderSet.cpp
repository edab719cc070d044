#include "responder/ResponderSet.h"

#include <utility>

#include "responder/ResponderHost.h"

namespace tsunagi::responder {

ResponderSet::Plan ResponderSet::prepare(const std::vector<ResponderSettings>& settings) {
  Plan plan;
  for (const ResponderSettings& wanted : settings) {
    if (auto running = find(wanted.name); running != nullptr && running->settings() == wanted) {
      plan.responders[wanted.name] = std::move(running);
      continue;
    }
    auto created = Responder::create(_host, wanted);
    if (created.responder != nullptr) plan.responders[wanted.name] = std::move(created.responder);
    for (auto& problem : created.problems) plan.problems.push_back(std::move(problem));
  }
  return plan;
}

void ResponderSet::commit(Plan plan) {
  const std::lock_guard lock(_mutex);
  _responders.swap(plan.responders);
}

std::shared_ptr<Responder> ResponderSet::find(std::string_view name) const {
  const std::lock_guard lock(_mutex);
  const auto found = _responders.find(name);
  return found == _responders.end() ? nullptr : found->second;
}

std::vector<std::string> ResponderSet::names() const {
  const std::lock_guard lock(_mutex);
  std::vector<std::string> names;
  for (const auto& [name, responder] : _responders) names.push_back(name);
  return names;
}

void ResponderSet::clear() {
  Plan old;
  {
    const std::lock_guard lock(_mutex);
    _responders.swap(old.responders);
  }
  for (const auto& [name, responder] : old.responders) responder->cancelAll();
}

}  // namespace tsunagi::responder
