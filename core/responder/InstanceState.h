#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "abi/responder.h"
#include "responder/CallPlaces.h"
#include "responder/CallWatchdog.h"
#include "responder/HttpService.h"
#include "responder/OperatorText.h"
#include "responder/PluginLibrary.h"
#include "responder/Responder.h"

namespace tsunagi::responder {

class ResponderHost;

// What stands behind a Responder: the plugin's instance, the host's services for it and its calls. Kept alive by the
// Responder, then by the reaper until destroy() has returned. Thread-safe.
class InstanceState : public std::enable_shared_from_this<InstanceState> {
 public:
  InstanceState(ResponderHost& host, ResponderSettings settings, std::shared_ptr<PluginLibrary> library,
                std::map<std::string, std::string, std::less<>> values, std::shared_ptr<HttpService> http);

  // The plugin's create(), under the control turn. Empty when all is well.
  std::string create();
  // The plugin's destroy(), under the control turn. No call may be inside, which the owner sees to; a cancel() that is
  // still on its way is waited for.
  void destroy();

  uint64_t beginCall();
  void endCall(uint64_t callId);
  ChatOutcome chat(uint64_t callId, const ChatRequest& request, const std::function<bool(std::string_view)>& onText);
  HealthReport health(uint64_t callId, int64_t deadlineMs);
  ModelList models(uint64_t callId, int64_t deadlineMs);
  void cancelAll();
  // Ends a call: from now on is_cancelled() is true; then the plugin hears it, when it is inside. The first reason
  // stays.
  enum class Stop { None, Cancelled, Deadline };
  void stop(uint64_t callId, Stop reason);

  const ResponderSettings& settings() const { return _settings; }
  const PluginLibrary& library() const { return *_library; }
  ResponderHost& host() const { return _host; }
  Capabilities capabilities() const;
  ResponderCounters counters() const;

 private:
  struct Call {
    uint64_t id = 0;
    enum class Phase { Begun, Waiting, Running } phase = Phase::Begun;
    std::atomic<Stop> stop{Stop::None};
    int64_t deadlineMs = 0;  // of everything but Begun
    CallWatchdog::Token deadline;
    CallWatchdog::Token overdue;
    net::CancelToken http;  // ends what it does by rsp.http/1
  };
  // What came of a call of the plugin.
  struct Ended {
    int32_t code = RSP_E_INTERNAL;  // RSP_OK only when the plugin was asked and said so
    Stop stop = Stop::None;
    bool entered = false;
    bool unknownCall = false;
    bool threw = false;
    rsp_error error{};
  };
  using Body = std::function<int32_t(const rsp_call& call, const std::atomic<Stop>& stop, rsp_error* error)>;

  Ended run(uint64_t callId, int64_t deadlineMs, CallPlaces& places, const Body& body);
  ChatOutcome::Code codeOf(const Ended& ended) const;
  std::string messageOf(const Ended& ended) const;
  void learnInfo();
  void fillHostTable();
  static InstanceState& of(const rsp_host* host) { return *static_cast<InstanceState*>(host->host_data); }
  bool isCancelled(uint64_t callId) const;
  static int32_t sendOf(const rsp_host* host, const rsp_call* call, const rsp_http_request* request,
                        rsp_http_head_fn head, rsp_http_body_fn body, void* ctx, rsp_http_result* result,
                        rsp_error* error) noexcept;
  int32_t sendHttp(const rsp_call& call, const rsp_http_request& request, rsp_http_head_fn head, rsp_http_body_fn body,
                   void* ctx, rsp_http_result& result, rsp_error* error);

  ResponderHost& _host;
  const ResponderSettings _settings;
  const std::shared_ptr<PluginLibrary> _library;
  const std::map<std::string, std::string, std::less<>> _values;
  const std::shared_ptr<HttpService> _http;
  OperatorText _operator;
  rsp_host _table{};
  rsp_instance* _instance = nullptr;

  mutable std::mutex _mutex;
  std::condition_variable _changed;
  std::map<uint64_t, std::shared_ptr<Call>> _calls;
  CallPlaces _chats;
  CallPlaces _probes{1};  // health and list_models, beside the chats
  Capabilities _capabilities;
  uint64_t _lastCallId = 0;
  uint64_t _ended = 0;
  int _cancelsInside = 0;
};

}  // namespace tsunagi::responder
