#include "responder/InstanceState.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "base/Deferred.h"
#include "responder/AbiRequest.h"
#include "responder/AnswerSink.h"
#include "responder/ModelSink.h"
#include "responder/ResponderHost.h"
#include "responder/SinkTable.h"

namespace tsunagi::responder {
namespace {

using Code = ChatOutcome::Code;

constexpr int64_t kControlTurnMs = 30'000;  // another instance's create() or destroy() may take so long
constexpr int64_t kOverdueMs = 5'000;       // a call that was told to end should be gone by then
constexpr int64_t kProbeMs = 10'000;

// A fixed field that should be NUL-ended, but comes from a plugin.
template <size_t size>
std::string_view textIn(const char (&field)[size]) {
  return {field, ::strnlen(field, size)};
}

}  // namespace

InstanceState::InstanceState(ResponderHost& host, ResponderSettings settings, std::shared_ptr<PluginLibrary> library,
                             std::map<std::string, std::string, std::less<>> values, std::shared_ptr<HttpService> http)
    : _host(host),
      _settings(std::move(settings)),
      _library(std::move(library)),
      _values(std::move(values)),
      _http(std::move(http)),
      _operator(_settings.name, _settings.secrets, host.clock()),
      _chats(_library->table().max_concurrency) {
  fillHostTable();
}

std::string InstanceState::create() {
  if (!_library->takeControlTurn(kControlTurnMs))
    return "plugin " + _settings.plugin + " is still ending an older instance; restart this program if that stays so";
  const Deferred turn([this] { _library->endControlTurn(); });
  rsp_error error{};
  error.struct_size = sizeof error;
  int32_t code = RSP_E_INTERNAL;
  try {
    code = _library->table().create(&_table, &_instance, &error);
  } catch (...) {
    _operator.misbehaved(0, "an exception left create()");
    _instance = nullptr;
  }
  if (code == RSP_OK && _instance != nullptr) {
    learnInfo();
    return {};
  }
  _instance = nullptr;
  const std::string reason = _operator.clean(textIn(error.message));
  return "plugin " + _settings.plugin + " refuses its settings: " +
         (reason.empty() ? "it gives no reason (code " + std::to_string(code) + ")" : reason);
}

void InstanceState::destroy() {
  {
    std::unique_lock lock(_mutex);
    _changed.wait(lock, [&] { return _cancelsInside == 0; });
  }
  if (_instance == nullptr) return;
  _library->takeControlTurn(-1);
  const Deferred turn([this] { _library->endControlTurn(); });
  try {
    _library->table().destroy(std::exchange(_instance, nullptr));
  } catch (...) {
    _operator.misbehaved(0, "an exception left destroy()");
  }
}

void InstanceState::learnInfo() {
  const rsp_plugin& table = _library->table();
  rsp_info info{};
  info.struct_size = sizeof info;
  info.caps = table.caps;
  info.max_concurrency = table.max_concurrency;
  if (table.info != nullptr) {
    try {
      const rsp_info before = info;
      if (table.info(_instance, &info) != RSP_OK) info = before;
    } catch (...) {
      _operator.misbehaved(0, "an exception left info()");
    }
  }
  const uint32_t caps = (info.caps & table.caps) | (table.caps & RSP_CAP_HOST_TOOLS);
  if ((info.caps & ~table.caps) != 0) _operator.misbehaved(0, "info() claims capabilities that its table lacks");
  const std::lock_guard lock(_mutex);
  _capabilities = capabilitiesOf(caps, info.max_concurrency);
  _chats.setLimit(info.max_concurrency);
  _changed.notify_all();
}

uint64_t InstanceState::beginCall() {
  const std::lock_guard lock(_mutex);
  auto call = std::make_shared<Call>();
  call->id = ++_lastCallId;
  return _calls.emplace(call->id, call).first->first;
}

void InstanceState::endCall(uint64_t callId) {
  const std::lock_guard lock(_mutex);
  const auto call = _calls.find(callId);
  if (call != _calls.end() && call->second->phase == Call::Phase::Begun) _calls.erase(call);
}

void InstanceState::stop(uint64_t callId, Stop reason) {
  bool inside = false;
  {
    const std::lock_guard lock(_mutex);
    const auto found = _calls.find(callId);
    if (found == _calls.end() || found->second->stop != Stop::None) return;
    Call& call = *found->second;
    call.stop = reason;
    call.http.cancel();
    inside = call.phase == Call::Phase::Running;
    if (inside) {
      ++_cancelsInside;
      call.overdue = _host.watchdog().at(_host.clock().steadyMs() + kOverdueMs, [weak = weak_from_this(), callId] {
        if (const auto self = weak.lock())
          self->_operator.misbehaved(callId, "the call goes on 5 s after it was told to end; its thread is held");
      });
    }
    _changed.notify_all();
  }
  if (!inside) return;
  try {
    _library->table().cancel(_instance, callId);
  } catch (...) {
    _operator.misbehaved(callId, "an exception left cancel()");
  }
  const std::lock_guard lock(_mutex);
  --_cancelsInside;
  _changed.notify_all();
}

void InstanceState::cancelAll() {
  std::vector<uint64_t> ids;
  {
    const std::lock_guard lock(_mutex);
    for (const auto& [id, call] : _calls) ids.push_back(id);
  }
  for (const uint64_t id : ids) stop(id, Stop::Cancelled);
}

InstanceState::Ended InstanceState::run(uint64_t callId, int64_t deadlineMs, CallPlaces& places, const Body& body) {
  Ended ended;
  ended.error.struct_size = sizeof ended.error;
  std::unique_lock lock(_mutex);
  const auto found = _calls.find(callId);
  if (found == _calls.end() || found->second->phase != Call::Phase::Begun) {
    ended.unknownCall = true;
    return ended;
  }
  const std::shared_ptr<Call> call = found->second;
  call->phase = Call::Phase::Waiting;
  const int64_t latest = _host.clock().steadyMs() + _settings.maxCallMs;
  call->deadlineMs = deadlineMs == 0 ? latest : std::min(deadlineMs, latest);
  if (call->deadlineMs <= _host.clock().steadyMs() && call->stop == Stop::None) call->stop = Stop::Deadline;
  call->deadline = _host.watchdog().at(call->deadlineMs, [weak = weak_from_this(), callId] {
    if (const auto self = weak.lock()) self->stop(callId, Stop::Deadline);
  });
  places.queue(callId);
  _changed.wait(lock, [&] { return call->stop != Stop::None || places.mayEnter(callId); });
  if (call->stop == Stop::None) {
    ended.entered = true;
    places.enter();
    call->phase = Call::Phase::Running;
    _changed.notify_all();
    lock.unlock();
    rsp_call raw{};
    raw.struct_size = sizeof raw;
    raw.call_id = callId;
    raw.deadline_ms = call->deadlineMs;
    try {
      ended.code = body(raw, call->stop, &ended.error);
    } catch (...) {
      ended.threw = true;
    }
    lock.lock();
    places.leave();
  } else {
    places.giveUp(callId);
  }
  ended.stop = call->stop;
  _calls.erase(callId);
  ++_ended;
  _changed.notify_all();
  const auto deadline = call->deadline;
  const auto overdue = call->overdue;
  lock.unlock();
  _host.watchdog().drop(deadline);
  _host.watchdog().drop(overdue);
  if (ended.threw) _operator.misbehaved(callId, "an exception left the plugin");
  return ended;
}

Code InstanceState::codeOf(const Ended& ended) const {
  if (ended.unknownCall || ended.threw) return Code::Internal;
  if (ended.code == RSP_OK) return Code::Ok;
  if (ended.stop == Stop::Cancelled) return Code::Cancelled;
  if (ended.stop == Stop::Deadline) return Code::Deadline;
  switch (ended.code) {
    case RSP_E_DEADLINE:
      return Code::Deadline;
    case RSP_E_INVALID:
      return Code::Invalid;
    case RSP_E_UNSUPPORTED:
      return Code::Unsupported;
    case RSP_E_UNAVAILABLE:
      return Code::Unavailable;
    case RSP_E_RATE_LIMITED:
      return Code::RateLimited;
    case RSP_E_AUTH:
      return Code::Auth;
    case RSP_E_TOO_LONG:
      return Code::TooLong;
    case RSP_E_BAD_REPLY:
      return Code::BadReply;
    default:
      return Code::Internal;
  }
}

std::string InstanceState::messageOf(const Ended& ended) const {
  if (ended.unknownCall) return "the call id is not known or was used before";
  if (ended.threw) return "an exception left the plugin";
  if (!ended.entered && ended.stop == Stop::Deadline) return "no free place at the responder before the deadline";
  if (ended.stop == Stop::Cancelled) return "cancelled";
  if (ended.stop == Stop::Deadline) return "no whole answer before the deadline";
  const std::string text = _operator.clean(textIn(ended.error.message));
  return text.empty() ? "the plugin gives no reason (code " + std::to_string(ended.code) + ")" : text;
}

ChatOutcome InstanceState::chat(uint64_t callId, const ChatRequest& request,
                                const std::function<bool(std::string_view)>& onText) {
  const AbiRequest abiRequest(request);
  std::shared_ptr<AnswerSink> sink;
  const Ended ended =
      run(callId, request.deadlineSteadyMs, _chats, [&](const rsp_call& call, const auto& stop, rsp_error* error) {
        sink = std::make_shared<AnswerSink>(AnswerSink::Hooks{onText, [&] { return stop != Stop::None; },
                                                              [weak = weak_from_this(), callId](std::string_view what) {
                                                                if (const auto self = weak.lock())
                                                                  self->_operator.misbehaved(callId, what);
                                                              }},
                                            _settings.maxAnswerBytes);
        auto& table = SinkTable<AnswerSink>::instance();
        void* const ctx = table.add(sink, [weak = weak_from_this(), callId] {
          if (const auto self = weak.lock()) self->_operator.misbehaved(callId, "an event after chat() had returned");
        });
        const Deferred removal([&] { table.remove(ctx); });
        return _library->table().chat(_instance, &call, abiRequest.get(), &AnswerSink::callback, ctx, error);
      });

  ChatOutcome outcome;
  outcome.code = codeOf(ended);
  if (sink != nullptr) {
    sink->conclude(ended.code == RSP_OK && !ended.threw, outcome);
    if (ended.code == RSP_E_CANCELLED && ended.stop == Stop::None && !sink->saidStop())
      _operator.misbehaved(callId, "says cancelled although the host did not cancel");
    if (sink->failureOfReader() != nullptr) std::rethrow_exception(sink->failureOfReader());
    if (sink->calledFromElsewhere())
      outcome.code = Code::Internal;
    else if (sink->full())
      outcome.code = Code::Ok;
    else if (sink->stoppedByReader())
      outcome.code = Code::Cancelled;
    else if (outcome.code == Code::Ok && sink->refusedText())
      outcome.code = ended.stop == Stop::Deadline ? Code::Deadline : Code::Cancelled;
  }
  outcome.ok = outcome.code == Code::Ok;
  if (!outcome.ok) {
    if (sink != nullptr && sink->calledFromElsewhere())
      outcome.message = "the plugin streams from a wrong thread";
    else if (sink != nullptr && sink->stoppedByReader())
      outcome.message = "stopped by the reader of the answer";
    else
      outcome.message = messageOf(ended);
    outcome.httpStatus = std::max(ended.error.http_status, 0);
    outcome.retryAfterMs = std::max(ended.error.retry_after_ms, 0);
  }
  return outcome;
}

HealthReport InstanceState::health(uint64_t callId, int64_t deadlineMs) {
  HealthReport report;
  if (_library->table().health == nullptr) {
    endCall(callId);
    report.detail = "this plugin cannot tell";
    return report;
  }
  if (deadlineMs == 0) deadlineMs = _host.clock().steadyMs() + kProbeMs;
  rsp_health raw{};
  raw.struct_size = sizeof raw;
  raw.latency_ms = -1;
  const Ended ended = run(callId, deadlineMs, _probes, [&](const rsp_call& call, const auto&, rsp_error* error) {
    const int32_t code = _library->table().health(_instance, &call, &raw, error);
    learnInfo();
    return code;
  });
  const Code code = codeOf(ended);
  if (code != Code::Ok) {
    if (ended.entered) report.state = code == Code::Auth ? HealthReport::State::Auth : HealthReport::State::Down;
    report.detail = messageOf(ended);
    return report;
  }
  if (raw.state >= RSP_HEALTH_READY && raw.state <= RSP_HEALTH_LOADING)
    report.state = static_cast<HealthReport::State>(raw.state);
  report.latencyMs = std::max<int64_t>(raw.latency_ms, -1);
  report.detail = _operator.clean(textIn(raw.detail), 600);
  return report;
}

ModelList InstanceState::models(uint64_t callId, int64_t deadlineMs) {
  ModelList list;
  if (_library->table().list_models == nullptr) {
    endCall(callId);
    list.code = Code::Unsupported;
    list.message = "this plugin lists no models";
    return list;
  }
  if (deadlineMs == 0) deadlineMs = _host.clock().steadyMs() + kProbeMs;
  const auto report = [weak = weak_from_this(), callId](std::string_view what) {
    if (const auto self = weak.lock()) self->_operator.misbehaved(callId, what);
  };
  const auto sink = std::make_shared<ModelSink>(report);
  const Ended ended = run(callId, deadlineMs, _probes, [&](const rsp_call& call, const auto&, rsp_error* error) {
    auto& table = SinkTable<ModelSink>::instance();
    void* const ctx = table.add(sink, [report] { report("a model after list_models() had returned"); });
    const Deferred removal([&] { table.remove(ctx); });
    return _library->table().list_models(_instance, &call, &ModelSink::callback, ctx, error);
  });
  list.code = codeOf(ended);
  if (list.code != Code::Ok) list.message = messageOf(ended);
  list.models = sink->takeModels();
  return list;
}

Capabilities InstanceState::capabilities() const {
  const std::lock_guard lock(_mutex);
  return _capabilities;
}

ResponderCounters InstanceState::counters() const {
  const std::lock_guard lock(_mutex);
  return {_ended, _chats.running() + _probes.running(), _chats.waiting() + _probes.waiting(),
          _operator.misbehaviours()};
}

}  // namespace tsunagi::responder
