#include "responder/HttpService.h"

#include <algorithm>
#include <utility>

#include "net/HttpClient.h"
#include "net/Tls.h"

namespace tsunagi::responder {
namespace {

constexpr int64_t CONNECT_MS = 10'000;
constexpr int64_t LONGEST_CONNECT_MS = 120'000;
constexpr uint64_t MAX_BODY = uint64_t{16} << 20;
constexpr uint64_t LARGEST_BODY = uint64_t{1} << 30;
constexpr size_t MAX_REQUEST = size_t{64} << 20;
constexpr size_t MAX_FIELDS = 64;

std::string_view view(rsp_str text) {
  return text.len == 0 || text.data == nullptr ? std::string_view() : std::string_view(text.data, text.len);
}
rsp_str str(std::string_view text) { return {text.data(), text.size()}; }

int32_t fail(rsp_error* error, int32_t code, std::string_view why, int status = 0) {
  if (error != nullptr) {
    error->code = code;
    error->http_status = status;
    const size_t size = why.copy(error->message, sizeof error->message - 1);
    error->message[size] = '\0';
  }
  return code;
}

bool isToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

bool isText(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

// Of the host alone: framing, credentials, and what would tell a backend that the call came through a proxy.
bool isOurs(std::string_view name) {
  for (const char* ours :
       {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect",
        "Accept-Encoding", "Authorization", "Cookie", "Forwarded", "Via", "X-Real-IP"})
    if (net::equalsIgnoreCase(name, ours)) return true;
  return net::equalsIgnoreCase(name.substr(0, 6), "Proxy-") ||
         net::equalsIgnoreCase(name.substr(0, 12), "X-Forwarded-");
}

}  // namespace

Result<std::shared_ptr<HttpService>> HttpService::make(const ResponderSettings& settings, HttpAllowList allowed) {
  net::TlsClientOptions options;
  options.caFile = settings.caFile;
  auto tls = net::TlsContext::makeClient(options);
  if (!tls) return Error{tls.error()};
  return std::shared_ptr<HttpService>(
      new HttpService(settings, std::move(allowed), std::make_unique<net::HttpClient>(*tls)));
}

HttpService::HttpService(const ResponderSettings& settings, HttpAllowList allowed,
                         std::unique_ptr<net::HttpClient> client)
    : _allowed(std::move(allowed)),
      _secrets(settings.secrets),
      _allowPlaintext(settings.allowPlaintext),
      _client(std::move(client)) {}

HttpService::~HttpService() = default;

Status HttpService::fill(const rsp_http_request& request, net::HttpCall& call) const {
  call.method = view(request.method);
  if (!isToken(call.method)) return Error{"the method is none"};
  auto url = _allowed.check(view(request.url));
  if (!url) return Error{url.error()};
  call.url = std::move(url).value();
  if (request.n_fields > MAX_FIELDS) return Error{"too many header fields"};
  for (size_t i = 0; i < request.n_fields; ++i) {
    const std::string_view name = view(request.fields[i].name);
    const std::string_view value = view(request.fields[i].value);
    if (!isToken(name) || !isText(value)) return Error{"a header field has characters that it must not have"};
    if (isOurs(name)) return Error{"the header field " + std::string(name) + " is the host's to set"};
    call.headers.add(std::string(name), std::string(value));
  }
  if (request.body.len > MAX_REQUEST) return Error{"the request is larger than 64 MiB"};
  call.body = view(request.body);
  call.connectMs = request.connect_ms > 0 ? std::min(request.connect_ms, LONGEST_CONNECT_MS) : CONNECT_MS;
  call.idleMs = std::max<int64_t>(request.idle_ms, 0);
  call.maxBody =
      request.max_body > 0 ? std::min<uint64_t>(static_cast<uint64_t>(request.max_body), LARGEST_BODY) : MAX_BODY;
  return addSecret(request, call);
}

Status HttpService::addSecret(const rsp_http_request& request, net::HttpCall& call) const {
  const std::string name(view(request.secret));
  const auto secret = _secrets.find(name);
  if (name.empty() || secret == _secrets.end() || secret->second.empty()) return {};
  if (!call.url.tls() && !call.url.isLoopback() && !_allowPlaintext)
    return Error{"the key would go over the network unencrypted: use https, or set allow_plaintext = yes"};
  const std::string_view field = view(request.secret_header);
  if (!field.empty() && (!isToken(field) || (isOurs(field) && !net::equalsIgnoreCase(field, "Authorization"))))
    return Error{"the header field of the secret is none"};
  if (!isText(secret->second.reveal())) return Error{"the key has characters that no header field may have"};
  if (field.empty())
    call.headers.set("Authorization", "Bearer " + std::string(secret->second.reveal()));
  else
    call.headers.set(std::string(field), std::string(secret->second.reveal()));
  return {};
}

int32_t HttpService::send(const Running& running, const rsp_http_request& request, rsp_http_head_fn head,
                          rsp_http_body_fn body, void* ctx, rsp_http_result& result, rsp_error* error) const {
  net::HttpCall call;
  if (const Status status = fill(request, call); !status) return fail(error, RSP_E_INVALID, status.error());
  call.totalMs = std::max<int64_t>(running.remainingMs, 1);
  call.cancel = &running.cancel;
  bool threw = false;
  const auto guarded = [&](const auto& callback) {
    try {
      return callback() == 0;
    } catch (...) {
      threw = true;
      return false;
    }
  };
  call.onHead = [&](int status, const net::HttpHeaders& headers) {
    std::vector<rsp_http_field> fields;
    fields.reserve(headers.all().size());
    for (const auto& field : headers.all()) fields.push_back({str(field.name), str(field.value)});
    return head == nullptr || guarded([&] { return head(ctx, status, fields.size(), fields.data()); });
  };
  call.onBody = [&](std::string_view bytes) {
    return body == nullptr || guarded([&] { return body(ctx, str(bytes)); });
  };
  const net::HttpResult done = _client->perform(call);
  result.sent = done.sent ? 1 : 0;
  result.status = done.status;
  result.elapsed_ms = done.elapsedMs;
  if (threw) running.misbehaved("an exception left a callback of rsp.http/1");
  switch (done.outcome) {
    case net::HttpResult::Outcome::Answered:
      return RSP_OK;
    case net::HttpResult::Outcome::Stopped:
      return fail(error, RSP_E_CANCELLED, "stopped by the plugin", done.status);
    case net::HttpResult::Outcome::NotSent:
      break;
    case net::HttpResult::Outcome::Cancelled:
    case net::HttpResult::Outcome::Ambiguous:
      if (running.pastDeadline()) return fail(error, RSP_E_DEADLINE, done.error, done.status);
      if (running.cancel.isCancelled()) return fail(error, RSP_E_CANCELLED, "cancelled", done.status);
      if (done.status != 0) return fail(error, RSP_E_BAD_REPLY, done.error, done.status);
      break;
  }
  if (running.pastDeadline()) return fail(error, RSP_E_DEADLINE, done.error);
  return fail(error, RSP_E_UNAVAILABLE, done.error, done.status);
}

}  // namespace tsunagi::responder
