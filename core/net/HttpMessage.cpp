#include "net/HttpMessage.h"

#include <algorithm>

#include "net/HttpSyntax.h"

namespace tsunagi::net {

namespace {

char lowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

HttpResponse withType(int status, const char* type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", type);
  response.body = std::move(body);
  return response;
}

}  // namespace

bool equalsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lowerAscii(x) == lowerAscii(y); });
}

void HttpHeaders::add(std::string name, std::string value) { _fields.push_back({std::move(name), std::move(value)}); }

void HttpHeaders::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void HttpHeaders::remove(std::string_view name) {
  _fields.erase(std::remove_if(_fields.begin(), _fields.end(),
                               [&](const HttpHeader& field) { return equalsIgnoreCase(field.name, name); }),
                _fields.end());
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
  for (const HttpHeader& field : _fields)
    if (equalsIgnoreCase(field.name, name)) return field.value;
  return std::nullopt;
}

size_t HttpHeaders::count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(
      _fields.begin(), _fields.end(), [&](const HttpHeader& field) { return equalsIgnoreCase(field.name, name); }));
}

bool HttpHeaders::hasToken(std::string_view name, std::string_view token) const {
  for (const HttpHeader& field : _fields) {
    if (!equalsIgnoreCase(field.name, name)) continue;
    std::string_view rest = field.value;
    while (true) {
      const size_t comma = rest.find(',');
      if (equalsIgnoreCase(trimBlanks(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

HttpResponse HttpResponse::text(int status, std::string body) {
  return withType(status, "text/plain; charset=utf-8", std::move(body));
}

HttpResponse HttpResponse::json(int status, std::string body) {
  return withType(status, "application/json", std::move(body));
}

std::string_view reasonPhrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      break;
  }
  if (status < 200) return "Informational";
  if (status < 300) return "Success";
  if (status < 400) return "Redirection";
  return status < 500 ? "Client Error" : "Server Error";
}

}  // namespace tsunagi::net
