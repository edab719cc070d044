#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "line/AccessTokenSource.h"
#include "line/ApiEndpoints.h"
#include "line/SendResult.h"

namespace tsunagi::net {
class CancelToken;
class HttpClient;
struct HttpCall;
struct HttpResult;
}  // namespace tsunagi::net

namespace tsunagi::line {

// Makes single calls to LINE with the access token and tells what became of them. A 401 has no effect at LINE, so that
// the call is made once more when the token source can have another token. Thread-safe; the client must outlive it.
class ApiCaller {
 public:
  enum class Host : uint8_t { Api, Data };

  // Endpoints that do not validate() make every call end NotSent with that text.
  ApiCaller(const net::HttpClient& client, ApiEndpoints endpoints, std::shared_ptr<AccessTokenSource> tokens);

  // Completes and performs call: URL, Authorization, Content-Type of a body, and totalMs, which the caller has set, as
  // the limit of each attempt. what names the call in details. answer, if given, gets the last attempt's answer.
  SendResult perform(std::string_view what, Host host, std::string_view path, net::HttpCall& call,
                     net::HttpResult* answer = nullptr) const;

 private:
  const net::HttpClient& _client;
  ApiEndpoints _endpoints;
  std::shared_ptr<AccessTokenSource> _tokens;
  std::string _unusable;  // why no call can be made
};

}  // namespace tsunagi::line
