#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::net {

struct HttpHeader {
  std::string name;  // as received or as to be sent
  std::string value;
};

// Header fields in their order. Names compare without case (RFC 9110 section 5.1).
class HttpHeaders {
 public:
  void add(std::string name, std::string value);  // the encoder, not this, refuses control characters
  void set(std::string name, std::string value);  // replaces all fields of that name
  void remove(std::string_view name);             // all fields of that name
  std::optional<std::string_view> find(std::string_view name) const;  // the first
  size_t count(std::string_view name) const;
  // Is token one of the comma-separated elements of the fields called name? Compared without case ("Connection:
  // keep-alive, Upgrade").
  bool hasToken(std::string_view name, std::string_view token) const;
  const std::vector<HttpHeader>& all() const { return _fields; }
  bool empty() const { return _fields.empty(); }

 private:
  std::vector<HttpHeader> _fields;
};

bool equalsIgnoreCase(std::string_view a, std::string_view b);  // ASCII

struct HttpRequest {
  std::string method;
  std::string target;  // as in the request line, origin-form; may carry a secret on legacy units: never logged raw (S3)
  std::string path;    // before '?', not percent-decoded
  std::string query;   // after '?', not decoded
  int minorVersion = 1;  // HTTP/1.x
  HttpHeaders headers;
  std::string host;  // the Host field without its port, lower case; an IPv6 literal keeps its brackets
  std::string body;  // the exact bytes
  std::string peer;  // address of the other side without port, "unix" for a Unix socket; set by the server
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;  // without Content-Length, Connection, Date: the server adds them
  std::string body;

  static HttpResponse text(int status, std::string body);  // text/plain; charset=utf-8
  static HttpResponse json(int status, std::string body);  // application/json
};

std::string_view reasonPhrase(int status);

}  // namespace tsunagi::net
