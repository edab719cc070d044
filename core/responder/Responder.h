#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "responder/Chat.h"
#include "responder/ResponderSettings.h"

namespace tsunagi::responder {

class InstanceState;
class Responder;
class ResponderHost;

struct Capabilities {
  bool streams = false;
  bool images = false;
  bool audio = false;
  bool sessions = false;        // keeps the conversation itself, by conversationId
  bool hostTools = false;       // can act on the host it runs on (S1)
  uint32_t maxConcurrency = 0;  // 0: no limit
};

struct HealthReport {
  enum class State { Unknown, Ready, Down, Auth, ModelMissing, EndpointDisabled, Loading };
  State state = State::Unknown;
  int64_t latencyMs = -1;  // -1: not measured
  std::string detail;      // for the operator, escaped
};

struct ModelInfo {
  std::string id, name;
  Capabilities capabilities;
  int64_t contextTokens = 0;  // 0: not known
  int loaded = -1;            // 1 yes, 0 no, -1 not known
};

struct ModelList {
  ChatOutcome::Code code = ChatOutcome::Code::Internal;
  std::string message;            // for the operator, escaped; empty when code is Ok
  std::vector<ModelInfo> models;  // at most 1000
};

struct ResponderCounters {
  uint64_t calls = 0;          // ended, of every kind
  uint64_t running = 0;        // now inside the plugin
  uint64_t waiting = 0;        // now waiting for a free place
  uint64_t misbehaviours = 0;  // breaches of the ABI's rules, each also logged (at a bounded rate)
};

// Either a responder or at least one problem.
struct CreatedResponder {
  std::shared_ptr<Responder> responder;
  std::vector<SetupProblem> problems;
};

// One configured instance of a plugin. Thread-safe. Whoever drops the last reference may do so on any thread: the
// plugin's destroy() runs on the reaper's thread, and only when no call is inside (a call in progress needs a
// reference).
class Responder {
 public:
  // Loads the plugin, checks the settings against its schema and creates the instance. Blocks for disk and for the
  // plugin's create() (no network there); waits when another instance of the plugin is just being created or destroyed.
  static CreatedResponder create(ResponderHost& host, const ResponderSettings& settings);
  ~Responder();
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  const std::string& name() const;
  const ResponderSettings& settings() const;
  std::string pluginVersion() const;  // "org.tsunagi.echo 0.1.0"
  Capabilities capabilities() const;  // as of the last look: at creation and after each health()

  // An id for one call, known to cancel() from now on. Every id must go to exactly one of chat(), health(), models() or
  // endCall(). Ids are never reused. See CallHandle.
  uint64_t beginCall();
  // Forgets an id that went to none of them; a no-op otherwise.
  void endCall(uint64_t callId);

  // Blocks until the answer is whole, the call was cancelled, its deadline passed or it failed; also while the plugin's
  // number of calls at once is used up. onText is called on this thread with whole characters, as they come; false
  // stops the call (Cancelled). An exception of onText ends the call and comes out of here; nothing else is thrown. A
  // plugin that neither returns nor heeds cancel holds the thread: it is logged as misbehaving.
  ChatOutcome chat(uint64_t callId, const ChatRequest& request,
                   const std::function<bool(std::string_view text)>& onText);
  // Asks the backend. Never Unknown unless the plugin has no such function. deadlineSteadyMs 0: 10 s from now.
  HealthReport health(uint64_t callId, int64_t deadlineSteadyMs);
  ModelList models(uint64_t callId, int64_t deadlineSteadyMs);

  // Ends the call soon, whether it waits or runs; before chat() was entered it makes that return at once. Unknown and
  // finished ids are no-ops. Does not wait for the call's end.
  void cancel(uint64_t callId);
  void cancelAll();

  ResponderCounters counters() const;

 private:
  explicit Responder(std::shared_ptr<InstanceState> state);
  std::shared_ptr<InstanceState> _state;
};

// A call id that is given back when its holder goes. Holds the responder.
class CallHandle {
 public:
  explicit CallHandle(std::shared_ptr<Responder> responder);
  ~CallHandle();
  CallHandle(const CallHandle&) = delete;
  CallHandle& operator=(const CallHandle&) = delete;
  uint64_t id() const { return _id; }
  Responder& responder() const { return *_responder; }

 private:
  std::shared_ptr<Responder> _responder;
  uint64_t _id;
};

}  // namespace tsunagi::responder
