// The functions of rsp_host: what an instance may ask of this program. Called on any thread of the plugin.
#include <string_view>

#include "base/Version.h"
#include "responder/InstanceState.h"
#include "responder/ResponderHost.h"

namespace tsunagi::responder {
namespace {

std::string_view view(rsp_str text) {
  return text.len == 0 || text.data == nullptr ? std::string_view() : std::string_view(text.data, text.len);
}
rsp_str str(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void InstanceState::fillHostTable() {
  _table.struct_size = sizeof _table;
  _table.abi_major = RSP_ABI_MAJOR;
  _table.abi_minor = RSP_ABI_MINOR;
  _table.host_data = this;
  _table.name = str("tsunagi-bridge");
  _table.version = str(TSUNAGI_VERSION);
  _table.instance = str(_settings.name);
  _table.log = [](const rsp_host* host, int32_t level, uint64_t callId, rsp_str message) noexcept {
    try {
      of(host)._operator.log(level, callId, view(message));
    } catch (...) {  // a line that cannot be written must not stop an answer
    }
  };
  _table.monotonic_ms = [](const rsp_host* host) noexcept { return of(host)._host.clock().steadyMs(); };
  _table.is_cancelled = [](const rsp_host* host, uint64_t callId) noexcept -> int32_t {
    return of(host).isCancelled(callId) ? 1 : 0;
  };
  _table.config_get = [](const rsp_host* host, rsp_str key, rsp_str* out) noexcept -> int32_t {
    const auto& values = of(host)._values;
    const auto value = values.find(view(key));
    if (value == values.end() || out == nullptr) return RSP_E_UNSUPPORTED;
    *out = str(value->second);
    return RSP_OK;
  };
  _table.secret_get = [](const rsp_host* host, rsp_str key, rsp_str* out) noexcept -> int32_t {
    for (const auto& [name, secret] : of(host)._settings.secrets)
      if (name == view(key) && out != nullptr) {
        *out = str(secret.reveal());
        return RSP_OK;
      }
    return RSP_E_UNSUPPORTED;
  };
  _table.get_extension = [](const rsp_host*, const char* id) noexcept -> const void* {
    static constexpr rsp_http http{sizeof(rsp_http), 0, &sendOf};
    return id != nullptr && std::string_view(id) == RSP_HTTP_ID ? &http : nullptr;
  };
}

// The C function behind rsp_http::send. Nothing may be thrown into the plugin.
int32_t InstanceState::sendOf(const rsp_host* host, const rsp_call* call, const rsp_http_request* request,
                              rsp_http_head_fn head, rsp_http_body_fn body, void* ctx, rsp_http_result* result,
                              rsp_error* error) noexcept {
  rsp_http_result unwanted{};
  try {
    if (host == nullptr || call == nullptr || request == nullptr) return RSP_E_INVALID;
    return of(host).sendHttp(*call, *request, head, body, ctx, result != nullptr ? *result : unwanted, error);
  } catch (...) {  // out of memory
    return RSP_E_INTERNAL;
  }
}

int32_t InstanceState::sendHttp(const rsp_call& raw, const rsp_http_request& request, rsp_http_head_fn head,
                                rsp_http_body_fn body, void* ctx, rsp_http_result& result, rsp_error* error) {
  std::shared_ptr<Call> call;
  {
    const std::lock_guard lock(_mutex);
    const auto found = _calls.find(raw.call_id);
    if (found != _calls.end() && found->second->phase == Call::Phase::Running) call = found->second;
  }
  if (!call) {
    _operator.misbehaved(raw.call_id, "rsp.http/1 was used outside a call");
    return RSP_E_INVALID;
  }
  const auto late = [&] { return call->stop == Stop::Deadline || _host.clock().steadyMs() >= call->deadlineMs; };
  return _http->send({call->http, call->deadlineMs - _host.clock().steadyMs(), late,
                      [&](std::string_view what) { _operator.misbehaved(raw.call_id, what); }},
                     request, head, body, ctx, result, error);
}

bool InstanceState::isCancelled(uint64_t callId) const {
  const std::lock_guard lock(_mutex);
  const auto call = _calls.find(callId);
  if (call == _calls.end()) return false;
  const Call& own = *call->second;
  return own.stop != Stop::None || (own.deadlineMs != 0 && _host.clock().steadyMs() >= own.deadlineMs);
}

}  // namespace tsunagi::responder
