// Breaks the ABI's rules, one way per value of "how". Written on the bare ABI, since the kit would not let it.
#include <pthread.h>

#include <atomic>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "abi/responder.h"

struct rsp_instance {
  const rsp_host* host;
  std::string how;
  rsp_stream_fn lastStream = nullptr;
  void* lastContext = nullptr;
};

namespace {

std::atomic<int> inControl{0};

rsp_str str(std::string_view text) { return {text.data(), text.size()}; }
void log(const rsp_host* host, std::string_view line) { host->log(host, RSP_LOG_INFO, 0, str(line)); }

int32_t send(rsp_stream_fn stream, void* context, int32_t kind, std::string_view text = {}) {
  rsp_event event{};
  event.struct_size = sizeof event;
  event.kind = kind;
  event.text = str(text);
  return stream(context, &event);
}

struct ControlCheck {
  explicit ControlCheck(const rsp_host* owner) : host(owner) {
    if (inControl.fetch_add(1) != 0) log(host, "control overlap");
  }
  ~ControlCheck() { inControl.fetch_sub(1); }
  const rsp_host* host;
};

int32_t create(const rsp_host* host, rsp_instance** out, rsp_error* err) {
  const ControlCheck check(host);
  rsp_str how{};
  host->config_get(host, str("how"), &how);
  const std::string text(how.data, how.len);
  if (text == "throw_in_create") throw 1;
  if (text == "refuse") {
    rsp_str key{};
    host->secret_get(host, str("key"), &key);
    const std::string message = "the key is " + std::string(key.data, key.len) + "\nand wrong";
    std::memcpy(err->message, message.data(), message.size());
    err->code = RSP_E_AUTH;
    return RSP_E_AUTH;
  }
  if (host->get_extension(host, "org.example.unknown/1") != nullptr) log(host, "an extension nobody knows");
  *out = new rsp_instance{host, text};
  return RSP_OK;
}

void destroy(rsp_instance* instance) {
  const ControlCheck check(instance->host);
  char name[32] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  log(instance->host, std::string("destroyed on ") + name);
  delete instance;
}

int32_t chat(rsp_instance* self, const rsp_call* call, const rsp_request*, rsp_stream_fn stream, void* context,
             rsp_error* err) {
  const std::string& how = self->how;
  if (how == "throw") throw std::string("a plugin must not");
  if (how == "wait_for_cancel") {
    send(stream, context, RSP_EV_TEXT, "waiting");
    while (self->host->is_cancelled(self->host, call->call_id) == 0) std::this_thread::yield();
    return RSP_E_UNAVAILABLE;  // as a backend whose connection was cut
  }
  if (how == "ignore_stop") {
    for (int i = 0; i < 100; ++i) send(stream, context, RSP_EV_TEXT, "more");
    return RSP_E_CANCELLED;
  }
  if (how == "other_thread") {
    std::thread([&] { send(stream, context, RSP_EV_TEXT, "from elsewhere"); }).join();
  }
  if (how == "late") {
    if (self->lastStream != nullptr && send(self->lastStream, self->lastContext, RSP_EV_TEXT, "late") == 0)
      log(self->host, "a late event was taken");
    self->lastStream = stream;
    self->lastContext = context;
  }
  if (how == "bad_utf8") send(stream, context, RSP_EV_TEXT, "a\xFF\xC3(");
  if (how == "split_utf8") {
    send(stream, context, RSP_EV_TEXT, "\xE3\x81");
    send(stream, context, RSP_EV_TEXT, "\xA4\xF0\x9F\x99");
    send(stream, context, RSP_EV_TEXT, "\x82");
  }
  if (how == "cut_utf8") send(stream, context, RSP_EV_TEXT, "ok\xE3\x81");
  if (how == "unknown_kind") send(stream, context, 99, "ignored");
  if (how == "null_event") stream(context, nullptr);
  if (how == "own_cancel") return RSP_E_CANCELLED;
  if (how == "unknown_code") {
    std::memset(err->message, 'x', sizeof err->message);  // without the NUL at the end
    return 4711;
  }
  send(stream, context, RSP_EV_TEXT, "done");
  if (how != "no_finish") send(stream, context, RSP_EV_FINISH);
  if (how == "two_finishes") send(stream, context, RSP_EV_FINISH);
  if (how == "text_after_finish") send(stream, context, RSP_EV_TEXT, "too late");
  return RSP_OK;
}

void cancel(rsp_instance* instance, uint64_t callId) {
  // The host promises that the flag is up before.
  if (instance->host->is_cancelled(instance->host, callId) == 0) log(instance->host, "cancel before the flag");
}

int32_t info(rsp_instance* instance, rsp_info* out) {
  if (instance->how == "many_caps") out->caps = RSP_CAP_AUDIO;
  return RSP_OK;
}

constexpr rsp_plugin makeTable() {
  rsp_plugin table{};
  table.struct_size = sizeof table;
  table.abi_minor = RSP_ABI_MINOR;
  table.caps = RSP_CAP_STREAM | RSP_CAP_HOST_TOOLS;
  table.id = "org.example.misbehaving";
  table.name = "Misbehaving";
  table.version = "1";
  table.config_schema_json =
      R"({"type":"object","properties":{"how":{"type":"string"},"key":{"type":"string","writeOnly":true}},"required":["how"]})";
  table.create = create;
  table.destroy = destroy;
  table.chat = chat;
  table.cancel = cancel;
  table.info = info;
  return table;
}
constexpr rsp_plugin kTable = makeTable();

}  // namespace

const rsp_plugin* responder_entry_v0(uint32_t) { return &kTable; }
