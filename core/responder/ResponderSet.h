#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "responder/Responder.h"

namespace tsunagi::responder {

// The responders of the current configuration by name. A new configuration is prepared beside the running one and then
// committed whole; instances whose settings did not change go on, the others serve their running calls to the end and
// are destroyed by the host's reaper. Thread-safe.
class ResponderSet {
 public:
  // A configuration that is ready to be switched to, or the reasons why parts of it are not.
  struct Plan {
    std::map<std::string, std::shared_ptr<Responder>, std::less<>> responders;  // those that work
    std::vector<SetupProblem> problems;
  };

  explicit ResponderSet(ResponderHost& host) : _host(host) {}

  // Creates what is new or changed, changes nothing that runs. Blocks as Responder::create() does.
  Plan prepare(const std::vector<ResponderSettings>& settings);
  // Switches. Whether a plan with problems is committed (a responder that is not installed is a state) is the caller's
  // choice.
  void commit(Plan plan);

  // The responder of that name, or null. Hold the reference while a call runs.
  std::shared_ptr<Responder> find(std::string_view name) const;
  std::vector<std::string> names() const;
  // Cancels all calls and lets go of all responders. ResponderHost::shutdown() then waits for them.
  void clear();

 private:
  ResponderHost& _host;
  mutable std::mutex _mutex;
  std::map<std::string, std::shared_ptr<Responder>, std::less<>> _responders;
};

}  // namespace tsunagi::responder
