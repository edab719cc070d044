#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abi/responder_http.h"
#include "base/Result.h"
#include "net/CancelToken.h"
#include "responder/HttpAllowList.h"
#include "responder/ResponderSettings.h"

namespace tsunagi::net {
class HttpClient;
struct HttpCall;
struct HttpResult;
}  // namespace tsunagi::net

namespace tsunagi::responder {

// HTTP for one instance (rsp.http/1): only to its own addresses, with its own secrets, which the plugin never has to
// see. One fresh connection for each call, no redirect, no proxy. Thread-safe.
class HttpService {
 public:
  // One call of the plugin, as its owner knows it. Everything must live until send() returns.
  struct Running {
    net::CancelToken& cancel;
    int64_t remainingMs = 0;             // until the call's deadline; at least 1
    std::function<bool()> pastDeadline;  // why cancel was raised
    std::function<void(std::string_view)> misbehaved;
  };

  // The allow-list's bases must have been parsed. The error names what is wrong with ca_file.
  static Result<std::shared_ptr<HttpService>> make(const ResponderSettings& settings, HttpAllowList allowed);
  ~HttpService();

  // As rsp_http::send says.
  int32_t send(const Running& running, const rsp_http_request& request, rsp_http_head_fn head, rsp_http_body_fn body,
               void* ctx, rsp_http_result& result, rsp_error* error) const;

 private:
  HttpService(const ResponderSettings& settings, HttpAllowList allowed, std::unique_ptr<net::HttpClient> client);
  Status fill(const rsp_http_request& request, net::HttpCall& call) const;
  Status addSecret(const rsp_http_request& request, net::HttpCall& call) const;

  const HttpAllowList _allowed;
  const std::map<std::string, SecretString> _secrets;
  const bool _allowPlaintext;
  const std::unique_ptr<net::HttpClient> _client;
};

}  // namespace tsunagi::responder
