#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/responder_http.h"
#include "kit/Host.hpp"

namespace responder {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::string secret;        // name of the setting that authorises it; see rsp_http_request
  std::string secretHeader;  // empty: Authorization: Bearer
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  int64_t connectMs = 10'000;
  int64_t idleMs = 0;   // 0: no limit
  int64_t maxBody = 0;  // 0: 16 MiB
};

struct HttpHead {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  // The first of that name, compared without case; empty when there is none.
  std::string_view field(std::string_view name) const;
};

// Thrown by Http::send; sent tells whether the request may have had an effect.
class HttpError : public Error {
 public:
  HttpError(int32_t code, std::string text, bool wasSent, int httpStatus)
      : Error(code, std::move(text), httpStatus), _sent(wasSent) {}
  bool sent() const noexcept { return _sent; }

 private:
  bool _sent;
};

// HTTP through the host (rsp.http/1). Copy it freely.
class Http {
 public:
  // Throws Error(RSP_E_UNSUPPORTED) when the host has no HTTP.
  explicit Http(Host host) : _host(host), _table(host.extension<rsp_http>(RSP_HTTP_ID)) {
    if (_table == nullptr) throw Error(RSP_E_UNSUPPORTED, "this host offers no " RSP_HTTP_ID "; a newer one does");
  }

  using OnHead = std::function<void(const HttpHead&)>;
  using OnBody = std::function<bool(std::string_view)>;  // false: enough
  // Both are called on this thread; what they throw ends the call and comes out of here. True: the response was read to
  // its end; false: onBody had enough. Throws HttpError, and Cancelled when the host wants the call to end.
  bool send(const Call& call, const HttpRequest& request, const OnHead& onHead, const OnBody& onBody) const;

  struct Response {
    HttpHead head;
    std::string body;
  };
  Response get(const Call& call, HttpRequest request) const {
    Response response;
    send(
        call, request, [&](const HttpHead& head) { response.head = head; },
        [&](std::string_view bytes) { return response.body.append(bytes), true; });
    return response;
  }

 private:
  Host _host;
  const rsp_http* _table;
};

namespace detail {

inline bool equalNames(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (size_t i = 0; i < a.size(); ++i)
    if (low(a[i]) != low(b[i])) return false;
  return true;
}

// What the callbacks of one call work on. Nothing may be thrown through the host.
struct HttpExchange {
  const Http::OnHead& onHead;
  const Http::OnBody& onBody;
  std::exception_ptr failure{};
  bool enough = false;

  template <typename F>
  int32_t guarded(F&& body) noexcept {
    try {
      return body() ? 0 : 1;
    } catch (...) {
      failure = std::current_exception();
      return 1;
    }
  }
  static int32_t head(void* ctx, int32_t status, size_t count, const rsp_http_field* fields) noexcept {
    auto& self = *static_cast<HttpExchange*>(ctx);
    return self.guarded([&] {
      HttpHead head;
      head.status = status;
      for (size_t i = 0; i < count; ++i)
        head.fields.emplace_back(std::string(view(fields[i].name)), std::string(view(fields[i].value)));
      if (self.onHead) self.onHead(head);
      return true;
    });
  }
  static int32_t body(void* ctx, rsp_str bytes) noexcept {
    auto& self = *static_cast<HttpExchange*>(ctx);
    return self.guarded([&] {
      self.enough = self.onBody && !self.onBody(view(bytes));
      return !self.enough;
    });
  }
};

}  // namespace detail

inline std::string_view HttpHead::field(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (detail::equalNames(key, name)) return value;
  return {};
}

inline bool Http::send(const Call& call, const HttpRequest& request, const OnHead& onHead, const OnBody& onBody) const {
  std::vector<rsp_http_field> fields;
  for (const auto& [name, value] : request.fields) fields.push_back({str(name), str(value)});
  rsp_http_request raw{};
  raw.struct_size = sizeof raw;
  raw.method = str(request.method);
  raw.url = str(request.url);
  raw.secret = str(request.secret);
  raw.secret_header = str(request.secretHeader);
  raw.n_fields = fields.size();
  raw.fields = fields.data();
  raw.body = str(request.body);
  raw.connect_ms = request.connectMs;
  raw.idle_ms = request.idleMs;
  raw.max_body = request.maxBody;
  rsp_call rawCall{};
  rawCall.struct_size = sizeof rawCall;
  rawCall.call_id = call.id();
  rawCall.deadline_ms = call.deadlineMs();
  rsp_http_result result{};
  result.struct_size = sizeof result;
  rsp_error error{};
  error.struct_size = sizeof error;
  detail::HttpExchange exchange{onHead, onBody};
  const int32_t code = _table->send(&_host.raw(), &rawCall, &raw, &detail::HttpExchange::head,
                                    &detail::HttpExchange::body, &exchange, &result, &error);
  if (exchange.failure) std::rethrow_exception(exchange.failure);
  if (code == RSP_OK) return true;
  if (exchange.enough) return false;
  if (code == RSP_E_CANCELLED) throw Cancelled();
  throw HttpError(code, error.message, result.sent != 0, result.status);
}

}  // namespace responder
