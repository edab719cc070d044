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
  // No extension exists in 0.1: a plugin that needs one says so in create().
  _table.get_extension = [](const rsp_host*, const char*) noexcept -> const void* { return nullptr; };
}

bool InstanceState::isCancelled(uint64_t callId) const {
  const std::lock_guard lock(_mutex);
  const auto call = _calls.find(callId);
  if (call == _calls.end()) return false;
  const Call& own = *call->second;
  return own.stop != Stop::None || (own.deadlineMs != 0 && _host.clock().steadyMs() >= own.deadlineMs);
}

}  // namespace tsunagi::responder
