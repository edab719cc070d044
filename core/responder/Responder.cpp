#include "responder/Responder.h"

#include <utility>

#include "responder/ConfigSchema.h"
#include "responder/HttpAllowList.h"
#include "responder/HttpService.h"
#include "responder/InstanceReaper.h"
#include "responder/InstanceState.h"
#include "responder/PluginFile.h"
#include "responder/ResponderHost.h"

namespace tsunagi::responder {

namespace {

struct MadeHttp {
  std::shared_ptr<HttpService> service;
  std::vector<SetupProblem> problems;
};

// The instance's way to the network: its addresses, as its settings and its plugin's schema say.
MadeHttp httpFor(const ResponderSettings& settings, const ConfigSchema& schema,
                 const std::map<std::string, std::string, std::less<>>& values) {
  MadeHttp made;
  const auto problem = [&](const std::string& key, std::string message) {
    made.problems.push_back({SetupProblem::Kind::Config, settings.name, key, std::move(message)});
  };
  HttpAllowList allowed;
  for (const auto& [name, key] : schema.keys()) {
    const auto value = values.find(name);
    if (!key.address || value == values.end()) continue;
    auto base = HttpAllowList::parseBase(value->second);
    if (!base) continue;  // a default that the schema's reader has checked
    if (!settings.secrets.empty() && !base->tls() && !base->isLoopback() && !settings.allowPlaintext)
      problem(name, "\"" + name + "\" would carry the key unencrypted to " + base->authority() +
                        ": use https, or set allow_plaintext = yes");
    allowed.add(std::move(base).value(), key.paths);
  }
  auto service = HttpService::make(settings, std::move(allowed));
  if (service)
    made.service = std::move(service).value();
  else
    problem("ca_file", "ca_file: " + service.error());
  return made;
}

}  // namespace

const char* codeName(ChatOutcome::Code code) {
  switch (code) {
    case ChatOutcome::Code::Ok:
      return "ok";
    case ChatOutcome::Code::Cancelled:
      return "cancelled";
    case ChatOutcome::Code::Deadline:
      return "deadline";
    case ChatOutcome::Code::Invalid:
      return "invalid";
    case ChatOutcome::Code::Unsupported:
      return "unsupported";
    case ChatOutcome::Code::Unavailable:
      return "unavailable";
    case ChatOutcome::Code::RateLimited:
      return "rate_limited";
    case ChatOutcome::Code::Auth:
      return "auth";
    case ChatOutcome::Code::TooLong:
      return "too_long";
    case ChatOutcome::Code::BadReply:
      return "bad_reply";
    case ChatOutcome::Code::Internal:
      break;
  }
  return "internal";
}

CreatedResponder Responder::create(ResponderHost& host, const ResponderSettings& settings) {
  CreatedResponder result;
  const auto problem = [&](SetupProblem::Kind kind, std::string message) {
    result.problems.push_back({kind, settings.name, "plugin", std::move(message)});
  };
  auto library = host.plugins().load(settings.plugin);
  if (!library) {
    if (!isPluginName(settings.plugin)) {  // never a state: no installation could make it right
      problem(SetupProblem::Kind::Config, library.error());
      return result;
    }
    const bool there = host.plugins().installed(settings.plugin);
    problem(there ? SetupProblem::Kind::Plugin : SetupProblem::Kind::NotInstalled, library.error());
    return result;
  }
  auto checked = (*library)->schema().check(settings);
  if (!checked.problems.empty()) {
    result.problems = std::move(checked.problems);
    return result;
  }
  auto http = httpFor(settings, (*library)->schema(), checked.values);
  if (!http.problems.empty()) {
    result.problems = std::move(http.problems);
    return result;
  }
  auto state = std::make_shared<InstanceState>(host, settings, *library, std::move(checked.values), http.service);
  if (std::string reason = state->create(); !reason.empty()) {
    problem(SetupProblem::Kind::Create, std::move(reason));
    return result;
  }
  host.reaper().expect(*state);
  result.responder = std::shared_ptr<Responder>(new Responder(std::move(state)));
  return result;
}

Responder::Responder(std::shared_ptr<InstanceState> state) : _state(std::move(state)) {}

Responder::~Responder() {
  InstanceReaper& reaper = _state->host().reaper();
  reaper.retire(std::move(_state));
}

const std::string& Responder::name() const { return _state->settings().name; }
const ResponderSettings& Responder::settings() const { return _state->settings(); }
std::string Responder::pluginVersion() const { return _state->library().describe(); }
Capabilities Responder::capabilities() const { return _state->capabilities(); }
uint64_t Responder::beginCall() { return _state->beginCall(); }
void Responder::endCall(uint64_t callId) { _state->endCall(callId); }
ChatOutcome Responder::chat(uint64_t callId, const ChatRequest& request,
                            const std::function<bool(std::string_view text)>& onText) {
  return _state->chat(callId, request, onText);
}
HealthReport Responder::health(uint64_t callId, int64_t deadlineSteadyMs) {
  return _state->health(callId, deadlineSteadyMs);
}
ModelList Responder::models(uint64_t callId, int64_t deadlineSteadyMs) {
  return _state->models(callId, deadlineSteadyMs);
}
void Responder::cancel(uint64_t callId) { _state->stop(callId, InstanceState::Stop::Cancelled); }
void Responder::cancelAll() { _state->cancelAll(); }
ResponderCounters Responder::counters() const { return _state->counters(); }

CallHandle::CallHandle(std::shared_ptr<Responder> responder)
    : _responder(std::move(responder)), _id(_responder->beginCall()) {}
CallHandle::~CallHandle() { _responder->endCall(_id); }

}  // namespace tsunagi::responder
