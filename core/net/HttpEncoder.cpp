#include <array>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "net/HttpParser.h"
#include "net/HttpSyntax.h"

namespace tsunagi::net {

namespace {

constexpr std::array<const char*, 7> DAYS = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> MONTHS = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// IMF-fixdate of RFC 9110 section 5.6.7, made at most once a second on each thread.
const std::string& httpDate() {
  thread_local std::time_t shown = -1;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now == shown) return text;
  std::tm utc{};
  gmtime_r(&now, &utc);
  char buffer[64];
  const int length = std::snprintf(
      buffer, sizeof buffer, "%s, %02d %s %d %02d:%02d:%02d GMT", DAYS[static_cast<size_t>(utc.tm_wday)], utc.tm_mday,
      MONTHS[static_cast<size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  text.assign(buffer, static_cast<size_t>(length));
  shown = now;
  return text;
}

void appendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void appendFields(std::string& out, const HttpHeaders& headers) {
  for (const HttpHeader& field : headers.all()) {
    if (!isToken(field.name)) throw std::invalid_argument("HTTP header name with a character that may not be there");
    if (!isFieldValue(field.value)) throw std::invalid_argument("HTTP header " + field.name + ": control character");
    if (equalsIgnoreCase(field.name, "Content-Length") || equalsIgnoreCase(field.name, "Transfer-Encoding"))
      throw std::invalid_argument("HTTP header " + field.name + " is set by the encoder only");
    appendField(out, field.name, field.value);
  }
}

}  // namespace

std::string encodeRequest(std::string_view method, std::string_view target, const HttpHeaders& headers,
                          std::string_view body) {
  if (!isToken(method)) throw std::invalid_argument("HTTP method is not a token");
  if (!isTargetText(target)) throw std::invalid_argument("HTTP target with a character that may not be there");
  std::string out;
  out.reserve(256 + target.size() + body.size());
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  appendFields(out, headers);
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH")
    appendField(out, "Content-Length", std::to_string(body.size()));
  return out.append("\r\n").append(body);
}

std::string encodeResponseHead(const HttpResponse& response, bool keepAlive, uint64_t bodyLength) {
  if (response.status < 100 || response.status > 999) throw std::invalid_argument("HTTP status is not of three digits");
  const bool bodyless = response.status < 200 || response.status == 204 || response.status == 304;
  std::string out;
  out.reserve(256 + response.body.size());  // encodeResponse() puts the body behind it
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reasonPhrase(response.status));
  out.append("\r\n");
  appendField(out, "Date", httpDate());
  appendFields(out, response.headers);
  if (!bodyless) appendField(out, "Content-Length", std::to_string(bodyLength));
  if (response.headers.count("Connection") == 0) appendField(out, "Connection", keepAlive ? "keep-alive" : "close");
  return out.append("\r\n");
}

std::string encodeResponse(const HttpResponse& response, bool keepAlive, bool isHead) {
  const bool bodyless = response.status < 200 || response.status == 204 || response.status == 304;
  std::string out = encodeResponseHead(response, keepAlive, response.body.size());
  if (!bodyless && !isHead) out.append(response.body);
  return out;
}

}  // namespace tsunagi::net
