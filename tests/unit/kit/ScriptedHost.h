#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "abi/responder_http.h"
#include "kit/AnswerText.hpp"
#include "kit/Http.hpp"

namespace responder {

// A host whose HTTP is a script: no socket, no thread. Its clock moves by what is waited for.
class ScriptedHost {
 public:
  struct Answer {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> fields = {{"Content-Type", "text/event-stream"}};
    std::vector<std::string> pieces;
    int32_t end = RSP_OK;  // what send() returns behind the pieces
    bool reached = true;   // false: no head comes, nothing was sent
  };
  struct Asked {
    std::string method, url, secret, body;
    std::vector<std::pair<std::string, std::string>> fields;
  };

  ScriptedHost() {
    _raw.struct_size = sizeof _raw;
    _raw.abi_major = RSP_ABI_MAJOR;
    _raw.abi_minor = RSP_ABI_MINOR;
    _raw.host_data = this;
    _raw.log = [](const rsp_host*, int32_t, uint64_t, rsp_str) {};
    _raw.monotonic_ms = [](const rsp_host* host) { return of(host)._nowMs += 50; };
    _raw.is_cancelled = [](const rsp_host*, uint64_t) -> int32_t { return 0; };
    _raw.config_get = [](const rsp_host*, rsp_str, rsp_str*) -> int32_t { return RSP_E_UNSUPPORTED; };
    _raw.secret_get = _raw.config_get;
    _raw.get_extension = [](const rsp_host* host, const char* id) -> const void* {
      return std::string(id) == RSP_HTTP_ID && of(host).hasHttp ? &of(host)._http : nullptr;
    };
    _http.struct_size = sizeof _http;
    _http.send = &send;
  }

  Host host() { return Host(_raw); }
  Call call() {
    rsp_call raw{};
    raw.struct_size = sizeof raw;
    raw.call_id = 1;
    return Call(host(), raw, _wakeups);
  }

  bool hasHttp = true;
  std::deque<Answer> answers;
  std::vector<Asked> asked;

 private:
  static ScriptedHost& of(const rsp_host* host) { return *static_cast<ScriptedHost*>(host->host_data); }
  static int32_t send(const rsp_host* host, const rsp_call*, const rsp_http_request* request, rsp_http_head_fn head,
                      rsp_http_body_fn body, void* ctx, rsp_http_result* result, rsp_error* error) {
    ScriptedHost& self = of(host);
    Asked asked{std::string(view(request->method)),
                std::string(view(request->url)),
                std::string(view(request->secret)),
                std::string(view(request->body)),
                {}};
    for (size_t i = 0; i < request->n_fields; ++i)
      asked.fields.emplace_back(view(request->fields[i].name), view(request->fields[i].value));
    self.asked.push_back(asked);
    const auto end = [&](int32_t code, const char* why) {
      return code == RSP_OK ? code : detail::fail(error, code, why);
    };
    if (self.answers.empty()) return end(RSP_E_INVALID, "nothing is scripted");
    const Answer answer = self.answers.front();
    self.answers.pop_front();
    if (!answer.reached) return end(answer.end, "not reached");
    result->sent = 1;
    result->status = answer.status;
    std::vector<rsp_http_field> fields;
    for (const auto& [name, value] : answer.fields) fields.push_back({str(name), str(value)});
    if (head(ctx, answer.status, fields.size(), fields.data()) != 0) return end(RSP_E_CANCELLED, "stopped");
    for (const auto& piece : answer.pieces)
      if (body(ctx, str(piece)) != 0) return end(RSP_E_CANCELLED, "stopped");
    return end(answer.end, "the connection broke");
  }

  rsp_host _raw{};
  rsp_http _http{};
  int64_t _nowMs = 0;
  detail::Wakeups _wakeups;
};

// What a reader put out, in one piece each.
struct Collected : ChatOutput {
  void text(std::string_view piece) override { said += piece, ++pieces; }
  void reasoning(std::string_view piece) override { thought += piece; }
  void usage(const Usage& usage) override { used = usage; }
  std::string said, thought;
  int pieces = 0;
  Usage used;
};

}  // namespace responder
